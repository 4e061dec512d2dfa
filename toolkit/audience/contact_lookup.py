"""How people name one contact: by id, or by a phone or name that only they have."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from toolkit.audience.contact_numbers import read_like, read_numbers
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.errors import SegmentError

NAMED_BY = ("id", "phone", "whatsapp_phone", "name")  # columns, in the order in which they are looked at


def row_of(contacts: Contacts, contact: str) -> int:
    """The row of a contact; a phone may be written in any way. SegmentError if no contact matches, or several."""
    for column in NAMED_BY:
        if (row := _only(pc.equal(contacts.table[column], contact).fill_null(False).to_numpy(), column)) is not None:
            return row
    wanted = read_like(contacts, [contact])
    if wanted.best.any():
        numbers = read_numbers(contacts, "phone")
        for keys in (wanted.best, wanted.more):
            has_it = numbers.read.any_of(keys) | numbers.other.any_of(keys)
            if (row := _only(has_it, "number")) is not None:
                return row
    raise SegmentError(f"No contact has the id, phone or name {contact!r}: look in ws.contacts().")


def _only(has_it: Mask, what: str) -> int | None:
    rows = np.flatnonzero(has_it)
    if len(rows) > 1:
        raise SegmentError(f"{len(rows):,} contacts have this {what}: use the id of one.")
    return int(rows[0]) if len(rows) else None
