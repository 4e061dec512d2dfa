"""What the tools say when the service refuses, breaks off, or the plan is not theirs to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from mcp_server.connection import Connection
from mcp_server.question import question
from mcp_server.server import build_server
from tests.builders import Clock
from tests.mcp.host import DRAFT, MODES, Host, ask, cancel, plan, said
from toolkit.errors import SendRefused
from toolkit.sandbox import Sandbox
from toolkit.sending.draft import MessageDraft
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

Sent = Callable[[], int]
pytestmark = pytest.mark.anyio


class Wire(httpx.BaseTransport):
    """The embedded service behind a wire; `fault` replaces or breaks the answer to the next POST."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._service = sandbox.transport()
        self.fault: Callable[[httpx.BaseTransport, httpx.Request], httpx.Response] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and self.fault:
            fault, self.fault = self.fault, None
            return fault(self._service, request)
        return self._service.handle_request(request)


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    return Wire(sandbox)


@pytest.fixture(params=MODES)
def host(request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Iterator[Host]:
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as workspace:
        yield Host(build_server(Connection(lambda: workspace)), request.param)


async def test_a_refusal_of_the_service_sends_nothing_and_the_person_is_asked_again(
    host: Host, wire: Wire, sent: Sent
) -> None:
    wire.fault = lambda service, request: httpx.Response(429, json={"message": "Slow down", "retry_after": 5})
    async with host.client() as client:
        plan_id = await plan(client)
        refused = await client.call_tool("send_campaign", {"plan_id": plan_id})
        answer = await ask(client, "send_campaign", plan_id=plan_id)

    assert said(refused).startswith("Nothing was sent: The service is limiting requests")
    assert answer["outcome"]["status"] == "sent"
    assert (len(host.questions), sent()) == (2, 1)


async def test_a_lost_answer_is_unknown_and_never_sent_again(host: Host, wire: Wire, sent: Sent) -> None:
    def lose(service: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        service.handle_request(request)
        raise httpx.ReadError("the connection broke", request=request)

    wire.fault = lose
    async with host.client() as client:
        plan_id = await plan(client)
        lost = await client.call_tool("send_campaign", {"plan_id": plan_id})
        again = await client.call_tool("send_campaign", {"plan_id": plan_id})
        report = await ask(client, "get_plan", plan_id=plan_id)

    assert "no definite answer came" in said(lost)
    assert "Nothing was sent now" in said(again)
    assert report["state"] == report["outcome"]["status"] == "unknown"
    assert "do not plan it anew" in report["next_step"]
    assert (len(host.questions), sent()) == (1, 1)


async def test_a_single_message_is_not_sent_as_a_campaign(host: Host, ws: Workspace) -> None:
    one = ws.contacts().dropna(subset="phone")["id"].iloc[-1]
    other = ws.plan(MessageDraft(message="Hi. STOP to opt out.", contact_id=one, sender="Marketing Line"))
    async with host.client() as client:
        result = await client.call_tool("send_campaign", {"plan_id": other.id})
        report = await ask(client, "get_plan", plan_id=other.id)

    assert "is a message, and this sends campaigns" in said(result)
    assert (report["kind"], report["text"], report["start_at"]) == ("message", "Hi. STOP to opt out.", None)
    assert host.questions == []


@pytest.mark.parametrize("tool", ["get_plan", "send_campaign", "withdraw_plan"])
async def test_a_plan_of_another_workspace_is_out_of_reach(host: Host, tmp_path: Path, tool: str) -> None:
    async with host.client() as client:
        plan_id = await plan(client)
    settings = Settings(home=tmp_path, api_key=SecretStr("0" * 64), workspace_id="other")
    with connect(settings, transport=httpx.MockTransport(lambda request: httpx.Response(500))) as live:
        async with Host(build_server(Connection(lambda: live)), host.mode).client() as client:
            result = await client.call_tool(tool, {"plan_id": plan_id})

    assert "There is no plan" in said(result)


async def test_the_question_names_everything_the_yes_is_bound_to(host: Host, ws: Workspace) -> None:
    async with host.client(cancel) as client:
        plan_id = await plan(client)
        await ask(client, "send_campaign", plan_id=plan_id)

    kept = ws.get_plan(plan_id).plan
    left_out = [step for step in kept.waterfall if step.outcome != "recipient"]
    assert host.questions[0].split("\n") == [
        f"Send this SMS campaign to {kept.recipients:,} recipients?",
        f"Workspace: embedded workspace, nobody real ({ws.id})",
        "Campaign: Spring Sale",
        "From: Marketing Line +1234567890",
        f"Recipients: {kept.recipients:,} of {kept.selected:,} selected",
        "Left out: " + ", ".join(f"{step.count} {step.outcome.replace('_', ' ')}" for step in left_out),
        "Starts: at once, and cannot be recalled",
        f"Parts: {kept.recipients} in all, 1 each (GSM-7)",
        *(f"{finding.severity.capitalize()}: {finding.message}" for finding in kept.findings),
        f"Plan: {plan_id}, digest {kept.digest[:12]}",
        f"Text: {DRAFT['message']}",
    ]


async def test_the_question_repeats_what_speaks_against_the_plan(host: Host) -> None:
    async with host.client(cancel) as client:
        await ask(client, "send_campaign", plan_id=await plan(client, message="Sale!"))

    assert "Warn: The text does not say how to opt out." in host.questions[0].split("\n")


async def test_the_question_tells_a_live_workspace_and_every_option(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        kept = ws.get_plan(await plan(client)).plan
    options: dict[str, Any] = {
        "media_urls": (f"https://example.com/{'a' * 300}.png",),
        "attach_labels": ("spring",),
        "shorten_links": True,
    }
    draft = kept.draft.model_copy(update=options | {"end_at": kept.created_at})

    lines = question(kept.model_copy(update={"live": True, "draft": draft, "waterfall": ()})).split("\n")

    assert f"Workspace: LIVE workspace, real people ({ws.id})" in lines
    assert {
        "Left out: nobody",
        f"Ends: {kept.created_at.isoformat()}",
        f"Media: {options['media_urls'][0]}",
        "Labels put on recipients: spring",
        "Links: shortened",
    } <= set(lines)


def test_a_plan_without_a_campaign_has_no_question(ws: Workspace) -> None:
    one = ws.contacts().dropna(subset="phone")["id"].iloc[-1]

    with pytest.raises(SendRefused, match="is a message"):
        question(ws.plan(MessageDraft(message="Hi.", contact_id=one, sender="Marketing Line")))
