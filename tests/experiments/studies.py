"""Experiments on the embedded workspace, and orders of its people with an effect that was put there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from tests.builders import Clock
from toolkit.audience.segment import Segment
from toolkit.experiments.metric import OPT_OUTS, Metric
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

SEGMENT = Segment.any_of("vip_customers")
PLAIN, FRIENDLY = "Shoes are here. Reply STOP to opt out.", "Hello you! Shoes are here. Reply STOP to opt out."
_OF_EXPERIMENT = ("layer", "slots", "strata", "holdout", "wait")


def registration(**changes: Any) -> Registration:
    fields: dict[str, Any] = {
        "question": "Does a greeting sell?",
        "metric": Metric(name="an order"),
        "control": "plain",
        "least_lift": 0.3,
        "baseline": 0.1,
        "guardrails": (Guardrail(metric=OPT_OUTS, margin=0.1),),
    }
    return Registration(**(fields | changes))


def draft(**changes: Any) -> CampaignDraft:
    own = {name: changes.pop(name) for name in _OF_EXPERIMENT if name in changes}
    experiment = Experiment(
        name=changes.pop("experiment", "opening"),
        arms={"plain": 0.5, "friendly": 0.5},
        registration=changes.pop("registration", registration()),
        **own,
    )
    fields: dict[str, Any] = {
        "name": "Opening",
        "message": PLAIN,
        "segment": SEGMENT,
        "senders": ("Marketing Line",),
        "experiment": experiment,
        "messages": {"friendly": FRIENDLY},
    }
    return CampaignDraft(**(fields | changes))


def send(ws: Workspace, plan: Plan) -> Receipt:
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def orders_of(
    plan: Plan, shares: Mapping[str, float], *, at: datetime, amount: float = 40.0, by: str = "contact_id"
) -> pd.DataFrame:
    """An order of the first people of each arm, up to its share."""
    buyers = [each for arm, share in shares.items() for each in first(plan.assigned[arm], share)]
    return pd.DataFrame({by: pd.Series(buyers, dtype="str"), "time": at, "amount": amount})


def first(ids: Sequence[str], share: float) -> Sequence[str]:
    return sorted(ids)[: round(len(ids) * share)]


def pass_time(ws: Workspace, sandbox: Sandbox, clock: Clock, **by: float) -> None:
    """Move the service's clock and the wall clock."""
    sandbox.clock.advance(timedelta(**by))
    clock.move(**by)
