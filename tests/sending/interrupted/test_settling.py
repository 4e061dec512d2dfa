"""How a plan of unknown outcome is settled: found in SeaX, never arrived, or answered after all."""

from __future__ import annotations

import httpx
import pytest

from tests.builders import Clock
from tests.sending.approving import state, yes
from tests.wire import Wire, fault
from toolkit.errors import (
    OutcomeUnknown,
    PlanWithdrawn,
)
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def left_unknown(ws: Workspace, wire: Wire, draft: CampaignDraft) -> Plan:
    """A plan whose request arrived and whose answer did not."""
    plan = ws.plan(draft)
    wire.after = fault(httpx.ReadTimeout("slow"))  # type: ignore[assignment]
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.after = None
    return plan


def id_in_seax(sandbox: Sandbox, name: str) -> str:
    """What a person finds in SeaX."""
    (found,) = [campaign_id for campaign_id, called in sandbox.campaigns().items() if called == name]
    return found


def test_a_campaign_found_in_seax_settles_an_unknown_plan(
    ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft
) -> None:
    plan = left_unknown(ws, wire, draft)
    campaign_id = id_in_seax(sandbox, draft.name)

    receipt = ws.ledger.reconcile(plan.id, found=campaign_id, by="ana")

    assert (receipt.status, receipt.campaign_id) == ("sent", campaign_id)
    assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert len(wire.posts) == 1


def test_one_campaign_settles_one_plan(ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft) -> None:
    first = left_unknown(ws, wire, draft)
    campaign_id = id_in_seax(sandbox, draft.name)
    ws.ledger.reconcile(first.id, found=campaign_id, by="ana")
    second = left_unknown(ws, wire, draft.model_copy(update={"shorten_links": True}))

    with pytest.raises(OutcomeUnknown, match="belongs to another plan"):
        ws.ledger.reconcile(second.id, found=campaign_id, by="ana")


@pytest.mark.parametrize("change", [{"name": "Other"}, {"message": "Other. Reply STOP."}], ids=["name", "text"])
def test_a_campaign_with_another_name_or_text_does_not_settle_it(
    ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft, change: dict[str, str]
) -> None:
    plan = left_unknown(ws, wire, draft)
    url = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/campaigns"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        other = colleague.post(url, json=wire.bodies[0] | change).json()["id"]

    with pytest.raises(OutcomeUnknown, match=f"its {next(iter(change)).replace('message', 'text')} is 'Other"):
        ws.ledger.reconcile(plan.id, found=other, by="ana")


def never_arrived(ws: Workspace, wire: Wire, draft: CampaignDraft) -> Plan:
    """A plan whose request broke off on its way."""
    plan = ws.plan(draft)
    wire.before = fault(httpx.WriteError("broken"))
    with pytest.raises(OutcomeUnknown):
        ws.send(yes(plan))
    wire.before = None
    return plan


def test_what_did_not_arrive_ends_the_plan_after_a_while(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock
) -> None:
    plan = never_arrived(ws, wire, draft)

    with pytest.raises(OutcomeUnknown, match="still be on its way"):
        ws.ledger.reconcile(plan.id, found=None, by="ana")
    clock.move(minutes=10)
    ws.ledger.reconcile(plan.id, found=None, by="ana")

    assert state(ws, plan) == "refused"
    with pytest.raises(PlanWithdrawn):
        ws.send(ws.approvals.latest(plan.id))
    assert not wire.posts


def test_an_answer_that_comes_after_all_is_kept(ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock) -> None:
    plan = ws.plan(draft)

    def settled_meanwhile() -> None:
        clock.move(minutes=10)
        ws.ledger.reconcile(plan.id, found=None, by="bob")

    wire.before = settled_meanwhile

    with pytest.raises(OutcomeUnknown, match="settled otherwise"):
        ws.send(yes(plan))

    last = ws.ledger.events(plan.id)[-1]
    assert last.event == "sent, too late"
    assert last.detail.startswith("campaign_")


def test_another_campaign_does_not_settle_it(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = left_unknown(ws, wire, draft)

    with pytest.raises(OutcomeUnknown, match="check again"):
        ws.ledger.reconcile(plan.id, found="campaign_12345678-abcd-efgh-ijkl-123456789012", by="ana")

    assert state(ws, plan) == "unknown"


def test_a_plan_still_on_its_way_cannot_be_called_lost(ws: Workspace, draft: CampaignDraft, clock: Clock) -> None:
    plan = ws.plan(draft)
    ws._ledger.claim(yes(plan), 1, at=clock())

    with pytest.raises(OutcomeUnknown, match="still be on its way"):
        ws.ledger.reconcile(plan.id, found=None, by="ana")
    clock.move(minutes=10)

    assert ws.ledger.reconcile(plan.id, found=None, by="ana").status == "refused"
    with pytest.raises(PlanWithdrawn):  # sending it after all takes a new plan and a new yes
        ws.send(ws.approvals.latest(plan.id))
    assert ws.plan(draft).id != plan.id


def test_a_plan_that_was_not_sent_has_nothing_to_reconcile(ws: Workspace, draft: CampaignDraft) -> None:
    with pytest.raises(OutcomeUnknown, match="nothing to reconcile"):
        ws.ledger.reconcile(ws.plan(draft).id, found=None, by="ana")
