"""A sample of `soak_sending.py`: kills, faults and races never send twice, and every sentence about them is true."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.ledger.team import TeamLedger
from tests.sending.interrupted import killed_sends
from tests.sending.interrupted.killed_sends import DISK, NETWORK, SERVICE
from tests.sending.interrupted.races import race, racers, received
from toolkit.settings import DialectName


def test_every_file_that_a_send_passes_is_watched() -> None:
    assert [name for name in killed_sends.WATCHED if not Path(name).is_file()] == []


@pytest.mark.parametrize(
    ("dialect", "kills", "ledger_address"),
    [("guide", 12, "sqlite"), ("published", 12, "sqlite"), ("guide", 8, "postgresql")],
    indirect=["ledger_address"],
)
@pytest.mark.skipif(sys.gettrace() is not None and "coverage" not in sys.modules, reason="a debugger is tracing")
def test_a_send_killed_at_any_statement_is_received_once_or_never(
    tmp_path: Path, dialect: DialectName, kills: int, ledger_address: str | None
) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", dialect, ledger_address)
    (tmp_path / "whole").mkdir()
    whole = killed_sends.copy(tmp_path / "stage", tmp_path / "whole")
    _, _, statements = killed_sends.in_child(killed_sends.send, whole, plan_id, None, -1)
    assert statements > 500

    states = set()
    for at in range(1, kills + 1):
        after = killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, die_at=at * statements // kills)
        killed_sends.check(after)
        states.add(after.state)

    assert {"approved", "sending"} <= states


@pytest.fixture
def two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of thirty people takes two requests."""
    monkeypatch.setattr("toolkit.api.published.MOST_PERSONAL", killed_sends.PERSONAL // killed_sends.STEPS)


@pytest.mark.skipif(sys.gettrace() is not None and "coverage" not in sys.modules, reason="a debugger is tracing")
def test_personal_texts_killed_at_any_statement_are_received_once_or_never(tmp_path: Path, two_requests: None) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", "published", what="personal")
    (tmp_path / "whole").mkdir()
    whole = killed_sends.copy(tmp_path / "stage", tmp_path / "whole")
    _, _, statements = killed_sends.in_child(killed_sends.send, whole, plan_id, None, -1)

    states = set()
    for at in range(1, 13):
        after = killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, die_at=at * statements // 12)
        killed_sends.check(after)
        states.add(after.state)

    assert {"approved", "partial", "sent"} <= states


@pytest.mark.skipif(sys.gettrace() is not None and "coverage" not in sys.modules, reason="a debugger is tracing")
def test_a_removal_killed_at_any_statement_is_received_once_or_never(tmp_path: Path) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", "published", what="removal")
    (tmp_path / "whole").mkdir()
    whole = killed_sends.copy(tmp_path / "stage", tmp_path / "whole")
    _, _, statements = killed_sends.in_child(killed_sends.send, whole, plan_id, None, -1)

    states = set()
    for at in range(1, 13):
        after = killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, die_at=at * statements // 12)
        killed_sends.check(after)
        states.add(after.state)

    assert {"approved", "sent"} <= states


@pytest.mark.parametrize("fault", [NETWORK[8], SERVICE[4], SERVICE[7]], ids="-".join)
def test_a_removal_that_meets_a_fault_is_received_once_or_never(tmp_path: Path, fault: tuple[str, str]) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", "published", what="removal")

    killed_sends.check(killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, fault=fault))


@pytest.mark.parametrize("fault", [NETWORK[8], SERVICE[4], SERVICE[7]], ids="-".join)
def test_personal_texts_that_meet_a_fault_are_received_once_or_never(
    tmp_path: Path, two_requests: None, fault: tuple[str, str]
) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", "published", what="personal")

    killed_sends.check(killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, fault=fault))


@pytest.mark.parametrize(
    "fault", [NETWORK[0], NETWORK[3], NETWORK[8], *SERVICE[1:3], *SERVICE[4:8], *DISK], ids="-".join
)
def test_a_send_that_meets_a_fault_is_received_once_or_never(tmp_path: Path, fault: tuple[str, str]) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage")

    killed_sends.check(killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, fault=fault))


@pytest.mark.parametrize("fault", [NETWORK[8], SERVICE[4]], ids="-".join)
def test_a_fault_met_with_a_team_s_ledger_is_received_once_or_never(
    tmp_path: Path, fault: tuple[str, str], team: TeamLedger
) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", team=team.address())

    killed_sends.check(killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, fault=fault))


@pytest.mark.parametrize("fault", [NETWORK[8], SERVICE[4], SERVICE[7]], ids="-".join)
def test_a_fault_of_the_published_api_is_received_once_or_never(tmp_path: Path, fault: tuple[str, str]) -> None:
    plan_id = killed_sends.prepare(tmp_path / "stage", "published")

    killed_sends.check(killed_sends.run(tmp_path / "stage", tmp_path / "run", plan_id, fault=fault))


@pytest.mark.parametrize(
    ("dialect", "ledger_address"),
    [("guide", "sqlite"), ("published", "sqlite"), ("guide", "postgresql")],
    indirect=["ledger_address"],
)
def test_processes_that_race_for_one_approval_post_once(
    tmp_path: Path, dialect: DialectName, ledger_address: str | None
) -> None:
    killed_sends.prepare(tmp_path / "stage", dialect, ledger_address)

    with racers(tmp_path / "stage", 3) as lanes:
        for turn in range(3):
            outcomes = race(tmp_path / "stage", lanes, f"race {turn}")
            assert (outcomes["posts"], outcomes["sent"], received(tmp_path / "stage", f"race {turn}")) == (1, 1, 1)
