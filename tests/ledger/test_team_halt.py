"""A halt in one home of a team stops the others, and goes on when an approver resumes."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from tests.builders import KEY, Clock, campaign_draft
from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, claimed, plan_of
from tests.sending.approving import state, yes
from tests.sending.interrupted.test_team_ledger_lost import opened
from tests.wire import Wire
from toolkit.cli.app import app
from toolkit.errors import Halted, LedgerUnavailable
from toolkit.ledger.ledger import Ledger
from toolkit.sandbox import Sandbox
from toolkit.sending.kill_switch import KillSwitch


def test_a_halt_in_one_home_stops_every_other_until_it_is_resumed(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock
) -> None:
    homes = [(team.address(login), tmp_path / login) for login in ("assistant", "ana", "ben")]
    for _, home in homes:
        home.mkdir()
    with opened(*homes[1], sandbox, wire, clock) as ana, opened(*homes[0], sandbox, wire, clock) as assistant:
        plan = ana.plan(campaign_draft())
        approval = yes(plan)

        assistant.switch.halt(by="assistant", why="wrong link")
        with pytest.raises(Halted, match=r"assistant at .* for the whole team: wrong link.*Nothing was sent\."):
            ana.send(approval)
        with pytest.raises(LedgerUnavailable, match="seax_approver"):
            assistant.switch.resume(by="assistant")
        assert (state(ana, plan), wire.posts, ana.switch.is_shared) == ("approved", [], True)
        assert "a team's database, in which login ana may plan, send, approve" in str(ana.describe())

        with opened(*homes[2], sandbox, wire, clock) as ben:
            ben.switch.resume(by="ben")
        assert (ana.switch.reason, ana.send(approval).status, len(wire.posts)) == (None, "sent", 1)
        assert assistant.switch.reason is not None  # its home also stops what does not use the team's ledger
        assistant.switch.resume(by="assistant")
        assert assistant.switch.reason is None
        assert ana.ledger.audit("").is_whole


def test_who_is_halted_while_a_step_is_claimed_claims_nothing_and_neither_does_who_asks_nobody(
    team: TeamLedger,
) -> None:
    ledger = Ledger(team.address())
    approval = approved(ledger, plan_of())
    ledger.halt(by="ana")

    with pytest.raises(Halted):
        claimed(ledger, approval)
    with team.connect("assistant") as db, pytest.raises(psycopg.IntegrityError, match="all sending is halted"):
        db.execute("UPDATE plans SET state = 'sending'")

    ledger.resume(by="ana")
    assert claimed(ledger, approval)


def test_a_home_that_does_not_reach_the_ledger_is_halted_alone_and_says_so(tmp_path: Path, team: TeamLedger) -> None:
    live = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path)}
    gone = live | {"SEAX_LEDGER": f"postgresql://ana@/team?host={tmp_path}"}

    said = CliRunner().invoke(app, ["halt", "wrong link"], env=gone).output

    assert "this home alone is halted" in said
    assert KillSwitch(tmp_path).reason is not None
    said = CliRunner().invoke(app, ["halt", "wrong link"], env=live | {"SEAX_LEDGER": team.address()}).output
    assert "from any home of the team" in said
    assert None not in {KillSwitch(tmp_path).reason, KillSwitch(tmp_path, Ledger(team.address())).reason}
    assert Ledger(team.address()).halted() is not None
