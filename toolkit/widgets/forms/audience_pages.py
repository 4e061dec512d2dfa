"""The people of an audience, at each step of its waterfall, as a table shows them. Independent of widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa

from toolkit.audience.eligibility import Outcome
from toolkit.audience.waterfall import Audience
from toolkit.data.fields import PREFIX
from toolkit.widgets.forms.choices import Choice
from toolkit.widgets.forms.table_pages import TableRows, arrow
from toolkit.widgets.views.markup import SHORT_REASONS

_SELECTED = "selected"
_ARM = "arm "  # before the name of an arm
_SHOWN = 3  # contact fields that have a column


@dataclass(frozen=True, eq=False)
class AudienceSource:
    """An audience to look at; rows are places among its contacts. `arms` are the contact ids of each arm of a test."""

    audience: Audience
    arms: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def steps(self) -> list[Choice]:
        """Who can be looked at: those who end at each step of the waterfall, each arm, everybody selected, with
        counts."""
        steps = [
            (f"{step.count:,} {SHORT_REASONS.get(step.outcome, step.reason)}", step.outcome)
            for step in self.audience.waterfall
        ]
        arms = [(f"{len(ids):,} in {arm}", _ARM + arm) for arm, ids in self.arms.items()]
        return [*reversed(steps), *arms, (f"{self.audience.selected:,} selected", _SELECTED)]

    @cached_property
    def columns(self) -> list[str]:
        """What is shown, and can be sorted by."""
        fields = (PREFIX + name for name in self.audience.contacts.field_names[:_SHOWN])
        return ["name", self.audience.channel, "labels", *fields, "created_time"]

    def places(self, step: str) -> TableRows:
        """The contacts that end at a step, or are in an arm."""
        if step.startswith(_ARM):
            return np.sort(self.audience.contacts.rows_of(self.arms[step.removeprefix(_ARM)]))
        outcomes = self.audience.outcomes
        return np.flatnonzero(
            outcomes != Outcome.NOT_SELECTED if step == _SELECTED else outcomes == Outcome[step.upper()]
        )

    def values(self, column: str, rows: TableRows | None = None) -> pa.Array:
        """The values of a column, at some contacts; fields as rules read them."""
        contacts = self.audience.contacts
        if column.startswith(PREFIX):
            series = contacts.column(column)
            return arrow(series if rows is None else series.iloc[rows])
        if column == "labels":
            codes = contacts.table["labels"].combine_chunks()
            lists = codes if rows is None else codes.take(pa.array(rows))
            names = pa.array([label.name for label in contacts.labels], pa.string())
            values = pa.DictionaryArray.from_arrays(lists.flatten(), names)
            offsets = np.concatenate([[0], np.cumsum(lists.value_lengths().fill_null(0).to_numpy())])
            return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)
        taken = contacts.table[column] if rows is None else contacts.table[column].take(pa.array(rows))
        return taken.combine_chunks()
