"""A send whose answer was lost settles by itself where the service lists campaigns, messages and jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock, campaign_draft
from tests.wire import Wire, fault
from toolkit.api.campaign_echo import CampaignEcho
from toolkit.api.client import Client
from toolkit.audience.segment import Segment
from toolkit.errors import OutcomeUnknown
from toolkit.plans.draft import CampaignDraft, Draft, ImportDraft, MessageDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

Drafts = dict[str, Callable[[], Draft]]


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Workspace:
    """A workspace that is not known to be the embedded one, as a live one is not: only the service can be asked."""
    workspace = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock)
    workspace._history = tuple
    return workspace


@pytest.fixture
def drafts(ws: Workspace, tmp_path: Path) -> Drafts:
    file = tmp_path / "fair.csv"
    file.write_text("name,phone\nAda,+12125550142\nBea,+12125550143\n", encoding="utf-8")

    def message() -> MessageDraft:
        person = ws.plan(campaign_draft()).recipient_ids[0]
        return MessageDraft(name="One", message="Your order is in.", contact_id=person, sender="Marketing Line")

    return {
        "campaign": campaign_draft,
        "message": message,
        "import": lambda: ImportDraft(name="Fair", path=file, on_duplicate="merge"),
    }


def lost(ws: Workspace, wire: Wire, draft: Draft, *, arrives: bool) -> Plan:
    broken = fault(httpx.ReadError("broken"))
    wire.after, wire.before = (broken, None) if arrives else (None, broken)  # type: ignore[assignment]
    plan = ws.plan(draft)
    with pytest.raises(OutcomeUnknown):
        ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    wire.after = wire.before = None
    return plan


@pytest.mark.parametrize("kind", ["campaign", "message", "import"])
def test_what_arrived_is_found_and_not_sent_again(
    ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock, drafts: Drafts, kind: str
) -> None:
    plan = lost(ws, wire, drafts[kind](), arrives=True)
    clock.move(minutes=11)
    sandbox.clock.advance(timedelta(minutes=11))

    receipt = ws.ledger.reconcile(plan.id)

    assert receipt.status == "sent"
    assert receipt.reference
    assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert len(wire.posts) == 1


@pytest.mark.parametrize("kind", ["campaign", "message", "import"])
def test_what_did_not_arrive_is_told_when_nothing_can_appear_any_more(
    ws: Workspace, wire: Wire, clock: Clock, drafts: Drafts, kind: str
) -> None:
    plan = lost(ws, wire, drafts[kind](), arrives=False)
    with pytest.raises(OutcomeUnknown, match="may still be on its way"):
        ws.ledger.reconcile(plan.id)
    clock.move(minutes=11)

    assert ws.ledger.reconcile(plan.id).status == "refused"
    assert wire.posts == []


def test_a_message_to_a_contact_whose_number_has_changed_is_left_to_a_person(
    ws: Workspace, wire: Wire, clock: Clock, drafts: Drafts, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = lost(ws, wire, drafts["message"](), arrives=True)
    clock.move(minutes=11)
    changed = plan.model_copy(update={"audience_digest": "of another number"})
    entry = ws._ledger.entry(plan.id)
    monkeypatch.setattr(ws._ledger, "entry", lambda plan_id: entry.model_copy(update={"plan": changed}))

    with pytest.raises(OutcomeUnknown, match=r"have changed since.*Look in SeaX in the conversation"):
        ws.ledger.reconcile(plan.id)


def test_two_campaigns_that_could_be_it_are_left_to_a_person(
    ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock
) -> None:
    plan = lost(ws, wire, campaign_draft(), arrives=True)
    (posted,) = wire.posts
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        colleague.post(posted.url, json=wire.bodies[0]).raise_for_status()
    clock.move(minutes=11)

    with pytest.raises(OutcomeUnknown, match="2 campaigns could be plan"):
        ws.ledger.reconcile(plan.id)


def on_whatsapp() -> CampaignDraft:
    kind, vips = "WHATSAPP_BUSINESS_PLATFORM_MESSAGE", Segment.any_of("vip_customers")
    return CampaignDraft(name="Shipped", type=kind, template="order_shipped", segment=vips, senders=("WhatsApp Line",))


@pytest.mark.parametrize("field", ["template", "links", "media", "start"])
def test_another_campaign_of_its_name_and_text_is_not_taken_for_it(
    ws: Workspace, wire: Wire, sandbox: Sandbox, clock: Clock, field: str
) -> None:
    start = ws.service_time() + timedelta(hours=2)
    draft = campaign_draft().model_copy(update={"start_at": start}) if field == "start" else campaign_draft()
    plan = lost(ws, wire, on_whatsapp() if field == "template" else draft, arrives=True)
    (posted,), body = wire.posts, wire.bodies[0]
    templates = ws.drafts.templates()
    other = templates[(templates["status"] == "APPROVED") & (templates["name"] != "order_shipped")].iloc[0]
    changed = {
        "template": {
            "service_provider_campaign_data": body.get("service_provider_campaign_data", {})
            | {"service_account_template_name": other["name"], "service_account_template_language": other["language"]}
        },
        "links": {"enable_link_shortening": True},
        "media": {"type": "MMS", "media_urls": ["https://example.com/a.png"]},
        "start": {"start_time": (start + timedelta(hours=1)).isoformat()},
    }[field]
    sandbox.clock.advance(timedelta(seconds=30))
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        theirs = colleague.post(posted.url, json=body | changed).raise_for_status().json()["id"]
    clock.move(minutes=11)

    (ours,) = (each.id for each in ws.campaigns() if each.name == plan.draft.name and each.id != theirs)
    assert ws.ledger.reconcile(plan.id).campaign_id == ours


def repeated_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the service repeats media under an address of its own."""
    echo = Client.echo

    def rewritten(client: Client, campaign_id: str) -> CampaignEcho:
        return echo(client, campaign_id).model_copy(update={"media_urls": ("https://example.org/kept.png",)})

    monkeypatch.setattr(Client, "echo", rewritten)


def test_a_campaign_that_the_service_repeats_otherwise_is_left_to_a_person(
    ws: Workspace, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = lost(ws, wire, campaign_draft(), arrives=True)
    repeated_otherwise(monkeypatch)
    clock.move(minutes=11)
    (ours,) = (each.id for each in ws.campaigns() if each.name == plan.draft.name)

    with pytest.raises(OutcomeUnknown, match="1 campaign could be plan"):
        ws.ledger.reconcile(plan.id)
    found = ws.ledger.reconcile(plan.id, found=ours)

    assert (found.status, found.campaign_id) == ("sent", ours)
    assert f"WARNING: it is campaign {ours}, although it has other media." in found.detail


def test_a_campaign_of_a_service_whose_clock_is_behind_is_left_to_a_person(
    ws: Workspace, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = lost(ws, wire, campaign_draft(), arrives=True)
    sent_at = clock() + timedelta(hours=3)  # by our clock
    monkeypatch.setattr("toolkit.sending.reconciling.reconcile.claimed", lambda events, number: (sent_at, None))
    clock.move(hours=4)

    with pytest.raises(OutcomeUnknown, match="1 campaign could be plan"):
        ws.ledger.reconcile(plan.id)
