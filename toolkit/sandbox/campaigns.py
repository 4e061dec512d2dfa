"""Campaigns: an audience frozen at creation, and statistics and logs worked out for any instant.

`statistics` count as the guide's example does: `sent` is every message that left, delivered or not;
`bounced` those that left and were reported undeliverable; `failed` those that never left. A log row's
`message_status` is one of queued, sent, delivered, undelivered and failed, so that at every instant
sent = rows sent + delivered + undelivered, bounced = rows undelivered, failed = rows failed.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from toolkit.sandbox import bitmaps, carrier, hashing
from toolkit.sandbox.bitmaps import CHUNK, Bitmap, Positions
from toolkit.sandbox.carrier import DELIVERED, FAILED, NEVER, SENT, UNDELIVERED, Fates, Run
from toolkit.sandbox.times import SECOND, zulu

LOG_STATUSES = carrier.STATUSES
ATTACHING = "attached < target AND attach != '[]' AND start_us + attached * 1e6 / per_second <= ?1"


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
        if now_us < self.start_us:
            return "scheduled"
        return "sending" if now_us < self.done_us else "finished"


@dataclass(frozen=True)
class Part:
    """The share of an audience that lies in one chunk of contacts; `before` are the ranks ahead of it."""

    chunk: int
    before: int
    size: int
    bits: bytes

    def seqs(self) -> Positions:
        """Return its contacts in sending order."""
        return bitmaps.positions_in(np.frombuffer(self.bits, np.uint8), self.chunk)


def find(db: sqlite3.Connection, where: str, value: object) -> Campaign | None:
    """Return the campaign with that id, job_id or number."""
    row = db.execute(f"SELECT * FROM campaigns WHERE {where} = ?", (value,)).fetchone()
    return None if row is None else _campaign(row)


def insert(db: sqlite3.Connection, campaign: Campaign, audience: Bitmap) -> None:
    """Store a campaign with its audience."""
    db.execute(
        f"INSERT INTO campaigns VALUES ({','.join('?' * 17)})",
        (
            campaign.number, campaign.id, campaign.job_id, campaign.name, campaign.type, campaign.message,
            json.dumps(campaign.phones), campaign.created_us, campaign.start_us, campaign.end_us,
            campaign.per_second, campaign.target, campaign.has_short_links, campaign.newcomers_from,
            json.dumps(campaign.recent), json.dumps(campaign.attach), campaign.attached,
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


def parts(db: sqlite3.Connection, campaign: Campaign, *, start: int = 0, stop: int | None = None) -> Iterator[Part]:
    """Read the parts of the audience that hold the ranks start to stop, one at a time."""
    stop = campaign.target if stop is None else stop
    chunks = db.execute(
        "SELECT chunk FROM audiences WHERE campaign = ? AND before < ? AND before + size > ? ORDER BY chunk",
        (campaign.number, stop, start),
    ).fetchall()
    for (chunk,) in chunks:
        yield Part(
            *db.execute(
                "SELECT chunk, before, size, bits FROM audiences WHERE campaign = ? AND chunk = ?",
                (campaign.number, chunk),
            ).fetchone()
        )


def fates_of(
    db: sqlite3.Connection, campaign: Campaign, run: Run, seqs: Positions, *, chunk: int, first_rank: int, seed: int
) -> Fates:
    """Work out what happens to the messages to some contacts of one chunk that stand one after another in rank."""
    opted_out = np.full(CHUNK, NEVER)
    known = db.execute(
        "SELECT seq, at_us FROM opt_outs WHERE seq BETWEEN ? AND ?",
        (int(seqs[0]), int(seqs[-1])),
    ).fetchall()
    if known:
        pairs = np.array(known, np.int64)
        opted_out[pairs[:, 0] - chunk * CHUNK] = pairs[:, 1]
    recent = np.zeros(len(seqs), np.int64)
    for other in campaign.recent:
        row = db.execute("SELECT bits FROM audiences WHERE campaign = ? AND chunk = ?", (other, chunk)).fetchone()
        if row is not None:
            bits = np.frombuffer(row[0], np.uint8)
            within = seqs - chunk * CHUNK
            recent += (bits[within >> 3] >> (within & 7).astype(np.uint8)) & 1
    return carrier.fates(
        run,
        seqs,
        first_rank=first_rank,
        opted_out_us=opted_out[seqs - chunk * CHUNK],
        recent_messages=recent,
        seed=seed,
    )


def counts_by_part(
    db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int
) -> Iterator[tuple[Part, list[int]]]:
    """Count each part's messages by status, then opens and clicks; counts once kept are not counted again."""
    run = campaign.run(seed)
    kept = dict(db.execute("SELECT chunk, counts FROM tallies WHERE campaign = ?", (campaign.number,)))
    for part in parts(db, campaign):
        if part.chunk in kept:
            yield part, json.loads(kept[part.chunk])
            continue
        fates = fates_of(db, campaign, run, part.seqs(), chunk=part.chunk, first_rank=part.before, seed=seed)
        by_status = np.bincount(fates.status_at(now_us), minlength=len(carrier.STATUSES)).tolist()
        opened, clicked = int((fates.opened_us <= now_us).sum()), int((fates.clicked_us <= now_us).sum())
        yield part, [*by_status, opened, clicked]


def is_counted(db: sqlite3.Connection, campaign: Campaign) -> bool:
    """Tell whether the campaign's counts are kept."""
    return db.execute("SELECT 1 FROM tallies WHERE campaign = ?", (campaign.number,)).fetchone() is not None


def keep_counts(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> None:
    """Keep the counts of a campaign that can no longer change."""
    db.executemany(
        "REPLACE INTO tallies VALUES (?, ?, ?)",
        [
            (campaign.number, part.chunk, json.dumps(counts))
            for part, counts in counts_by_part(db, campaign, now_us=now_us, seed=seed)
        ],
    )


def attach_labels(db: sqlite3.Connection, *, now_us: int, seed: int) -> None:
    """Give each campaign's labels to the contacts whose message has left since this was last done."""
    for (number,) in db.execute(f"SELECT number FROM campaigns WHERE {ATTACHING}", (now_us,)).fetchall():
        campaign = find(db, "number", number)
        assert campaign is not None
        run = campaign.run(seed)
        stop = min(run.out_by(now_us), campaign.target)
        for part in parts(db, campaign, start=campaign.attached, stop=stop):
            low, high = max(0, campaign.attached - part.before), min(part.size, stop - part.before)
            seqs = part.seqs()[low:high]
            fates = fates_of(db, campaign, run, seqs, chunk=part.chunk, first_rank=part.before + low, seed=seed)
            reached = bitmaps.of_positions(seqs[~fates.is_failed], contacts=int(seqs[-1]) + 1)
            for label in campaign.attach:
                bitmaps.add_members(db, label, reached)
        db.execute("UPDATE campaigns SET attached = ? WHERE number = ?", (stop, number))


def statistics(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> dict[str, int]:
    """Return the guide's counters at an instant."""
    counts = np.zeros(len(carrier.STATUSES) + 2, np.int64)
    for _, of_part in counts_by_part(db, campaign, now_us=now_us, seed=seed):
        counts += of_part
    opened, clicked = counts[len(carrier.STATUSES) :].tolist()
    return {
        "total_contacts": campaign.target,
        "sent": int(counts[SENT] + counts[DELIVERED] + counts[UNDELIVERED]),
        "failed": int(counts[FAILED]),
        "delivered": int(counts[DELIVERED]),
        "bounced": int(counts[UNDELIVERED]),
        "opened": opened,
        "clicked": clicked,
    }


def logs(
    db: sqlite3.Connection,
    campaign: Campaign,
    *,
    statuses: Sequence[int],
    offset: int,
    limit: int,
    now_us: int,
    seed: int,
) -> tuple[list[dict[str, Any]], int]:
    """Return one page of log rows in sending order, and how many have one of the statuses (all when none given)."""
    rows: list[dict[str, Any]] = []
    run = campaign.run(seed)
    if not statuses:
        for part in parts(db, campaign, start=offset, stop=min(offset + limit, campaign.target)):
            low, high = max(0, offset - part.before), min(part.size, offset + limit - part.before)
            rows += _log_rows(db, campaign, run, part, (low, high), now_us=now_us, seed=seed)
        return rows, campaign.target
    total = 0
    for part, counts in counts_by_part(db, campaign, now_us=now_us, seed=seed):
        matching = sum(counts[status] for status in statuses)
        low, high = max(0, offset - total), min(matching, offset + limit - total)
        if low < high:
            whole = (0, part.size)
            keep = (statuses, low, high)
            rows += _log_rows(db, campaign, run, part, whole, now_us=now_us, seed=seed, keep=keep)
        total += matching
    return rows, total


def _log_rows(
    db: sqlite3.Connection,
    campaign: Campaign,
    run: Run,
    part: Part,
    ranks: tuple[int, int],
    *,
    now_us: int,
    seed: int,
    keep: tuple[Sequence[int], int, int] | None = None,
) -> list[dict[str, Any]]:
    low, high = ranks
    seqs = part.seqs()[low:high]
    fates = fates_of(db, campaign, run, seqs, chunk=part.chunk, first_rank=part.before + low, seed=seed)
    current = fates.status_at(now_us)
    shown = np.arange(len(seqs))
    if keep is not None:
        statuses, first, last = keep
        shown = np.flatnonzero(np.isin(current, statuses))[first:last]
    seqs = seqs[shown]
    is_whatsapp = campaign.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
    people = {
        seq: (contact_id, name, phone)
        for seq, contact_id, name, phone in db.execute(
            f"SELECT seq, id, name, {'whatsapp_phone' if is_whatsapp else 'phone'} FROM contacts"
            f" WHERE seq IN ({','.join(map(str, seqs.tolist()))})"
        )
    }
    log_ids = hashing.uuids(seqs, run.key ^ np.uint64(20))
    message_ids = hashing.uuids(seqs, run.key ^ np.uint64(21))
    carrier_reasons = carrier.reasons(run, seqs)
    rows = []
    for i, at in enumerate(shown.tolist()):
        status = int(current[at])
        contact_id, name, phone = people[int(seqs[i])]
        never_tried = bool(fates.is_suppressed[at] or fates.is_expired[at])
        rows.append(
            {
                "id": f"log_{log_ids[i]}",
                "contact_id": contact_id,
                "contact_name": name,
                "contact_phone": phone,
                "message_status": carrier.STATUSES[status],
                "sent_time": None if status == carrier.QUEUED or never_tried else zulu(int(fates.out_us[at])),
                "delivered_time": zulu(int(fates.report_us[at])) if status == DELIVERED else None,
                "error_message": _problem(fates, at, status, carrier_reasons[i]),
                "message_id": f"msg_{message_ids[i]}",
            }
        )
    return rows


def _problem(fates: Fates, at: int, status: int, reason: str) -> str | None:
    if status == UNDELIVERED:
        return reason
    if status != FAILED:
        return None
    if fates.is_suppressed[at]:
        return carrier.OPTED_OUT
    return carrier.EXPIRED if fates.is_expired[at] else carrier.INVALID


def _campaign(row: tuple[Any, ...]) -> Campaign:
    (number, id_, job_id, name, type_, message, phones, created, start, end, rate, target, links, newcomers,
     recent, attach, attached) = row  # fmt: skip
    return Campaign(
        number, id_, job_id, name, type_, message, json.loads(phones), created, start, end, rate, target,
        bool(links), newcomers, json.loads(recent), json.loads(attach), attached,
    )  # fmt: skip


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


def encode(value: object) -> bytes:
    """Write JSON."""
    return msgspec.json.encode(value)
