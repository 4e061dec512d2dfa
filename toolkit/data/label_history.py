"""Who gained or lost which label between two readings of the contacts, for the past that the service does not tell.

The service tells the labels of now alone. A change is known to lie between two readings: after `after_time`, when the
members of the label were last read for certain, and not after `before_time`, when it was noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.contacts import Contacts

_TIME = pa.timestamp("us", tz="UTC")

CHANGES = pa.schema(
    {
        "contact_id": pa.string(),
        "label_id": pa.string(),
        "label": pa.string(),
        "change": pa.string(),
        "after_time": _TIME,
        "before_time": _TIME,
    }
)


def label_changes(before: Contacts, after: Contacts, read_times: Mapping[str, datetime], since: datetime) -> pa.Table:
    """One row a contact and label, `gained` or `lost`, in the CHANGES schema.

    A contact that is new has gained its labels, one that is gone has lost them. `read_times` say when the members of
    a label were last read for certain, by label id; of one that was not there it is `since`.
    """
    labels = list({label.id: label for label in (*before.labels, *after.labels)}.values())
    old_ids, new_ids = (contacts.table["id"].combine_chunks() for contacts in (before, after))
    found = pc.index_in(old_ids, value_set=new_ids)
    is_gone = found.is_null()
    rows = found.fill_null(0).to_numpy().copy()
    rows[is_gone.to_numpy(zero_copy_only=False)] = len(new_ids) + np.arange(found.null_count)
    ids = pa.concat_arrays([new_ids, old_ids.filter(is_gone)])
    codes = {label.id: code for code, label in enumerate(labels)}
    old, new = _pairs(before, rows, codes), _pairs(after, np.arange(len(new_ids)), codes)
    gained, lost = (np.setdiff1d(*both, assume_unique=True) for both in ((new, old), (old, new)))
    pairs = np.concatenate([gained, lost])
    label = pa.array(pairs % max(1, len(labels)))
    columns = {
        "contact_id": ids.take(pa.array(pairs // max(1, len(labels)))),
        "label_id": pa.array([one.id for one in labels], pa.string()).take(label),
        "label": pa.array([one.name for one in labels], pa.string()).take(label),
        "change": ["gained"] * len(gained) + ["lost"] * len(lost),
        "after_time": pa.array([read_times.get(one.id, since) for one in labels], _TIME).take(label),
        "before_time": [after.read_time] * len(pairs),
    }
    return pa.table(columns, schema=CHANGES)


def _pairs(contacts: Contacts, rows: npt.NDArray[np.int64], codes: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """A number for each label of each contact, the contact's row first; sorted, each once."""
    lists = contacts.table["labels"].combine_chunks()
    own = np.array([codes[label.id] for label in contacts.labels], np.int64)
    owners = pc.list_parent_indices(lists).to_numpy()
    pairs = np.sort(rows[owners] * len(codes) + own[lists.flatten().to_numpy()])
    return pairs[np.diff(pairs, prepend=-1) > 0]
