"""Whether the rest of a campaign may follow its canary: only if no more messages failed than usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from toolkit.api.client import Client
from toolkit.api.snapshot_read import read_all
from toolkit.display import when
from toolkit.engagement.outcomes import DELIVERED, SENT
from toolkit.engagement.rates import wilson
from toolkit.models import Campaign, Statistics
from toolkit.plans.policy import SendPolicy
from toolkit.plans.receipt import StepReceipt


@dataclass(frozen=True)
class Verdict:
    """The verdict on a canary: whether the rest may be sent, has to wait or is stopped, and why."""

    outcome: Literal["go", "wait", "stop"]
    words: str


def verdict_on(
    client: Client, canary: StepReceipt, usual: Sequence[Statistics], policy: SendPolicy, *, now: datetime
) -> Verdict:
    """Compare a canary with earlier campaigns; one that was canceled, here or in SeaX, even in part, stops the rest."""
    canceled = Verdict("stop", "The first few were canceled, so the rest is stopped.")
    if canary.canceled_at:
        return canceled
    campaign = client.campaign(str(canary.campaign_id))
    counted = _counts_of(client, campaign, canary)
    if campaign.is_canceled or (counted is not None and counted.canceled):
        return canceled
    return _judge(counted, usual, policy, left_at=canary.at, now=now)


def _counts_of(client: Client, campaign: Campaign, canary: StepReceipt) -> Statistics | None:
    """A canary's counters as the service reports them, else by its log; None before there is anything to count."""
    if campaign.statistics is not None and campaign.statistics.total:
        return campaign.statistics
    statuses = read_all(client.logs(campaign.id)).rows["status"].to_pylist()
    if not statuses and not campaign.is_finished:
        return None
    sent = sum(status in SENT for status in statuses)
    return Statistics(
        total=len(statuses) if campaign.is_finished else max(len(statuses), canary.recipients),
        sent=sent,
        failed=statuses.count("failed"),
        delivered=sum(status in DELIVERED for status in statuses),
        bounced=statuses.count("undelivered"),
        opened=None,
        clicked=0,
        canceled=statuses.count("canceled"),
    )


def _judge(
    counted: Statistics | None, usual: Sequence[Statistics], policy: SendPolicy, *, left_at: datetime, now: datetime
) -> Verdict:
    """Compare a canary's counters with those of earlier campaigns."""
    due = left_at + timedelta(minutes=policy.canary_minutes)
    if now < due or counted is None:
        later = max(due, now + timedelta(minutes=1))
        return Verdict("wait", f"The first few are sent: send the same approval again after {when(later, '%H:%M')}.")
    if not counted.total:
        words = "The first few are finished and the service shows no message of theirs, so the rest is stopped."
        return Verdict("stop", words)
    if counted.pending > 0.1 * counted.total:
        return Verdict("wait", f"{counted.pending:,} of the first {counted.total:,} are not sent yet: wait for them.")
    bad = counted.failed + counted.bounced
    base = sum(one.failed + one.bounced for one in usual) / max(sum(one.total for one in usual), 1)
    said = f"{bad / counted.total:.1%} of the first {counted.total:,} messages failed; usually {base:.1%} do."
    if wilson(bad, counted.total)[0] > base + policy.canary_margin:
        return Verdict("stop", f"{said} That is clearly more, so the rest is stopped.")
    return Verdict("go", said)
