"""Who gained or lost which label between two reads of the contacts, as the service reports no history.

The service reports current labels only. A change is known to have happened between two reads: after `after_time`,
when the members of the label were last read in full, and not after `before_time`, when it was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.models import Label

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


@dataclass(frozen=True)
class Membership:
    """The labels of contacts in one read: a list of codes each, which are indexes of `labels`."""

    ids: pa.Array
    lists: pa.ListArray
    labels: tuple[Label, ...]

    def among(self, ids: pa.Array) -> Membership:
        """Of these contacts alone."""
        meant = pc.is_in(self.ids, value_set=ids)
        return replace(self, ids=self.ids.filter(meant), lists=self.lists.filter(meant))


def label_changes(
    before: Membership, after: Membership, *, since: Mapping[str, datetime], otherwise: datetime, until: datetime
) -> pa.Table:
    """One row per contact and label, `gained` or `lost`, in the CHANGES schema.

    A new contact has gained its labels, a deleted one has lost them. `since` is when the members of a
    label were last read in full, by label id, `otherwise` the same for labels that did not exist, and `until` when
    the changes were found.
    """
    labels = list({label.id: label for label in (*before.labels, *after.labels)}.values())
    found = pc.index_in(before.ids, value_set=after.ids)
    is_gone = found.is_null()
    rows = found.fill_null(0).to_numpy().copy()
    rows[is_gone.to_numpy(zero_copy_only=False)] = len(after.ids) + np.arange(found.null_count)
    ids = pa.concat_arrays([after.ids, before.ids.filter(is_gone)])
    codes = {label.id: code for code, label in enumerate(labels)}
    old, new = _pairs(before, rows, codes), _pairs(after, np.arange(len(after.ids)), codes)
    gained, lost = (np.setdiff1d(*both, assume_unique=True) for both in ((new, old), (old, new)))
    pairs = np.concatenate([gained, lost])
    label = pa.array(pairs % max(1, len(labels)))
    columns = {
        "contact_id": ids.take(pa.array(pairs // max(1, len(labels)))),
        "label_id": pa.array([one.id for one in labels], pa.string()).take(label),
        "label": pa.array([one.name for one in labels], pa.string()).take(label),
        "change": ["gained"] * len(gained) + ["lost"] * len(lost),
        "after_time": pa.array([since.get(one.id, otherwise) for one in labels], _TIME).take(label),
        "before_time": [until] * len(pairs),
    }
    return pa.table(columns, schema=CHANGES)


def _pairs(membership: Membership, rows: npt.NDArray[np.int64], codes: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """A number for each label of each contact, the contact's row first; sorted, each once."""
    own = np.array([codes[label.id] for label in membership.labels], np.int64)
    owners = pc.list_parent_indices(membership.lists).to_numpy()
    pairs = np.sort(rows[owners] * len(codes) + own[membership.lists.flatten().to_numpy()])
    return pairs[np.diff(pairs, prepend=-1) > 0]
