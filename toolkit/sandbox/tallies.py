"""Counts of a campaign's messages at an instant, worked out part by part and kept once they are final.

They count as the guide's example does: `sent` is every message that left, delivered or not; `bounced` those
that left and were reported undeliverable; `failed` those that never left. A log row's `message_status` is
one of queued, sent, delivered, undelivered and failed, so that at every instant
sent = rows sent + delivered + undelivered, bounced = rows undelivered, failed = rows failed.
"""

import json
import sqlite3
from collections.abc import Iterator

import numpy as np

from toolkit.sandbox import campaigns
from toolkit.sandbox.campaigns import Campaign, Part
from toolkit.sandbox.carrier import DELIVERED, FAILED, SENT, STATUSES, UNDELIVERED


def kept(db: sqlite3.Connection, campaign: Campaign) -> dict[int, list[int]]:
    """Return the counts that are kept of each chunk: by status, then opens and clicks; none before they are final."""
    rows = db.execute("SELECT chunk, counts FROM tallies WHERE campaign = ?", (campaign.number,))
    return {chunk: json.loads(counts) for chunk, counts in rows}


def by_part(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> Iterator[tuple[Part, list[int]]]:
    """Count each part's messages by status, then opens and clicks; counts once kept are not counted again."""
    run = campaign.run(seed)
    final = kept(db, campaign)
    for part in campaigns.parts(db, campaign):
        if part.chunk in final:
            yield part, final[part.chunk]
            continue
        if run.out_by(now_us) <= part.before:
            yield part, [part.size, 0, 0, 0, 0, 0, 0]
            continue
        messages = campaigns.deliveries(db, run, part, low=0, high=part.size, seed=seed)
        people = campaigns.reactions(db, campaign, run, part, messages, seed=seed)
        by_status = np.bincount(messages.status_at(now_us), minlength=len(STATUSES)).tolist()
        yield part, [*by_status, int((people.opened_us <= now_us).sum()), int((people.clicked_us <= now_us).sum())]


def keep(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> None:
    """Keep the counts of a campaign that can no longer change."""
    db.executemany(
        "REPLACE INTO tallies VALUES (?, ?, ?)",
        [
            (campaign.number, part.chunk, json.dumps(counts))
            for part, counts in by_part(db, campaign, now_us=now_us, seed=seed)
        ],
    )


def statistics(db: sqlite3.Connection, campaign: Campaign, *, now_us: int, seed: int) -> dict[str, int]:
    """Return the guide's counters at an instant."""
    counts = np.zeros(len(STATUSES) + 2, np.int64)
    for _, of_part in by_part(db, campaign, now_us=now_us, seed=seed):
        counts += of_part
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
