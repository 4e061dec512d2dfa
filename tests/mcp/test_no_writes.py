"""Below live nothing is written to the service, whatever a tool is called with; `soak_no_writes` does it at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import Clock
from tests.mcp.soak_no_writes import MODES, run
from toolkit.sandbox import Sandbox

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
async def test_no_call_below_live_writes_crashes_or_shows_its_workings(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, mode: str
) -> None:
    seen, writes = await run(sandbox, tmp_path, mode, clock, each=5)

    assert writes == []
    assert min(seen["answered"], seen["refused"], seen["turned away"]) > 0
