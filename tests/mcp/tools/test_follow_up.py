"""Where an answer leads: what was scheduled can be found and canceled, and no sentence sends a model to a dead end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.builders import Clock
from tests.mcp.host import DRAFT, Host, ask, said
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

pytestmark = pytest.mark.anyio
LATER = DRAFT | {"by_zone": True, "local_time": "15:00"}


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Workspace:
    """Where campaigns can be canceled."""
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, now=clock, face="mcp")


async def test_a_timetable_is_no_start_at_once(host: Host) -> None:
    async with host.client() as client:
        planned = await ask(client, "plan_campaign", **LATER)
        await ask(client, "send_plan", plan_id=planned["plan_id"])

    assert "Starts: each step at its own time, by itself" in host.questions[0]
    assert "at once" not in host.questions[0]


async def test_of_several_campaigns_all_that_still_go_are_named_after_one_is_canceled(host: Host) -> None:
    async with host.client() as client:
        planned = await ask(client, "plan_campaign", **LATER)
        sent = await ask(client, "send_plan", plan_id=planned["plan_id"])
        first = sent["outcome"]["campaign_id"]
        canceled = (await ask(client, "halt_sending", campaign=first))["next_step"]
        withdrawn = (await ask(client, "withdraw_plan", plan_id=planned["plan_id"]))["next_step"]

    assert "find_campaigns lists them" in sent["next_step"]
    for words in (canceled, withdrawn):
        assert re.search(r"scheduled \d+ campaigns that start later and go out anyway: one to", words)
        assert words.endswith("call halt_sending with its campaign. find_campaigns lists all.")
        assert f"({first})" not in words


async def test_personal_texts_are_no_list_of_steps(host: Host) -> None:
    async with host.client() as client:
        texts = {"message": "Seasalt Shop is open. Reply STOP.", "personal": True}
        planned = await ask(client, "plan_campaign", **DRAFT | texts)
        sent = await ask(client, "send_plan", plan_id=planned["plan_id"])

    assert planned["steps"] == ""
    assert "Step 1" not in host.questions[0]
    assert ("get_campaign_report" in sent["next_step"]) is bool(sent["outcome"]["campaign_id"])


@pytest.mark.parametrize(
    ("tool", "arguments", "leads"),
    [
        (
            "query_logs",
            {"since": "2026-03-02", "until": "2026-03-01"},
            "since 2026-03-02 is later than until 2026-03-01",
        ),
        ("get_plan", {"plan_id": "plan_0000000000000000"}, "get_status lists the open ones"),
        ("plan_campaign", DRAFT | {"start_at": "2026-03-01T10:00:00"}, "write it as 2026-12-01T17:00-05:00. Nothing"),
        ("plan_campaign", DRAFT | {"type": "AI_AGENT", "through": "Ana"}, "the analyst sees their names in SeaX"),
    ],
)
async def test_a_refusal_leads_on(host: Host, tool: str, arguments: dict[str, object], leads: str) -> None:
    async with host.client() as client:
        refused = await client.call_tool(tool, arguments)

    assert refused.is_error
    assert leads in said(refused)


async def test_rows_that_a_service_does_not_count_are_not_none(host: Host, tmp_path: Path, ws: Workspace) -> None:
    async with host.client() as client:
        folder = Path((await ask(client, "get_status"))["exchange_folder"])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "people.csv").write_text("name,phone\nCy,+12025550171\n", encoding="utf-8")
        planned = await ask(client, "plan_import", name="people", file="people.csv")
        sent = await ask(client, "send_plan", plan_id=planned["plan_id"])
        job = await ask(client, "get_job", job_id=sent["outcome"]["job_id"])

    assert (job["total"], job["processed"]) == (None, None)
