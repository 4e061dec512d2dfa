"""Whether the rest of a campaign may follow its canary: only if no more messages failed than usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from toolkit.display import when
from toolkit.engagement.rates import wilson
from toolkit.models import Statistics
from toolkit.plans.policy import SendPolicy


@dataclass(frozen=True)
class Verdict:
    """The verdict on a canary: whether the rest may be sent, has to wait or is stopped, and why."""

    outcome: Literal["go", "wait", "stop"]
    words: str


def judge(
    counted: Statistics | None, usual: Sequence[Statistics], policy: SendPolicy, *, left_at: datetime, now: datetime
) -> Verdict:
    """Compare a canary's counters, as the service reports them, with those of earlier campaigns."""
    due = left_at + timedelta(minutes=policy.canary_minutes)
    if now < due or counted is None or not counted.total:
        return Verdict("wait", f"The first few are sent: send the same approval again after {when(due, '%H:%M')}.")
    if counted.pending > 0.1 * counted.total:
        return Verdict("wait", f"{counted.pending:,} of the first {counted.total:,} are not sent yet: wait for them.")
    bad = counted.failed + counted.bounced
    base = sum(one.failed + one.bounced for one in usual) / max(sum(one.total for one in usual), 1)
    said = f"{bad / counted.total:.1%} of the first {counted.total:,} messages failed; usually {base:.1%} do."
    if wilson(bad, counted.total)[0] > base + policy.canary_margin:
        return Verdict("stop", f"{said} That is clearly more, so the rest is stopped.")
    return Verdict("go", said)
