"""The people behind a number: found, sorted and paged among a million, numbers masked. Independent of widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.audience.eligibility import Outcome
from toolkit.audience.waterfall import Audience
from toolkit.texting.numbering.phones import mask
from toolkit.widgets.forms.choices import Choice

PeopleRows = npt.NDArray[np.int64]
PEOPLE_A_PAGE = 25
_SELECTED = "selected"
_SHOWN = 3  # contact fields that have a column


@dataclass(frozen=True, eq=False)
class AudiencePages:
    """An audience to look at; rows are places among its contacts."""

    audience: Audience

    @cached_property
    def steps(self) -> list[Choice]:
        """Who can be looked at: everybody selected, and those who end at each step of the waterfall, with counts."""
        steps = [(f"{step.count:,} {step.outcome.replace('_', ' ')}", step.outcome) for step in self.audience.waterfall]
        return [*reversed(steps), (f"{self.audience.selected:,} selected", _SELECTED)]

    @cached_property
    def columns(self) -> list[str]:
        """What can be sorted by and is shown."""
        return ["name", "phone", "created", *self.audience.contacts.field_names[:_SHOWN]]

    def rows(self, step: str, *, find: str = "", sort: str = "", descending: bool = False) -> PeopleRows:
        """Those at a step whose name, or a field that is shown, contains a text, in the order of a column."""
        outcomes = self.audience.outcomes
        chosen = outcomes != Outcome.NOT_SELECTED if step == _SELECTED else outcomes == Outcome[step.upper()]
        rows = np.flatnonzero(chosen)
        if find.strip():
            found = np.zeros(len(rows), dtype=bool)
            for name in ("name", *self.columns[3:]):
                texts = self._texts(name, rows)
                found |= pc.match_substring(texts, find.strip(), ignore_case=True).fill_null(False).to_numpy(False)
            rows = rows[found]
        if sort:
            order = pc.sort_indices(
                pa.table({"by": self._texts(sort, rows)}),
                sort_keys=[("by", "descending" if descending else "ascending")],
            )
            rows = rows[order.to_numpy()]
        return rows

    def page(self, rows: PeopleRows, at: int) -> list[list[str]]:
        """The cells of one page of these rows, in the order of `columns`."""
        some = rows[at * PEOPLE_A_PAGE : (at + 1) * PEOPLE_A_PAGE]
        cells = [[_text(value) for value in self._texts(name, some).to_pylist()] for name in self.columns]
        cells[1] = [mask(phone) if phone else "" for phone in cells[1]]
        return [list(row) for row in zip(*cells, strict=True)]

    def _texts(self, column: str, rows: PeopleRows) -> pa.ChunkedArray | pa.Array:
        """The values of a column at some rows; times stay times, so that they sort."""
        table, at = self.audience.contacts.table, pa.array(rows)
        if column == "phone":
            return table[self.audience.channel].take(at)
        if column == "created":
            return table["created_time"].take(at)
        if column == "name":
            return table["name"].take(at)
        return self.audience.contacts.field_texts(rows, [column])[column]


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:%Y-%m-%d}" if hasattr(value, "strftime") else str(value)


def pages_of(rows: Sequence[object] | PeopleRows) -> int:
    """How many pages these rows take; one if there are none."""
    return max(-(-len(rows) // PEOPLE_A_PAGE), 1)
