"""Opt-outs: when each contact opted out, and the labels for it."""

import sqlite3
from collections.abc import Iterable

import numpy as np

from toolkit.sandbox import bitmaps, contacts, labels


def record(db: sqlite3.Connection, opted_out: Iterable[tuple[int, int]]) -> None:
    """Store contacts and the instants (microseconds, past or future) of their opt-outs; the earliest counts."""
    db.executemany(
        "INSERT INTO opt_outs VALUES (?, ?, 0) ON CONFLICT (seq) DO UPDATE SET at_us = min(at_us, excluded.at_us)",
        opted_out,
    )


def settle(db: sqlite3.Connection, *, now_us: int) -> None:
    """Read the replies that have come in, then label everybody who has opted out by now."""
    replies = db.execute(
        "SELECT at_us, seq, campaign, sent_us FROM replies WHERE at_us <= ? ORDER BY at_us, seq", (now_us,)
    ).fetchall()
    for at_us, seq, campaign, sent_us in replies:
        earlier = db.execute("SELECT 1 FROM opt_outs WHERE seq = ? AND at_us <= ?", (seq, sent_us)).fetchone()
        if earlier is None:  # otherwise the message was never sent, so there is no reply
            record(db, [(seq, at_us)])
            db.execute("INSERT INTO inbound (at_us, seq, campaign) VALUES (?, ?, ?)", (at_us, seq, campaign))
    db.execute("DELETE FROM replies WHERE at_us <= ?", (now_us,))
    due = db.execute("SELECT seq FROM opt_outs WHERE NOT is_labelled AND at_us <= ?", (now_us,)).fetchall()
    if not due:
        return
    system = labels.SystemLabels.of(db)
    bits = bitmaps.of_positions(np.array(due, np.int64).reshape(-1), contacts=contacts.how_many(db))
    bitmaps.add_members(db, system.do_not_contact, bits)
    bitmaps.add_members(db, system.unsubscribed, bits)
    db.execute("UPDATE opt_outs SET is_labelled = 1 WHERE NOT is_labelled AND at_us <= ?", (now_us,))
