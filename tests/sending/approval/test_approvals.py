"""What approves a plan and what does not: counts, expiry, forged approvals, blocks, and code that plays a person."""

from __future__ import annotations

import io
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.builders import KEY, Clock, campaign_draft, in_both_dialects, live_draft
from tests.sending.approving import state, yes
from tests.wire import LiveService, Wire
from toolkit.audience.segment import Segment
from toolkit.errors import (
    ApprovalInvalid,
    ApprovalRefused,
    LedgerTampered,
    PlanBlocked,
    PlanExpired,
    PlanWithdrawn,
)
from toolkit.plans.draft import CampaignDraft
from toolkit.sending import human_presence
from toolkit.workspace import Workspace


@in_both_dialects
def test_a_wrong_count_approves_nothing(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)

    with pytest.raises(ApprovalRefused, match="give its exact number"):
        plan.approve(recipients=plan.recipients + 1, by="ana")

    assert not wire.posts
    assert state(ws, plan) == "planned"


def test_nobody_cannot_approve(ws: Workspace, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)

    with pytest.raises(ApprovalRefused, match="No name was given"):
        plan.approve(recipients=plan.recipients, by=" ")


@pytest.mark.parametrize("outcome", ["declined", "withdrawn"])
def test_a_declined_or_withdrawn_plan_sends_nothing(
    ws: Workspace, wire: Wire, draft: CampaignDraft, outcome: str
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    assert ws.ledger.close_plan(plan.id, outcome, by="ana", via="code")  # type: ignore[arg-type]

    with pytest.raises(PlanWithdrawn, match=f"was {outcome}"):
        ws.send(approval)
    with pytest.raises(PlanWithdrawn):
        yes(plan)

    assert not wire.posts


def test_an_expired_plan_is_neither_approved_nor_sent(
    ws: Workspace, wire: Wire, clock: Clock, draft: CampaignDraft
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    clock.move(minutes=30)

    with pytest.raises(PlanExpired, match="plan the draft again"):
        ws.send(approval)
    with pytest.raises(PlanExpired):
        yes(plan)

    assert not wire.posts


def test_a_plan_a_moment_before_it_expires_is_sent(ws: Workspace, clock: Clock, draft: CampaignDraft) -> None:
    approval = yes(ws.plan(draft))
    clock.move(minutes=29, seconds=59)

    assert ws.send(approval).status == "sent"


@pytest.mark.parametrize(
    "change",
    [{"id": "approval_made_up"}, {"by": "somebody else"}, {"digest": "0" * 64}, {"plan_id": "plan_other"}],
    ids=lambda change: next(iter(change)),
)
def test_a_forged_approval_sends_nothing(
    ws: Workspace, wire: Wire, draft: CampaignDraft, change: dict[str, str]
) -> None:
    forged = yes(ws.plan(draft)).model_copy(update=change)

    with pytest.raises(ApprovalInvalid, match="Nothing was sent"):
        ws.send(forged)

    assert not wire.posts


def test_an_approval_edited_in_the_ledger_sends_nothing(
    ws: Workspace, wire: Wire, tmp_path: Path, draft: CampaignDraft
) -> None:
    approval = yes(ws.plan(draft))
    other = ws.plan(campaign_draft("other"))
    with sqlite3.connect(tmp_path / "embedded-ledger.sqlite3") as db:
        moved = approval.model_copy(update={"plan_id": other.id})
        db.execute("UPDATE approvals SET body = ?, plan_id = ?", (moved.model_dump_json(), other.id))

    with pytest.raises(LedgerTampered):
        ws.send(moved)

    assert not wire.posts


@pytest.mark.parametrize("thing", [None, True, {"confirm": True}, "approval_1"])
def test_only_an_approval_can_be_sent(ws: Workspace, wire: Wire, thing: object) -> None:
    with pytest.raises(ApprovalInvalid, match="Only an approval"):
        ws.send(thing)  # type: ignore[arg-type]

    assert not wire.posts


def test_blocking_findings_cannot_be_approved(ws: Workspace, wire: Wire) -> None:
    plan = ws.plan(campaign_draft(message="Hello {name}, reply STOP"))

    assert plan.is_blocked
    with pytest.raises(PlanBlocked, match="every recipient would read exactly that"):
        yes(plan)
    assert not wire.posts


def test_a_plan_for_nobody_cannot_be_approved(ws: Workspace) -> None:
    nobody = Segment.any_of("vip_customers") & ~Segment.any_of("vip_customers")
    plan = ws.plan(campaign_draft().model_copy(update={"segment": nobody}))

    with pytest.raises(PlanBlocked, match="There are no recipients"):
        plan.approve(recipients=0, by="ana")


@pytest.mark.parametrize("recipients", [True, "94", None, 94.0])
def test_a_count_that_is_no_whole_number_approves_nothing(
    ws: Workspace, draft: CampaignDraft, recipients: object
) -> None:
    plan = ws.plan(draft)

    with pytest.raises(ApprovalRefused):
        plan.approve(recipients=recipients, by="ana")  # type: ignore[arg-type]


def test_code_cannot_approve_on_a_live_workspace(live: Workspace, live_service: LiveService) -> None:
    plan = live.plan(live_draft())

    with pytest.raises(ApprovalRefused, match="Code cannot approve on a live workspace"):
        plan.approve(recipients=3, by="ana")

    assert not live_service.posts


@pytest.mark.parametrize("via", ["panel", "terminal", "form", "code"])
def test_code_cannot_pass_itself_off_as_a_person(live: Workspace, via: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\n"))  # no terminal
    plan = live.plan(live_draft())

    with pytest.raises(ApprovalRefused, match="Nothing was sent"):
        live.approvals.approve(plan.id, recipients=3, by="ana", via=via)  # type: ignore[arg-type]


def test_a_click_approves_on_a_live_workspace(
    live: Workspace, live_service: LiveService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(human_presence, "is_browser_event", lambda: True)
    plan = live.plan(live_draft())

    receipt = live.send(live.approvals.approve(plan.id, recipients=3, by="ana", via="panel"))

    assert receipt.campaign_id == "campaign_1"
    assert len(live_service.posts) == 1
    assert live_service.keys == {KEY}
