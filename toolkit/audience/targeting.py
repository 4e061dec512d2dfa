"""Addressing an exact set of contacts with what the service understands: labels, and ids to leave out.

A campaign addresses `{c : has one of any_of, all of all_of, none of none_of, and is not in exclude_contacts}`.
Requiring every label that all recipients share, and forbidding every label that none of them has, loses nobody and
leaves fewer outsiders; only `any_of` is a real choice, made greedily here. What labels cannot tell apart is excluded
by id, so the result is exact at the moment of the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.data.contacts import Contacts, Mask
from toolkit.errors import DraftError
from toolkit.models import Target

Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]


class _Groups(NamedTuple):
    """Contacts grouped by the set of labels they have."""

    of: npt.NDArray[np.intp]  # per contact: its group
    labels: Bools  # per group and label
    members: Counts  # per group: recipients
    outsiders: Counts  # per group: the others


def compile_target(contacts: Contacts, recipients: Mask, *, suppressed: Sequence[int] = ()) -> Target:
    """The target that addresses exactly `recipients`; every one of them needs at least one label.

    `suppressed` are label codes that no recipient has and that are excluded in any case. Cost: one pass over the
    contacts, then grows with the distinct label sets.
    """
    if not recipients.any():
        raise DraftError("Nobody is left to send to, so there is nothing to address: widen the segment.")
    groups = _group(contacts, recipients)
    wanted = groups.members > 0
    if not groups.labels[wanted].any(axis=1).all():
        raise DraftError("Some recipients have no label, so no campaign can address them: label them first.")
    all_of: Bools = np.logical_and.reduce(groups.labels[wanted])
    none_of: Bools = ~np.logical_or.reduce(groups.labels[wanted])
    none_of[list(suppressed)] = True
    reachable = groups.labels[:, all_of].all(axis=1) & ~groups.labels[:, none_of].any(axis=1)
    costs = np.where(reachable, groups.outsiders, 0)
    any_of = _cover(groups.labels, wanted, costs, optional=bool(all_of.any()))
    hit: Bools = np.logical_or.reduce(groups.labels[:, any_of], axis=1) if any_of else np.ones_like(reachable)
    matched = reachable & hit
    excluded = matched[groups.of] & ~recipients
    ids = [label.id for label in contacts.labels]
    target = Target(
        any_of=tuple(ids[code] for code in any_of),
        all_of=tuple(ids[code] for code in np.flatnonzero(all_of)),
        none_of=tuple(ids[code] for code in np.flatnonzero(none_of)),
        exclude_contacts=tuple(sorted(contacts.ids[excluded])),
    )
    if not np.array_equal(addressed(contacts, target), recipients):
        raise DraftError("The target would not address exactly the recipients: report this, and send nothing.")
    return target


def addressed(contacts: Contacts, target: Target) -> Mask:
    """Whom a target addresses, by this reading of the contact list: the service's rule, read literally."""
    any_of, all_of, none_of = (
        [contacts.label_code(label) for label in labels] for labels in (target.any_of, target.all_of, target.none_of)
    )
    who = contacts.has_all(all_of) & ~contacts.has_any(none_of)
    if any_of:
        who &= contacts.has_any(any_of)
    who[contacts.rows_of(target.exclude_contacts)] = False
    return who


def _group(contacts: Contacts, recipients: Mask) -> _Groups:
    signature = np.zeros(len(contacts), dtype=np.int64)
    for members in contacts.has_label:
        signature, _ = pd.factorize(signature * 2 + members)
    count = int(signature.max()) + 1
    labels = np.zeros((count, len(contacts.labels)), dtype=bool)
    labels[signature] = contacts.has_label.T
    members = np.bincount(signature[recipients], minlength=count)
    everybody = np.bincount(signature, minlength=count)
    return _Groups(signature, labels, members, everybody - members)


def _cover(labels: Bools, wanted: Bools, costs: Counts, *, optional: bool) -> list[int]:
    """Labels of which every wanted group has one, touching few outsiders; none where that is as good."""
    chosen: list[int] = []
    uncovered, paid = wanted.copy(), np.zeros(len(wanted), dtype=bool)
    while uncovered.any():
        gains = labels[uncovered].sum(axis=0)
        prices = costs[~paid] @ labels[~paid]
        best = int(np.argmin(np.where(gains > 0, (prices + 1e-9) / np.maximum(gains, 1), np.inf)))
        chosen.append(best)
        uncovered &= ~labels[:, best]
        paid |= labels[:, best]
    for code in sorted(chosen, key=lambda code: -int(costs @ labels[:, code])):
        rest = [other for other in chosen if other != code]
        if rest and labels[wanted][:, rest].any(axis=1).all():
            chosen = rest
    cost = int(costs[labels[:, chosen].any(axis=1)].sum())
    return [] if optional and cost >= int(costs.sum()) else sorted(chosen)
