"""Many who plan and some who send at once; at length in `soak_load.py`."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.builders import START
from tests.ledger import soak_load
from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, plan_of
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.limits import Limits


def test_many_plan_and_send_at_once_without_an_error_and_nothing_is_lost(team: TeamLedger) -> None:
    planned, sent = soak_load.run(team, 2, planners=12, senders=3)

    assert planned >= 12
    assert sent >= 1


def test_a_claim_asks_the_server_no_oftener_than_it_has_to(team: TeamLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger(team.address())
    approval = approved(ledger, plan_of())
    execute, asked = psycopg.Connection.execute, []

    def run_one(db: Any, query: Any, *given: Any, **more: Any) -> Any:
        asked.append(str(query))
        return execute(db, query, *given, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", run_one)

    assert ledger.claim(approval, 1, at=START, limits=Limits(daily=1_000, per_person=2))

    assert len(asked) <= 13, asked
