"""Whom the steps of a plan reach, and whom those that were claimed reach on which day: a row for each message.

A claim writes its rows in its own transaction, and counts with one query that looks up its own people. Rows of days
that no claim can look at any more are deleted.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from toolkit.errors import LedgerUnavailable
from toolkit.ledger.transaction import Transaction

_AT_ONCE = 10_000  # ids
# A key is a day in UTC and a contact's id, as one text: looked up by itself in any database, and deleted by its day.
CLAIMED_PEOPLE = """
CREATE TABLE claimed_people (
    day_and_contact TEXT NOT NULL, plan_id TEXT NOT NULL, step INTEGER NOT NULL,
    PRIMARY KEY (day_and_contact, plan_id, step)
) STRICT, WITHOUT ROWID;
"""
_NEAR = timedelta(hours=24)
_KEPT = timedelta(days=3)
_COUNTED = "('sending', 'sent', 'unknown')"  # the states of steps that were sent, may have been, or are scheduled


def note_claimed(
    db: Transaction, plan_id: str, step: int, people: Sequence[str], *, at: datetime, leaves_at: datetime
) -> None:
    """Write down whom a step reaches that is claimed at `at`, by contact ids, and delete what is too old to count."""
    db.execute("DELETE FROM claimed_people WHERE day_and_contact < ?", (_day(min(at, leaves_at) - _KEPT),))
    day = _day(leaves_at)
    keys = json.dumps([f"{day} {each}" for each in people])
    db.execute(
        "INSERT INTO claimed_people SELECT value, ?, ? FROM json_each(?) WHERE true ON CONFLICT DO NOTHING",
        (plan_id, step, keys),
    )


def claimed_near(db: Transaction, workspace: str, people: Collection[str], at: datetime) -> list[tuple[str, datetime]]:
    """The messages to contacts of a workspace that are sent less than 24 hours before or after a time: to whom, and
    when.

    Of canceled campaigns, all unless none was sent.
    """
    days = [_day(at + _NEAR * each) for each in (-1, 0, 1)]
    keys = {f"{day} {person}": person for day in days for person in people}
    found = db.execute(
        "SELECT day_and_contact, plan_id, step FROM claimed_people "
        "WHERE day_and_contact IN (SELECT value FROM json_each(?))",
        (json.dumps([*keys]),),
    ).fetchall()
    leaving = _leaving_near(db, workspace, at) if found else {}
    at_each = ((key, leaving.get((plan_id, step))) for key, plan_id, step in found)
    return [
        (keys[key], leaves_at) for key, leaves_at in at_each if leaves_at and key == f"{_day(leaves_at)} {keys[key]}"
    ]


def _leaving_near(db: Transaction, workspace: str, at: datetime) -> dict[tuple[str, int], datetime]:
    """When each step is sent whose messages count, if less than 24 hours before or after a time."""
    rows = db.execute(
        "SELECT plan_id, number, leaves_at FROM steps JOIN plans ON id = plan_id WHERE leaves_at > ? AND leaves_at < ? "
        f"AND workspace = ? AND steps.state IN {_COUNTED} "
        "AND (steps.state <> 'sent' OR sent_before_cancel IS NULL OR sent_before_cancel > 0)",
        (*(each.astimezone(UTC).isoformat() for each in (at - _NEAR, at + _NEAR)), workspace),
    )
    return {(plan_id, step): datetime.fromisoformat(leaves_at) for plan_id, step, leaves_at in rows}


def note_claimed_before(db: Transaction, now: datetime) -> None:
    """Write down whom the steps reach that were claimed before this table was there."""
    rows = db.execute(
        "SELECT plan_id, number, leaves_at FROM steps JOIN plans ON id = plan_id "
        f"WHERE leaves_at > ? AND kind NOT IN ('import', 'label removal') AND steps.state IN {_COUNTED}",
        ((now - _KEPT).astimezone(UTC).isoformat(),),
    ).fetchall()
    for plan_id, step, leaves_at in rows:
        people = step_ids(db, plan_id, step)
        note_claimed(db, plan_id, step, people, at=now, leaves_at=datetime.fromisoformat(leaves_at))


def ids_of(db: Transaction, plan_id: str) -> tuple[str, ...]:
    """The contact ids of a plan's recipients, in the order of its steps."""
    (packed,) = db.execute("SELECT recipient_ids FROM plans WHERE id = ?", (plan_id,)).fetchone()
    return unpacked(packed)


def step_ids(db: Transaction, plan_id: str, step: int) -> tuple[str, ...]:
    """The contact ids of one step's recipients."""
    before, size, packed = db.execute(
        "SELECT coalesce(sum(recipients) FILTER (WHERE number < ?), 0), sum(recipients) FILTER (WHERE number = ?), "
        "(SELECT recipient_ids FROM plans WHERE id = ?) FROM steps WHERE plan_id = ?",
        (step, step, plan_id, plan_id),
    ).fetchone()
    return unpacked(packed)[before : before + size]


def compressed(ids: Sequence[str]) -> bytes:
    """Contact ids as a plan's are stored; some thousands at once, as one text of all takes their size thrice."""
    packing = zlib.compressobj(level=1)
    found = bytearray()
    for start in range(0, len(ids), _AT_ONCE):
        found += packing.compress(("\n" if start else "").encode())
        found += packing.compress("\n".join(ids[start : start + _AT_ONCE]).encode())
    return bytes(found) + packing.flush()


def unpacked(packed: bytes) -> tuple[str, ...]:
    """The contact ids in what is stored of a plan's recipients; LedgerUnavailable if it is damaged.

    None where the owner of a team's ledger erased them: that plan can be sent no more, and stops no other.
    """
    if not packed:
        return ()
    try:
        text = zlib.decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise LedgerUnavailable(
            "The ledger is damaged, as the recipients of a plan in it cannot be read: keep the file and a copy of it, "
            "and see `seax audit verify`. Nothing is sent without it."
        ) from error
    return tuple(text.split("\n")) if text else ()


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()
