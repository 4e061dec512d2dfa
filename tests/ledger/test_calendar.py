"""What is planned, scheduled and sent, day by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from toolkit.audience.segment import Segment
from toolkit.ledger.calendar import calendar_frame
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.states import State, StepState
from toolkit.workspace import Workspace

VIPS = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")


def plan(ws: Workspace, name: str, at: datetime | None = None, **more: Any) -> Plan:
    message = f"{name} at Example Shop. Reply STOP to opt out."
    draft = CampaignDraft(name=name, message=message, segment=VIPS, senders=("Marketing Line",), start_at=at, **more)
    return ws.plan(draft)


def send(ws: Workspace, planned: Plan) -> str:
    receipt = ws.send(planned.approve(recipients=planned.recipients, by="ana"))
    return receipt.campaign_id or ""


@pytest.mark.parametrize("dialect", ["published"])
def test_each_step_stands_on_its_day_with_what_became_of_it(ws: Workspace) -> None:
    now = ws.service_time()
    tomorrow, later, last = (now.replace(hour=18, minute=0) + timedelta(days=days) for days in (1, 2, 3))
    sent = send(ws, plan(ws, "Sent"))
    scheduled = send(ws, plan(ws, "Scheduled", later))
    canceled = send(ws, plan(ws, "Canceled", tomorrow))
    ws.cancel(canceled)
    waiting = plan(ws, "Waiting", last)
    unset = plan(ws, "At once")
    ws.ledger.close_plan(plan(ws, "Withdrawn").id, "withdrawn", by="ana", via="test")

    calendar = ws.ledger.calendar()

    assert calendar["name"].tolist() == ["At once", "Sent", "Canceled", "Scheduled", "Waiting"]
    assert calendar["state"].tolist() == ["planned", "sent", "canceled", "scheduled", "planned"]
    assert calendar["day"].tolist() == ["", *(f"{at:%Y-%m-%d}" for at in (now, tomorrow, later, last))]
    assert calendar["campaign_id"].tolist() == ["", sent, canceled, scheduled, ""]
    assert calendar["plan_id"].tolist()[::4] == [unset.id, waiting.id]
    assert calendar["recipients"].tolist() == [waiting.recipients] * 5
    assert str(calendar["start_time"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("state", "step", "shown"),
    [
        ("planned", "waiting", ["planned"]),
        ("approved", "waiting", ["approved"]),
        ("partial", "waiting", ["waiting"]),
        ("sending", "waiting", ["waiting"]),
        ("sending", "sending", ["sending"]),
        ("unknown", "unknown", ["unknown"]),
        ("refused", "refused", ["refused"]),
        ("stopped", "waiting", []),
        ("expired", "waiting", []),
    ],
)
def test_a_step_has_its_own_state_once_it_left_and_else_that_of_its_plan(
    ws: Workspace, state: State, step: StepState, shown: list[str]
) -> None:
    entry = ws.get_plan(plan(ws, "Sale").id).model_copy(update={"state": state, "steps": (step,)})

    assert calendar_frame([entry], ws.service_time())["state"].tolist() == shown


def test_a_workspace_without_plans_has_an_empty_calendar(ws: Workspace) -> None:
    calendar = ws.ledger.calendar()

    assert len(calendar) == 0
    assert pd.api.types.is_integer_dtype(calendar["recipients"])
