"""What a halt and a withdrawal say of campaigns that the service has, also while it refuses, breaks or is not asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from mcp_server.tools.follow_up import held_in_words
from tests.builders import Clock, campaign_draft
from tests.wire import Wire, fault
from toolkit.api.caller import Caller
from toolkit.cli import halt, plans
from toolkit.cli.app import app
from toolkit.errors import OutcomeUnknown, Unreachable
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Mode, Settings
from toolkit.workspace import Workspace, connect


class Edge(Wire):
    """A wire that refuses the requests that `refuses` names, besides."""

    refuses: Callable[[httpx.Request], bool] = staticmethod(lambda request: False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.refuses(request):
            return httpx.Response(403, json={"detail": "Only administrators do that."})
        return super().handle_request(request)


class Terminal:
    """Commands in this process, for somebody who is at a terminal or not, in one mode or another."""

    def __init__(self, home: Path, sandbox: Sandbox, clock: Clock, patch: pytest.MonkeyPatch) -> None:
        self.edge = Edge(sandbox)
        self._home, self._sandbox, self._clock, self._patch = home, sandbox, clock, patch

    def workspace(self, mode: Mode = "live") -> Workspace:
        settings = Settings(home=self._home, dialect="published", mode=mode)
        ws = connect(settings, sandbox=self._sandbox, transport=self.edge, now=self._clock)
        ws._history = tuple  # as of a live workspace: only the service can be asked
        return ws

    def run(self, *command: str, answer: str | None = None, mode: Mode = "live") -> str:
        for module in (halt, plans):
            self._patch.setattr(module, "connected", lambda: self.workspace(mode))
        self._patch.setattr(halt, "is_here", lambda: answer is not None)
        done = CliRunner().invoke(app, list(command), input=f"{answer}\n")
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    def send(self, name: str, *, is_lost: bool = False) -> Plan:
        """Send a campaign that starts later, and lose its request if told to."""
        self._clock.move(minutes=1)  # what is sent later starts later
        with self.workspace() as ws:
            start = ws.service_time() + timedelta(hours=3)
            plan = ws.plan(campaign_draft(name).model_copy(update={"start_at": start}))
            approval = plan.approve(recipients=plan.recipients, by="ana")
            if not is_lost:
                ws.send(approval)
                return plan
            self.edge.before = fault(httpx.ReadError("broken"))
            with pytest.raises(OutcomeUnknown):
                ws.send(approval)
            self.edge.before = None
            return plan

    def campaign(self, plan: Plan) -> str:
        with self.workspace() as ws:
            return str(receipt.campaign_id) if (receipt := ws.get_plan(plan.id).receipt) else ""


@pytest.fixture
def terminal(tmp_path: Path, sandbox: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("SEAX_HOME", str(tmp_path))
    return Terminal(tmp_path, sandbox, clock, monkeypatch)


def test_a_cancel_that_is_refused_leaves_no_other_out(terminal: Terminal) -> None:
    first, second, third = (terminal.campaign(terminal.send(name)) for name in ("One", "Two", "Three"))
    terminal.edge.refuses = lambda request: request.method in {"PATCH", "DELETE"} and second in request.url.path

    said = terminal.run("halt", answer="cancel")

    assert f"{second} could not be canceled: " in said
    assert "Only administrators do that" in said
    assert said.count("is canceled: 0 of") == 2
    assert "not known here" not in said
    with terminal.workspace() as ws:
        assert {each.campaign_id for each in ws.ledger.scheduled()} == {second}
        assert {ws.campaign(each).status for each in (first, third)} == {"canceled"}


def test_canceling_is_not_offered_where_the_mode_forbids_it(terminal: Terminal) -> None:
    campaign = terminal.campaign(terminal.send("One"))

    said = terminal.run("halt", answer="cancel", mode="draft")

    assert campaign in said
    assert "Type cancel" not in said
    assert "To cancel one, run `seax cancel` with its id and SEAX_MODE=test." in said
    assert "with its id. " in f"{terminal.run('halt')} "


def test_a_halt_names_one_that_may_have_been_scheduled_beside_what_the_service_lists(terminal: Terminal) -> None:
    campaign = terminal.campaign(terminal.send("One"))
    terminal.send("Two", is_lost=True)

    said = terminal.run("halt")

    assert said.count(campaign) == 1
    assert "goes out anyway: 'Two' to" in said
    assert "(if it arrived, which is not known). To stop one, open it in SeaX under Campaigns" in said


def test_a_halt_names_what_the_ledger_has_while_the_service_lists_nothing(terminal: Terminal) -> None:
    campaign = terminal.campaign(terminal.send("One"))
    terminal.send("Two", is_lost=True)
    terminal.edge.refuses = lambda request: request.method == "GET"

    said = terminal.run("halt", answer="cancel")

    assert "what the service is sending now is not known here: check in SeaX" in said
    assert "2 campaigns that start later and go out anyway" in said
    assert f"({campaign}); 'Two' to" in said
    assert "open it in SeaX under Campaigns" in said


def test_a_withdrawal_names_each_way_to_stop_what_was_or_may_have_been_sent(terminal: Terminal) -> None:
    sent, lost = terminal.send("One"), terminal.send("Two", is_lost=True)
    with terminal.workspace() as ws:
        both = ws.ledger.scheduled_words(cancel="To cancel one, type so.")
        assert "To cancel one, call halt_sending with its campaign." in held_in_words(ws, sent.id)
    with terminal.workspace("draft") as ws:
        assert "halt_sending" not in held_in_words(ws, sent.id), "assistants do not have it in this mode"

    by_id, in_seax = "To cancel one, run `seax cancel` with its id.", "open it in SeaX under Campaigns"
    assert f"To cancel one, type so. To stop one without an id, {in_seax}" in both
    for plan, way, other in ((sent, by_id, in_seax), (lost, in_seax, by_id)):
        said = terminal.run("withdraw", plan.id)
        assert (way in said, other in said) == (True, False)


def test_a_withdrawal_is_shown_while_nobody_knows_whether_the_service_cancels(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = terminal.send("One")
    with terminal.workspace() as ws:
        plan = ws.plan(campaign_draft("Two"))
    asked = []

    def fail(caller: Caller) -> None:
        asked.append(caller)
        raise Unreachable("The service cannot be reached: try again later.")

    monkeypatch.setattr(Caller, "speak", fail)

    assert terminal.run("withdraw", plan.id) == "Closed: it is withdrawn."
    assert asked == [], "where nothing is held, nothing is asked"
    said = terminal.run("withdraw", sent.id)
    assert said.startswith("There was nothing to close")
    assert "open it in SeaX under Campaigns" in said
    assert len(asked) == 1
