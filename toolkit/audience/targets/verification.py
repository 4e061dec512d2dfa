"""Who a target reaches: the service's definition of targets applied literally, contact by contact.

It shares no code with the compiler of targets, so that a bug there cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.models import Target


def addressed(contacts: Contacts, target: Target) -> Mask:
    """A mask over contacts: `(any_of is empty or has one of it) and has all of all_of and none of none_of and is not
    in exclude_contacts`; with `contacts`, those alone are taken unless labels are asked for as well, which then add
    theirs. A label that is unknown to the contacts matches nobody."""
    ids = np.array([label.id for label in contacts.labels], dtype=object)

    def has_one_of(labels: Iterable[str]) -> Mask:
        is_one = np.isin(ids, list(labels))
        found = [np.zeros(0, dtype=bool)]
        for lists in contacts.table["labels"].chunks:
            codes = pc.list_flatten(lists).to_numpy()
            found.append(np.zeros(len(lists), dtype=bool))
            found[-1][pc.list_parent_indices(lists).to_numpy()[is_one[codes]]] = True
        return np.concatenate(found)

    reached = has_one_of(target.any_of) if target.any_of else np.ones(len(contacts), dtype=bool)
    for label in target.all_of:
        reached &= has_one_of([label])
    if target.contacts:
        named: Mask = pc.is_in(contacts.table["id"], pa.array(target.contacts, pa.string())).to_numpy()
        reached = reached | named if target.any_of or target.all_of else named
    reached &= ~has_one_of(target.none_of)
    excluded: Mask = pc.is_in(contacts.table["id"], pa.array(target.exclude_contacts, pa.string())).to_numpy()
    return reached & ~excluded
