"""Earlier sends, read from the ledger for preflight."""

from __future__ import annotations

from datetime import datetime

from toolkit.audience.caps import DAY
from toolkit.ledger.ledger import Ledger
from toolkit.plans.past import Past
from toolkit.plans.policy import SendPolicy
from toolkit.plans.states import LEFT

_MOST = 1_000  # plans searched for a test send


def read_past(
    ledger: Ledger, workspace: str, policy: SendPolicy, *, now: datetime, is_first: bool, but: str = ""
) -> Past:
    """The sends of a workspace in the ledger, except those of one plan; `is_first` if no campaign of it is known.

    `now` is the service's time.
    """
    entries = ledger.entries(workspace, LEFT, limit=_MOST) if policy.test_send_above is not None else ()
    plans = [entry.plan for entry in entries if entry.plan.recipients <= policy.test_send_size]
    tested = frozenset(text for plan in plans if plan.draft.kind != "import" for text in plan.draft.texts)
    refused = ledger.too_large(workspace)
    return Past(
        sent=ledger.texted(workspace, now - DAY, but=but),
        tested=tested,
        is_first=is_first,
        most_bytes=refused // 2 if refused else None,  # what it takes lies below, and it does not say where
    )
