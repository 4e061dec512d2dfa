"""Who was drawn into which arm when a plan was made, and by which ids and numbers their orders name them.

People who share a number are one person here: what any of them orders counts for the arm that the number was in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.audience.contact_numbers import read_numbers
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.experiments.outcomes import People, Places

_NOBODY = -1


@dataclass(frozen=True, eq=False)
class Assignment:
    """The contact ids of each arm, and of who was held out, beside a reading of the contacts."""

    groups: Mapping[str, Sequence[str]]
    contacts: Contacts

    @cached_property
    def ids(self) -> pa.Array:
        """Everybody who was assigned, arm by arm."""
        return pa.array([each for ids in self.groups.values() for each in ids], pa.string())

    @cached_property
    def arms(self) -> Places:
        """The place of each person's arm."""
        return np.repeat(np.arange(len(self.groups)), [len(ids) for ids in self.groups.values()])

    @cached_property
    def rows(self) -> Places:
        """Where each person is among the contacts; -1 for who is not there any more."""
        return _found(self.ids, self.contacts.table["id"])

    @property
    def gone(self) -> int:
        """How many are not among the contacts any more."""
        return int(np.count_nonzero(self.rows < 0))

    def persons(self, contact_ids: Any) -> Places:
        """Which person each contact id is; -1 for nobody who was assigned."""
        return _found(pa.array(contact_ids, pa.string(), from_pandas=True), self.ids)

    def has(self, mask: Mask) -> Mask:
        """For each person what a mask of the contacts says; False for who is gone."""
        truth: Mask = np.append(mask, False)[self.rows]
        return truth

    def is_among(self, contact_ids: Any) -> Mask:
        """For each person, whether they are among these contacts."""
        among = np.zeros(len(self.ids), dtype=bool)
        persons = self.persons(contact_ids)
        among[persons[persons >= 0]] = True
        return among

    def people(self, by: Literal["contact_id", "phone"], group: Places | None = None) -> People:
        """Everybody with the keys that orders name them by; in their arms, or in a grouping of one's own."""
        lines = read_numbers(self.contacts, "phone").lines
        own = np.where(self.rows >= 0, np.append(lines, 0)[self.rows], 0)
        known = own > 0
        persons = pd.Series(np.flatnonzero(known), index=own[known])
        persons = persons[~persons.index.duplicated()]
        if by == "phone":
            keys, owners = pa.array(persons.index.astype("str"), pa.string()), persons.to_numpy()
        else:
            others = persons.reindex(lines, fill_value=_NOBODY).to_numpy().copy()
            others[lines == 0] = _NOBODY
            others[self.rows[self.rows >= 0]] = _NOBODY
            shared = others != _NOBODY
            also = self.contacts.table["id"].filter(pa.array(shared)).cast(pa.string()).combine_chunks()
            keys = pa.concat_arrays([self.ids, also])
            owners = np.concatenate([np.arange(len(self.ids)), others[shared]])
        return People(keys, owners.astype(np.int64), self.arms if group is None else group)

    def segments(self, column: str) -> tuple[list[str], Places]:
        """The values of a contact column in words, sorted, and the place of each person's."""
        values = self.contacts.select(["id", column]).set_index("id")[column].reindex(self.ids.to_pandas())
        words = values.astype("object").where(values.notna(), "no value").astype("str")
        codes, names = pd.factorize(words, sort=True)
        return [str(name) for name in names], codes.astype(np.int64)


def _found(ids: pa.Array, among: pa.Array | pa.ChunkedArray) -> Places:
    """Where each id is among others; -1 where it is not."""
    found: Places = pc.index_in(ids, value_set=among.cast(pa.string())).fill_null(_NOBODY).to_numpy().astype(np.int64)
    return found
