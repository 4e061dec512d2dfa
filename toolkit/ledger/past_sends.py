"""Earlier sends and experiments, read from the ledger for preflight."""

from __future__ import annotations

from datetime import datetime

from toolkit.audience.caps import DAY
from toolkit.ledger.ledger import Ledger
from toolkit.plans.earlier_sends import Past, PastExperiment, PlanToCome
from toolkit.plans.policy import SendPolicy
from toolkit.plans.states import MAY_BE_SENT

_MOST = 1_000  # plans searched for a test send or an experiment


def read_past(
    ledger: Ledger, workspace: str, policy: SendPolicy, *, now: datetime, is_first: bool, but: str = ""
) -> Past:
    """The sends of a workspace in the ledger, except those of one plan; `is_first` if no campaign of it is known.

    `now` is the service's time.
    """
    entries = ledger.entries(workspace, MAY_BE_SENT, limit=_MOST) if policy.test_send_above is not None else ()
    plans = [entry.plan for entry in entries if entry.plan.recipients <= policy.test_send_size]
    tested = frozenset(text for plan in plans if plan.draft.kind != "import" for text in plan.draft.texts)
    refused = ledger.too_large(workspace)
    return Past(
        sent=ledger.texted(workspace, now - DAY, but=but),
        tested=tested,
        is_first=is_first,
        most_bytes=refused // 2 if refused else None,  # what it takes lies below, and it does not say where
        experiments=lambda: past_experiments(ledger, workspace, but=but),
        to_come=lambda: _to_come(ledger, workspace, now),
    )


def _to_come(ledger: Ledger, workspace: str, now: datetime) -> list[PlanToCome]:
    """The plans with a step that was sent, or may have been, and starts after `now`."""
    found = []
    for entry in ledger.entries(workspace, MAY_BE_SENT, limit=_MOST):
        steps = entry.receipt.steps if entry.receipt else ()
        if starts := [x.start_at for x in steps if x.start_at and x.start_at > now and not x.canceled_at]:
            found.append(PlanToCome(entry.plan.draft.name, max(starts), entry.plan.addressing))
    return found


def past_experiments(ledger: Ledger, workspace: str, *, but: str = "") -> list[PastExperiment]:
    """The experiments that were sent from here, newest first, except that of one plan."""
    found = []
    for entry in ledger.entries(workspace, MAY_BE_SENT, limit=_MOST):
        draft, receipt = entry.plan.draft, entry.receipt
        if entry.plan.id == but or draft.kind != "campaign" or draft.experiment is None or receipt is None:
            continue
        last = max((step.start_at for step in receipt.steps if step.start_at), default=receipt.at)
        arms = ledger.entry(entry.plan.id).plan.assigned
        until = max(last, receipt.at) + draft.experiment.wait
        found.append(PastExperiment(draft.experiment, arms, receipt.at, until))
    return found
