"""Experiments of two homes on one team's ledger: whom one takes, the other sees."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.builders import Clock
from tests.experiments.studies import draft, send
from tests.ledger.team import TeamLedger
from tests.sending.interrupted.test_team_ledger_lost import opened
from tests.wire import Wire
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

Homes = tuple[Workspace, Workspace]


@pytest.fixture
def homes(tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock) -> Iterator[Homes]:
    """Ana's and Ben's."""
    with ExitStack() as both:
        yield tuple(  # type: ignore[misc]
            both.enter_context(opened(team.address(login), tmp_path / login, sandbox, wire, clock))
            for login in ("ana", "ben")
        )


def test_people_of_a_layer_whom_one_home_s_experiment_took_are_in_no_other_home_s(homes: Homes) -> None:
    ana, ben = homes
    first = ana.plan(draft(layer="copy", slots=(0.0, 0.5), registration=None))
    send(ana, first)

    second = ben.plan(draft(name="Other", experiment="other", layer="copy", slots=(0.5, 1.0), registration=None))
    overlapping = ben.plan(draft(name="Third", experiment="third", layer="copy", slots=(0.4, 0.6), registration=None))

    assert first.recipient_ids
    assert second.recipient_ids
    assert not set(first.recipient_ids) & set(second.recipient_ids)
    assert "EXP002" not in {each.code for each in second.findings}
    assert next(each for each in overlapping.findings if each.code == "EXP002").is_blocking


def test_people_of_an_experiment_in_one_home_are_pointed_out_in_another(homes: Homes) -> None:
    ana, ben = homes
    assert "EXP002" not in {each.code for each in ben.plan(draft(name="Before", experiment="before")).findings}
    send(ana, ana.plan(draft()))

    found = ben.plan(draft(name="Other", experiment="other")).findings

    assert next(each for each in found if each.code == "EXP002").severity == "warn"
