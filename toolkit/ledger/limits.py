"""Limits on messages per day, in total and per person: counted from the ledger, so they hold across processes.

A limit is checked in the transaction that claims a step: what another process claimed a moment ago counts. Messages
count when they are sent by the service's clock: at the start of their step, or when it was claimed if it has none.
Of a canceled campaign those count that had been sent, where the service counted them; else all. To whom they went is
not known here, so all its people count unless none was sent.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from toolkit.audience.caps import DAY, Sent
from toolkit.display import n_recipients, when
from toolkit.errors import LimitReached
from toolkit.ledger.claimed_people import claimed_near, unpacked
from toolkit.ledger.transaction import Transaction


@dataclass(frozen=True)
class Limits:
    """The most messages within any 24 hours: `daily` in total, `per_person` to one number; None means no limit.

    `namesakes` are, by contact id, the other contacts with the same number, whose messages count as well.
    """

    daily: int | None = None
    per_person: int | None = None
    namesakes: Mapping[str, Sequence[str]] = field(default_factory=dict)


def check_limits(db: Transaction, limits: Limits, workspace: str, people: Sequence[str], *, at: datetime) -> None:
    """Raise LimitReached if a message to each of some contacts at `at` would exceed a limit, with everything sent or
    scheduled."""
    if limits.daily is not None:
        had = _most_in_a_day(_messages_near(db, workspace, at), at)
        if had + len(people) > limits.daily:
            raise LimitReached(
                f"In the 24 hours around {when(at)}, {had:,} messages are sent or scheduled, and {len(people):,} more "
                f"would exceed the policy's limit of {limits.daily:,}: send fewer, or at another time. Nothing was "
                "sent."
            )
    if limits.per_person is not None:
        had_each = _had(db, limits, workspace, people, at)
        if over := [person for person, had in zip(people, had_each, strict=True) if had >= limits.per_person]:
            raise LimitReached(
                f"In the 24 hours around {when(at)}, {n_recipients(len(over), 'has', 'have')} already reached the "
                f"limit of {limits.per_person:,} messages, sent or scheduled ({over[0]!r} first): plan the draft "
                "again without them. Nothing was sent."
            )


def _had(db: Transaction, limits: Limits, workspace: str, people: Sequence[str], at: datetime) -> list[int]:
    """For each contact: the most messages to its number in any 24 hours that include `at`."""
    codes = {each: code for code, person in enumerate(people) for each in (person, *limits.namesakes.get(person, ()))}
    messages: list[list[tuple[datetime, int]]] = [[] for _ in people]
    for person, leaves_at in claimed_near(db, workspace, codes, at):
        messages[codes[person]].append((leaves_at, 1))
    return [_most_in_a_day(each, at) for each in messages]


def _most_in_a_day(messages: Sequence[tuple[datetime, int]], at: datetime) -> int:
    """The most of the messages, each time with their number, in any 24 hours that include `at`."""
    ordered = sorted(messages)
    times, sums = [each for each, _ in ordered], [0, *accumulate(count for _, count in ordered)]
    ends = {at, *times[bisect_right(times, at) :]}
    return max(sums[bisect_right(times, end)] - sums[bisect_right(times, end - DAY)] for end in ends)


def texted(db: Transaction, workspace: str, since: datetime, *, but: str = "") -> list[Sent]:
    """The messages after a time that were sent, may have been, or are scheduled, by step, except those of one plan."""
    return _with_ids(db, [step for step in _leaving(db, workspace, since) if step.plan_id != but and step.counted])


def _with_ids(db: Transaction, steps: Sequence[_Leaving]) -> list[Sent]:
    plans = sorted({step.plan_id for step in steps})
    among = ", ".join("?" * len(plans)) or "NULL"
    rows = db.execute(f"SELECT id, recipient_ids FROM plans WHERE id IN ({among})", plans)
    packed = {row[0]: row[1] for row in rows}
    return [Sent(step.at, partial(_ids_among, packed[step.plan_id], step.before, step.recipients)) for step in steps]


def _ids_among(packed: bytes, before: int, size: int) -> tuple[str, ...]:
    return unpacked(packed)[before : before + size]


class _Leaving(NamedTuple):
    """A step that was sent, may have been, or is scheduled: how many of its messages count, after how many of its
    plan's recipients its own begin."""

    at: datetime
    plan_id: str
    before: int
    recipients: int
    counted: int


_COUNTED = (
    "CASE WHEN steps.state = 'sent' AND sent_before_cancel < recipients THEN sent_before_cancel ELSE recipients END"
)
_LEAVING = (  # after a time; except what texts nobody
    "FROM steps JOIN plans ON id = plan_id "
    "WHERE leaves_at > ? AND workspace = ? AND kind NOT IN ('import', 'label removal') "
    "AND steps.state IN ('sending', 'sent', 'unknown')"
)


def _messages_near(db: Transaction, workspace: str, at: datetime) -> list[tuple[datetime, int]]:
    """How many messages are sent less than 24 hours before or after a time, and when."""
    since, until = (each.astimezone(UTC).isoformat() for each in (at - DAY, at + DAY))
    rows = db.execute(
        f"SELECT leaves_at, sum({_COUNTED}) {_LEAVING} AND leaves_at < ? GROUP BY leaves_at", (since, workspace, until)
    )
    return [(datetime.fromisoformat(leaves_at), int(count)) for leaves_at, count in rows]


def _leaving(db: Transaction, workspace: str, since: datetime) -> Iterator[_Leaving]:
    """The steps of a workspace that leave after a time."""
    rows = db.execute(
        "SELECT leaves_at, plan_id, (SELECT coalesce(sum(earlier.recipients), 0) FROM "
        "steps AS earlier WHERE earlier.plan_id = steps.plan_id AND earlier.number < steps.number) AS before, "
        f"steps.recipients, {_COUNTED} AS counted {_LEAVING}",
        (since.astimezone(UTC).isoformat(), workspace),
    )
    for at, plan_id, before, size, counted in rows:
        yield _Leaving(datetime.fromisoformat(at), plan_id, before, size, counted)
