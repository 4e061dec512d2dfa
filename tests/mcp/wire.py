"""The protocol by hand, line by line over standard input and output, in both eras.

Run as a program it writes down what a host is shown, the same in both eras: `definitions.json`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
DEFINITIONS = Path(__file__).parent / "definitions.json"
ERAS = ("2025-11-25", "2026-07-28")  # with a handshake, and without


def requests(era: str, asked: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """What a client of an era writes to ask for these methods."""
    if era == "2025-11-25":
        hello = {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
        opening: list[dict[str, Any]] = [
            {"id": 0, "method": "initialize", "params": hello},
            {"method": "notifications/initialized"},
        ]
        extra: dict[str, Any] = {}
    else:
        opening = []
        name = "io.modelcontextprotocol"
        extra = {"_meta": {f"{name}/protocolVersion": era, f"{name}/clientCapabilities": {}}}
    bodies = [
        {"id": number, "method": method, "params": {**params, **extra}}
        for number, (method, params) in enumerate(asked, start=1)
    ]
    return [{"jsonrpc": "2.0", **body} for body in [*opening, *bodies]]


@contextmanager
def started(*command: str, **environment: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """What a program of Python in a process of its own reads and writes; it is told to end by closing the first."""
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as server:
        assert server.stdin
        assert server.stdout
        yield server.stdin, server.stdout
        server.stdin.close()


def talk(era: str, asked: Sequence[tuple[str, dict[str, Any]]], **environment: str) -> list[dict[str, Any]]:
    """The real command's answers to these requests, in their order; asked one after another."""
    with started("-m", "mcp_server", **environment) as (into, out):
        answers = []
        for message in requests(era, asked):
            into.write(json.dumps(message) + "\n")
            into.flush()
            while "id" in message:
                answer = json.loads(out.readline())
                if answer.get("id") == message["id"]:
                    answers.append(answer)
                    break
    return answers[-len(asked) :]


def definitions(era: str, mode: str, home: Path, **environment: str) -> list[dict[str, Any]]:
    """The tools as the wire shows them."""
    (answer,) = talk(era, [("tools/list", {})], SEAX_HOME=str(home), SEAX_MODE=mode, **environment)
    tools: list[dict[str, Any]] = answer["result"]["tools"]
    return tools


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        shown = definitions(ERAS[0], "live", Path(home))
    DEFINITIONS.write_text(json.dumps(shown, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(shown)} tools are written to {DEFINITIONS.relative_to(ROOT)}.\n")


if __name__ == "__main__":
    main()
