"""A team's ledger that is lost, comes back, or comes back without what it knew: nothing is sent twice."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.builders import Clock, campaign_draft
from tests.ledger.team import TeamLedger
from tests.postgres_server import PostgresServer
from tests.sending.approving import state, yes
from tests.sending.interrupted import killed_sends
from tests.sending.truth import check_words
from tests.wire import Wire
from toolkit.errors import LedgerUnavailable, OutcomeUnknown
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    with ExitStack() as last:
        folder = Path(tempfile.mkdtemp(prefix="seax-pg-"))
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        server = PostgresServer(folder)
        last.callback(server.stop)
        server.start()
        yield server


def opened(address: str, home: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> Workspace:
    return connect(Settings(home=home), sandbox=sandbox, transport=wire, now=clock, ledger=address)


def test_before_a_claim_nothing_is_sent_and_after_it_what_came_of_it_is_kept_until_the_ledger_is_back(
    tmp_path: Path, own_server: PostgresServer, sandbox: Sandbox, wire: Wire, clock: Clock
) -> None:
    ledger = TeamLedger(own_server)
    with opened(ledger.address(), tmp_path, sandbox, wire, clock) as ws:
        plan = ws.plan(campaign_draft())
        approval = yes(plan)
        own_server.stop()
        with pytest.raises(LedgerUnavailable, match="Nothing"):
            ws.send(approval)
        assert not wire.posts

        own_server.start()
        wire.after = lambda: own_server.stop() and None  # type: ignore[func-returns-value]
        with pytest.raises(OutcomeUnknown, match=r"accepted it as .*kept in this home.*seax reconcile"):
            ws.send(approval)
        assert len(wire.posts) == 1

        wire.after = None
        own_server.start()
        assert state(ws, plan) == "sending"
        receipt = ws.send(approval)
        assert (receipt.status, receipt.repeated, len(wire.posts)) == ("sent", True, 1)
        assert ws.ledger.audit("").is_whole


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def refused_without(
    owner: object, name: str, ws: Workspace, monkeypatch: pytest.MonkeyPatch, *, says: str
) -> tuple[Plan, Approval]:
    """A plan and its approval, with which a send was refused while one call of the system failed."""
    plan = ws.plan(campaign_draft())
    approval = yes(plan)
    with monkeypatch.context() as disk:
        disk.setattr(owner, name, full)
        with pytest.raises(LedgerUnavailable, match=says):
            ws.send(approval)
    return plan, approval


def test_a_disk_too_full_for_the_journal_claims_nothing_and_the_same_approval_sends_later(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(team.address(), tmp_path, sandbox, wire, clock) as ws:
        plan, approval = refused_without(os, "fsync", ws, monkeypatch, says=r"No space .*Nothing was sent\.")

        assert (state(ws, plan), wire.posts) == ("approved", [])
        assert [*tmp_path.glob("sent-*/*")] == []
        assert (ws.send(approval).status, len(wire.posts)) == ("sent", 1)
        assert len([*tmp_path.glob("sent-*/*.json")]) == 1


def test_a_journal_that_cannot_be_written_sends_nothing_and_says_how_the_plan_is_settled(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(team.address(), tmp_path, sandbox, wire, clock) as ws:
        plan, _ = refused_without(Path, "replace", ws, monkeypatch, says=r"seax reconcile .*Nothing was sent\.")

        assert (state(ws, plan), wire.posts, [*tmp_path.glob("sent-*/*")]) == ("sending", [], [])
        clock.move(minutes=11)
        assert ws.ledger.reconcile(plan.id).status == "refused"


FULL = """
CREATE FUNCTION seax.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.event NOT IN ('planned', 'approved', 'sending') THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
CREATE {} ON seax.events {} FOR EACH ROW EXECUTE FUNCTION seax.disk_full();
"""


@pytest.mark.parametrize(
    "trigger",
    [
        ("TRIGGER disk_full BEFORE INSERT", ""),
        ("CONSTRAINT TRIGGER disk_full AFTER INSERT", "DEFERRABLE INITIALLY DEFERRED"),
    ],
    ids=["at a row", "at the commit"],
)
def test_a_server_whose_disk_is_full_when_a_send_is_settled_has_it_sent_once_and_recorded_later(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, trigger: tuple[str, str]
) -> None:
    with opened(team.address(), tmp_path, sandbox, wire, clock) as ws:
        plan = ws.plan(campaign_draft())
        approval = yes(plan)
        team.by_hand(FULL.format(*trigger))
        try:
            with pytest.raises(OutcomeUnknown, match=r"accepted it as .*kept in this home.*seax reconcile") as first:
                ws.send(approval)
            with pytest.raises(LedgerUnavailable, match="No space left on device") as again:
                ws.send(approval)
            assert (state(ws, plan), len(wire.posts)) == ("sending", 1)
        finally:
            team.by_hand("DROP FUNCTION seax.disk_full CASCADE")

        receipt = ws.send(approval)
        assert (receipt.status, receipt.repeated, len(wire.posts)) == ("sent", True, 1)
        assert ws.ledger.audit("").is_whole
    check_words(str(first.value), received=1, before=0, of=1)
    check_words(str(again.value), received=1, before=1, of=1)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_cut_at_a_statement_of_a_send_sends_once_or_never(
    tmp_path: Path, team: TeamLedger, when: str
) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", team=team.address())
    statements = killed_sends.in_child(
        killed_sends.statements_of, killed_sends.copy(tmp_path / "stage", tmp_path / "whole"), plan_id
    )
    assert statements > 20

    for at in range(1, 7):
        cut = (f"cut {at * statements // 6}", when)
        killed_sends.check(killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, fault=cut))
