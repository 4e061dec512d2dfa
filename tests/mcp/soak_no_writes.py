"""At least 3,000 calls that fit their schema reach the tools, in every mode below live: not one write."""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning

from tests.builders import Clock
from tests.mcp.calling import arguments_of, call, host_of, known_values
from tests.mcp.host import DRAFT, yes
from toolkit.sandbox import Sandbox

MODES = ("read", "draft", "test")


def drawn(strategy: st.SearchStrategy[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """So many values, the same ones each time."""
    values: list[dict[str, Any]] = []

    @settings(
        max_examples=number, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def draw(value: dict[str, Any]) -> None:
        values.append(value)

    draw()
    return values


async def run(sandbox: Sandbox, home: Path, mode: Any, clock: Any, *, each: int) -> tuple[Counter[str], list[str]]:
    """Call each tool of a mode so often; how the calls ended, and the writes that the service got."""
    warnings.simplefilter("ignore", NonInteractiveExampleWarning)
    host, ws, wire = host_of(sandbox, home, mode, clock)
    seen: Counter[str] = Counter()
    async with host.client(yes) as client:
        if mode != "read":
            await client.call_tool("plan_campaign", DRAFT)
        known = known_values(ws, home / "files")
        for tool in (await client.list_tools()).tools:
            for arguments in drawn(arguments_of(tool.input_schema, known), each):
                await call(client, tool.name, arguments, seen)
    ws.close()
    return seen, wire.writes


def main(each: int) -> None:
    reached = 0
    for mode in MODES:
        with tempfile.TemporaryDirectory() as home:
            sandbox = Sandbox(Path(home) / "sandbox.sqlite3", contacts=400)
            seen, writes = anyio.run(lambda: run(sandbox, Path(home), mode, Clock(), each=each))  # noqa: B023
            sandbox.close()
        assert writes == [], writes
        reached += seen["reached"]
        sys.stdout.write(
            f"{mode}: {seen['reached']:,} calls reached a tool ({seen['answered']:,} answered, {seen['refused']:,} "
            f"refused), {seen['turned away']:,} did not fit its schema; {len(writes)} writes\n"
        )
    assert reached >= 3_000, reached
    sys.stdout.write(f"{reached:,} calls reached a tool: no write, no crash, no unhandled error\n")


if __name__ == "__main__":
    main(110)
