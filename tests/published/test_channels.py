"""WhatsApp templates and AI agents: found, named in a draft, shown in the plan, and sent as they were shown."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import Clock, campaign_draft
from tests.judge import Judged
from tests.published.test_exact_targets import yes
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError, PlanBlocked, PlanChanged, SendRefused
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.sandbox.published import channels
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


class Posted(httpx.BaseTransport):
    """Passes requests on and keeps what campaigns were asked for."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.bodies: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.bodies.append(json.loads(request.read()))
        return self._inner.handle_request(request)


@pytest.fixture
def wire(served: Judged) -> Posted:
    return Posted(served)


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, wire: Posted, clock: Clock) -> Workspace:
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock)


def on_whatsapp(template: str = "order_shipped", **more: Any) -> CampaignDraft:
    return CampaignDraft(
        name="Shipped",
        type="WHATSAPP_BUSINESS_PLATFORM_MESSAGE",
        template=template,
        segment=Segment.any_of("vip_customers"),
        senders=("WhatsApp Line",),
        **more,
    )


def answered(**more: Any) -> CampaignDraft:
    return campaign_draft("Agent").model_copy(update={"type": "AI_AGENT", "agent": "Ana, orders"} | more)


def codes(plan: Plan) -> dict[str, str]:
    return {finding.code: finding.severity for finding in plan.findings}


def test_templates_and_agents_are_found(ws: Workspace) -> None:
    templates, agents = ws.drafts.templates(), ws.drafts.agents()

    shown = templates.set_index(["name", "language"])["status"].to_dict()
    assert shown[("spring_offer", "es_MX")] == "APPROVED"
    assert shown[("winter_offer", "en_US")] == "PAUSED"
    assert [*agents["name"]] == ["Ana, orders", "Ben, returns"]


def test_a_campaign_on_whatsapp_sends_its_template_to_exactly_those_with_the_channel(
    ws: Workspace, wire: Posted, sandbox: Sandbox
) -> None:
    people = ws.contacts().set_index("id")
    plan = ws.plan(on_whatsapp())
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))

    assert plan.previews[0].text == f"Seasalt Shop\n\nHi {plan.previews[0].name}, your order is on its way."
    assert plan.channel.startswith("the WhatsApp template order_shipped, en_US (utility, approved), of account ")
    assert plan.channel in str(plan)
    assert plan.cost is not None
    assert (plan.cost.total_parts, plan.cost.price) == (plan.recipients, None)
    assert people.loc[list(plan.recipient_ids), "whatsapp_phone"].notna().all()
    (body,) = wire.bodies
    assert body["whatsapp_phone_only"] is True
    assert body["service_provider_campaign_data"] == {
        "service_account_id": channels.ACCOUNT_ID,
        "service_account_template_name": "order_shipped",
        "service_account_template_language": "en_US",
    }
    assert "message" not in body
    logs = ws.logs(receipt.campaign_ids)
    assert sorted(logs["contact_id"]) == sorted(plan.recipient_ids)
    assert set(logs["text"]) == {f"Hi {people['name'][each]}, your order is on its way." for each in plan.recipient_ids}
    assert ws.ledger.check_plan_recipients(plan.id).is_exact
    assert ws.send(yes(ws.plan(on_whatsapp()))).repeated
    assert ws.send(yes(ws.plan(plan.draft))).repeated
    assert len(wire.bodies) == 1


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("winter_offer", "not approved by Meta: its status is PAUSED"),
        ("loyalty_card", "not approved by Meta: its status is PENDING"),
        ("store_tour", "a header with media"),
        ("", "names no template"),
    ],
)
def test_only_an_approved_template_that_can_be_filled_is_approved(ws: Workspace, template: str, why: str) -> None:
    plan = ws.plan(on_whatsapp(template, **({} if template else {"message": "Hello"})))

    with pytest.raises(PlanBlocked, match=why):
        yes(plan)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("spring_offer", "in several languages: use one of spring_offer/en_US, spring_offer/es_MX"),
        ("order_shiped", "no template 'order_shiped': did you mean order_shipped"),
    ],
)
def test_a_template_is_one_or_none(ws: Workspace, template: str, why: str) -> None:
    with pytest.raises(DraftError, match=why):
        ws.plan(on_whatsapp(template))


def test_marketing_to_people_in_the_usa_is_pointed_out(ws: Workspace) -> None:
    marketing = ws.plan(on_whatsapp("spring_offer/es_MX"))

    assert codes(marketing)["WAP002"] == "warn"
    assert any("Meta delivers no marketing templates" in each.message for each in marketing.findings)
    assert "WAP002" not in codes(ws.plan(on_whatsapp()))


def test_a_template_that_changes_after_the_approval_is_not_sent(
    ws: Workspace, wire: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(on_whatsapp()))
    monkeypatch.setattr(
        channels,
        "_TEMPLATES",
        (("order_shipped", "en_US", "APPROVED", "UTILITY", "Buy more.", "TEXT", "Seasalt Shop"),),
    )

    with pytest.raises(PlanChanged, match="the text or an option was edited"):
        ws.send(approval)
    assert wire.bodies == []


def test_a_template_that_is_paused_after_the_approval_is_not_sent(
    ws: Workspace, wire: Posted, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(on_whatsapp()))
    paused = tuple((*row[:2], "PAUSED", *row[3:]) for row in channels._TEMPLATES)
    monkeypatch.setattr(channels, "_TEMPLATES", paused)

    with pytest.raises(SendRefused):
        ws.send(approval)
    assert wire.bodies == []


def test_a_sender_of_texts_has_no_template(ws: Workspace) -> None:
    with pytest.raises(DraftError, match="no template 'order_shipped'"):
        ws.plan(on_whatsapp().model_copy(update={"senders": ("Marketing Line",)}))


def test_a_control_group_is_left_out_on_whatsapp_too(ws: Workspace, wire: Posted) -> None:
    halves = Experiment(name="does it help", arms={"told": 0.5, "control": 0.5})
    plan = ws.plan(on_whatsapp(experiment=halves, messages={"control": None}, overrides={"EXP001": "a rehearsal"}))
    ws.send(yes(plan))

    (body,) = wire.bodies
    assert body["name"] == "Shipped, told"
    assert plan.assigned["control"]
    with pytest.raises(DraftError, match="`messages` has a text"):
        on_whatsapp(experiment=halves, messages={"told": "Hello"})


def test_an_ai_agent_is_named_shown_and_asked_for(ws: Workspace, wire: Posted, sandbox: Sandbox) -> None:
    plan = ws.plan(answered())
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))

    (body,) = wire.bodies
    assert (body["type"], body["message"]) == ("AI_AGENT", answered().message)
    assert body["ai_agent_conversation_config_id"] == ws.drafts.agents().set_index("name")["id"]["Ana, orders"]
    assert plan.channel.startswith("the AI agent Ana, orders (")
    assert codes(plan)["AGT001"] == "info"
    assert sorted(ws.logs(receipt.campaign_ids)["contact_id"]) == sorted(plan.recipient_ids)


def test_another_agent_is_another_plan(ws: Workspace) -> None:
    assert ws.plan(answered()).digest != ws.plan(answered(agent="Ben, returns")).digest
    with pytest.raises(DraftError, match="no AI agent 'Ana' for texts"):
        ws.plan(answered(agent="Ana"))
    with pytest.raises(PlanBlocked, match="names no agent of this service"):
        yes(ws.plan(answered(agent="")))


def test_a_test_of_a_campaign_on_whatsapp_is_refused() -> None:
    with pytest.raises(DraftError, match="test it in SeaX itself"):
        on_whatsapp().as_test()


def test_a_service_that_lists_neither_says_so(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    guided = connect(Settings(home=tmp_path, dialect="guide"), sandbox=sandbox, now=clock)

    for draft in (on_whatsapp(message=""), answered()):
        with pytest.raises(PlanBlocked, match="Send it in SeaX itself, as this service lists none"):
            yes(guided.plan(draft))
