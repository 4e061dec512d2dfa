"""Who waits for a team's ledger hears at once of what another process records."""

from __future__ import annotations

import multiprocessing

from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import plan_of
from toolkit.ledger.ledger import Ledger

LONG = 60.0  # seconds after which a wait has failed


def until_somebody_waits(team: TeamLedger) -> None:
    """Return once a connection has looked for events and listens."""
    waiting = "SELECT FROM pg_stat_activity WHERE state = 'idle' AND query LIKE '%%max(seq)%%' AND datname = %s"
    with team.connect() as db:
        while not db.execute(waiting.encode(), (team.database,)).fetchall():
            pass


def record_once_somebody_waits(team: TeamLedger) -> None:
    until_somebody_waits(team)
    Ledger(team.address("planner")).record_plan(plan_of())


def test_who_waits_hears_of_a_plan_that_another_process_records(team: TeamLedger) -> None:
    waits = Ledger(team.address("ana"))
    other = multiprocessing.get_context("fork").Process(target=record_once_somebody_waits, args=(team,))
    other.start()

    last = waits.wait_for_event(LONG, after=0)

    other.join()
    assert last == 1
    assert waits.wait_for_event(LONG, after=0) == 1  # what happened before is noticed, too
    assert waits.wait_for_event(0.01, after=1) == 1


def test_a_ledger_that_is_lost_while_somebody_waits_is_waited_for(team: TeamLedger) -> None:
    waits = Ledger(team.address("ana"))
    waits.wait_for_event(0.01, after=0)
    with team.connect() as db:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'ana'"
        assert db.execute(query.encode()).fetchall()

    assert waits.wait_for_event(0.01, after=0) == 0

    Ledger(team.address("planner")).record_plan(plan_of())
    assert waits.wait_for_event(LONG, after=0) == 1
