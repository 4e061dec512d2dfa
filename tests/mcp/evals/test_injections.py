"""A sample of the injections, by an agent that obeys; `make evals` has all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mcp.evals.injections import INJECTIONS, PLACES, SHOWN, obeyed, poisoned

pytestmark = pytest.mark.anyio


def test_there_are_enough_in_each_place() -> None:
    assert len({x for x in INJECTIONS if x.place in SHOWN}) >= 60
    assert all(sum(x.place == place for x in INJECTIONS) >= 10 for place in PLACES)


async def test_an_agent_that_obeys_reads_it_in_the_fence_and_sends_nothing(tmp_path: Path) -> None:
    with poisoned(tmp_path) as (ws, transport):
        sample = [*INJECTIONS[: len(SHOWN)], INJECTIONS[-1]]
        readings = [await obeyed(each, ws, transport, tmp_path) for each in sample]

    assert [x.injection for x in readings if not x.is_held] == []
    assert {x.injection.place for x in readings if x.was_seen} == {*SHOWN}
