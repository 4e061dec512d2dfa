"""Many who plan and some who send at once; at length in `soak_load.py`."""

from __future__ import annotations

from tests.ledger import soak_load
from tests.ledger.team import TeamLedger


def test_many_plan_and_send_at_once_without_an_error_and_nothing_is_lost(team: TeamLedger) -> None:
    planned, sent = soak_load.run(team, 2, planners=12, senders=3)

    assert planned >= 12
    assert sent >= 1
