"""The first few of a large campaign, alone: a bad list or a blocked link shows at two hundred, not at two hundred
thousand.

Who goes first is drawn from the contact's id; where too many ids would have to be left out for that, the smallest
groups of contacts with the same labels go. The rest waits until the reports are in, and leaves only if no more messages
failed than usual here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from toolkit.audience.draws import draws
from toolkit.audience.signatures import group
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.engagement.rates import wilson
from toolkit.models import Statistics
from toolkit.plans.policy import SendPolicy
from toolkit.sections import when

MOST_IDS = 1_000  # left out for a canary by id


@dataclass(frozen=True)
class Verdict:
    """What is known of a canary: whether the rest may go, has to wait or is stopped, and why."""

    outcome: Literal["go", "wait", "stop"]
    words: str


def size_of_canary(recipients: int, policy: SendPolicy) -> int:
    """How many of so many recipients go first; 0 if the policy wants no canary."""
    return policy.canary_size if policy.canary_above is not None and recipients > policy.canary_above else 0


def canary_of(audience: Audience, first_few: int) -> Mask | None:
    """Who goes first; None if nobody does, or all would."""
    size = len(audience)
    if not first_few or size <= first_few:
        return None
    rows = np.flatnonzero(audience.recipients)
    first = np.zeros(len(audience.contacts), dtype=bool)
    if size - first_few <= MOST_IDS:
        drawn = np.argsort(draws("canary", audience.contacts.ids[rows]), kind="stable")
        first[rows[drawn[:first_few]]] = True
        return first
    signatures = group(audience.contacts, audience.recipients)
    members = signatures.everybody - signatures.outsiders
    order = np.argsort(np.where(members > 0, members, np.iinfo(np.int64).max), kind="stable")
    enough = int(np.searchsorted(np.cumsum(members[order]), first_few)) + 1
    first = audience.recipients & np.isin(signatures.of, order[:enough])
    return first if np.count_nonzero(first) < size else None


def judge(
    counted: Statistics | None, usual: Sequence[Statistics], policy: SendPolicy, *, left_at: datetime, now: datetime
) -> Verdict:
    """Hold a canary's counters, as the service tells them, against those of earlier campaigns."""
    due = left_at + timedelta(minutes=policy.canary_minutes)
    if now < due or counted is None or not counted.total:
        return Verdict("wait", f"The first part went alone: send the same approval again after {when(due, '%H:%M')}.")
    if counted.pending > 0.1 * counted.total:
        return Verdict("wait", f"{counted.pending:,} of the first {counted.total:,} have not left yet: wait for them.")
    bad = counted.failed + counted.bounced
    base = sum(one.failed + one.bounced for one in usual) / max(sum(one.total for one in usual), 1)
    said = f"{bad / counted.total:.1%} of the first {counted.total:,} messages failed, and usually {base:.1%} do."
    if wilson(bad, counted.total)[0] > base + policy.canary_margin:
        return Verdict("stop", f"{said} That is clearly more, so the rest is stopped.")
    return Verdict("go", said)
