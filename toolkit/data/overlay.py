"""Contacts of an earlier reading, with later readings of some of them laid over: columns, never row by row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_Mask = npt.NDArray[np.bool_]


class Overlay:
    """Rows that keep their order while some are replaced; `touched` holds the ids of those that differ."""

    def __init__(self, rows: pa.Table) -> None:
        self.touched: list[pa.Array] = []
        self._layers = [rows]
        self._ids = rows["id"].combine_chunks()
        self._labels = rows["labels"].combine_chunks()
        self._place = np.arange(rows.num_rows)  # of each row among the rows of all layers

    def __len__(self) -> int:
        return len(self._ids)

    def counts(self, labels: int) -> npt.NDArray[np.int64]:
        """How many rows have each label code below `labels`."""
        return label_counts(self._labels, labels)

    def lay(self, rows: pa.Table) -> None:
        """Put rows in the place of those with their ids; others are left out, because they came later."""
        found = pc.index_in(self._ids, value_set=rows["id"].combine_chunks())
        at = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
        new = rows.take(found.drop_null()).combine_chunks()
        old = self._rows_at(at)
        differs = np.zeros(len(at), bool)
        for name in rows.column_names:
            differs |= _differs(old[name].combine_chunks(), new[name].combine_chunks())
        at, new = at[differs], new.filter(pa.array(differs))
        self._place[at] = sum(layer.num_rows for layer in self._layers) + np.arange(len(at))
        self._layers.append(new)
        places = np.arange(len(self))
        places[at] = len(self) + np.arange(len(at))
        self._labels = pa.concat_arrays([self._labels, new["labels"].combine_chunks()]).take(pa.array(places))
        self.touched.append(self._ids.take(pa.array(at)))

    def take_label(self, code: int, *, members: pa.ChunkedArray) -> None:
        """Take a label from every row that is no member."""
        codes = self._labels.flatten().to_numpy()
        owners = pc.list_parent_indices(self._labels).to_numpy()
        is_member = pc.is_in(self._ids, value_set=members.combine_chunks()).to_numpy(zero_copy_only=False)
        keep = (codes != code) | is_member[owners]
        if keep.all():
            return
        offsets = np.zeros(len(self) + 1, np.int32)
        np.cumsum(np.bincount(owners[keep], minlength=len(self)), out=offsets[1:])
        self._labels = pa.ListArray.from_arrays(pa.array(offsets), pa.array(codes[keep]))
        self.touched.append(self._ids.take(pa.array(owners[~keep])))

    @property
    def rows(self) -> pa.Table:
        """All rows as they are now."""
        rows = self._layers[0] if len(self._layers) == 1 else self._rows_at(np.arange(len(self)))
        return self._labelled(rows, self._labels)

    def _rows_at(self, at: npt.NDArray[np.int64]) -> pa.Table:
        rows = pa.concat_tables(self._layers).take(pa.array(self._place[at]))
        return self._labelled(rows, self._labels.take(pa.array(at)))

    @staticmethod
    def _labelled(rows: pa.Table, labels: pa.ListArray) -> pa.Table:
        return rows.set_column(rows.schema.get_field_index("labels"), rows.schema.field("labels"), labels)


def label_counts(lists: pa.ListArray, labels: int) -> npt.NDArray[np.int64]:
    """How many rows have each label code below `labels`; a label that a row has twice counts once."""
    owners = pc.list_parent_indices(lists).to_numpy()
    pairs = np.sort(owners * max(1, labels) + lists.flatten().to_numpy())
    return np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] % max(1, labels), minlength=labels)


def _differs(old: pa.Array, new: pa.Array) -> _Mask:
    """Where two columns differ; a missing value equals a missing one."""
    if not pa.types.is_list(old.type):
        return _mask(pc.not_equal(old, new).fill_null(True)) & (_mask(old.is_valid()) | _mask(new.is_valid()))
    lengths = [pc.list_value_length(lists).to_numpy() for lists in (old, new)]
    differs: _Mask = lengths[0] != lengths[1]
    same = pa.array(~differs)
    codes = [lists.filter(same).flatten().to_numpy() for lists in (old, new)]
    owners = np.repeat(np.flatnonzero(~differs), lengths[0][~differs])
    differs[owners[codes[0] != codes[1]]] = True
    return differs


def _mask(values: pa.Array) -> _Mask:
    mask: _Mask = values.to_numpy(zero_copy_only=False)
    return mask
