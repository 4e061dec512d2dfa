"""The contacts that somebody's words may mean, and everybody who shares a number with them, out of a list that is read
page by page and not kept: whether one contact is texted depends on those of the same number, and on nobody else."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.contact_lookup import NAMED_BY
from toolkit.audience.contact_numbers import Keys, Read, home_countries, read_at_home, read_in
from toolkit.data.bitmaps import Mask

_NUMBERS = ("phone", "whatsapp_phone")
_KEPT = ("id", "name", *_NUMBERS, "labels", "created_time")
_SCHEMA = pa.schema([CONTACTS.field(name) for name in _KEPT])
_PACKED = 16  # pages compressed, and their numbers read, at a time: more leave more free memory behind


class _Pack(NamedTuple):
    """Some rows, compressed; the numbers of both channels; which rows are named as the contact is."""

    rows: bytes
    numbers: tuple[Read, ...]
    is_named: Mask

    def unpacked(self) -> pa.Table:
        return pa.ipc.open_stream(self.rows).read_all()

    def related(self, keys: Keys) -> Mask:
        return reduce(or_, (read.any_of(keys) for read in self.numbers), self.is_named)

    def keys(self, rows: Mask) -> Keys:
        return np.concatenate([read.keys(rows) for read in self.numbers])


class RelatedContacts:
    """Looks for a contact, named by id, phone or name, among the rows that are added; see `found`.

    In memory for each row: two numbers, and some fifty bytes of compressed ids, names and labels.
    """

    def __init__(self, contact: str, countries: tuple[str, ...]) -> None:
        self._contact, self._countries = contact, countries
        self._pages: list[pa.RecordBatch] = []
        self._packs: list[_Pack] = []

    def add(self, page: pa.RecordBatch) -> None:
        """Some rows of the list, as in `toolkit.api.arrow_schemas.CONTACTS`."""
        self._pages.append(page.select(_KEPT))
        if len(self._pages) == _PACKED:
            self._pack()

    def found(self) -> tuple[pa.Table, tuple[str, ...]]:
        """The rows that the name may mean and all who share a number with one of them, also through others; and the
        countries most numbers of the list are of, by which its odd ones are read.

        In their order, without notes, fields and times of change.
        """
        self._pack()
        own = home_countries(*(read.best for pack in self._packs for read in pack.numbers))
        for at, pack in enumerate(self._packs):
            self._packs[at] = self._at_home(pack, own)
        wanted = read_in([self._contact], self._countries)
        keys = np.unique(np.concatenate([wanted.best, wanted.more]))
        known = -1
        while known < len(keys):
            known = len(keys)
            found = [pack.keys(pack.related(keys)) for pack in self._packs]
            keys = np.unique(np.concatenate([keys, *found]))
        rows = pa.concat_tables(pack.unpacked().filter(pa.array(pack.related(keys))) for pack in self._packs)
        columns = [rows[field.name] if field.name in _KEPT else pa.nulls(len(rows), field.type) for field in CONTACTS]
        return pa.table(columns, schema=CONTACTS), own

    def _pack(self) -> None:
        rows = pa.Table.from_batches(self._pages, schema=_SCHEMA).combine_chunks()
        self._pages = []
        out = pa.BufferOutputStream()
        with pa.ipc.new_stream(out, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
            stream.write_table(rows)
        numbers = tuple(read_in(rows[name], self._countries) for name in _NUMBERS)
        is_named = reduce(or_, (pc.equal(rows[name], self._contact).fill_null(False).to_numpy() for name in NAMED_BY))
        self._packs.append(_Pack(out.getvalue().to_pybytes(), numbers, is_named))

    @staticmethod
    def _at_home(pack: _Pack, countries: tuple[str, ...]) -> _Pack:
        rows = pack.unpacked()
        columns = (rows[name].combine_chunks() for name in _NUMBERS)
        numbers = (read_at_home(*one, countries) for one in zip(columns, pack.numbers, strict=True))
        return pack._replace(numbers=tuple(numbers))
