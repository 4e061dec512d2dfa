"""How quickly the server starts and answers: beside a bare one with one tool, and with a million people at hand.

python tests/mcp/bench_server.py [contacts]
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

from tests.mcp.host import embedded
from tests.mcp.wire import ROOT, requests, started
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings

BARE = """
from mcp.server import MCPServer
server = MCPServer("bare")
@server.tool()
def hello(name: str) -> str:
    "Say hello."
    return name
server.run("stdio")
"""
ERA = "2025-11-25"
OURS = ["-m", "mcp_server"]
RULES = ("labels:vip_customers", "state in (NY, NJ)", "created in 400d and not labels:newsletter", "field.orders > 2")


def timed(command: list[str], home: Path, tool: str, asked: int, **arguments: Any) -> tuple[float, list[float]]:
    """Seconds from starting to the first answer, and of each further call but the first, which reads."""
    calls = [("tools/call", {"name": tool, "arguments": arguments})] * asked
    began = first = time.perf_counter()
    with started(*command, SEAX_HOME=str(home)) as (into, out):
        seconds = []
        for message in requests(ERA, calls):
            sent = time.perf_counter()
            into.write(json.dumps(message) + "\n")
            into.flush()
            if "id" in message:
                answer = json.loads(out.readline())
                assert not answer["result"].get("isError"), answer
                seconds.append(time.perf_counter() - sent)
                first = time.perf_counter() - began if message["id"] == 0 else first
    return first, seconds[2:]


def start_and_answer(home: Path) -> None:
    """The start, and calls whose data is at hand, each beside a bare server in the same run."""
    starts = [(timed(["-c", BARE], home, "hello", 0)[0], timed(OURS, home, "get_status", 0)[0]) for _ in range(5)]
    bare, ours = (statistics.median(column) for column in zip(*starts, strict=True))
    sys.stdout.write(f"start to first answer: {ours:.2f} s, bare {bare:.2f} s, {ours / bare:.2f} times\n")
    _, hello = timed(["-c", BARE], home, "hello", 200, name="you")
    _, status = timed(OURS, home, "get_status", 100)
    _, count = timed(OURS, home, "find_contacts", 100, segment=RULES[0], limit=0)
    for name, seconds in (("get_status", status), ("find_contacts", count)):
        sys.stdout.write(
            f"{name} with data at hand: p50 {statistics.median(seconds) * 1000:.1f} ms, bare tool "
            f"{statistics.median(hello) * 1000:.1f} ms\n"
        )


async def count_many(home: Path, contacts: int) -> None:
    """Counting people by rules: the first reads them all and says how far it is, the others have them at hand."""
    told: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        told.append(done)

    command = StdioServerParameters(
        command=sys.executable, args=OURS, cwd=ROOT, env={"PATH": os.environ["PATH"], "SEAX_HOME": str(home)}
    )
    async with Client(command) as client:
        for at, rule in enumerate(rule for each in RULES for rule in (each, each)):
            began = time.perf_counter()
            result = await client.session.call_tool(
                "find_contacts", {"segment": rule, "limit": 0}, progress_callback=progress, read_timeout_seconds=900
            )
            took = time.perf_counter() - began
            assert not result.is_error, result
            total = (result.structured_content or {})["total"]
            what = "again" if at % 2 else "at first" if at else f"reading all, told {len(told)} times how far it is"
            sys.stdout.write(f"{rule}: {total:,} of {contacts:,} in {took:.2f} s, {what}\n")
            sys.stdout.flush()


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        start_and_answer(embedded(Path(folder), contacts=5_000))
    with tempfile.TemporaryDirectory() as folder:
        Sandbox(Settings(home=Path(folder)).sandbox_path, contacts=contacts).close()
        anyio.run(count_many, Path(folder), contacts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
