"""Campaigns: an audience frozen at creation, and labels attached as messages are sent."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.sandbox import bitmaps, labels
from toolkit.sandbox.bitmaps import CHUNK, Bitmap, Positions
from toolkit.sandbox.delivery import carrier
from toolkit.sandbox.delivery.carrier import NEVER, Deliveries, Reactions, Run
from toolkit.sandbox.times import SECOND, zulu
from toolkit.sandbox.world import opt_outs

ATTACHING = "attached < target AND attach != '[]' AND start_us + attached * 1e6 / per_second <= :now"


@dataclass(frozen=True)
class Campaign:
    """One campaign as it is stored; times in microseconds since 1970 UTC."""

    number: int
    id: str
    job_id: str
    name: str
    type: str
    message: str
    phones: Sequence[dict[str, str]]
    created_us: int
    start_us: int
    end_us: int | None
    per_second: float
    target: int
    has_short_links: bool
    newcomers_from: int
    recent: Sequence[int]
    attach: Sequence[int]
    attached: int
    canceled_us: int | None = None

    @property
    def done_us(self) -> int:
        """When the last message has had its turn."""
        last = self.start_us + int((self.target - 1) * SECOND / self.per_second)
        return min(last, self.end_us) if self.end_us is not None else last

    def run(self, seed: int) -> Run:
        """The campaign as the carrier sees it."""
        return Run.of(
            seed=seed,
            campaign_id=self.id,
            message=self.message,
            start_us=self.start_us,
            end_us=self.end_us,
            per_second=self.per_second,
            has_short_links=self.has_short_links,
            newcomers_from=self.newcomers_from,
        )

    def status_at(self, now_us: int) -> str:
        """Return scheduled, sending or finished."""
        if self.canceled_us is not None:
            return "finished"
        if now_us < self.start_us:
            return "scheduled"
        return "sending" if now_us < self.done_us else "finished"


@dataclass(frozen=True)
class Part:
    """The share of an audience that is in one chunk of contacts; `before` are the ranks ahead of it."""

    chunk: int
    before: int
    size: int
    bits: bytes

    def ranks(self, start: int, stop: int) -> Positions:
        """Return the ranks start to stop of the audience that are in this part."""
        return np.arange(max(start, self.before), min(stop, self.before + self.size))

    def seqs(self, ranks: Positions) -> Positions:
        """Return the contacts with the given ranks, which ascend."""
        low, high = int(ranks[0]), int(ranks[-1]) + 1
        places = bitmaps.ranked(np.frombuffer(self.bits, np.uint8), low - self.before, high - self.before)
        return places[ranks - low] + self.chunk * CHUNK


def find(db: sqlite3.Connection, where: str, value: object) -> Campaign | None:
    """Return the campaign with that id, job_id or number."""
    row = db.execute(f"SELECT * FROM campaigns WHERE {where} = ?", (value,)).fetchone()
    return None if row is None else _campaign(row)


def insert(db: sqlite3.Connection, campaign: Campaign, audience: Bitmap) -> None:
    """Store a campaign with its audience."""
    db.execute(
        f"INSERT INTO campaigns VALUES ({','.join('?' * 18)})",
        (
            campaign.number, campaign.id, campaign.job_id, campaign.name, campaign.type, campaign.message,
            json.dumps(campaign.phones), campaign.created_us, campaign.start_us, campaign.end_us,
            campaign.per_second, campaign.target, campaign.has_short_links, campaign.newcomers_from,
            json.dumps(campaign.recent), json.dumps(campaign.attach), campaign.attached, campaign.canceled_us,
        ),
    )  # fmt: skip
    before = 0
    for chunk in np.flatnonzero(audience.any(axis=1)):
        size = bitmaps.count(audience[chunk])
        db.execute(
            "INSERT INTO audiences VALUES (?, ?, ?, ?, ?)",
            (campaign.number, int(chunk), before, size, audience[chunk].tobytes()),
        )
        before += size


def cancel(db: sqlite3.Connection, campaign: Campaign, *, now_us: int) -> None:
    """Send no more of a campaign's messages, and let nobody answer those that were not sent."""
    db.execute(
        "UPDATE campaigns SET end_us = :now, canceled_us = :now WHERE number = :number",
        {"now": now_us, "number": campaign.number},
    )
    db.execute("DELETE FROM replies WHERE campaign = ? AND sent_us >= ?", (campaign.number, now_us))


def parts(db: sqlite3.Connection, campaign: Campaign, *, start: int = 0, stop: int | None = None) -> Iterator[Part]:
    """Read the parts of the audience that hold the ranks start to stop, one at a time."""
    stop = campaign.target if stop is None else stop
    chunks = db.execute(
        "SELECT chunk FROM audiences WHERE campaign = ? AND max(before, ?) < min(before + size, ?) ORDER BY chunk",
        (campaign.number, start, stop),
    ).fetchall()
    for (chunk,) in chunks:
        yield Part(
            *db.execute(
                "SELECT chunk, before, size, bits FROM audiences WHERE campaign = ? AND chunk = ?",
                (campaign.number, chunk),
            ).fetchone()
        )


def deliveries(db: sqlite3.Connection, run: Run, part: Part, ranks: Positions, *, seed: int) -> Deliveries:
    """Compute the outcome of the messages with the given ranks (ascending, at least one) of a part."""
    seqs = part.seqs(ranks)
    opted_out = np.full(len(seqs), NEVER)
    known = db.execute(
        "SELECT seq, at_us FROM opt_outs WHERE seq BETWEEN ? AND ?", (int(seqs[0]), int(seqs[-1]))
    ).fetchall()
    if known:
        people, instants = np.array(known, np.int64).T
        at = np.searchsorted(seqs, people)
        is_theirs = seqs[at] == people
        opted_out[at[is_theirs]] = instants[is_theirs]
    return carrier.deliver(run, seqs, ranks=ranks, opted_out_us=opted_out, seed=seed)


def reactions(
    db: sqlite3.Connection, campaign: Campaign, run: Run, part: Part, messages: Deliveries, *, seed: int
) -> Reactions:
    """Compute what the recipients of some messages of a part do."""
    within = messages.seqs - part.chunk * CHUNK
    recent = np.zeros(len(within), np.int64)
    for other in campaign.recent:
        row = db.execute("SELECT bits FROM audiences WHERE campaign = ? AND chunk = ?", (other, part.chunk)).fetchone()
        if row is not None:
            bits = np.frombuffer(row[0], np.uint8)
            recent += (bits[within >> 3] >> (within & 7).astype(np.uint8)) & 1
    return carrier.react(run, messages, recent_messages=recent, seed=seed)


def attach_labels(db: sqlite3.Connection, *, now_us: int, seed: int) -> None:
    """Give each campaign's labels to the contacts whose message was sent since this was last done."""
    system = labels.SystemLabels.of(db)
    for (number,) in db.execute(f"SELECT number FROM campaigns WHERE {ATTACHING}", {"now": now_us}).fetchall():
        campaign = find(db, "number", number)
        assert campaign is not None
        run = campaign.run(seed)
        stop = min(run.out_by(now_us), campaign.target)
        for part in parts(db, campaign, start=campaign.attached, stop=stop):
            messages = deliveries(db, run, part, part.ranks(campaign.attached, stop), seed=seed)
            left = ~messages.is_failed
            reached = bitmaps.of_positions(messages.seqs[left], contacts=int(messages.seqs[-1]) + 1)
            for label in campaign.attach:
                bitmaps.add_members(db, label, reached)
            if system.opting_out & set(campaign.attach):
                opt_outs.record(db, zip(messages.seqs[left].tolist(), messages.out_us[left].tolist(), strict=True))
        db.execute("UPDATE campaigns SET attached = ? WHERE number = ?", (stop, number))


def body(campaign: Campaign, *, now_us: int) -> dict[str, Any]:
    """Return what creation and detail both show of a campaign."""
    status = campaign.status_at(now_us)
    return {
        "id": campaign.id,
        "name": campaign.name,
        "type": campaign.type,
        "message": campaign.message,
        "status": status,
        "created_time": zulu(campaign.created_us),
        "updated_time": zulu(max(campaign.created_us, min(now_us, campaign.done_us))),
        "start_time": zulu(campaign.start_us),
        "phones": campaign.phones,
    }


def _campaign(row: tuple[Any, ...]) -> Campaign:
    (number, id_, job_id, name, type_, message, phones, created, start, end, rate, target, links, newcomers,
     recent, attach, attached, canceled) = row  # fmt: skip
    return Campaign(
        number, id_, job_id, name, type_, message, json.loads(phones), created, start, end, rate, target,
        bool(links), newcomers, json.loads(recent), json.loads(attach), attached, canceled,
    )  # fmt: skip
