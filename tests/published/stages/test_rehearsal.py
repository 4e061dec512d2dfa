"""Two stages and canceling are rehearsed on the operator's own number, under the normal guard."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from mcp_server.connection import Connection
from mcp_server.guard.approval_question import question
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.builders import Clock, campaign_draft
from tests.filling import new_sandbox
from tests.mcp.host import Host, ask
from tests.published.stages.edge import Stages
from toolkit.cli import doctor
from toolkit.errors import (
    ApprovalInvalid,
    ApprovalRefused,
    DraftError,
    Halted,
    ModeForbids,
    NotSupported,
    OutcomeUnknown,
    PlanChanged,
    SendRefused,
    SettingsError,
)
from toolkit.groups.rehearsals import RehearsalReport, Rehearsals
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.sending.evidence import REHEARSED, Evidence, Rehearsed
from toolkit.settings import Mode, Settings
from toolkit.workspace import Workspace, connect

Made = Callable[..., tuple[Workspace, Sandbox, Stages]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def made(tmp_path: Path, clock: Clock) -> Made:
    """A workspace with one contact's number as the operator's own, on a service that behaves as asked."""

    def make(mode: Mode = "live", **answers: bool) -> tuple[Workspace, Sandbox, Stages]:
        behaviour = Behaviour(published=Published(**answers))  # type: ignore[arg-type]
        box = new_sandbox(tmp_path / "sandbox.sqlite3", contacts=400, now=clock, behaviour=behaviour)
        box.clock.advance(timedelta(minutes=15))
        edge, settings = Stages(box), Settings(home=tmp_path, dialect="published")
        with connect(settings, sandbox=box, transport=edge, now=clock) as looking:
            own = looking.audience(campaign_draft().segment).phones.iloc[0]
        (tmp_path / "policy.toml").write_text(f'test_numbers = ["{own}"]\n', encoding="utf-8")
        return connect(settings, sandbox=box, transport=edge, now=clock, mode=mode), box, edge

    return make


def rehearse(ws: Workspace, box: Sandbox, what: Rehearsed = "two stages") -> RehearsalReport:
    plan = ws.rehearsal.plan(what)
    assert "two stages, as a rehearsal" in str(plan)
    approval = plan.approve(recipients=1, by="ana")
    return ws.rehearsal.run(approval, sleep=lambda seconds: box.clock.advance(timedelta(seconds=seconds)))


def texted(ws: Workspace, box: Sandbox) -> dict[str, list[str]]:
    """The numbers in the logs of the rehearsals."""
    ours = [each for each, name in box.campaigns().items() if name.startswith("Rehearsal")]
    return {each: ws.logs(each.removeprefix("campaign_"))["phone"].tolist() for each in ours}


def test_a_rehearsal_proves_two_stages_which_are_used_from_then_on(made: Made, tmp_path: Path) -> None:
    ws, box, edge = made()
    assert ws.plan(campaign_draft()).stages == "one request; two stages are unproven on this account"
    report = rehearse(ws, box)

    assert report.is_proven
    assert "The draft texted nobody for 60 seconds." in report.seen
    assert list(texted(ws, box).values()) == [[ws.policy.test_numbers[0]]]
    kept = json.loads((tmp_path / "service.json").read_text(encoding="utf-8"))
    assert kept[f"{ws._client.host}/{ws.id}"]["rehearsed"]["two stages"]["on"] == "2026-03-03"
    plan = ws.plan(campaign_draft())
    assert "two stages, rehearsed 2026-03-03" in str(plan)
    assert "two stages, rehearsed 2026-03-03" in str(ws.describe())
    edge.asked.clear()
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    assert "at once" not in edge.asked


def test_what_was_approved_in_two_stages_is_not_sent_in_one(made: Made) -> None:
    ws, _, edge = made()
    ws._evidence.keep("two stages", Evidence(on="2026-03-01"))
    plan = ws.plan(campaign_draft())
    approval = plan.approve(recipients=plan.recipients, by="ana")
    ws._evidence.keep("two stages", Evidence())

    with pytest.raises(PlanChanged, match=r"not proven here: run `seax doctor --rehearse`.* Nothing was sent"):
        ws.send(approval)
    assert {*edge.asked} <= {"look"}
    ws._evidence.keep("two stages", Evidence(on="2026-03-03"))
    assert ws.send(approval).status == "sent"


def test_what_is_scheduled_and_canceled_proves_canceling(made: Made) -> None:
    ws, box, _ = made()
    report = rehearse(ws, box, "cancel")
    box.clock.advance(timedelta(days=8))

    assert report.is_proven
    assert ws.rehearsal.seen("cancel").on == "2026-03-03"
    assert ws.campaign(str(report.receipt.campaign_id)).is_canceled
    assert ws.logs(str(report.receipt.campaign_id), statuses=["delivered", "sent"]).empty


def test_where_a_draft_sends_nobody_but_the_own_number_is_texted(made: Made) -> None:
    ws, box, edge = made(does_a_draft_send=True)
    ws._evidence.keep("two stages", Evidence(on="2026-03-01"))
    with pytest.raises(OutcomeUnknown, match="A draft texts people before it is launched"):
        rehearse(ws, box)

    box.clock.advance(timedelta(hours=1))
    assert "launch" not in edge.asked
    assert list(texted(ws, box).values()) == [[ws.policy.test_numbers[0]]]
    assert ws.rehearsal.seen("two stages") == Evidence()
    plan = ws.plan(campaign_draft())
    assert plan.stages == "one request; two stages are unproven on this account"


def test_where_launching_sends_nothing_two_stages_stay_off(made: Made) -> None:
    ws, box, _ = made(does_launching_send=False)
    report = rehearse(ws, box)

    assert not report.is_proven
    assert "Launched, it sent 0 messages" in str(report)
    assert ws.rehearsal.seen("two stages") == Evidence()


def test_an_echo_that_differs_takes_back_what_was_proven(made: Made) -> None:
    ws, box, edge = made()
    ws._evidence.keep("two stages", Evidence(on="2026-03-01"))
    edge.change = lambda campaign: campaign.update(name="Other")
    with pytest.raises(SendRefused, match="its name is 'Other'"):
        rehearse(ws, box)

    assert ws.rehearsal.seen("two stages") == Evidence()
    assert texted(ws, box) == {}


def test_a_rehearsal_needs_a_person_s_count(made: Made) -> None:
    ws, _, edge = made()
    plan = ws.rehearsal.plan()
    with pytest.raises(ApprovalRefused):
        plan.approve(recipients=2, by="ana")
    with pytest.raises(ApprovalInvalid):
        ws.approvals.latest(plan.id)

    assert set(edge.asked) <= {"look"}


def test_a_rehearsal_is_to_the_own_numbers_alone(made: Made) -> None:
    ws, _, edge = made()
    ws._evidence.keep("two stages", Evidence(on="2026-03-01"))
    plan = ws.plan(campaign_draft())
    with pytest.raises(DraftError, match="to the policy's test_numbers alone"):
        ws.rehearsal.run(plan.approve(recipients=plan.recipients, by="ana"), sleep=lambda seconds: None)

    assert set(edge.asked) <= {"look"}
    assert ws.rehearsal.seen("two stages").on == "2026-03-01"


def test_halting_while_a_draft_is_watched_launches_nothing(made: Made) -> None:
    ws, box, edge = made()
    ws._evidence.keep("two stages", Evidence(on="2026-03-01"))
    approval = ws.rehearsal.plan().approve(recipients=1, by="ana")
    with pytest.raises(Halted):
        ws.rehearsal.run(approval, sleep=lambda seconds: ws.switch.halt(by="ben"))

    assert "launch" not in edge.asked
    assert (texted(ws, box), list(ws._client.drafts())) == ({}, [])
    assert ws.rehearsal.seen("two stages").on == "2026-03-01"


def test_in_mode_test_a_rehearsal_is_sent_and_nothing_else(made: Made, clock: Clock) -> None:
    ws, box, _ = made(mode="test")
    assert rehearse(ws, box).is_proven
    clock.move(seconds=5)  # another name
    plan = ws.rehearsal.plan()

    with pytest.raises(ModeForbids):
        ws.send(plan.approve(recipients=1, by="ana"))


def test_without_an_own_contact_or_drafts_there_is_no_rehearsal(made: Made, tmp_path: Path, clock: Clock) -> None:
    _, box, _ = made()
    (tmp_path / "policy.toml").write_text('test_numbers = ["+12025550199"]\n', encoding="utf-8")
    nobody = connect(Settings(home=tmp_path, dialect="published"), sandbox=box, now=clock)
    guide = connect(Settings(home=tmp_path, dialect="guide"), sandbox=box, now=clock)

    with pytest.raises(DraftError, match="import it as a contact"):
        nobody.rehearsal.plan()
    with pytest.raises(NotSupported, match="keeps no drafts"):
        guide.rehearsal.plan()
    assert guide.plan(campaign_draft()).stages == guide.rehearsal.sent_in == ""


def test_at_a_terminal_both_are_rehearsed_once_a_person_has_typed_the_counts(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ws, box, _ = made()
    waits = Rehearsals.run.__kwdefaults__
    monkeypatch.setitem(waits, "sleep", lambda seconds: box.clock.advance(timedelta(seconds=seconds)))
    monkeypatch.setattr(doctor, "connected", lambda: ws)
    monkeypatch.setattr(doctor, "is_here", lambda: True)
    monkeypatch.setattr(doctor, "typed_count", lambda: "1")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    doctor.examine(rehearse=True)

    assert {what: ws.rehearsal.seen(what).on for what in REHEARSED} == dict.fromkeys(REHEARSED, "2026-03-03")
    shown = capsys.readouterr().out
    assert "two stages proven: The service repeated the draft as it was asked for." in shown
    assert "cancel proven:" in shown


@pytest.mark.anyio
async def test_an_assistant_and_whoever_it_asks_read_what_was_rehearsed(made: Made, tmp_path: Path) -> None:
    ws, _, _ = made()
    ws._evidence.keep("two stages", Evidence(on="2026-03-02"))
    host = Host(build_server(Connection(lambda: ws, Options.at(tmp_path)), are_limited=False), "auto")
    async with host.client() as client:
        status = await ask(client, "get_status")

    assert "Campaigns are sent in two stages, rehearsed 2026-03-02." in status["next_steps"]
    assert "Sent in: two stages, rehearsed 2026-03-02\n" in question(ws.plan(campaign_draft()))


def test_without_a_terminal_nothing_is_rehearsed() -> None:
    with pytest.raises(SettingsError, match="run this in a terminal"):
        doctor.examine(rehearse=True)
