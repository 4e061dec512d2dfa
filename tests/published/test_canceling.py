# One file: one act, canceling, in every state and from every interface.
"""A campaign that is scheduled or running is canceled from every interface, and how many had been sent is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.builders import START, Clock, campaign_draft, in_both_ledgers
from tests.filling import new_sandbox
from tests.judge import Judged
from tests.mcp.host import Host, ask
from tests.sending.interrupted import killed_sends
from tests.terminal import at_terminal
from tests.test_cli import seax
from toolkit.errors import CanaryStopped, InvalidRequest, LedgerUnavailable, ModeForbids, NotFound, NotSupported
from toolkit.ledger.ledger import Ledger
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.settings import Settings
from toolkit.widgets import CampaignMonitor
from toolkit.workspace import Workspace, connect


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, served: Judged, clock: Clock, ledger_address: str | None) -> Workspace:
    settings = Settings(home=tmp_path, dialect="published")
    return connect(settings, sandbox=sandbox, transport=served, now=clock, ledger=ledger_address)


def send(ws: Workspace, *, in_hours: float = 0, name: str = "Spring Sale") -> Receipt:
    start = ws.service_time() + timedelta(hours=in_hours) if in_hours else None
    plan = ws.plan(campaign_draft(name).model_copy(update={"start_at": start}))
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def no_pause(seconds: float) -> None:
    """Nothing is waited for: the service answers at once."""


def test_the_rest_of_a_campaign_whose_first_few_were_canceled_is_never_sent(
    tmp_path: Path, sandbox: Sandbox, served: Judged, clock: Clock
) -> None:
    (tmp_path / "policy.toml").write_text("canary_above = 20\ncanary_size = 15\n", encoding="utf-8")
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=served, now=clock)
    plan = ws.plan(campaign_draft("First few").model_copy(update={"start_at": ws.service_time() + timedelta(hours=3)}))
    first = ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    assert first.status == "partial"

    ws.cancel(str(first.campaign_id), why="wrong link", by="ana")
    partial = ws.get_plan(plan.id).receipt
    assert partial is not None
    assert not partial.is_canceled  # the rest waits
    with pytest.raises(CanaryStopped, match="The first few were canceled"):
        ws.send(ws.approvals.latest(plan.id))

    assert ws.get_plan(plan.id).state == "stopped"
    assert [each.id for each in ws.campaigns() if each.name.startswith("First few")] == [first.campaign_id]


@in_both_ledgers
def test_one_that_is_scheduled_is_canceled_and_nothing_of_it_is_sent(
    ws: Workspace, sandbox: Sandbox, clock: Clock
) -> None:
    receipt = send(ws, in_hours=3)
    assert [campaign.id for campaign in ws.ledger.unfinished()] == [receipt.campaign_id]

    done = ws.cancel(str(receipt.campaign_id), why="wrong link", by="ana")
    clock.move(hours=9)
    sandbox.clock.advance(timedelta(hours=9))

    assert (done.is_canceled, done.sent) == (True, 0)
    assert f"0 of {receipt.recipients:,} had been sent, {receipt.recipients:,} are not sent any more" in str(done)
    assert set(ws.logs(str(receipt.campaign_id))["status"]) == {"canceled"}
    entry = ws.get_plan(receipt.plan_id)
    assert (ws.ledger.unfinished(), ws.ledger.scheduled()) == ([], [])
    assert str(entry.receipt).startswith(f"canceled: {receipt.campaign_id}")
    assert [(x.event, x.who) for x in ws.ledger.events(receipt.plan_id)][-2:] == [
        ("cancel asked", "ana"),
        ("canceled", "ana"),
    ]
    assert "wrong link" in ws.ledger.events(receipt.plan_id)[-2].detail
    assert ws.ledger.audit().is_whole
    assert ws.send(ws.approvals.latest(receipt.plan_id)).repeated


def test_one_that_runs_is_canceled_with_what_had_been_sent_and_the_log_agrees(
    tmp_path: Path, sandbox: Sandbox, ws: Workspace, clock: Clock
) -> None:
    receipt = send(ws)
    sandbox.clock.advance(timedelta(seconds=0.5))

    done = ws.cancel(str(receipt.campaign_id))
    sandbox.clock.advance(timedelta(hours=9))

    assert done.is_canceled
    assert done.sent is not None
    assert 0 < done.sent < receipt.recipients
    log = ws.logs(str(receipt.campaign_id))
    sent = int(log["status"].isin(["sent", "delivered", "undelivered"]).sum())
    assert done.campaign is not None
    assert done.campaign.statistics is not None
    assert sent + int((log["status"] == "failed").sum()) == done.sent + done.campaign.statistics.failed


def test_one_that_has_ended_is_not_asked_about(ws: Workspace, sandbox: Sandbox, served: Judged) -> None:
    receipt = send(ws)
    sandbox.clock.advance(timedelta(hours=9))

    done = ws.cancel(str(receipt.campaign_id))

    assert (done.is_canceled, done.was_asked) == (False, False)
    assert "has ended (finished), so nothing of it can be canceled" in str(done)
    assert not any(operation.startswith("patch") for operation in served.judged)
    assert "canceled" not in str(ws.get_plan(receipt.plan_id).receipt)


def test_canceling_again_changes_nothing(ws: Workspace, served: Judged) -> None:
    receipt = send(ws, in_hours=3)

    first, second = (ws.cancel(str(receipt.campaign_id)) for _ in range(2))

    assert (first.was_asked, second.was_asked) == (True, False)
    assert "was canceled before: 0 of" in str(second)
    assert sum(count for operation, count in served.judged.items() if operation.startswith("patch")) == 1


@in_both_ledgers
def test_one_sent_elsewhere_is_canceled_and_recorded_without_a_plan(
    tmp_path: Path, ws: Workspace, sandbox: Sandbox, clock: Clock
) -> None:
    (tmp_path / "other").mkdir()
    elsewhere = connect(Settings(home=tmp_path / "other", dialect="published"), sandbox=sandbox, now=clock)
    receipt = send(elsewhere, in_hours=3)
    send(ws, name="Ours")

    done = ws.cancel(str(receipt.campaign_id))

    assert done.is_canceled
    assert receipt.campaign_id not in {campaign.id for campaign in ws.ledger.unfinished()}
    assert ws.ledger.audit().is_whole
    send(ws, name="After it")  # the ledger is as good as before


def test_a_service_that_deletes_what_has_not_begun_is_asked_so(tmp_path: Path, clock: Clock) -> None:
    box = new_sandbox(
        tmp_path / "s.sqlite3", contacts=400, now=clock, behaviour=Behaviour(published=Published(cancels_by="delete"))
    )
    judged = Judged(box.transport())
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=box, transport=judged, now=clock)
    scheduled, running = send(ws, in_hours=3), send(ws, name="Runs")
    waited: list[float] = []

    later = ws.cancel(str(scheduled.campaign_id), sleep=no_pause)
    now = ws.cancel(str(running.campaign_id), sleep=waited.append)

    assert (later.is_canceled, now.is_canceled) == (True, False)
    assert "the service does not confirm it (status started)" in str(now)
    assert 50 <= sum(waited) <= 70
    assert judged.judged["delete /campaigns/{campaign_id} 204"] == 1
    assert not str(ws.get_plan(running.plan_id).receipt).startswith("canceled")
    assert ws.ledger.events(running.plan_id)[-1].event == "cancel not confirmed"


class Broken(httpx.BaseTransport):
    """The service, whose answer to a PATCH is lost or a refusal."""

    def __init__(self, inner: httpx.BaseTransport, answer: httpx.Response | None) -> None:
        self._inner, self._answer = inner, answer

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PATCH":
            return self._inner.handle_request(request)
        if self._answer is not None:
            return self._answer
        self._inner.handle_request(request).read()
        raise httpx.ReadError("lost", request=request)


class Vanishing(httpx.BaseTransport):
    """The service, which reports no single campaign any more once it was asked to change one."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._is_asked = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._is_asked |= request.method == "PATCH"
        if self._is_asked and request.method in {"PATCH", "GET"} and "/campaigns/" in request.url.path:
            return httpx.Response(404, json={"detail": "Not found."})
        return self._inner.handle_request(request)


@pytest.mark.parametrize("seconds", [0.5, 9 * 3_600], ids=["while it ran", "before it began"])
def test_one_that_is_gone_is_canceled_only_if_it_had_not_begun(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, seconds: float
) -> None:
    edge = Vanishing(sandbox.transport())
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=edge, now=clock)
    has_begun = seconds < 1
    receipt = send(ws, in_hours=0 if has_begun else 12)
    sandbox.clock.advance(timedelta(seconds=seconds))
    waited: list[float] = []

    done = ws.cancel(str(receipt.campaign_id), sleep=waited.append)

    last = ws.ledger.events(receipt.plan_id)[-1]
    entry = ws.get_plan(receipt.plan_id)
    assert entry.receipt is not None
    assert (done.is_gone, done.is_canceled, entry.receipt.is_canceled) == (True, not has_begun, not has_begun)
    assert str(done) in last.detail
    assert sum(waited) == 0, "what is gone is not waited for"
    if has_begun:
        assert done.sent
        assert f"is gone; {done.sent:,} had been sent when it was last seen. Look for" in str(done)
        assert last.event == "cancel not confirmed"
    else:
        assert "is gone: it had not begun, so nothing of it was sent" in str(done)
        assert last.event == "canceled"


def broken(tmp_path: Path, sandbox: Sandbox, clock: Clock, answer: httpx.Response | None) -> Workspace:
    edge = Broken(sandbox.transport(), answer)
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=edge, now=clock)


def test_an_answer_that_was_lost_is_looked_up(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    ws = broken(tmp_path, sandbox, clock, None)
    receipt = send(ws, in_hours=3)

    assert ws.cancel(str(receipt.campaign_id), sleep=no_pause).is_canceled


def test_a_refusal_is_raised_and_recorded(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    refusal = httpx.Response(400, json={"detail": "Only administrators cancel."})
    ws = broken(tmp_path, sandbox, clock, refusal)
    receipt = send(ws)

    with pytest.raises(Exception, match="Only administrators cancel"):
        ws.cancel(str(receipt.campaign_id), sleep=no_pause)

    assert ws.ledger.events(receipt.plan_id)[-1].event == "cancel not confirmed"
    assert [campaign.id for campaign in ws.ledger.unfinished()] == [receipt.campaign_id]


def test_a_ledger_that_cannot_be_written_stops_no_cancel_and_has_it_from_the_next(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = send(ws, in_hours=3)

    def fail(*_: object, **__: object) -> None:
        raise LedgerUnavailable("The disk is full: free some space. Nothing is sent without it.")

    with monkeypatch.context() as broken_ledger:
        broken_ledger.setattr(Ledger, "note_cancel", fail)
        done = ws.cancel(str(receipt.campaign_id))
        again = ws.cancel(str(receipt.campaign_id))
        broken_ledger.setattr(Ledger, "step_of", fail)
        unread = ws.cancel(str(receipt.campaign_id))
    noted_before = ws.ledger.scheduled()
    at_last = ws.cancel(str(receipt.campaign_id), by="ana")
    ws.cancel(str(receipt.campaign_id))

    assert done.is_canceled
    for each in (done, again, unread):
        assert str(each).endswith(
            "It could not be written in the ledger: The disk is full: free some space. Then run it again."
        )
    assert (len(noted_before), ws.ledger.scheduled(), at_last.problem) == (1, [], "")
    entry = ws.get_plan(receipt.plan_id)
    assert entry.receipt is not None
    assert [(step.canceled_at, step.sent_before_cancel) for step in entry.receipt.steps] == [(START, 0)]
    assert [(x.event, x.who) for x in ws.ledger.events(receipt.plan_id)][-1] == ("canceled", "ana")
    assert [x.event for x in ws.ledger.events(receipt.plan_id)].count("canceled") == 1
    assert ws.ledger.audit().is_whole


def test_what_does_not_exist_or_may_not_be_canceled_is_refused(
    tmp_path: Path, ws: Workspace, sandbox: Sandbox, clock: Clock, served: Judged
) -> None:
    receipt = send(ws, in_hours=3)
    guide = connect(Settings(home=tmp_path), sandbox=sandbox, now=clock)
    reading = connect(Settings(home=tmp_path, mode="draft"), sandbox=sandbox, now=clock)

    with pytest.raises((NotFound, InvalidRequest)):
        ws.cancel("00000000-0000-4000-8000-000000000000")
    with pytest.raises(ModeForbids, match="does not allow you to cancel a campaign"):
        reading.cancel(str(receipt.campaign_id))
    with pytest.raises(NotSupported, match=r"open campaign_.* in SeaX under Campaigns, and cancel it there"):
        guide.cancel(f"campaign_{receipt.campaign_id}")
    assert (ws.ledger.can_cancel, guide.ledger.can_cancel) == (True, False)
    assert [campaign.id for campaign in ws.ledger.unfinished()] == [receipt.campaign_id]


def test_a_cancel_killed_at_any_statement_can_be_repeated(tmp_path: Path) -> None:
    stage = tmp_path / "stage"
    plan_id = killed_sends.prepare(stage, "published")
    (tmp_path / "whole").mkdir()
    killed_sends.in_child(killed_sends.send, stage, plan_id)
    whole = killed_sends.copy(stage, tmp_path / "whole")
    _, statements = killed_sends.in_child(killed_sends.cancel, whole, plan_id)
    assert statements > 100

    asked = set()
    for at in range(1, 9):
        (tmp_path / f"run{at}").mkdir()
        folder = killed_sends.copy(stage, tmp_path / f"run{at}")
        killed_sends.in_child(killed_sends.cancel, folder, plan_id, at * statements // 9)
        words, _ = killed_sends.in_child(killed_sends.cancel, folder, plan_id)
        assert "is canceled: 0 of" in words or "was canceled before: 0 of" in words
        ledger = Ledger(folder / "embedded-ledger.sqlite3")
        assert ledger.verify().is_whole
        receipt = ledger.entry(plan_id).receipt
        assert receipt is not None
        assert [bool(step.canceled_at) for step in receipt.steps] == [True, False]
        asked.add(len([each for each in ledger.events(plan_id) if each.event == "cancel asked"]))

    assert asked >= {1, 2}


@pytest.mark.anyio
async def test_an_assistant_cancels_one_and_halts_nothing_else(ws: Workspace, tmp_path: Path) -> None:
    receipt = send(ws, in_hours=3)
    host = Host(build_server(Connection(lambda: ws, Options.at(tmp_path)), are_limited=False), "auto")

    async with host.client() as client:
        done = await ask(client, "halt_sending", campaign=receipt.campaign_id, why="wrong link")
        plan = await ask(client, "get_plan", plan_id=receipt.plan_id)

    assert (done["halted"], ws.switch.reason) == (False, None)
    assert "is canceled: 0 of" in done["next_step"]
    assert "It was canceled afterwards" in plan["next_step"]
    assert ws.ledger.events(receipt.plan_id)[-1].who == "assistant over MCP"


def test_the_monitor_cancels_when_its_button_is_pressed_twice(ws: Workspace) -> None:
    receipt = send(ws, in_hours=3)
    monitor = CampaignMonitor(ws, str(receipt.campaign_id), every=0.01)
    assert monitor._cancel.layout.display == "none"
    monitor.start()
    while monitor.value is None:
        monitor.wait(0.01)
    monitor.stop()
    monitor.wait(5)

    monitor._cancel.click()
    assert not ws.campaign(str(receipt.campaign_id)).is_finished
    monitor._cancel.click()

    assert ws.campaign(str(receipt.campaign_id)).status == "canceled"
    assert "is canceled: 0 of" in monitor._reading.value
    monitor.close()


def test_the_terminal_cancels_one_and_a_halt_offers_the_others() -> None:
    published = Settings.from_environment().model_copy(update={"dialect": "published"})
    with connect(published) as ws:
        first, second, third = (send(ws, in_hours=20, name=name) for name in ("One", "Two", "Three"))

    canceled = seax("cancel", str(first.campaign_id), SEAX_DIALECT="published")
    listed = seax("halt", SEAX_DIALECT="published")
    _, kept = at_terminal("halt", answers=["no"], SEAX_DIALECT="published")
    _, shown = at_terminal("halt", answers=["cancel"], SEAX_DIALECT="published")
    again = seax("plans", SEAX_DIALECT="published")

    assert (canceled.returncode, "is canceled: 0 of" in canceled.stdout) == (0, True)
    assert str(first.campaign_id) not in listed.stdout
    assert all(str(each.campaign_id) in listed.stdout for each in (second, third))
    assert "run `seax cancel` with its id" in listed.stdout
    assert "They go on" in kept
    assert shown.count("is canceled: 0 of") == 2
    assert again.stdout.count("canceled") == 3
