"""What the tools say when the service refuses, breaks off, or the plan is not theirs to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from mcp_server.connection import Connection
from mcp_server.options import Options
from mcp_server.question import question
from mcp_server.server import build_server
from tests.builders import Clock
from tests.mcp.host import DRAFT, MODES, Host, ask, bare, cancel, plan, said, table
from toolkit.sandbox import Sandbox
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
        yield Host(build_server(Connection(lambda: workspace, Options.at(tmp_path)), are_limited=False), request.param)


async def test_a_refusal_of_the_service_sends_nothing_and_the_person_is_asked_again(
    host: Host, wire: Wire, sent: Sent
) -> None:
    wire.fault = lambda service, request: httpx.Response(429, json={"message": "Slow down", "retry_after": 5})
    async with host.client() as client:
        plan_id = await plan(client)
        refused = await client.call_tool("send_plan", {"plan_id": plan_id})
        answer = await ask(client, "send_plan", plan_id=plan_id)

    assert said(refused) == "Nothing was sent: The service is limiting requests; wait 5 s and try again."
    assert answer["outcome"]["status"] == "sent"
    assert (len(host.questions), sent()) == (2, 1)


async def test_a_lost_answer_is_unknown_and_never_sent_again(host: Host, wire: Wire, sent: Sent) -> None:
    def lose(service: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        service.handle_request(request)
        raise httpx.ReadError("the connection broke", request=request)

    wire.fault = lose
    async with host.client() as client:
        plan_id = await plan(client)
        lost = await client.call_tool("send_plan", {"plan_id": plan_id})
        again = await client.call_tool("send_plan", {"plan_id": plan_id})
        report = await ask(client, "get_plan", plan_id=plan_id)

    assert "no definite answer came" in said(lost)
    assert "Nothing was sent now" in said(again)
    assert report["state"] == report["outcome"]["status"] == "unknown"
    assert "do not plan it anew" in report["next_step"]
    assert (len(host.questions), sent()) == (1, 1)


async def test_a_single_message_is_asked_about_and_sent_once(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        found = await ask(client, "find_contacts", segment="phone starts with +1 and not labels:DNC", limit=1)
        contact = table(found["rows"])[0]["id"]
        report = await ask(
            client, "plan_message", contact=contact, message="Hi. STOP to opt out.", sender="Marketing Line"
        )
        answer = await ask(client, "send_plan", plan_id=report["plan_id"])
        again = await ask(client, "send_plan", plan_id=report["plan_id"])

    lines = host.questions[0].split("\n")
    assert (report["kind"], bare(report["text"]), report["start_at"]) == ("message", "Hi. STOP to opt out.", None)
    assert (answer["outcome"]["status"], again["outcome"]["status"]) == ("sent", "already_sent")
    assert lines[0] == "Send this message to one person?"
    assert "Recipients: 1 of 1 selected" in lines
    assert lines[-1] == "Text: Hi. STOP to opt out."
    assert len(host.questions) == 1


async def test_a_file_is_imported_from_the_exchange_folder_alone(host: Host, ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "new.csv").write_text("name,phone,labels\nNew Person,+12025550199,vip_customers\n")
    (tmp_path / "outside.csv").write_text("name,phone\nA,+12025550198\n")
    (folder / "way-out.csv").symlink_to(tmp_path / "outside.csv")
    (folder / "notes.txt").write_text("name,phone\n")
    async with host.client() as client:
        refused = [
            await client.call_tool("plan_import", {"file": name, "name": "x"})
            for name in ("../outside.csv", "way-out.csv", "notes.txt", "none.csv", str(tmp_path / "outside.csv"), "..")
        ]
        report = await ask(client, "plan_import", file="new.csv", name="Spring fair")
        answer = await ask(client, "send_plan", plan_id=report["plan_id"])
        job = await ask(client, "get_job", job_id=answer["outcome"]["job_id"])

    assert all(result.is_error for result in refused)
    assert (report["kind"], report["recipients"]) == ("import", 1)
    assert host.questions[0].startswith("Import these 1 rows as contacts?")
    assert answer["outcome"]["status"] == "sent"
    assert f"get_job with job_id={job['id']}" in answer["next_step"]
    assert "get_campaign_report" not in answer["next_step"]
    assert job["total"] == 1


@pytest.mark.parametrize("tool", ["get_plan", "send_plan", "withdraw_plan"])
async def test_a_plan_of_another_workspace_is_out_of_reach(host: Host, tmp_path: Path, tool: str) -> None:
    async with host.client() as client:
        plan_id = await plan(client)
    settings = Settings(home=tmp_path, api_key=SecretStr("0" * 64), workspace_id="other")
    with connect(settings, transport=httpx.MockTransport(lambda request: httpx.Response(500))) as live:
        async with Host(build_server(Connection(lambda: live, Options.at(tmp_path))), host.mode).client() as client:
            result = await client.call_tool(tool, {"plan_id": plan_id})

    assert "There is no plan" in said(result)


async def test_the_question_names_everything_the_yes_is_bound_to(host: Host, ws: Workspace) -> None:
    async with host.client(cancel) as client:
        plan_id = await plan(client)
        await ask(client, "send_plan", plan_id=plan_id)

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
        await ask(client, "send_plan", plan_id=await plan(client, message="Sale!"))

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


async def test_what_a_campaign_can_be_given_is_planned_and_asked_about(host: Host, ws: Workspace) -> None:
    given = {"start_at": "2026-03-04T12:00:00Z", "end_at": "2026-03-05T12:00:00Z", "shorten_links": True}
    async with host.client(cancel) as client:
        plan_id = await plan(client, **given, attach_labels=["newsletter"])
        await ask(client, "send_plan", plan_id=plan_id)

    kept = ws.get_plan(plan_id).plan.draft
    assert kept.kind == "campaign"
    assert (kept.shorten_links, kept.attach_labels, kept.by_zone) == (True, ("newsletter",), False)
    assert {
        "Starts: 2026-03-04T12:00:00+00:00",
        "Ends: 2026-03-05T12:00:00+00:00",
        "Labels put on recipients: newsletter",
        "Links: shortened",
    } <= set(host.questions[0].split("\n"))


async def test_a_campaign_by_zone_is_asked_about_step_by_step(host: Host, sent: Sent) -> None:
    everyone = {"any_of": [], "none_of": [], "segment": "phone starts with +1"}
    async with host.client() as client:
        report = await ask(client, "plan_campaign", **DRAFT | everyone, by_zone=True, start_at="2026-03-04T08:00:00Z")
        answer = await ask(client, "send_plan", plan_id=report["plan_id"])

    steps = table(report["steps"])
    lines = [line for line in host.questions[0].split("\n") if line.startswith("Step ")]
    assert sum(int(step["recipients"]) for step in steps) == report["recipients"]
    assert len(lines) == len(steps) == sent() > 1
    assert all(step["start_at"] for step in steps)
    assert answer["outcome"]["status"] == "sent"


@pytest.mark.parametrize("mode", MODES)
async def test_a_test_goes_to_the_operators_own_numbers_and_nothing_else_does_in_that_mode(
    tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock, sent: Sent, mode: str
) -> None:
    (tmp_path / "policy.toml").write_text('test_numbers = ["+12025550147", "+12025550148"]')
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock, mode="test") as workspace:
        here = Connection(lambda: workspace, Options.at(tmp_path, mode="test"))
        host = Host(build_server(here, are_limited=False), mode)
        async with host.client() as client:
            refused = await client.call_tool("send_plan", {"plan_id": await plan(client)})
            test = await ask(client, "plan_campaign", **DRAFT, as_test=True)
            answer = await ask(client, "send_plan", plan_id=test["plan_id"])

    assert "mode test does not send" in said(refused)
    assert (test["kind"], test["recipients"]) == ("test", 2)
    assert host.questions[-1].startswith("Send this test to 2 of your own numbers?\n")
    assert (answer["outcome"]["status"], sent()) == ("sent", 0)
