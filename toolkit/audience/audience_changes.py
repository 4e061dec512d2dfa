"""How an audience changed between two times: who joined, who was dropped, whose number changed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from toolkit.audience.eligibility import Outcome
from toolkit.audience.waterfall import REASONS, Audience
from toolkit.models import Frozen


class Change(Frozen):
    """The contacts, by id, that joined or dropped out for one reason."""

    reason: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{len(self.ids):,}: {self.reason}"


class Drift(Frozen):
    """How the recipients of a later audience differ from those of an earlier one; `renumbered` are in both."""

    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    renumbered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.renumbered)

    def __str__(self) -> str:
        parts = [
            f"{sum(len(change.ids) for change in changes):,} {word} ({'; '.join(map(str, changes))})"
            for word, changes in (("joined", self.added), ("left", self.removed))
            if changes
        ]
        parts += [f"{len(self.renumbered):,} with a changed number"] if self.renumbered else []
        return ", ".join(parts) or "the same recipients with the same numbers"

    def __repr__(self) -> str:
        return f"<Drift: {self}>"


def compare(before: Audience, after: Audience) -> Drift:
    """The drift from one audience to a later one; its digests differ exactly if there is any."""
    was, now = before.phones, after.phones
    both = was.index.intersection(now.index)
    return Drift(
        added=_grouped(_joined(now.index.difference(was.index), before, after)),
        removed=_grouped(_left(was.index.difference(now.index), before, after)),
        renumbered=tuple(sorted(both[was[both].to_numpy() != now[both].to_numpy()])),
    )


Reason = tuple[str, str]  # and the id of a contact


def _joined(ids: Iterable[str], before: Audience, after: Audience) -> Iterator[Reason]:
    for contact_id, outcome in _outcomes(ids, before):
        if outcome is None:
            yield "they are new contacts", contact_id
        elif outcome is Outcome.NOT_SELECTED:
            yield _relabelled(contact_id, before, after) or "they are in the segment now", contact_id
        else:
            yield f"before, {REASONS[outcome]}", contact_id


def _left(ids: Iterable[str], before: Audience, after: Audience) -> Iterator[Reason]:
    for contact_id, outcome in _outcomes(ids, after):
        if outcome is None:
            yield "they are no longer contacts", contact_id
        elif outcome is Outcome.NOT_SELECTED:
            yield _relabelled(contact_id, before, after) or "they are no longer in the segment", contact_id
        else:
            yield REASONS[outcome], contact_id


def _outcomes(ids: Iterable[str], audience: Audience) -> Iterator[tuple[str, Outcome | None]]:
    wanted = pd.Index(list(ids), dtype="str")
    rows = audience.contacts.ids.get_indexer(wanted)
    ends = np.append(audience.outcomes, -1)[rows]
    for contact_id, row, end in zip(wanted, rows.tolist(), ends.tolist(), strict=True):
        yield contact_id, Outcome(end) if row >= 0 else None


def _relabelled(contact_id: str, before: Audience, after: Audience) -> str:
    had, has = _labels(contact_id, before), _labels(contact_id, after)
    changes = [
        f"{word} {', '.join(sorted(names))}" for word, names in (("lost", had - has), ("got", has - had)) if names
    ]
    return f"they {' and '.join(changes)}" if changes else ""


def _labels(contact_id: str, audience: Audience) -> set[str]:
    row = int(audience.contacts.rows_of([contact_id])[0])
    return {audience.contacts.labels[code].name for code in audience.contacts.table["labels"][row].as_py() or ()}


def _grouped(reasons: Iterable[Reason]) -> tuple[Change, ...]:
    """One change per reason, the most frequent first."""
    by_reason: dict[str, list[str]] = {}
    for reason, contact_id in reasons:
        by_reason.setdefault(reason, []).append(contact_id)
    changes = (Change(reason=reason, ids=tuple(ids)) for reason, ids in by_reason.items())
    return tuple(sorted(changes, key=lambda change: (-len(change.ids), change.reason)))
