"""What runs beside the tools: limits, the audit, the mode, and what a long read tells."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import Completion, PromptReference, ResourceTemplateReference

from mcp_server import server as server_module
from mcp_server.connection import Connection
from mcp_server.guard.call_limits import CallLimits
from mcp_server.guard.server_key import server_key
from mcp_server.guard.server_settings import Options
from mcp_server.server import Server, build_server
from tests.mcp.host import DRAFT, Host, ask, decline, plan, said, yes
from toolkit.errors import SettingsError
from toolkit.settings import Settings
from toolkit.workspace import Workspace

pytestmark = pytest.mark.anyio


class Ticks:
    """A clock of seconds that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_tool_called_too_often_waits_and_is_let_in_again() -> None:
    clock = Ticks()
    limits = CallLimits({"send_plan": 2}, clock=clock)
    limits.spend("send_plan")
    limits.spend("send_plan")

    with pytest.raises(ToolError, match="wait 30 s"):
        limits.spend("send_plan")
    clock.at = 30
    limits.spend("send_plan")
    limits.spend("get_status")  # has no limit here


async def test_the_server_limits_its_tools(ws: Workspace, options: Options) -> None:
    async with Host(build_server(Connection(lambda: ws, options)), "2026-07-28").client(decline) as client:
        results = [await client.call_tool("halt_sending", {"why": "x" * 201}) for _ in range(11)]

    assert "do not fit" in said(results[9])
    assert "more than 10 times a minute" in said(results[10])


async def test_every_call_is_written_down_without_what_it_said(server: Server, options: Options) -> None:
    async with Host(server, "legacy").client(yes) as client:
        plan_id = await plan(client)
        await ask(client, "send_plan", plan_id=plan_id)
        await client.call_tool("find_contacts", {"segment": "field.customer_tier = secret"})
        await client.call_tool("nothing", {})

    assert isinstance(options.audit, Path)
    lines = [
        json.loads(line) for line in options.audit.read_text(encoding="utf-8").splitlines() if "tools/call" in line
    ]
    assert [line["name"] for line in lines] == ["plan_campaign", "send_plan", "find_contacts", "nothing"]
    assert [line["outcome"] for line in lines] == ["ok", "ok", "ok", "error"]
    assert {line["host"] for line in lines} == {"test host"}
    assert all(line["ms"] >= 0 for line in lines)
    assert "secret" not in options.audit.read_text(encoding="utf-8")
    assert options.audit.stat().st_mode & 0o077 == 0


async def test_what_cannot_be_written_down_does_not_act(ws: Workspace, options: Options, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    deaf = options.model_copy(update={"audit": tmp_path / "folder"})
    host = Host(build_server(Connection(lambda: ws, deaf), are_limited=False), "2026-07-28")
    async with host.client(yes) as client:
        plan_id = await plan(client)
        result = await client.call_tool("send_plan", {"plan_id": plan_id})

    assert "cannot be recorded" in said(result)
    assert ws.get_plan(plan_id).state == "planned"


async def test_halted_sending_refuses_until_a_person_resumes(host: Host, ws: Workspace) -> None:
    async with host.client(yes) as client:
        plan_id = await plan(client)
        halt = await ask(client, "halt_sending", why="wrong link")
        result = await client.call_tool("send_plan", {"plan_id": plan_id})
        report = await ask(client, "get_plan", plan_id=plan_id)
        ws.switch.resume()
        answer = await ask(client, "send_plan", plan_id=plan_id)

    assert halt["halted"]
    assert "seax resume" in halt["next_step"]
    for words in (said(result), report["next_step"]):
        assert "is halted (assistant over MCP at " in words
        assert "wrong link" in words
        assert "`seax resume`" in words
    assert answer["outcome"]["status"] == "sent"
    assert len(host.questions) == 1  # nobody was asked while sending was halted


async def test_nobody_is_asked_for_what_the_mode_does_not_send(host: Host, ws: Workspace) -> None:
    ws.mode = "test"
    async with host.client(yes) as client:
        report = await ask(client, "plan_campaign", **DRAFT)
        result = await client.call_tool("send_plan", {"plan_id": report["plan_id"]})

    assert (
        "Mode test does not allow sending this: ask the operator of this server to set SEAX_MODE=live"
        in report["next_step"]
    )
    assert "Mode test does not allow sending this" in said(result)
    assert host.questions == []


async def test_contacts_are_read_once_for_many_questions(ws: Workspace, options: Options) -> None:
    clock, reads = Ticks(), []
    snapshot = ws.snapshot
    ws.snapshot = lambda *args, **how: (reads.append(1), snapshot(*args, **how))[1]  # type: ignore[method-assign]
    here = Connection(lambda: ws, options, clock=clock)
    async with Host(build_server(here, are_limited=False), "2026-07-28").client() as client:
        for at in (0.0, 59.0, 61.0):
            clock.at = at
            await ask(client, "find_contacts", limit=0)

    assert len(reads) == 2


async def test_a_long_read_tells_how_far_it_is(server: Server) -> None:
    told: list[tuple[float, float | None]] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append((done, total))

    async with Host(server, "2026-07-28").client() as client:
        await client.session.call_tool("find_contacts", {"segment": "tier = engaged"}, progress_callback=progress)

    done = [each for each, _ in told]
    assert told[0] == (400, 400)  # the contacts; how long the logs behind them are is not known
    assert {total for _, total in told[1:]} == {None}
    assert done == sorted(set(done))


async def test_an_answer_that_would_flood_a_model_is_refused_with_a_way_to_ask_for_less(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "LARGEST_ANSWER", 1_000)
    async with Host(server, "2026-07-28").client() as client:
        flood = await client.call_tool("find_contacts", {"limit": 100})
        count = await client.call_tool("find_contacts", {"limit": 0})

    assert "too large" in said(flood)
    assert "limit" in said(flood)
    assert (flood.is_error, count.is_error) == (True, False)


@pytest.mark.parametrize("flag", ["SEAX_MCP_PII", "SEAX_MCP_WARY"])
def test_a_switch_that_is_neither_yes_nor_no_is_refused(tmp_path: Path, flag: str) -> None:
    with pytest.raises(SettingsError, match=flag):
        Options.from_environment(Settings(home=tmp_path), {flag: "maybe"})


async def test_personal_data_is_shown_if_the_operator_says_so(ws: Workspace, options: Options) -> None:
    shown = options.model_copy(update={"pii": True})
    host = Host(build_server(Connection(lambda: ws, shown), are_limited=False), "2026-07-28")
    frame = ws.contacts()
    async with host.client() as client:
        page = await ask(client, "find_contacts", limit=1)
        history = await ask(client, "get_contact_history", contact=frame["id"].iloc[0])

    assert frame["id"].iloc[0] in page["rows"]
    assert history["contact"] == frame["id"].iloc[0]


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    one, other = server_key(tmp_path, "handles"), server_key(tmp_path, "questions")

    assert one == server_key(tmp_path, "handles") != other
    assert (tmp_path / "mcp.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mcp.key"]


async def test_prompts_and_resources_are_there_and_complete(host: Host, ws: Workspace) -> None:
    async with host.client() as client:
        plan_id = await plan(client)
        prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
        uris = {str(resource.uri) for resource in (await client.list_resources()).resources}
        guide = (await client.read_resource("seax://guide")).contents[0]
        policy = (await client.read_resource("seax://policy")).contents[0]
        preview = (await client.read_resource(f"seax://plans/{plan_id}")).contents[0]
        template = ResourceTemplateReference(type="ref/resource", uri="seax://plans/{plan_id}")
        plans = await client.complete(template, {"name": "plan_id", "value": "plan_"})
        prompt = PromptReference(type="ref/prompt", name="review_failures")
        campaigns = await client.complete(prompt, {"name": "campaign_id", "value": ""})

    skills = {name.replace("_", "-") for name in prompts}
    assert prompts == {
        "explore_engagement", "plan_campaign", "run_experiment", "review_failures", "respect_opt_outs"
    }  # fmt: skip
    own = {"seax://guide", "seax://policy", "seax://labels", "ui://seax/plan"}
    assert uris == {*own, *(f"skill://{x}/SKILL.md" for x in skills)}
    assert "send_plan" in guide.text  # type: ignore[union-attr]
    assert "on the approval page, or signs in one of the latter three" in policy.text  # type: ignore[union-attr]
    assert "a wary server does not accept the form" in policy.text  # type: ignore[union-attr]
    assert plan_id in preview.text  # type: ignore[union-attr]
    assert isinstance(plans.completion, Completion)
    assert plans.completion.values == [plan_id]
    assert campaigns.completion.values[0] == ws.campaign_ids()[-1]


def test_what_is_done_over_mcp_is_told_as_such(tmp_path: Path) -> None:
    with closing(Connection.to(Settings(home=tmp_path), Options.at(tmp_path))) as here:
        assert here.workspace.face == "mcp"
