"""The current contacts, from an earlier snapshot and rows read since: in columns, never row by row.

Of the earlier snapshot only ids, labels and times of change are in memory; the rest is read for the rows that
have to be rewritten. A row read since counts as changed if its labels or its time of change differ.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import CONTACTS

HELD = pa.schema([CONTACTS.field(name) for name in ("id", "labels", "updated_time")])
PLAIN = [name for name in CONTACTS.names if name != "labels"]  # columns that are copied unchanged
_Numbers = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]


class Overlay:
    """All contacts in order, by rows that are `held` (mirrored) or were read since.

    `ids` are the current ones; `fresh` are the rows of those not held, in that order. `held` has the HELD schema,
    and all label codes are of one book.
    """

    def __init__(self, held: pa.Table, ids: pa.ChunkedArray, fresh: pa.Table) -> None:
        self.ids = ids.combine_chunks()
        self._held_row = _places(ids, held["id"])
        is_new = self._held_row < 0
        self._layers = [fresh.select(PLAIN)]
        self._place = np.full(len(self), -1)  # of each row among the rows of all layers
        self._place[is_new] = np.arange(fresh.num_rows)
        self._is_relabelled = np.zeros(len(self), bool)
        row = np.full(held.num_rows, -1)
        row[self._held_row[~is_new]] = np.flatnonzero(~is_new)
        self.gone = held["id"].filter(pa.array(row < 0)).combine_chunks()
        self._changed = np.empty(len(self), np.int64)
        self._changed[is_new] = _microseconds(fresh)
        self._changed[~is_new] = _microseconds(held)[self._held_row[~is_new]]
        owners, codes = _pairs(held["labels"])
        stays = row[owners] >= 0
        new_owners, new_codes = _pairs(fresh["labels"])
        self._owners = np.concatenate([np.flatnonzero(is_new)[new_owners], row[owners[stays]]])
        self._codes = np.concatenate([new_codes, codes[stays]])

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def touched(self) -> _Mask:
        """A mask: the contact may differ from what is mirrored."""
        return (self._place >= 0) | self._is_relabelled

    @cached_property
    def labels(self) -> pa.ListArray:
        """The label codes of each contact; to be called when no more rows will be applied."""
        order = np.argsort(self._owners, kind="stable")
        offsets = np.zeros(len(self) + 1, np.int32)
        np.cumsum(np.bincount(self._owners, minlength=len(self)), out=offsets[1:])
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(self._codes[order].astype(np.int32)))

    def counts(self, labels: int) -> _Numbers:
        """How many contacts have each label code below `labels`; a label that a contact has twice counts once."""
        pairs = np.sort(self._owners * max(1, labels) + self._codes)
        return np.bincount(pairs[np.diff(pairs, prepend=-1) > 0] % max(1, labels), minlength=labels)

    def lay(self, rows: pa.Table) -> None:
        """Replace rows by later ones with the same ids; ids that are unknown are skipped, because they came later."""
        found = pc.index_in(self.ids, value_set=rows["id"].combine_chunks())
        at = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
        rows = rows.take(found.drop_null())
        owners, codes = _pairs(rows["labels"])
        is_other = self._changed[at] != _microseconds(rows)
        is_other |= self._has_other_labels(at, owners, codes)
        at, rows = at[is_other], rows.filter(pa.array(is_other))
        self._changed[at] = _microseconds(rows)
        self._place[at] = sum(layer.num_rows for layer in self._layers) + np.arange(len(at))
        self._layers.append(rows.select(PLAIN))
        owners, codes = _pairs(rows["labels"])
        stays = ~self._mask(at)[self._owners]
        self._owners = np.concatenate([self._owners[stays], at[owners]])
        self._codes = np.concatenate([self._codes[stays], codes])

    def take_label(self, code: int, *, members: pa.ChunkedArray) -> None:
        """Remove a label from every contact that is not a member."""
        is_member = pc.is_in(self.ids, value_set=members.combine_chunks()).to_numpy(zero_copy_only=False)
        stays = (self._codes != code) | is_member[self._owners]
        self._is_relabelled[self._owners[~stays]] = True
        self._owners, self._codes = self._owners[stays], self._codes[stays]

    def held_from(self, low: int, high: int) -> int | None:
        """Where rows that are all unchanged begin among the mirrored ones; None if not all are, or not contiguous."""
        rows = self._held_row[low:high]
        if not len(rows) or self.touched[low:high].any() or (np.diff(rows) != 1).any():
            return None
        return int(rows[0])

    def rows(self, low: int, high: int, held: Callable[[int, int], pa.Table]) -> pa.Table:
        """The plain columns of some contacts; `held(first, end)` reads mirrored rows."""
        place, at = self._place[low:high], self._held_row[low:high]
        layers = pa.concat_tables(self._layers)
        is_held = place < 0
        if is_held.any():
            first = int(at[is_held].min())
            some = held(first, int(at[is_held].max()) + 1)
            place = np.where(is_held, at - first, some.num_rows + place)
            layers = pa.concat_tables([some, layers])
        is_piece = len(place) and (np.diff(place) == 1).all()
        return layers.slice(int(place[0]), len(place)) if is_piece else layers.take(pa.array(place))

    def _has_other_labels(self, at: _Numbers, owners: _Numbers, codes: _Numbers) -> _Mask:
        """Whether each of the rows `at` has labels other than these, whose owners are positions in `at`."""
        meant = np.flatnonzero(self._mask(at)[self._owners])
        meant = meant[np.argsort(self._owners[meant], kind="stable")]
        place = np.empty(len(self), np.int64)
        place[at] = np.arange(len(at))
        own_owners, own_codes = place[self._owners[meant]], self._codes[meant]
        is_other: _Mask = np.bincount(own_owners, minlength=len(at)) != np.bincount(owners, minlength=len(at))
        alike, own_alike = ~is_other[owners], ~is_other[own_owners]
        is_other[owners[alike][codes[alike] != own_codes[own_alike]]] = True
        return is_other

    def _mask(self, at: _Numbers) -> _Mask:
        mask = np.zeros(len(self), bool)
        mask[at] = True
        return mask


def _places(ids: pa.ChunkedArray, held: pa.ChunkedArray) -> _Numbers:
    """The positions of ids among those held, -1 for those that are missing."""
    came = len(ids) - len(held)
    if came >= 0 and ids.slice(came).equals(held):  # nothing was deleted, as is usual
        return np.maximum(np.arange(len(ids)) - came, -1)
    found = pc.index_in(ids, value_set=held.combine_chunks()).fill_null(-1)
    places: _Numbers = found.to_numpy().astype(np.int64)
    return places


def _pairs(lists: pa.ChunkedArray) -> tuple[_Numbers, _Numbers]:
    """The row and the code of every label of every row."""
    return pc.list_parent_indices(lists).to_numpy(), pc.list_flatten(lists).to_numpy().astype(np.int64)


def _microseconds(rows: pa.Table) -> _Numbers:
    times: _Numbers = rows["updated_time"].cast(pa.int64()).fill_null(0).to_numpy()
    return times
