"""The outcome of a message: a pure function of the workspace's seed, the contact, the campaign and the clock.

Nothing here is stored or drawn in order. The same contact and campaign have the same outcome however often and
in whatever order they are asked about, so statistics and logs agree at every instant. `planted` lists what is planted
for tests to find.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox import hashing
from toolkit.sandbox.hashing import Draws
from toolkit.sandbox.times import DAY, HOUR, MINUTE, SECOND, from_us

Instants = NDArray[np.int64]

NEVER = np.iinfo(np.int64).max
SETTLED_AFTER_US = 3 * DAY  # no report, open, click or reply comes later than this after its message was sent
QUEUED, SENT, DELIVERED, UNDELIVERED, FAILED = range(5)
STATUSES = ("queued", "sent", "delivered", "undelivered", "failed")

_DELIVERY_STREAMS = np.array([[0], [2], [1], [0xA5A5A5A5A5A5A5A4]], np.uint64)

PERSONAL_CLICK_LIFT = 0.015
OPTED_OUT = "Recipient has opted out (21610)"
EXPIRED = "Campaign ended before this message was sent"
INVALID = "Invalid phone number (21211)"
_UNDELIVERED_REASONS = (
    (0.38, "Unreachable destination handset (30003)"),
    (0.60, "Unknown error (30008)"),
    (0.75, "Unknown destination handset (30005)"),
    (0.88, "Landline or unreachable carrier (30006)"),
    (1.00, "Message filtered by carrier (30007)"),
)
_REASON_EDGES = np.array([edge for edge, _ in _UNDELIVERED_REASONS])
REASONS = tuple(reason for _, reason in _UNDELIVERED_REASONS)
_FILTERED = len(REASONS) - 1
_FILTERED_LINKS = 0.2
_PUBLIC_SHORTENER = re.compile(
    r"\b(?:bit\.ly|buff\.ly|cutt\.ly|goo\.gl|is\.gd|ow\.ly|rb\.gy|shorturl\.at|t\.co|tiny\.cc|tinyurl\.com)/",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Run:
    """What the carrier needs to know of a campaign: its keys, its pace and what its text invites."""

    key: np.uint64
    start_us: int
    end_us: int | None
    per_second: float
    click_bias: float
    is_personal: bool
    has_short_links: bool
    has_public_short_link: bool
    newcomers_from: int

    @classmethod
    def of(
        cls,
        *,
        seed: int,
        campaign_id: str,
        message: str,
        start_us: int,
        end_us: int | None,
        per_second: float,
        has_short_links: bool,
        newcomers_from: int,
    ) -> "Run":
        """Read a campaign as the carrier sees it; `newcomers_from` is the first contact of the last 30 days."""
        return cls(
            key=hashing.key(seed, campaign_id),
            start_us=start_us,
            end_us=end_us,
            per_second=per_second,
            click_bias=_season(start_us) + _length_penalty(message),
            is_personal="{name}" in message,
            has_short_links=has_short_links and "http" in message,
            has_public_short_link=_PUBLIC_SHORTENER.search(message) is not None,
            newcomers_from=newcomers_from,
        )

    def out_us(self, rank: int) -> int:
        """Return when the message of that rank in the sending order is sent."""
        return self.start_us + int(rank * SECOND / self.per_second)

    def out_by(self, now_us: int) -> int:
        """Return how many messages have had their turn by then, if the audience never ends."""
        if self.end_us is not None and now_us >= self.end_us:
            return int(NEVER)  # what has not been sent by the end fails then
        if now_us < self.start_us:
            return 0
        return int((now_us - self.start_us) * self.per_second / SECOND) + 1


@dataclass(frozen=True)
class Deliveries:
    """The outcome of some messages: aligned arrays, instants in int64 microseconds, `NEVER` where nothing happens."""

    seqs: NDArray[np.int64]
    out_us: Instants  # its turn comes: it is sent or it fails
    is_failed: NDArray[np.bool_]
    is_suppressed: NDArray[np.bool_]
    is_expired: NDArray[np.bool_]
    is_delivered: NDArray[np.bool_]  # the report, when it comes, is "delivered"
    report_us: Instants

    def status_at(self, now_us: int) -> NDArray[np.int8]:
        """Return each message's status by then, as an index into STATUSES."""
        reported = np.where(self.is_delivered, DELIVERED, UNDELIVERED)
        left = np.where(self.report_us <= now_us, reported, SENT)
        return np.where(self.out_us > now_us, QUEUED, np.where(self.is_failed, FAILED, left)).astype(np.int8)


@dataclass(frozen=True)
class Reactions:
    """What recipients do: instants in int64 microseconds, `NEVER` where they do not."""

    opened_us: Instants
    clicked_us: Instants
    reply_us: Instants


def engagement(seqs: NDArray[np.int64], *, seed: int) -> Draws:
    """Return each contact's latent interest in [0, 1]: behind tiers, labels, clicks and opt-outs."""
    return hashing.uniform(seqs, hashing.key(seed, "engagement"))


def deliver(
    run: Run, seqs: NDArray[np.int64], *, ranks: NDArray[np.int64], opted_out_us: Instants, seed: int
) -> Deliveries:
    """Compute the outcome of the messages to `seqs`, who have these ranks in the sending order."""
    out = run.start_us + (ranks * SECOND / run.per_second).astype(np.int64)
    fate, tail, distance, angle = hashing.uniform(seqs, run.key ^ _DELIVERY_STREAMS)
    is_suppressed = opted_out_us <= out
    is_expired = (out >= run.end_us) if run.end_us is not None else np.zeros(len(seqs), bool)
    if run.end_us is not None:
        out = np.minimum(out, run.end_us)
    is_failed = is_suppressed | is_expired | (fate < 0.004)
    lost = 0.043 - 0.02 * engagement(seqs, seed=seed) + (_FILTERED_LINKS if run.has_public_short_link else 0.0)
    is_delivered = fate >= lost

    latency = 4.0 * np.exp(1.4 * hashing.normal(distance, angle))
    latency = np.clip(np.where(tail < 0.01, latency * 200, latency), 0.3, 6 * 3600)
    report = out + (latency * SECOND).astype(np.int64)
    report[is_failed | (tail > 0.997)] = NEVER  # three in a thousand never get a report
    return Deliveries(seqs, out, is_failed, is_suppressed, is_expired, is_delivered, report)


def react(run: Run, messages: Deliveries, *, recent_messages: NDArray[np.int64], seed: int) -> Reactions:
    """Compute what the recipients do, who have had this many other messages in the week before."""
    seqs, report = messages.seqs, messages.report_us
    interest = engagement(seqs, seed=seed)
    reached = messages.is_delivered & (report != NEVER)
    clicked = _clicks(run, seqs, reached, report, interest, recent_messages)
    is_open = reached & (hashing.uniform(seqs, run.key ^ np.uint64(3)) < 0.55 + 0.35 * interest)
    opened = _after(report, is_open, seqs, run.key ^ np.uint64(4), mean_us=30 * MINUTE)

    weariness = np.where(seqs >= run.newcomers_from, 5.0, 1.0)
    leaves = reached & (hashing.uniform(seqs, run.key ^ np.uint64(5)) < 0.004 * (1.5 - interest) * weariness)
    reply = _after(report, leaves, seqs, run.key ^ np.uint64(6), mean_us=20 * MINUTE)
    return Reactions(np.minimum(opened, clicked), clicked, reply)


def reasons(run: Run, seqs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the carrier's reason for each message it could not deliver, as an index into REASONS."""
    picks = np.searchsorted(_REASON_EDGES, hashing.uniform(seqs, run.key ^ np.uint64(7)), side="right")
    if run.has_public_short_link:  # of these, one in seven would have been lost anyway
        picks[hashing.uniform(seqs, run.key ^ np.uint64(11)) < 6 / 7] = _FILTERED
    return picks


def _clicks(
    run: Run,
    seqs: NDArray[np.int64],
    reached: NDArray[np.bool_],
    report: Instants,
    interest: Draws,
    recent_messages: NDArray[np.int64],
) -> Instants:
    if not run.has_short_links:
        return np.full(len(seqs), NEVER)
    odds = -3.1 + 2.2 * (interest - 0.5) + run.click_bias - 0.25 * recent_messages
    chance = 1.0 / (1.0 + np.exp(-odds)) + (PERSONAL_CLICK_LIFT if run.is_personal else 0.0)
    draw = hashing.uniform(seqs, run.key ^ np.uint64(8))
    clicked = _after(report, reached & (draw < chance), seqs, run.key ^ np.uint64(9), mean_us=40 * MINUTE)
    by_scanner = reached & (draw >= chance) & (draw < chance + 0.03)  # carriers follow links within seconds
    scanned = _after(report, by_scanner, seqs, run.key ^ np.uint64(10), mean_us=SECOND // 2)
    return np.minimum(clicked, scanned)


def _after(
    report: Instants, happens: NDArray[np.bool_], seqs: NDArray[np.int64], stream: np.uint64, *, mean_us: int
) -> Instants:
    wait = -np.log1p(-hashing.uniform(seqs, stream)) * mean_us
    return np.where(happens, np.where(happens, report, 0) + np.minimum(wait, 48 * HOUR).astype(np.int64), NEVER)


def _season(start_us: int) -> float:
    moment = from_us(start_us - 5 * HOUR)  # US Eastern, near enough for a habit
    weekday = 0.12 if moment.weekday() in (1, 2, 3) else -0.08
    hour = 0.15 if moment.hour in (11, 12, 13, 17, 18) else -0.05
    return weekday + hour + (0.25 if moment.month in (11, 12) else 0.0)


def _length_penalty(message: str) -> float:
    limit = 160 if message.isascii() else 70
    return -0.1 if len(message) > limit else 0.0
