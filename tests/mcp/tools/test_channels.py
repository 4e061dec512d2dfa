"""What an assistant plans beside one text: a WhatsApp template, an AI agent, personal texts, a removed label."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Clock, campaign_draft
from tests.mcp.host import DRAFT, Host, ask, bare, said
from toolkit import LabelRemovalDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

pytestmark = pytest.mark.anyio
PERSONAL: dict[str, Any] = DRAFT | {"message": "Hi {name}, Seasalt Shop is open. Reply STOP.", "personal": True}


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Workspace:
    """Where the API is spoken as SeaX publishes it."""
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, now=clock, face="mcp")


async def test_a_template_is_planned_shown_in_the_question_and_sent(host: Host, ws: Workspace) -> None:
    terms = {"message": "", "type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE", "through": "order_shipped"}
    async with host.client() as client:
        planned = await ask(client, "plan_campaign", **DRAFT | terms | {"senders": ["WhatsApp Line"]})
        sent = await ask(client, "send_plan", plan_id=planned["plan_id"])

    assert [bare(each["text"]) for each in planned["texts"]] == ["Seasalt Shop\n\nHi {name}, your order is on its way."]
    assert planned["sent_in"] == "one request; two stages are unproven on this account"
    assert sent["outcome"]["status"] == "sent"
    assert "Through: the WhatsApp template order_shipped, en_US (utility, approved), of account " in host.questions[0]


async def test_an_agent_is_planned(host: Host) -> None:
    async with host.client() as client:
        planned = await ask(client, "plan_campaign", **DRAFT, type="AI_AGENT", through="Ana, orders")
        refused = await client.call_tool("plan_campaign", DRAFT | {"type": "AI_AGENT", "through": "Eve"})

    assert "AGT001" in {finding["code"] for finding in planned["findings"]}
    assert "no AI agent 'Eve'" in said(refused)


async def test_personal_texts_go_to_whom_a_rule_reaches(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        planned = await ask(client, "plan_campaign", **PERSONAL)
        await ask(client, "send_plan", plan_id=planned["plan_id"])
        refused = [
            said(await client.call_tool("plan_campaign", PERSONAL | change))
            for change in (
                {"arms": [{"arm": "friendly", "text": "Ho"}]},
                {"attach_labels": ["vip_customers"]},
                {"by_zone": True},
                {"none_of": ["vip_customers"]},
            )
        ]

    assert planned["kind"] == "messages"
    assert planned["recipients"] == ws.plan(campaign_draft().model_copy(update={"name": "same"})).recipients
    assert "Send a personal message to each of" in host.questions[0]
    assert all("Personal messages" in words for words in refused), json.dumps(refused)


async def test_the_removal_of_a_label_planned_elsewhere_is_sent_after_a_form(
    host: Host, ws: Workspace, sandbox: Sandbox
) -> None:
    plan = ws.plan(ws.imports.label(campaign_draft()))
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(hours=1))
    label = next(label.name for label in ws.snapshot().labels if label.name.startswith("seax:"))
    removal = ws.plan(LabelRemovalDraft(name="Remove it", label=label))

    async with host.client() as client:
        shown = await ask(client, "get_plan", plan_id=removal.id)
        sent = await ask(client, "send_plan", plan_id=removal.id)

    assert (shown["kind"], shown["texts"], shown["recipients"]) == ("label removal", [], removal.recipients)
    assert sent["outcome"]["status"] == "sent"
    assert f"Take a label from {removal.counted}, and delete it?" in host.questions[0]
    assert f"Label: {label}" in host.questions[0]
    assert ws.imports.check_removal(removal.id).is_exact
