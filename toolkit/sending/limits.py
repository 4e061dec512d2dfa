"""So many messages a day, to everybody and to one person: counted from the ledger, so they hold across processes.

A limit is checked in the transaction that claims a step: what another process claimed a moment ago counts.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from toolkit.errors import LimitReached
from toolkit.sections import n_recipients

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Limits:
    """The most messages within 24 hours: `daily` to all together, `per_person` to one number; None is no limit.

    `namesakes` are, by contact id, the other contacts with the same number, whose messages count as well.
    """

    daily: int | None = None
    per_person: int | None = None
    namesakes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def had(self, counts: Mapping[str, int], person: str) -> int:
        """How many messages went to the number of a contact, of so many to each contact."""
        return sum(counts.get(each, 0) for each in (person, *self.namesakes.get(person, ())))


def check_limits(
    db: sqlite3.Connection, limits: Limits, workspace: str, plan_id: str, step: int, *, at: datetime
) -> None:
    """Raise LimitReached if a step would pass a limit."""
    if limits.daily is None and limits.per_person is None:
        return
    kind, size = db.execute(
        "SELECT kind, steps.recipients FROM plans JOIN steps ON plan_id = id WHERE id = ? AND number = ?",
        (plan_id, step),
    ).fetchone()
    if kind == "import":
        return
    if limits.daily is not None:
        had = sum(count for _, _, count in _lately(db, workspace, at))
        if had + size > limits.daily:
            raise LimitReached(
                f"{had:,} messages left in the last 24 hours and {limits.daily:,} are the most: these {size:,} would "
                "be too many. Send fewer, or wait. Nothing was sent."
            )
    if limits.per_person is not None:
        counts = texted(db, workspace, at)
        if over := [
            person for person in step_ids(db, plan_id, step) if limits.had(counts, person) >= limits.per_person
        ]:
            raise LimitReached(
                f"{n_recipients(len(over))}, {over[0]!r} first, had {limits.per_person:,} messages in the last 24 "
                "hours, which is the most: plan the draft again, without them. Nothing was sent."
            )


def texted(
    db: sqlite3.Connection, workspace: str, at: datetime, within: timedelta = DAY, *, but: str = ""
) -> Counter[str]:
    """How many messages each contact had, or may have had, since `at - within`, by contact id, `but` of one plan."""
    counts: Counter[str] = Counter()
    for plan_id, step, _ in _lately(db, workspace, at, within):
        if plan_id != but:
            counts.update(step_ids(db, plan_id, step))
    return counts


def ids_of(db: sqlite3.Connection, plan_id: str) -> tuple[str, ...]:
    """The contact ids of a plan's recipients, in the order of its steps."""
    (packed,) = db.execute("SELECT recipient_ids FROM plans WHERE id = ?", (plan_id,)).fetchone()
    text = zlib.decompress(packed).decode()
    return tuple(text.split("\n")) if text else ()


def step_ids(db: sqlite3.Connection, plan_id: str, step: int) -> tuple[str, ...]:
    """The contact ids of one step's recipients."""
    before, size = db.execute(
        "SELECT coalesce(sum(recipients) FILTER (WHERE number < ?2), 0), sum(recipients) FILTER (WHERE number = ?2) "
        "FROM steps WHERE plan_id = ?1",
        (plan_id, step),
    ).fetchone()
    return ids_of(db, plan_id)[before : before + size]


def _lately(
    db: sqlite3.Connection, workspace: str, at: datetime, within: timedelta = DAY
) -> Iterator[tuple[str, int, int]]:
    """The steps that left, or may have: plan, number, recipients."""
    since = (at - within).astimezone(UTC).isoformat()
    rows = db.execute(
        "SELECT plan_id, number, steps.recipients FROM steps JOIN plans ON id = plan_id "
        "WHERE claimed_at > ? AND workspace = ? AND kind <> 'import' AND steps.state IN ('sending', 'sent', 'unknown')",
        (since, workspace),
    ).fetchall()
    yield from (tuple(row) for row in rows)
