"""What preflight is told of earlier sends: read from this machine's ledger, and from delivery logs that were read."""

from __future__ import annotations

from datetime import datetime

import narwhals.stable.v2 as nw
import pandas as pd

from toolkit.audience.caps import DAY
from toolkit.data.failures import failures
from toolkit.sending.ledger import Ledger
from toolkit.sending.policy import SendPolicy
from toolkit.sending.preflight import Past
from toolkit.sending.preflight.past import PastExperiment
from toolkit.sending.states import LEFT

_MOST = 1_000  # plans looked through for a test send


def read_past(
    ledger: Ledger, workspace: str, policy: SendPolicy, *, now: datetime, is_first: bool, but: str = ""
) -> Past:
    """What the ledger tells of the sends of a workspace, but of one plan; `is_first` if no campaign of it is known.

    `now` is the service's time.
    """
    entries = ledger.entries(workspace, LEFT, limit=_MOST) if policy.test_send_above is not None else ()
    plans = [entry.plan for entry in entries if entry.plan.recipients <= policy.test_send_size]
    tested = frozenset(text for plan in plans if plan.draft.kind != "import" for text in plan.draft.texts)
    return Past(
        sent=ledger.texted(workspace, now - DAY, but=but),
        tested=tested,
        is_first=is_first,
        experiments=lambda: past_experiments(ledger, workspace, but=but),
    )


def past_experiments(ledger: Ledger, workspace: str, *, but: str = "") -> list[PastExperiment]:
    """The experiments that were sent from here, newest first, but that of one plan."""
    found = []
    for entry in ledger.entries(workspace, LEFT, limit=_MOST):
        draft, receipt = entry.plan.draft, entry.receipt
        if entry.plan.id == but or draft.kind != "campaign" or draft.experiment is None or receipt is None:
            continue
        last = max((step.start_at for step in receipt.steps if step.start_at), default=receipt.at)
        arms = ledger.entry(entry.plan.id).plan.assigned
        until = max(last, receipt.at) + draft.experiment.wait
        found.append(PastExperiment(draft.experiment, arms, receipt.at, until))
    return found


def failing(logs: pd.DataFrame | None) -> dict[str, str]:
    """The class of failure of each contact, by id, whose latest message failed for good; none without logs."""
    if logs is None or not len(logs):
        return {}
    latest = logs.sort_values("sent_time", na_position="last").drop_duplicates("contact_id", keep="last")
    classes = failures(latest)
    return dict(nw.from_native(classes[classes["action"] == "suppress"]).select("contact_id", "failure_class").rows())
