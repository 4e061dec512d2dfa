"""Limits on messages per day, in total and per person: counted from the ledger, so they hold across processes.

A limit is checked in the transaction that claims a step: what another process claimed a moment ago counts. Messages
count when they are sent by the service's clock: at the start of their step, or when it was claimed if it has none.
Of a canceled campaign those count that had been sent, where the service counted them; else all. To whom they went is
not known here, so all its people count unless none was sent.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.audience.caps import DAY, Sent, most_around
from toolkit.display import n_recipients, when
from toolkit.errors import LedgerUnavailable, LimitReached
from toolkit.ledger.transaction import Transaction
from toolkit.plans.draft import TEXTS_NOBODY


@dataclass(frozen=True)
class Limits:
    """The most messages within any 24 hours: `daily` in total, `per_person` to one number; None means no limit.

    `namesakes` are, by contact id, the other contacts with the same number, whose messages count as well.
    """

    daily: int | None = None
    per_person: int | None = None
    namesakes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def had(self, sent: Iterable[Sent], people: Sequence[str], at: datetime) -> list[int]:
        """For each contact: the most messages to its number in any 24 hours that include `at`."""
        codes = {each: code for code, person in enumerate(people) for each in (person, *self.namesakes.get(person, ()))}

        def codes_of(ids: Sequence[str]) -> npt.NDArray[np.intp]:
            return np.array([codes[each] for each in ids if each in codes], dtype=np.intp)

        had: list[int] = most_around(sent, at, codes_of, len(people)).tolist()
        return had


def check_limits(db: Transaction, limits: Limits, workspace: str, plan_id: str, step: int, *, at: datetime) -> None:
    """Raise LimitReached if a step sent at `at` would exceed a limit, with everything sent or scheduled."""
    if limits.daily is None and limits.per_person is None:
        return
    kind, size = db.execute(
        "SELECT kind, steps.recipients FROM plans JOIN steps ON plan_id = id WHERE id = ? AND number = ?",
        (plan_id, step),
    ).fetchone()
    if kind in TEXTS_NOBODY:
        return
    near = [step for step in _leaving(db, workspace, at - DAY) if step.at < at + DAY]
    if limits.daily is not None:
        had = _most_messages(near, at)
        if had + size > limits.daily:
            raise LimitReached(
                f"In the 24 hours around {when(at)}, {had:,} messages are sent or scheduled, and {size:,} more would "
                f"exceed the policy's limit of {limits.daily:,}: send fewer, or at another time. Nothing was sent."
            )
    if limits.per_person is not None:
        people = step_ids(db, plan_id, step)
        had_each = limits.had(_with_ids(db, [each for each in near if each.counted]), people, at)
        if over := [person for person, had in zip(people, had_each, strict=True) if had >= limits.per_person]:
            raise LimitReached(
                f"In the 24 hours around {when(at)}, {n_recipients(len(over), 'has', 'have')} already reached the "
                f"limit of {limits.per_person:,} messages, sent or scheduled ({over[0]!r} first): plan the draft "
                "again without them. Nothing was sent."
            )


def texted(db: Transaction, workspace: str, since: datetime, *, but: str = "") -> list[Sent]:
    """The messages after a time that were sent, may have been, or are scheduled, by step, except those of one plan."""
    return _with_ids(db, [step for step in _leaving(db, workspace, since) if step.plan_id != but and step.counted])


def _with_ids(db: Transaction, steps: Sequence[_Leaving]) -> list[Sent]:
    plans = sorted({step.plan_id for step in steps})
    among = ", ".join("?" * len(plans)) or "NULL"
    rows = db.execute(f"SELECT id, recipient_ids FROM plans WHERE id IN ({among})", plans)
    packed = {row[0]: row[1] for row in rows}
    return [Sent(step.at, partial(_ids_among, packed[step.plan_id], step.before, step.recipients)) for step in steps]


def ids_of(db: Transaction, plan_id: str) -> tuple[str, ...]:
    """The contact ids of a plan's recipients, in the order of its steps."""
    (packed,) = db.execute("SELECT recipient_ids FROM plans WHERE id = ?", (plan_id,)).fetchone()
    return _unpacked(packed)


def step_ids(db: Transaction, plan_id: str, step: int) -> tuple[str, ...]:
    """The contact ids of one step's recipients."""
    before, size = db.execute(
        "SELECT coalesce(sum(recipients) FILTER (WHERE number < ?), 0), sum(recipients) FILTER (WHERE number = ?) "
        "FROM steps WHERE plan_id = ?",
        (step, step, plan_id),
    ).fetchone()
    return ids_of(db, plan_id)[before : before + size]


def _unpacked(packed: bytes) -> tuple[str, ...]:
    try:
        text = zlib.decompress(packed).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise LedgerUnavailable(
            "The ledger is damaged, as the recipients of a plan in it cannot be read: keep the file and a copy of it, "
            "and see `seax audit verify`. Nothing is sent without it."
        ) from error
    return tuple(text.split("\n")) if text else ()


def _ids_among(packed: bytes, before: int, size: int) -> tuple[str, ...]:
    return _unpacked(packed)[before : before + size]


class _Leaving(NamedTuple):
    """A step that was sent, may have been, or is scheduled: how many of its messages count, after how many of its
    plan's recipients its own begin."""

    at: datetime
    plan_id: str
    before: int
    recipients: int
    counted: int


def _most_messages(near: Sequence[_Leaving], at: datetime) -> int:
    """The most messages in any 24 hours that include `at`."""
    ends = [at, *(step.at for step in near if step.at > at)]
    return max(sum(step.counted for step in near if end - DAY < step.at <= end) for end in ends)


def _leaving(db: Transaction, workspace: str, since: datetime) -> Iterator[_Leaving]:
    """The steps of a workspace that leave after a time, except those of drafts that text nobody."""
    rows = db.execute(
        "SELECT leaves_at, plan_id, (SELECT coalesce(sum(earlier.recipients), 0) FROM "
        "steps AS earlier WHERE earlier.plan_id = steps.plan_id AND earlier.number < steps.number) AS before, "
        "steps.recipients, CASE steps.state WHEN 'sent' THEN sent_before_cancel END AS sent "
        "FROM steps JOIN plans ON id = plan_id "
        "WHERE leaves_at > ? AND workspace = ? AND kind NOT IN ('import', 'label removal') "
        "AND steps.state IN ('sending', 'sent', 'unknown')",
        (since.astimezone(UTC).isoformat(), workspace),
    )
    for at, plan_id, before, size, sent in rows:
        yield _Leaving(datetime.fromisoformat(at), plan_id, before, size, size if sent is None else min(size, sent))
