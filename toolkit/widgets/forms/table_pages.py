"""A frame, or the people of an audience, as pages of a table: searched and sorted, numbers masked; no widgets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import msgspec
import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from narwhals.stable.v2.typing import IntoFrame

from toolkit.display import plain
from toolkit.models import Frozen
from toolkit.texting.numbering.phones import mask
from toolkit.widgets.forms.choices import Choice
from toolkit.widgets.forms.column_filters import fitting, kind_of

ROWS_A_PAGE = 25
TableRows = npt.NDArray[np.int64]  # places in a source
_NUMBER = re.compile(r"\+\d{7,15}")
_LONGEST = 200  # characters of a cell


class TableSource(Protocol):
    """What a table shows: columns of Arrow values, and the rows that can be looked at together."""

    @property
    def columns(self) -> Sequence[str]: ...

    @property
    def steps(self) -> Sequence[Choice]: ...

    def places(self, step: str) -> TableRows: ...

    def values(self, column: str, rows: TableRows | None = None) -> pa.Array: ...


class TableView(Frozen):
    """What is looked at: rows that contain `find` in any text and fit what is typed above columns, in an order.

    `filters` are pairs of a column and what was typed; `step` is of the waterfall, where there is one; `page` begins
    with 0.
    """

    find: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    descending: bool = False
    step: str = ""
    page: int = 0


@dataclass(frozen=True, eq=False)
class FrameSource:
    """A frame of any kind; ids come last, as nobody reads them."""

    frame: IntoFrame

    @cached_property
    def columns(self) -> list[str]:
        """The frame's, ids last."""
        return sorted(map(str, self._table.columns), key=_is_id)

    @property
    def steps(self) -> list[Choice]:
        """None: all rows are looked at."""
        return []

    def places(self, _: str) -> TableRows:
        """All rows."""
        return np.arange(len(self._table))

    def values(self, column: str, rows: TableRows | None = None) -> pa.Array:
        """The values of a column, at some rows."""
        series = self._table[column]
        return arrow(series if rows is None else series.iloc[rows])

    @cached_property
    def _table(self) -> pd.DataFrame:
        if isinstance(self.frame, pd.DataFrame):
            return self.frame
        table = nw.from_native(self.frame).lazy().collect("pyarrow").to_native()
        found: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
        return found


class TablePages:
    """The pages of a source, as a view asks for them; the last order of rows is kept, so that a page costs its rows."""

    def __init__(self, source: TableSource) -> None:
        self.source = source
        self._ordered: tuple[TableView, TableRows] | None = None

    def rows(self, view: TableView) -> TableRows:
        """The places of the rows that fit, in order; ToolkitError if a filter cannot be read."""
        asked = view.model_copy(update={"page": 0})
        if self._ordered is None or self._ordered[0] != asked:
            self._ordered = asked, self._order(asked)
        return self._ordered[1]

    def page(self, view: TableView) -> list[list[str]]:
        """The cells of one page, in the order of the source's columns."""
        rows = self.rows(view)[view.page * ROWS_A_PAGE : (view.page + 1) * ROWS_A_PAGE]
        cells = [_cells(self.source.values(name, rows), name) for name in self.source.columns]
        return [list(row) for row in zip(*cells, strict=True)]

    def last_page(self, view: TableView) -> int:
        """The number of the last page."""
        return max(-(-len(self.rows(view)) // ROWS_A_PAGE) - 1, 0)

    @cached_property
    def kinds(self) -> list[str]:
        """The kind of each column's values."""
        none = np.empty(0, dtype=np.int64)
        return [kind_of(self.source.values(name, none).type) for name in self.source.columns]

    def _order(self, view: TableView) -> TableRows:
        rows = self.source.places(view.step)
        for column, typed in view.filters:
            if typed.strip():
                rows = rows[fitting(self.source.values(column, rows), typed, column)]
        if view.find.strip():
            found = np.zeros(len(rows), dtype=bool)
            for column, kind in zip(self.source.columns, self.kinds, strict=True):
                if kind in ("text", "list") and not found.all():
                    found |= fitting(self.source.values(column, rows), view.find, column)
            rows = rows[found]
        if view.sort:
            rows = rows[_sorted(self.source.values(view.sort, rows), descending=view.descending)]
        return rows


def arrow(series: pd.Series) -> pa.Array:
    """A column as Arrow, in one piece; objects of several types as their texts."""
    try:
        values = pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        values = None
    if values is None or (kind_of(values.type) == "text" and not _is_text(values.type)):
        values = pa.array([None if value is None else str(value) for value in series], pa.large_string())
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _is_text(of: pa.DataType) -> bool:
    if pa.types.is_dictionary(of):
        return _is_text(of.value_type)
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of))


def _sorted(values: pa.Array, *, descending: bool) -> TableRows:
    if kind_of(values.type) == "list":
        values = values.value_lengths()
    if pa.types.is_dictionary(values.type):  # by its few values, which are put in order once
        ranks = pc.rank(values.dictionary, tiebreaker="dense")
        values = ranks.take(values.indices)
    way = "descending" if descending else "ascending"
    order: TableRows = pc.sort_indices(pa.table({"by": values}), sort_keys=[("by", way)]).to_numpy()
    return order


def _cells(values: pa.Array, column: str) -> list[str]:
    if column == "fields":  # a contact's own, as JSON
        return [_fields(text) for text in values.to_pylist()]
    is_phone = column.endswith("phone")
    return [_cell(value, is_phone=is_phone) for value in values.to_pylist()]


def _fields(text: object) -> str:
    try:
        fields = msgspec.json.decode(str(text), type=dict[str, Any])
    except msgspec.MsgspecError:
        return _cell(text, is_phone=False)
    return ", ".join(f"{plain(name)}: {_cell(value, is_phone=False)}" for name, value in fields.items())


def _cell(value: object, *, is_phone: bool) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.6g}"
    if isinstance(value, list):
        return ", ".join(_cell(each, is_phone=False) for each in value)
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    text = plain(str(value))
    if text and (is_phone or _NUMBER.fullmatch(text)):
        return mask(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _is_id(column: str) -> bool:
    return column == "id" or column.endswith("_id")
