"""All contacts at one moment, in columns: the frame people see, and label membership for the rules on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.data.fields import PREFIX, field_columns, field_names
from toolkit.errors import SegmentError, UnknownColumn
from toolkit.models import Label

Mask = npt.NDArray[np.bool_]
SHOWN = 12  # names listed in a message before "and n more"


@dataclass(frozen=True, eq=False)
class Contacts:
    """A whole reading of the contact list.

    `table` has the columns of `frame`, with label codes in `labels`: a code is a place in the tuple `labels`.
    """

    table: pa.Table
    labels: tuple[Label, ...]
    read_time: datetime
    repairs: int = 0  # gaps, newcomers and deleted rows mended while reading
    exact: bool = True  # the list as it was at one moment, not a part of it

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        return f"<Contacts: {len(self):,} read at {self.read_time:%Y-%m-%d %H:%M} UTC>"

    def select(self, columns: Sequence[str]) -> pd.DataFrame:
        """The frame with these columns alone, in this order; `field.<name>` is a contact field with its own dtype.

        For the dtypes of fields see `toolkit.data.fields.field_columns`. Raises UnknownColumn.
        """
        fields = {name.removeprefix(PREFIX) for name in columns if name.startswith(PREFIX)}
        known = field_names(self.table["fields"]) if fields else []
        for name in columns:
            if name not in self.frame.columns and name.removeprefix(PREFIX) not in known:
                names = [*self.frame.columns, *(PREFIX + field for field in field_names(self.table["fields"]))]
                raise UnknownColumn(f"Contacts have no column {name!r}: {suggest(name, names)}")
        extra = field_columns(self.table["fields"], sorted(fields))
        frame = pd.DataFrame({name: extra[name] if name in extra else self.frame[name] for name in columns})
        frame.attrs = self.frame.attrs
        return frame

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a contact, newest first.

        Columns: `id, name, phone, whatsapp_phone, note` (str, missing is NaN), `labels` (Arrow list of label names),
        `fields` (str, the contact's own fields as JSON), `created_time, updated_time` (datetime64[us, UTC]).
        `attrs` holds `read_time` (ISO 8601), `total`, `repairs` made while reading, and `exact`: the rows are the
        list as it was at one moment.
        """
        frame = to_pandas(
            self.table.set_column(self.table.schema.get_field_index("labels"), "labels", self._label_names())
        )
        frame.attrs = {
            "read_time": self.read_time.isoformat(),
            "total": len(self),
            "repairs": self.repairs,
            "exact": self.exact,
        }
        return frame

    def _label_names(self) -> pa.Array:
        lists = self._label_lists
        names = pa.array([label.name for label in self.labels], pa.string())
        return pa.ListArray.from_arrays(lists.offsets, pa.DictionaryArray.from_arrays(lists.values, names))

    @cached_property
    def _label_lists(self) -> pa.ListArray:
        lists = self.table["labels"].combine_chunks()
        return lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists

    @cached_property
    def ids(self) -> pd.Index[str]:
        """Contact ids in row order."""
        ids: pd.Index[str] = pd.Index(self.table["id"].to_pylist(), dtype="str")
        return ids

    @cached_property
    def has_label(self) -> Mask:
        """Membership, one row a label code and one column a contact."""
        members = np.zeros((len(self.labels), len(self)), dtype=bool)
        lists = self._label_lists
        rows = np.repeat(np.arange(len(self)), np.diff(lists.offsets.to_numpy()))
        members[lists.values.to_numpy(), rows] = True
        return members

    def has_any(self, codes: Sequence[int]) -> Mask:
        """One truth per contact: has one of these labels; nobody has one of none."""
        members: Mask = np.logical_or.reduce(self.has_label[list(codes)])
        return members

    def has_all(self, codes: Sequence[int]) -> Mask:
        """One truth per contact: has every one of these labels; everybody has all of none."""
        members: Mask = np.logical_and.reduce(self.has_label[list(codes)])
        return members

    def label(self, name_or_id: str) -> Label:
        """The label of that id or name; SegmentError with the nearest names if there is none."""
        return self.labels[self.label_code(name_or_id)]

    def label_code(self, name_or_id: str) -> int:
        """The code of the label of that id or name; SegmentError with the nearest names if there is none."""
        code = self._label_codes.get(name_or_id)
        if code is None:
            raise SegmentError(
                f"No contact has a label {name_or_id!r}: {suggest(name_or_id, [x.name for x in self.labels])}"
            )
        if name_or_id in self._ambiguous:
            ids = " and ".join(self._ambiguous[name_or_id])
            raise SegmentError(f"Several labels are called {name_or_id!r}: name one by its id, {ids}.")
        return code

    @cached_property
    def _label_codes(self) -> dict[str, int]:
        by_name = {label.name: code for code, label in enumerate(self.labels)}
        return by_name | {label.id: code for code, label in enumerate(self.labels)}

    @cached_property
    def _ambiguous(self) -> dict[str, list[str]]:
        ids: dict[str, list[str]] = {}
        for label in self.labels:
            ids.setdefault(label.name, []).append(label.id)
        return {name: those for name, those in ids.items() if len(those) > 1}

    def rows_of(self, contact_ids: Iterable[str]) -> npt.NDArray[np.intp]:
        """The rows of these contacts; SegmentError if one of them is not in the workspace."""
        wanted = pd.Index(list(contact_ids), dtype="str")
        rows = self.ids.get_indexer(wanted)
        missing = wanted[rows < 0]
        if len(missing):
            raise SegmentError(
                f"{len(missing)} of {len(wanted)} contacts are not in this workspace, {missing[0]!r} first: "
                "read the contacts again, or leave them out."
            )
        return rows


def suggest(word: str, known: Iterable[str]) -> str:
    """The end of a "not found" message: near names, or all there are."""
    names = sorted(known)
    near = get_close_matches(word, names, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    if not names:
        return "there are none yet."
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"there are {', '.join(names[:SHOWN])}{more}."


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """The table as a frame with fixed dtypes, also when it is empty: text is str, lists stay Arrow."""
    frame: pd.DataFrame = table.to_pandas(types_mapper=_dtype)
    return frame


def _dtype(kind: pa.DataType) -> pd.api.extensions.ExtensionDtype | None:
    if pa.types.is_string(kind):
        return pd.StringDtype(na_value=np.nan)
    return pd.ArrowDtype(kind) if pa.types.is_nested(kind) else None
