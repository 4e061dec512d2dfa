"""How quickly the server starts beside a bare one with one tool, and answers a question whose data it has."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.mcp.host import embedded
from tests.mcp.wire import ROOT, requests

BARE = """
from mcp.server import MCPServer
server = MCPServer("bare")
@server.tool()
def hello(name: str) -> str:
    "Say hello."
    return name
server.run("stdio")
"""
OURS, ERA = ["-m", "mcp_server"], "2025-11-25"


def timed(command: list[str], home: Path, asked: int) -> tuple[float, list[float]]:
    """Seconds from starting to the first answer, and of each further status."""
    calls = [("tools/call", {"name": "get_status", "arguments": {}})] * asked
    began = first = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SEAX_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin
        assert server.stdout
        seconds = []
        for message in requests(ERA, calls):
            sent = time.perf_counter()
            server.stdin.write(json.dumps(message) + "\n")
            server.stdin.flush()
            if "id" in message:
                server.stdout.readline()
                seconds.append(time.perf_counter() - sent)
                first = time.perf_counter() - began if message["id"] == 0 else first
        server.stdin.close()
    return first, seconds[2:]  # without the greeting, and the status that reads


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = embedded(Path(folder), contacts=5_000)
        starts = [(timed(["-c", BARE], home, 0)[0], timed(OURS, home, 0)[0]) for _ in range(5)]
        bare, ours = (statistics.median(column) for column in zip(*starts, strict=True))
        _, status = timed(OURS, home, 100)
    sys.stdout.write(f"start to first answer: {ours:.2f} s, bare {bare:.2f} s, {ours / bare:.2f} times\n")
    sys.stdout.write(f"get_status with data at hand: p50 {statistics.median(status) * 1000:.1f} ms\n")


if __name__ == "__main__":
    main()
