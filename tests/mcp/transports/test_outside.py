"""Hosts and checkers that others wrote: TypeScript clients of both generations, conformance suite, inspector."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.mcp.host import DRAFT, embedded
from tests.mcp.outside import FOLDER, node
from tests.mcp.transports.serving import TOKEN
from tests.mcp.wire import started

ROOT = Path(__file__).parents[3]
NOT_APPLICABLE = json.loads((FOLDER / "not-applicable.json").read_text(encoding="utf-8"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return embedded(tmp_path)


@contextmanager
def served(home: Path, *arguments: str) -> Iterator[str]:
    """The address of the HTTP server in a process of its own."""
    with started("-m", "tests.mcp.transports.serving", *arguments, SEAX_HOME=str(home)) as (_, out):
        yield out.readline().strip()


@pytest.mark.parametrize(
    ("generation", "transport", "era"),
    [
        ("v1", "stdio", "legacy"),
        pytest.param("v1", "http", "legacy", marks=pytest.mark.soak),
        pytest.param("v2", "stdio", "legacy", marks=pytest.mark.soak),
        pytest.param("v2", "stdio", "2026-07-28", marks=pytest.mark.soak),
        pytest.param("v2", "http", "legacy", marks=pytest.mark.soak),
        ("v2", "http", "2026-07-28"),
    ],
)
def test_a_typescript_host_sends_after_a_yes_and_in_no_other_way(
    home: Path, generation: str, transport: str, era: str
) -> None:
    given: dict[str, Any] = {
        "python": sys.executable,
        "root": str(ROOT),
        "home": str(home),
        "draft": DRAFT,
        "token": TOKEN,
    }
    with served(home) as url:
        said = node("cases.mjs", generation, transport, era, stdin=json.dumps(given | {"url": url}))

    outcomes = json.loads(said)
    sent = {name for name, outcome in outcomes.items() if outcome["state"] == "sent"}
    assert sent == {"accept", "replayed", "replayed state"} & set(outcomes)
    assert {name for name, outcome in outcomes.items() if outcome["state"] == "declined"} == {"decline"}
    assert {name: outcome["questions"] for name, outcome in outcomes.items() if "state" not in name} == {
        **dict.fromkeys(("accept", "decline", "cancel", "wrong count", "empty", "replayed"), 1),
        "no capability": 0,
    }
    assert "seax approve" in outcomes["no capability"]["said"]
    assert all("Nothing was sent" in outcomes[name]["said"] for name in ("decline", "cancel", "wrong count", "empty"))
    assert "already_sent" in outcomes["replayed"]["said"]
    if "tampered state" in outcomes:
        assert "Invalid or expired requestState" in outcomes["tampered state"]["said"]
        assert "already_sent" in outcomes["replayed state"]["said"]


@pytest.mark.parametrize("version", [pytest.param("2025-11-25", marks=pytest.mark.soak), "2026-07-28"])
def test_every_scenario_that_applies_conforms(home: Path, version: str) -> None:
    """Those that do not apply are listed with the reason, and with how many of their checks pass all the same."""
    suite = FOLDER / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    with served(home, "--open") as url:
        said = node(suite, "server", "--url", url, "--requirements", version, code=1)

    scenarios = re.findall(r"^([✓✗]) ([\w-]+): (\d+) passed, (\d+) failed", said, re.MULTILINE)
    failing = {name: {"passed": int(good), "failed": int(bad)} for mark, name, good, bad in scenarios if mark == "✗"}
    listed = {name: {"passed": x["passed"], "failed": x["failed"]} for name, x in NOT_APPLICABLE[version].items()}
    assert failing == listed
    assert sum(mark == "✓" for mark, *_ in scenarios) >= 11
    assert all(entry["reason"] for entry in NOT_APPLICABLE[version].values())


@pytest.mark.parametrize("era", [pytest.param("legacy", marks=pytest.mark.soak), "modern"])
def test_the_inspector_finds_nothing_in_the_schemas(home: Path, era: str) -> None:
    inspector = FOLDER / "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"

    said = node(
        inspector, "--cli", "--protocol-era", era, sys.executable, "-m", "mcp_server",
        "--method", "tools/list", "--strict", "--format", "json", "--connect-timeout", "120000",
        SEAX_HOME=str(home), PYTHONPATH=str(ROOT),
    )  # fmt: skip

    assert '"send_plan"' in said
