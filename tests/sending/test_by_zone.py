"""Campaigns by zone and at night: each step starts where it is day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import Clock, live_draft
from tests.sending.step_plans import CANARY, Connect, approved_and_sent, canary_sent
from tests.wire import LiveService, Wire
from toolkit.audience.segment import Segment
from toolkit.errors import (
    AudienceChanged,
    PlanBlocked,
)
from toolkit.plans.draft import CampaignDraft
from toolkit.sending.human_presence import answered_form
from toolkit.workspace import Workspace

# By zone


def night_draft(ws: Workspace) -> CampaignDraft:
    return CampaignDraft(
        name="Morning",
        message="Good morning. Reply STOP to opt out.",
        segment=Segment.any_of("vip_customers"),
        senders=("Marketing Line",),
        by_zone=True,
    )


def test_a_campaign_by_zone_is_one_plan_whose_steps_start_where_it_is_day(
    ws: Workspace, wire: Wire, clock: Clock
) -> None:
    clock.move(hours=10)  # 22:00 on the east coast
    plan = ws.plan(night_draft(ws))
    clock.move(minutes=10)

    receipt = approved_and_sent(ws, plan)

    starts = [step.start_at for step in plan.steps]
    assert len(plan.steps) > 1
    assert starts == sorted(starts)
    assert "TIM001" not in {finding.code for finding in plan.findings}
    assert [body["start_time"] for body in wire.bodies] == [start.isoformat() for start in starts if start]
    assert receipt.status == "scheduled"
    assert receipt.accepted == plan.recipients


def test_somebody_who_joins_a_campaign_by_zone_stops_it(
    ws: Workspace, wire: Wire, clock: Clock, import_rows: Callable[..., None]
) -> None:
    clock.move(hours=10)
    plan = ws.plan(night_draft(ws))
    import_rows("New Person,+19995550001,vip_customers")
    wire.posts.clear()

    with pytest.raises(AudienceChanged, match="1 contacts joined and 0 dropped out"):
        approved_and_sent(ws, plan)

    assert not wire.posts


def test_by_zone_a_cap_leaves_out_only_whose_own_start_is_within_a_day(
    under: Connect, clock: Clock, draft: CampaignDraft
) -> None:
    with under("max_per_day = 1") as ws:
        clock.move(hours=21.25)
        first_left = ws.service_time()  # half past nine in the morning on the east coast
        approved_and_sent(ws, ws.plan(draft))
        clock.move(hours=12.5)

        plan = ws.plan(draft.model_copy(update={"name": "Next morning", "by_zone": True}))
        receipt = approved_and_sent(ws, plan)

        assert receipt.status == "scheduled"
        assert {step.outcome: step.count for step in plan.waterfall}["capped"] > 0
        assert all(step.start_at and step.start_at >= first_left + timedelta(hours=24) for step in plan.steps)


def test_an_end_before_the_last_zone_can_begin_is_told(ws: Workspace, clock: Clock) -> None:
    clock.move(hours=10)
    plan = ws.plan(night_draft(ws))
    last = plan.steps[-1].start_at
    assert last
    assert "TIM005" not in {finding.code for finding in plan.findings}

    too_soon = ws.plan(
        night_draft(ws).model_copy(update={"start_at": ws.service_time() + timedelta(hours=1), "end_at": last})
    )

    assert "TIM005" in {finding.code for finding in too_soon.findings}


# What the service says of a plan


def test_planned_and_sent_are_compared_over_all_steps(under: Connect, clock: Clock, draft: CampaignDraft) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, _ = canary_sent(ws, draft)
        clock.move(minutes=10)
        assert set(ws.ledger.check_plan_recipients(plan.id).missing) == set(plan.recipients_of(2))

        ws.send(ws.approvals.latest(plan.id))

        assert ws.ledger.check_plan_recipients(plan.id).is_exact


# What the clock and a colleague change between the yes and the send


def test_a_send_that_the_clock_took_into_quiet_hours_is_refused_and_says_so(
    live: Workspace, live_service: LiveService, clock: Clock
) -> None:
    for contact in live_service.contacts:
        contact["contact_field_data"] = {"timezone": "America/New_York"}  # type: ignore[assignment]
    clock.move(hours=8, minutes=45)  # 20:45 there
    plan = live.plan(live_draft())
    with answered_form():
        approval = live.approvals.approve(plan.id, recipients=3, by="ana", via="form")
    clock.move(minutes=20)

    with pytest.raises(PlanBlocked, match=r"Since the plan was approved it was blocked: .*hours allowed"):
        live.send(approval)

    assert not live_service.posts
    assert live.get_plan(plan.id).state == "approved"
