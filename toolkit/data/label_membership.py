"""Which contacts have which labels, as one set of contacts for each label: what rules on labels are counted with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Bitmap, Mask, full, pack, unpack
from toolkit.errors import SegmentError
from toolkit.models import Label
from toolkit.suggest import suggest


@dataclass(frozen=True, eq=False)
class LabelMembership:
    """Contacts, one row each, with label codes in the column `labels`: a code is an index of the tuple `labels`."""

    table: pa.Table
    labels: tuple[Label, ...]

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @cached_property
    def everyone(self) -> Bitmap:
        """The set of all contacts."""
        return full(len(self))

    def bitmap(self, code: int) -> Bitmap:
        """The set of the contacts that have a label; packed at first use."""
        if code not in self._bitmaps:
            rows, ends = self._rows_by_label
            mask = np.zeros(len(self), dtype=bool)
            mask[rows[ends[code - 1] if code else 0 : ends[code]]] = True
            self._bitmaps[code] = pack(mask)
        return self._bitmaps[code]

    @cached_property
    def _bitmaps(self) -> dict[int, Bitmap]:
        return {}

    @cached_property
    def _rows_by_label(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """The rows that have a label, one label after another, and where each label ends."""
        lists = self._label_lists
        codes = lists.flatten().to_numpy().astype(np.uint16 if len(self.labels) <= 1 << 16 else np.int64)
        lengths = pc.list_value_length(lists).fill_null(0).to_numpy()
        rows = np.repeat(np.arange(len(self), dtype=np.int32), lengths)
        ends = np.cumsum(np.bincount(codes, minlength=len(self.labels)))
        return rows[np.argsort(codes, kind="stable")], ends

    def any_of(self, codes: Sequence[int]) -> Bitmap:
        """The set of the contacts that have one of these labels; empty for no labels."""
        found = np.zeros_like(self.everyone)
        for code in codes:
            found |= self.bitmap(code)
        return found

    def all_of(self, codes: Sequence[int]) -> Bitmap:
        """The set of the contacts that have every one of these labels; everybody for no labels."""
        found = self.everyone.copy()
        for code in codes:
            found &= self.bitmap(code)
        return found

    def has_any(self, codes: Sequence[int]) -> Mask:
        """A mask: the contact has one of these labels; all False for no labels."""
        return unpack(self.any_of(codes), len(self))

    def has_all(self, codes: Sequence[int]) -> Mask:
        """A mask: the contact has every one of these labels; all True for no labels."""
        return unpack(self.all_of(codes), len(self))

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

    @cached_property
    def _label_lists(self) -> pa.ListArray:
        lists = self.table["labels"].combine_chunks()
        return lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
