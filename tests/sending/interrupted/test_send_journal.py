"""What a home keeps of its sends beside a team's ledger: merged when it is back, and missed when it has forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.builders import START, Clock, campaign_draft
from tests.ledger.team import TeamLedger, copy_of
from tests.ledger.test_ledger import approved, plan_of, receipt_of
from tests.sending.approving import state, yes
from tests.sending.interrupted.test_team_ledger_lost import opened
from tests.wire import Wire
from toolkit.audience.segment import Segment
from toolkit.cli.app import app
from toolkit.errors import (
    Halted,
    LedgerTampered,
    LedgerUnavailable,
    OutcomeUnknown,
    SettingsError,
    ToolkitError,
)
from toolkit.ledger.ledger import Ledger
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.plans.states import StepState
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def no_settling(*_: object, **__: object) -> None:
    raise LedgerUnavailable("The ledger cannot be used.")


def sent_while_lost(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """A plan whose one request was answered while the ledger could not be reached."""
    plan = ws.plan(campaign_draft())
    approval = yes(plan)
    with monkeypatch.context() as lost:
        lost.setattr(Ledger, "settle", no_settling)
        with pytest.raises(OutcomeUnknown, match="kept in this home"):
            ws.send(approval)
    return plan


# The ledger was lost, and is back


def test_what_came_back_while_the_ledger_was_lost_is_recorded_by_reconcile_at_once(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(team.address(), tmp_path, sandbox, wire, clock) as ws:
        plan = sent_while_lost(ws, monkeypatch)

        receipt = ws.ledger.reconcile(plan.id)

        assert receipt.status == "sent"
        assert sandbox.campaigns()[str(receipt.campaign_id)] == plan.draft.name
        assert [each.event for each in ws.ledger.events(plan.id)][-2:] == ["sending", "sent"]
        assert (len(wire.posts), [*tmp_path.glob("sent-*/*.due")]) == (1, [])


def test_what_was_found_meanwhile_from_another_home_stays(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        opened(team.address(), tmp_path / "here", sandbox, wire, clock) as here,
        opened(team.address("ben"), tmp_path / "there", sandbox, wire, clock) as there,
    ):
        plan = sent_while_lost(here, monkeypatch)
        clock.move(minutes=11)
        found = there.ledger.reconcile(plan.id)

        receipt = here.send(here.approvals.latest(plan.id))

        assert (receipt.repeated, receipt.campaign_id) == (True, found.campaign_id)
        assert here.ledger.events(plan.id)[-1].event == "sent, too late"
        assert (len(wire.posts), here.ledger.audit("").is_whole) == (1, True)


@pytest.mark.parametrize(("claims", "stands"), [(1, "approved"), (2, "sending")])
def test_a_rejection_that_was_kept_frees_its_own_claim_alone(
    tmp_path: Path, team: TeamLedger, claims: int, stands: StepState
) -> None:
    here, there = Ledger(team.address(), tmp_path), Ledger(team.address("ben"))
    approval = approved(here, plan_of())
    assert here.claim(approval, 1, at=START)
    assert here.keep_answer("plan_1", receipt_of("waiting"))
    if claims == 2:
        there.settle("plan_1", receipt_of("waiting"), who="ben")
        assert there.claim(approval, 1, at=START + timedelta(minutes=1))

    here.merge_answers()

    assert here.entry("plan_1").state == stands
    assert here.verify().is_whole


def test_nothing_is_kept_of_what_was_not_claimed_from_here_nor_beside_a_file(tmp_path: Path, team: TeamLedger) -> None:
    approved(here := Ledger(team.address(), tmp_path), plan_of())

    assert not here.keep_answer("plan_1", receipt_of("sent"))
    assert not Ledger(tmp_path / "ledger.sqlite3", tmp_path).keep_answer("plan_1", receipt_of("sent"))


# The ledger is back, and has forgotten


def two_campaigns() -> CampaignDraft:
    """A draft that takes two requests."""
    segment = Segment.all_of("vip_customers", "interest_shoes") | Segment.all_of("newsletter", "tier_gold")
    return campaign_draft().model_copy(update={"segment": segment, "most_campaigns": 2})


def restored(
    when: str, home: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, *, steps: int = 1
) -> tuple[str, Plan, Receipt]:
    """The address of a backup from before a plan was made, approved or sent, and that plan, sent from a home."""
    backup = copy_of(team.address())
    draft = campaign_draft() if steps == 1 else two_campaigns()
    with opened(team.address(), home, sandbox, wire, clock) as ws:
        plan = ws.plan(draft)
        backup = copy_of(team.address()) if when == "planned" else backup
        approval = yes(plan)
        backup = copy_of(team.address()) if when == "approved" else backup
        receipt = ws.send(approval)
    return backup, plan, receipt


def recover(home: Path, backup: str, monkeypatch: pytest.MonkeyPatch, answer: str | None = "checked") -> str:
    """What `seax ledger recover` shows a person who answers so, or somebody without a terminal."""
    with monkeypatch.context() as there:
        there.setattr("toolkit.cli.ledger.is_here", lambda: answer is not None)
        env = {"SEAX_HOME": str(home), "SEAX_LEDGER": backup}
        done = CliRunner().invoke(app, ["ledger", "recover"], input=answer and f"{answer}\n", env=env)
    if isinstance(done.exception, ToolkitError):
        raise done.exception
    return " ".join(done.output.split())


def test_a_ledger_restored_from_before_a_claim_is_noticed_and_sends_nothing(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock
) -> None:
    backup, plan, _ = restored("approved", tmp_path, team, sandbox, wire, clock)

    with opened(backup, tmp_path, sandbox, wire, clock) as ws:
        for _ in range(2):
            with pytest.raises(
                LedgerTampered, match=r"older backup.*seax ledger recover.*Nothing was sent now"
            ) as told:
                ws.send(ws.approvals.latest(plan.id))
        assert f"plan {plan.id}, step 1, to {plan.recipients:,} recipients" in str(told.value)

    assert len(wire.posts) == 1
    (kept,) = tmp_path.glob("sent-*/*.json")
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("steps", [1, 2])
def test_what_a_restored_ledger_has_forgotten_is_claimed_again_and_never_sent_twice(
    tmp_path: Path,
    team: TeamLedger,
    sandbox: Sandbox,
    wire: Wire,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    steps: int,
) -> None:
    backup, plan, receipt = restored("approved", tmp_path, team, sandbox, wire, clock, steps=steps)
    assert len(wire.posts) == steps

    said = recover(tmp_path, backup, monkeypatch)

    assert said.count(f"it counts as being sent: `seax reconcile {plan.id}`") == steps
    assert "nothing to do" in recover(tmp_path, backup, monkeypatch)
    with opened(backup, tmp_path, sandbox, wire, clock) as ws:
        assert state(ws, plan) == "sending"
        found = ws.ledger.reconcile(plan.id)
        again = ws.plan(campaign_draft() if steps == 1 else two_campaigns())
        assert (found.status, found.campaign_ids, again.id) == ("sent", receipt.campaign_ids, plan.id)
        assert ws.send(ws.approvals.latest(plan.id)).repeated
        assert (len(wire.posts), ws.ledger.audit("").is_whole) == (steps, True)


def test_a_claim_that_was_forgotten_with_no_answer_to_it_is_looked_up_in_the_service(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, plan, receipt = restored("approved", tmp_path, team, sandbox, wire, clock)
    for answer in tmp_path.glob("sent-*/*.done"):
        answer.unlink()

    recover(tmp_path, backup, monkeypatch)

    with opened(backup, tmp_path, sandbox, wire, clock) as ws:
        with pytest.raises(OutcomeUnknown):
            ws.send(ws.approvals.latest(plan.id))
        assert ws.ledger.reconcile(plan.id).campaign_ids == receipt.campaign_ids
    assert len(wire.posts) == 1


@pytest.mark.parametrize(
    ("when", "says"), [("planned", "it is withdrawn; plan the same"), ("before", "it is not in the ledger any more")]
)
def test_what_a_restored_ledger_cannot_know_is_left_to_the_person_who_looked(
    tmp_path: Path,
    team: TeamLedger,
    sandbox: Sandbox,
    wire: Wire,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    says: str,
) -> None:
    backup, plan, _ = restored(when, tmp_path, team, sandbox, wire, clock)

    said = recover(tmp_path, backup, monkeypatch)

    assert f"plan {plan.id}, step 1" in said
    assert says in said
    with opened(backup, tmp_path, sandbox, wire, clock) as ws:
        if when == "planned":
            assert state(ws, plan) == "withdrawn"
        assert ws.send(yes(ws.plan(campaign_draft("Another")))).status == "sent"
        assert ws.ledger.audit("").is_whole


def test_nobody_but_a_person_who_looked_recovers_a_ledger(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup, plan, _ = restored("approved", tmp_path, team, sandbox, wire, clock)

    for answer, says in ((None, "in a terminal"), ("yes", "checked was not typed")):
        with pytest.raises(SettingsError, match=says):
            recover(tmp_path, backup, monkeypatch, answer)
    Ledger(backup).halt(by="ben")
    with pytest.raises(Halted, match="Then run `seax ledger recover`"):
        recover(tmp_path, backup, monkeypatch)
    Ledger(backup).resume(by="ben")

    with opened(backup, tmp_path, sandbox, wire, clock) as ws, pytest.raises(LedgerTampered):
        ws.send(ws.approvals.latest(plan.id))
    assert len(wire.posts) == 1
