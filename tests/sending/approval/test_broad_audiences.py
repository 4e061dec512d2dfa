"""Whom no service can text is not left out by id, is counted, and is no stranger in the log."""

from __future__ import annotations

import httpx
import pandas as pd
import pytest

from tests.builders import campaign_draft
from tests.wire import Wire
from toolkit.audience.segment import Segment
from toolkit.audience.targets import targeting
from toolkit.errors import NotAddressable, RequestTooLarge
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sending.recipient_check import check_campaign_recipients
from toolkit.workspace import Workspace

TIMES = {"created_time": "2026-03-03T10:00:00Z", "updated_time": "2026-03-03T10:00:00Z"}


@pytest.fixture
def broad() -> CampaignDraft:
    return campaign_draft().model_copy(update={"segment": Segment.any_of("newsletter", "vip_customers")})


def send(ws: Workspace, plan: Plan) -> Receipt:
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def counting(wire: Wire, recipients: int) -> None:
    """A service that counts so many recipients."""
    reply = {"id": "c", "name": "n", "type": "SMS", "status": "sending", "target_contact_count": recipients}
    wire.after = lambda: httpx.Response(200, json=reply | TIMES)


def test_a_plan_counts_whom_it_addresses_and_cannot_text(ws: Workspace, wire: Wire, broad: CampaignDraft) -> None:
    plan = ws.plan(broad)
    receipt = send(ws, plan)

    (without,) = (step.untextable for step in plan.steps)
    assert without > 0
    assert f"and {without} who cannot be texted: no number, or one that nobody can have" in str(plan)
    assert {step.outcome for step in plan.waterfall if "cannot be texted" in step.reason} == {"no_phone", "malformed"}
    left_out = plan.audience.contacts.frame.set_index("id").loc[wire.bodies[0].get("exclude_contact_ids", [])]
    assert left_out["phone"].notna().all()
    assert "n/a" not in set(left_out["phone"])
    assert receipt.accepted == plan.recipients
    assert ws.ledger.check_campaign_recipients(str(receipt.campaign_id)).is_exact


def test_a_service_may_count_those_who_cannot_be_texted(ws: Workspace, wire: Wire, broad: CampaignDraft) -> None:
    plan = ws.plan(broad)
    without = plan.steps[0].untextable
    counting(wire, plan.recipients + without)

    receipt = send(ws, plan)

    assert receipt.detail.startswith(f"The service counts {plan.recipients + without:,} recipients: the")
    assert f"and {without} more who cannot be texted" in receipt.detail


@pytest.mark.parametrize("is_more", [True, False])
def test_any_other_count_is_an_alarm(ws: Workspace, wire: Wire, broad: CampaignDraft, is_more: bool) -> None:
    plan = ws.plan(broad)
    counted = plan.recipients + plan.steps[0].untextable + 1 if is_more else plan.recipients - 1
    counting(wire, counted)

    assert send(ws, plan).detail.startswith(f"ATTENTION: the service counts {counted:,} recipients")


@pytest.mark.parametrize(
    ("phone", "delivered", "is_stranger"),
    [
        (None, False, False),
        ("n/a", False, False),
        ("+1202555010", False, False),
        ("n/a", True, True),
        ("+12025550199", False, True),
        ("(202) 555-0199", False, True),
    ],
)
def test_a_log_may_name_who_cannot_be_texted_and_nobody_else(
    ws: Workspace, broad: CampaignDraft, phone: str | None, delivered: bool, is_stranger: bool
) -> None:
    plan = ws.plan(broad)
    campaign_id = str(send(ws, plan).campaign_id)
    logs = ws.logs(campaign_id)
    more = logs.iloc[[0]].assign(contact_id="stranger", phone=pd.Series([phone], logs.index[:1], dtype="str"))
    more["status"] = "delivered" if delivered else "failed"

    found = check_campaign_recipients(ws.get_plan(plan.id), campaign_id, pd.concat([logs, more]), lambda: ("US",))

    assert found.unplanned == (("stranger",) if is_stranger else ())
    assert found.untextable == (() if is_stranger else ("stranger",))
    assert found.is_exact is not is_stranger


def test_a_request_that_was_too_large_is_not_planned_again(ws: Workspace, wire: Wire, broad: CampaignDraft) -> None:
    some = broad.model_copy(update={"segment": broad.segment & Segment.any_of("source_web")})
    plan = ws.plan(some)
    too_large = httpx.Response(413, json={"error": "Payload Too Large", "message": "The body is larger than 1 kB"})
    wire.before = lambda: too_large
    with pytest.raises(RequestTooLarge, match=r"too large: The body is larger than 1 kB\. Plan again") as refused:
        send(ws, plan)
    wire.before = None

    assert not wire.posts
    assert refused.value.bytes > 0
    assert ws.get_plan(plan.id).steps == ("waiting",)
    draws = some.model_copy(update={"name": "Draws", "segment": half_of(ws, some)})
    with pytest.raises(NotAddressable, match="import a file of their phones with a column of labels") as nearest:
        ws.plan(draws)
    assert nearest.value.alternatives


def half_of(ws: Workspace, draft: CampaignDraft) -> Segment:
    """Contacts whom labels do not tell from others."""
    return Segment.from_contacts(ws.audience(draft.segment).frame["id"].iloc[::2])


def test_nothing_is_too_large_before_a_service_says_so(ws: Workspace, broad: CampaignDraft) -> None:
    plan = ws.plan(broad.model_copy(update={"segment": half_of(ws, broad)}))

    assert any(finding.code == "AUD011" for finding in plan.findings) or plan.recipients < targeting.MANY_IDS
