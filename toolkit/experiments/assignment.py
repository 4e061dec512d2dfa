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
from toolkit.experiments.order_rows import NOBODY, SEVERAL, People, Places
from toolkit.texting.numbering.dialling import dialling


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
        if by == "phone":
            keys, owners = self._numbers(self._owners(lines))
        else:
            is_other = np.ones(len(lines), dtype=bool)
            is_other[self.rows[self.rows >= 0]] = False
            others = self.contacts.table["id"].filter(pa.array(is_other)).cast(pa.string()).combine_chunks()
            keys = pa.concat_arrays([self.ids, others])
            owners = np.concatenate([np.arange(len(self.ids)), self._owners(lines[is_other])])
        return People(keys, owners.astype(np.int64), self.arms if group is None else group)

    def _owners(self, lines: Places) -> Places:
        """Which person has each of these numbers; NOBODY where none has, and for the number 0."""
        if not len(lines):
            return lines
        own = np.append(read_numbers(self.contacts, "phone").lines, 0)[self.rows]  # 0 of who is gone
        persons = pd.Series(np.arange(len(own)), index=own)[own > 0]
        owners: Places = persons[~persons.index.duplicated()].reindex(lines, fill_value=NOBODY).to_numpy()
        return owners

    def _numbers(self, owners: Places) -> tuple[pa.Array, Places]:
        """Every form of the contacts' numbers, and whose it is: with a plus, with the country code alone, and as it is
        written within the senders' countries."""
        numbers, rows = read_numbers(self.contacts, "phone"), np.arange(len(owners))
        read = numbers.read
        forms = pd.DataFrame(
            {
                "key": np.concatenate([numbers.lines, read.best, read.more]),
                "owner": owners[np.concatenate([rows, rows, read.rows])],
            }
        )
        forms = forms[forms["key"] > 0].drop_duplicates()
        digits = forms["key"].astype("str")
        written = [forms.assign(key="+" + digits), forms.assign(key=digits)]
        for rules in filter(None, map(dialling, self.contacts.countries)):
            at_home = digits[digits.str.startswith(rules.code)].str.removeprefix(rules.code)
            for trunk in ("", "0") if rules.has_plain_zero else ("",):
                written.append(forms.loc[at_home.index].assign(key=trunk + at_home))
        found = pd.concat(written).drop_duplicates()
        is_several = found["key"].duplicated(keep=False)
        found = found.assign(owner=found["owner"].mask(is_several, SEVERAL)).drop_duplicates()
        return pa.array(found["key"], pa.string(), from_pandas=True), found["owner"].to_numpy()

    def segments(self, column: str) -> tuple[list[str], Places]:
        """The values of a contact column in words, sorted, and the place of each person's."""
        values = self.contacts.select(["id", column]).set_index("id")[column].reindex(self.ids.to_pandas())
        words = values.astype("object").where(values.notna(), "no value").astype("str")
        codes, names = pd.factorize(words, sort=True)
        return [str(name) for name in names], codes.astype(np.int64)


def _found(ids: pa.Array, among: pa.Array | pa.ChunkedArray) -> Places:
    """Where each id is among others; -1 where it is not."""
    found: Places = pc.index_in(ids, value_set=among.cast(pa.string())).fill_null(NOBODY).to_numpy().astype(np.int64)
    return found
