"""The published API from an assistant and from a terminal: planned, approved by a person, sent once, reported."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.builders import Clock, campaign_draft
from tests.judge import Judged
from tests.mcp.host import MODES, Host, ask, plan
from tests.terminal import at_terminal
from tests.test_cli import seax
from toolkit.cli.app import app
from toolkit.plans.draft import ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_an_assistant_sends_what_a_person_approved_once(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, mode: str
) -> None:
    judged = Judged(sandbox.transport())
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=judged, now=clock)
    host = Host(build_server(Connection(lambda: ws, Options.at(tmp_path)), are_limited=False), mode)

    async with host.client() as client:
        status = await ask(client, "get_status")
        plan_id = await plan(client)
        sent = await ask(client, "send_plan", plan_id=plan_id)
        again = await ask(client, "send_plan", plan_id=plan_id)
        sandbox.clock.advance(timedelta(hours=2))
        campaign_id = str(ws.get_plan(plan_id).receipt.campaign_id)  # type: ignore[union-attr]
        report = await ask(client, "get_campaign_report", campaign_id=campaign_id)
        log = await ask(client, "query_logs", campaigns=[campaign_id], limit=5)

    assert status["campaigns"] == len(ws.campaign_ids()) - 1
    assert (sent["outcome"]["status"], again["outcome"]["status"]) == ("sent", "already_sent")
    assert report["problems"] == []
    assert log["total"] == ws.get_plan(plan_id).plan.recipients
    assert judged.judged["post /campaigns 200"] == 1


def test_every_request_of_the_terminal_is_as_published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Judged] = []
    transport = Sandbox.transport

    def judged(box: Sandbox) -> Judged:
        seen.append(Judged(transport(box)))
        return seen[-1]

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, (arguments, done.output, done.stderr)
        return done.output

    monkeypatch.setenv("SEAX_DIALECT", "published")
    monkeypatch.setattr(Sandbox, "transport", judged)
    file = tmp_path / "fair.csv"
    file.write_text("name,phone\nAda,+12125550142\n", encoding="utf-8")
    with connect() as ws:
        campaign, rows = ws.plan(campaign_draft()), ws.plan(ImportDraft(name="Fair", path=file, on_duplicate="merge"))
        for plan in (campaign, rows):
            plan.approve(recipients=plan.recipients, by="ana")

    sent, again, imported = run("send", campaign.id), run("send", campaign.id), run("send", rows.id)
    with connect() as ws:
        receipts = [ws.get_plan(plan.id).receipt for plan in (campaign, rows)]
    (campaign_id, job_id) = (str(receipts[0].campaign_id), str(receipts[1].job_id))  # type: ignore[union-attr]
    report = run("report", "--output", str(tmp_path / "week.html"))
    job, plans = run("job", job_id), run("plans")

    assert (campaign_id in sent, job_id in imported, "earlier" in again) == (True, True, True)
    assert (report, job, plans) != ("", "", "")
    counts = sum((one.judged for one in seen), Counter())
    assert (counts["post /campaigns 200"], counts["post /import_contacts 201"]) == (1, 1)
    assert counts.total() > 20


def test_what_is_approved_at_a_terminal_is_sent_there_once() -> None:
    published = Settings.from_environment().model_copy(update={"dialect": "published"})
    with connect(published) as ws:
        made = ws.plan(campaign_draft())

    _, approved = at_terminal("approve", made.id, answers=[f"{made.recipients:,}"], SEAX_DIALECT="published")
    refused = seax("send", made.id)
    sent, again = (seax("send", made.id, SEAX_DIALECT="published") for _ in range(2))

    assert f"`seax send {made.id}`" in approved
    assert (refused.returncode, "another version of its API" in refused.stderr) == (1, True)
    assert (sent.returncode, again.returncode) == (0, 0)
    with connect(published) as ws:
        campaigns = ws.campaigns()
        assert [campaign.name for campaign in campaigns].count(campaign_draft().name) == 1
        assert campaigns[0].id in sent.stdout
