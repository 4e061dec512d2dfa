"""The first few of a large campaign, alone: a bad list or a blocked link shows at two hundred, not at two hundred
thousand.

Who goes first is drawn from the contact's id; if too many ids would have to be excluded for that, the smallest
groups of contacts with the same labels go. Whether the rest may follow is judged in `toolkit.sending.canary_verdict`.
"""

from __future__ import annotations

import numpy as np

from toolkit.audience.random_draws import draws
from toolkit.audience.targets.signatures import group
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.plans.policy import SendPolicy

MOST_IDS = 1_000  # excluded by id for a canary


def size_of_canary(recipients: int, policy: SendPolicy) -> int:
    """How many of these recipients go first; 0 if the policy sets no canary."""
    return policy.canary_size if policy.canary_above is not None and recipients > policy.canary_above else 0


def canary_of(contacts: Contacts, members: Mask, first_few: int) -> Mask | None:
    """Who of the members goes first, a mask of contacts; None if nobody does, or all would."""
    size = int(np.count_nonzero(members))
    if not first_few or size <= first_few:
        return None
    rows = np.flatnonzero(members)
    first = np.zeros(len(contacts), dtype=bool)
    if size - first_few <= MOST_IDS:
        drawn = np.argsort(draws("canary", contacts.ids[rows]), kind="stable")
        first[rows[drawn[:first_few]]] = True
        return first
    signatures = group(contacts, members)
    those = signatures.everybody - signatures.outsiders
    order = np.argsort(np.where(those > 0, those, np.iinfo(np.int64).max), kind="stable")
    enough = int(np.searchsorted(np.cumsum(those[order]), first_few)) + 1
    first = members & np.isin(signatures.of, order[:enough])
    return first if np.count_nonzero(first) < size else None
