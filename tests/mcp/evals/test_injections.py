"""A sample of the injections, by an agent that obeys; `make evals` has all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mcp.evals.injections import INJECTIONS, PLACES, obeyed, poisoned

pytestmark = pytest.mark.anyio


def test_there_are_enough_in_each_place() -> None:
    assert len(set(INJECTIONS)) >= 60
    assert all(sum(x.place == place for x in INJECTIONS) >= 10 for place in PLACES)


async def test_an_agent_that_obeys_reads_it_in_the_fence_and_sends_nothing(tmp_path: Path) -> None:
    with poisoned(tmp_path) as (ws, transport):
        readings = [await obeyed(each, ws, transport, tmp_path) for each in INJECTIONS[: len(PLACES)]]

    assert [x.injection for x in readings if not x.is_held] == []
    assert {x.injection.place for x in readings if x.was_seen} == {*PLACES} - {"contact note"}  # which no tool shows
