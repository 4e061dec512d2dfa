"""Rows of a campaign's log as the vendor publishes them, for the instant of the request."""

import bisect
import re
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox import hashing
from toolkit.sandbox.bitmaps import Positions
from toolkit.sandbox.delivery import campaigns, carrier, serialized_contacts, tallies
from toolkit.sandbox.delivery.campaigns import Campaign, Part
from toolkit.sandbox.delivery.carrier import FAILED, QUEUED, Deliveries, Run
from toolkit.sandbox.options import Published
from toolkit.sandbox.published import texts
from toolkit.sandbox.service import WORKSPACE_ID
from toolkit.sandbox.times import HOUR

STATUSES = ("queued", "sent", "delivered", "undelivered", "failed", "canceled")
CANCELED = STATUSES.index("canceled")
_ON_WHATSAPP = (b"initialized", b"sent", b"delivered", b"failed", b"failed", b"failed")
_CODE = re.compile(r"(?P<message>.*) \((?P<code>\d+)\)")


def encoded_problem(problem: str | None) -> bytes:
    """Write a carrier's problem as a row's last fields."""
    found = None if problem is None else _CODE.fullmatch(problem)
    code, message = (int(found["code"]), found["message"]) if found else (None, problem)
    body = msgspec.json.encode({"event_error_code": code, "event_error_message": message})
    return b"," + body[1:] + b',"summary":null,"updated_phone_status":null},'


_PROBLEMS = [
    encoded_problem(problem)
    for problem in (None, *carrier.REASONS, carrier.INVALID, carrier.EXPIRED, carrier.OPTED_OUT, None)
]
_NO_PROBLEM, _INVALID, _EXPIRED, _OPTED_OUT = 0, *range(len(_PROBLEMS) - 4, len(_PROBLEMS) - 1)
_CONTACT_ID = slice(len('","contact_id":"'), len('","contact_id":"') + 36)


@dataclass(frozen=True)
class Log:
    """One campaign's log as it can be read at an instant."""

    db: sqlite3.Connection
    campaign: Campaign
    now_us: int
    seed: int
    behaviour: Published

    @property
    def run(self) -> Run:
        """The campaign as the carrier sees it."""
        return self.campaign.run(self.seed)

    @property
    def first_canceled(self) -> int:
        """The rank of the first message that was canceled; how many there are if none was."""
        if self.campaign.canceled_us is None:
            return self.campaign.target
        assert self.campaign.end_us is not None
        return bisect.bisect_left(range(self.campaign.target), self.campaign.end_us, key=self.run.out_us)

    def counts(self) -> dict[str, int]:
        """Return how many messages are in each status, and the clicks."""
        counted = tallies.counted(self.db, self.campaign, now_us=self.now_us, seed=self.seed).tolist()
        by_status = dict(zip(STATUSES, counted, strict=False))
        by_status["canceled"] = self.campaign.target - self.first_canceled
        by_status["failed"] -= by_status["canceled"]
        return {**by_status, "clicks": counted[-1]}

    def page(self, statuses: Collection[int], *, offset: int, limit: int) -> tuple[bytes, int]:
        """Return some rows as JSON, in sending order, and how many there are in those statuses (none given: all)."""
        chosen, total = self._chosen(statuses, offset, limit)
        return b",".join(self.written(part, ranks) for part, ranks in chosen), total

    def _chosen(self, statuses: Collection[int], offset: int, limit: int) -> tuple[list[tuple[Part, Positions]], int]:
        hides_queued = self.behaviour.logs_appear == "as sent"
        if not statuses:
            total = self.campaign.target
            if hides_queued and self.campaign.canceled_us is None:
                total = min(total, self.run.out_by(self.now_us))
            stop = min(offset + limit, total)
            parts = campaigns.parts(self.db, self.campaign, start=offset, stop=stop)
            return [(part, part.ranks(offset, stop)) for part in parts], total
        wanted = [status for status in statuses if not (hides_queued and status == QUEUED)]
        chosen: list[tuple[Part, Positions]] = []
        total = 0
        for part in campaigns.parts(self.db, self.campaign):
            ranks = part.before + np.flatnonzero(np.isin(self._statuses(part), wanted))
            shown = ranks[max(0, offset - total) : max(0, offset + limit - total)]
            chosen += [(part, shown)] if len(shown) else []
            total += len(ranks)
        return chosen, total

    def _statuses(self, part: Part) -> NDArray[np.int8]:
        current = tallies.statuses(self.db, self.campaign, self.run, part, now_us=self.now_us, seed=self.seed).copy()
        current[max(0, self.first_canceled - part.before) :] = CANCELED
        return current

    def written(self, part: Part, ranks: Positions) -> bytes:
        """Return rows as JSON with commas between them; the ranks ascend, and there is at least one."""
        run = self.run
        messages = campaigns.deliveries(self.db, run, part, ranks, seed=self.seed)
        current = messages.status_at(self.now_us)
        current[ranks >= self.first_canceled] = CANCELED
        own_ids = hashing.uuids(messages.seqs, run.key ^ np.uint64(20)).tolist()
        is_whatsapp = self.campaign.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
        people = (serialized_contacts.by_whatsapp if is_whatsapp else serialized_contacts.by_phone)(
            self.db, messages.seqs
        )
        which, senders = self.senders(messages.seqs)
        sent, updated = self._times(messages, current)
        columns = (
            [b'{"id":"'] * len(own_ids),
            own_ids,
            [b'","sending_time":"'] * len(own_ids),
            sent,
            [b'","from_number":' + msgspec.json.encode(senders[at]["phone"]) + b',"to_number":' for at in which],
            [person.rpartition(b'"contact_phone":')[2] for person in people],
            [b',"message":{"id":"'] * len(own_ids),
            own_ids,
            [b'","external_id":"SM'] * len(own_ids),
            [own_id.replace(b"-", b"") for own_id in own_ids],
            self._texts(messages.seqs),
            sent,
            [b'","created_time":"'] * len(own_ids),
            sent,
            [b'","updated_time":"'] * len(own_ids),
            updated,
            map(self._said(is_whatsapp=is_whatsapp).__getitem__, current.tolist()),
            *self._conversations(messages.seqs, people, which, senders),
            map(_PROBLEMS.__getitem__, self._problems(messages, current).tolist()),
        )
        pieces = [b""] * (len(columns) * len(own_ids))
        for at, column in enumerate(columns):
            pieces[at :: len(columns)] = column
        return b"".join(pieces)[:-1]

    def _said(self, *, is_whatsapp: bool) -> list[bytes]:
        waiting = "scheduled" if self.now_us < self.campaign.start_us else "queued"
        return [
            b'","status":"%s","sender":null,"event":"OUTBOUND_MESSAGE","whatsapp_message_status":%s,"conversation":{"id":"'
            % (status.encode(), b'"%s"' % _ON_WHATSAPP[at] if is_whatsapp else b"null")
            for at, status in enumerate((waiting, *STATUSES[1:]))
        ]

    def senders(self, seqs: Positions) -> tuple[list[int], list[dict[str, str]]]:
        """Return which sender each message is from: a contact hears from one number, whatever the campaign."""
        senders = list(self.campaign.phones)
        drawn = hashing.mix(seqs, hashing.key(self.seed, "sender")) % np.uint64(len(senders))
        return drawn.tolist(), senders

    def _times(self, messages: Deliveries, current: NDArray[np.int8]) -> tuple[list[bytes], list[bytes]]:
        is_reported = (messages.report_us <= self.now_us) & ~messages.is_failed
        later = HOUR if self.behaviour.updated_time_is == "later" else 0
        updated = np.where(is_reported, np.where(is_reported, messages.report_us, 0) + later, messages.out_us)
        return _naive(messages.out_us), _naive(updated)

    def _texts(self, seqs: Positions) -> list[bytes]:
        """Write what each recipient reads, and all between it and the time of the message."""
        opening = f'","campaign_id":"{bare(self.campaign.id)}","is_inbound":false,"is_bot":false,"message":'.encode()

        def written(text: str) -> bytes:
            return opening + msgspec.json.encode(text) + b',"segments_number":%d,"message_time":"' % texts.parts(text)

        message = self.campaign.message
        own = dict(self.db.execute("SELECT seq, text FROM texts WHERE campaign = ?", (self.campaign.number,)))
        if own:
            return [written(own[seq]) for seq in seqs.tolist()]
        if not texts.PLACEHOLDER.search(message):
            return [written(message)] * len(seqs)
        return [
            written(texts.fill(message, values, missing=self.behaviour.fills_missing))
            for values in values_of(self.db, seqs)
        ]

    def _conversations(
        self, seqs: Positions, people: list[bytes], which: list[int], senders: list[dict[str, str]]
    ) -> Iterator[list[bytes]]:
        by_sender = [conversation_ids(seqs, sender["id"], seed=self.seed) for sender in senders]
        between = [
            f'","workspace_id":"{WORKSPACE_ID}","phone_id":"{sender["id"]}","is_unread":false,"status":"COMPLETED",'
            f'"external_conversations":[],"contact_id":"'.encode()
            for sender in senders
        ]
        ids = [by_sender[sender][at] for at, sender in enumerate(which)]
        yield ids
        yield [between[sender] for sender in which]
        yield [person[_CONTACT_ID] for person in people]
        yield [b'"},"conversation_id":"'] * len(which)
        yield ids
        yield [b'"'] * len(which)

    def _problems(self, messages: Deliveries, current: NDArray[np.int8]) -> NDArray[np.int64]:
        problems = np.full(len(current), _NO_PROBLEM)
        bounced, failed = current == carrier.UNDELIVERED, current == FAILED
        problems[bounced] = 1 + carrier.reasons(self.run, messages.seqs[bounced])
        problems[failed] = np.select(
            [messages.is_suppressed[failed], messages.is_expired[failed]], [_OPTED_OUT, _EXPIRED], _INVALID
        )
        return problems


def bare(own_id: str) -> str:
    """Return an id without the prefix that the guide's ids have."""
    return own_id.partition("_")[2]


def conversation_ids(seqs: Positions, phone_id: str, *, seed: int) -> list[bytes]:
    """Return the id of each contact's conversation with one sender."""
    ids: list[bytes] = hashing.uuids(seqs, hashing.key(seed, "conversation", phone_id)).tolist()
    return ids


def values_of(db: sqlite3.Connection, seqs: Positions) -> Iterator[dict[str, object]]:
    """Give each contact's values for placeholders, by lower-case names."""
    within = ",".join(map(str, seqs.tolist()))
    rows = dict(db.execute(f"SELECT seq, body FROM contact_bodies WHERE seq IN ({within})"))
    for seq in seqs.tolist():
        contact = msgspec.json.decode(rows[seq] + b"]}")
        fields = {key.lower(): value for key, value in contact["contact_field_data"].items()}
        yield {**fields, "name": contact["name"], "phone": contact["phone"]}


def _naive(us: NDArray[np.int64]) -> list[bytes]:
    written: list[bytes] = np.datetime_as_string(us.astype("M8[us]")).astype("S26").tolist()
    return written
