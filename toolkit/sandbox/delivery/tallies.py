"""Statuses of a campaign's messages and their counts at an instant, computed part by part, stored once final.

They count as the guide's example does: `sent` is every message sent, delivered or not; `bounced` those
that were sent and reported undeliverable; `failed` those that were never sent. A log row's `message_status` is
one of queued, sent, delivered, undelivered and failed, so that at every instant
sent = rows sent + delivered + undelivered, bounced = rows undelivered, failed = rows failed.
"""

import json
import sqlite3

import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox.delivery import campaigns
from toolkit.sandbox.delivery.campaigns import Campaign, Part
from toolkit.sandbox.delivery.carrier import DELIVERED, FAILED, QUEUED, SENT, STATUSES, UNDELIVERED, Run


def kept(db: sqlite3.Connection, campaign: Campaign) -> dict[int, list[int]]:
    """Return the counts that are kept of each chunk: by status, then opens and clicks; none before they are final."""
    rows = db.execute("SELECT chunk, counts FROM tallies WHERE campaign = ?", (campaign.number,))
    return {chunk: json.loads(counts) for chunk, counts in rows}


def are_kept(db: sqlite3.Connection, campaign: Campaign) -> bool:
    """Tell whether a campaign's statuses and counts are kept."""
    return db.execute("SELECT 1 FROM tallies WHERE campaign = ?", (campaign.number,)).fetchone() is not None


def keep(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> None:
    """Keep the statuses and counts of a campaign that can no longer change."""
    run = campaign.run(seed)
    for part in campaigns.parts(db, campaign):
        current, counts = _count(db, campaign, run, part, now_us=now_us, seed=seed)
        db.execute(
            "REPLACE INTO tallies VALUES (?, ?, ?, ?)",
            (campaign.number, part.chunk, json.dumps(counts), current.tobytes()),
        )


def statuses(
    db: sqlite3.Connection, campaign: Campaign, run: Run, part: Part, *, now_us: int, seed: int
) -> NDArray[np.int8]:
    """Return the status of each message of a part in sending order, as indices into STATUSES."""
    row = db.execute(
        "SELECT statuses FROM tallies WHERE campaign = ? AND chunk = ?", (campaign.number, part.chunk)
    ).fetchone()
    if row is not None:
        return np.frombuffer(row[0], np.int8)
    if run.out_by(now_us) <= part.before:
        return np.full(part.size, QUEUED, np.int8)
    messages = campaigns.deliveries(db, run, part, part.ranks(0, campaign.target), seed=seed)
    return messages.status_at(now_us)


def counted(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> NDArray[np.int64]:
    """Return how many messages have each of STATUSES at an instant, then how many were opened and clicked."""
    run = campaign.run(seed)
    by_chunk = kept(db, campaign) or {
        part.chunk: _count(db, campaign, run, part, now_us=now_us, seed=seed)[1]
        for part in campaigns.parts(db, campaign)
    }
    summed: NDArray[np.int64] = np.sum(list(by_chunk.values()), axis=0)
    return summed


def statistics(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> dict[str, int]:
    """Return the guide's counters at an instant."""
    counts = counted(db, campaign, now_us=now_us, seed=seed)
    opened, clicked = counts[len(STATUSES) :].tolist()
    return {
        "total_contacts": campaign.target,
        "sent": int(counts[SENT] + counts[DELIVERED] + counts[UNDELIVERED]),
        "failed": int(counts[FAILED]),
        "delivered": int(counts[DELIVERED]),
        "bounced": int(counts[UNDELIVERED]),
        "opened": opened,
        "clicked": clicked,
    }


def _count(
    db: sqlite3.Connection, campaign: Campaign, run: Run, part: Part, *, now_us: int, seed: int
) -> tuple[NDArray[np.int8], list[int]]:
    if run.out_by(now_us) <= part.before:
        return np.full(part.size, QUEUED, np.int8), [part.size, 0, 0, 0, 0, 0, 0]
    messages = campaigns.deliveries(db, run, part, part.ranks(0, campaign.target), seed=seed)
    people = campaigns.reactions(db, campaign, run, part, messages, seed=seed)
    current = messages.status_at(now_us)
    by_status = np.bincount(current, minlength=len(STATUSES)).tolist()
    return current, [*by_status, int((people.opened_us <= now_us).sum()), int((people.clicked_us <= now_us).sum())]
