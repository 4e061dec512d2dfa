"""The real command over standard input and output, from finding contacts to reading the log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters

from tests.mcp.host import DRAFT, MODES, NAME, Answer, Host, ask, campaigns, decline, embedded, said, yes
from toolkit.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a small embedded workspace."""
    return embedded(tmp_path)


@pytest.fixture(params=MODES)
def stdio(request: pytest.FixtureRequest, home: Path) -> Host:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "mcp_server"], cwd=ROOT, env={"SEAX_HOME": str(home)}
    )
    return Host(command, request.param)


@pytest.mark.anyio
@pytest.mark.parametrize(("answer", "verdict", "count"), [(yes, "yes", 1), (decline, "declined", 0)])
async def test_the_whole_path_from_contacts_to_the_log(
    stdio: Host, home: Path, answer: Answer, verdict: str, count: int
) -> None:
    async with stdio.client(answer) as client:
        found = await ask(client, "find_contacts", any_of=DRAFT["any_of"], none_of=DRAFT["none_of"])
        planned = await ask(client, "plan_campaign", **DRAFT)
        sent = await ask(client, "send_plan", plan_id=planned["plan_id"])
        if sent["outcome"]:
            log = await ask(client, "query_logs", campaigns=[sent["outcome"]["campaign_id"]], limit=0)
            assert log["total"] == planned["recipients"]

    assert found["total"] == planned["selected"]
    assert (sent["answer"], len(stdio.questions)) == (verdict, 1)
    assert campaigns(Settings(home=home).sandbox_path, NAME) == count


@pytest.mark.anyio
async def test_a_host_without_forms_sends_nothing(stdio: Host, home: Path) -> None:
    async with stdio.client(None) as client:
        planned = await ask(client, "plan_campaign", **DRAFT)
        result = await client.call_tool("send_plan", {"plan_id": planned["plan_id"]})

    assert f"seax approve {planned['plan_id']}" in said(result)
    assert campaigns(Settings(home=home).sandbox_path, NAME) == 0


def run(arguments: Sequence[str], *, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        encoding="utf-8",
    )


def test_standard_output_carries_the_protocol_and_nothing_else(home: Path) -> None:
    asked: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "get_status", "arguments": {}}},
        {"id": 3, "method": "tools/call", "params": {"name": "nothing", "arguments": {}}},
    ]  # fmt: skip
    lines = "".join(json.dumps({"jsonrpc": "2.0", **message}) + "\n" for message in asked)

    done = run(["-m", "mcp_server"], stdin=lines, SEAX_HOME=str(home))

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert {answer["jsonrpc"] for answer in answers} == {"2.0"}
    assert {answer.get("id") for answer in answers} <= {1, 2, 3}


def test_an_interrupted_server_ends_without_a_traceback(tmp_path: Path) -> None:
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}) + "\n"
    with subprocess.Popen(
        [sys.executable, "-m", "mcp_server"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SEAX_HOME": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write(ping)
        server.stdin.flush()
        server.stdout.readline()  # it serves
        server.send_signal(signal.SIGINT)
        _, stderr = server.communicate(timeout=30)

    assert (server.returncode, stderr) == (0, "")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"SEAX_API_KEY": "0" * 64}, "SEAX_WORKSPACE_ID is not"),
        ({"SEAX_API_KEY": "0" * 64, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "nonsense"}, "is not an address"),
    ],
)
def test_wrong_settings_end_in_one_sentence_before_serving(
    tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    done = run(["-m", "mcp_server"], SEAX_HOME=str(tmp_path), **environment)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.startswith("seax-mcp: ")
    assert done.stderr.count("\n") == 1


def test_without_the_package_mcp_one_sentence_says_how_to_install_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from mcp_server.__main__ import main; main([])"

    done = run(["-c", code], SEAX_HOME=str(tmp_path))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "seax-mcp: the package mcp is missing: install seax-toolkit with its extra mcp\n"


def test_help_tells_what_the_command_is_for(tmp_path: Path) -> None:
    done = run(["-m", "mcp_server", "--help"], SEAX_HOME=str(tmp_path))

    assert done.returncode == 0
    assert "MCP" in done.stdout
    assert "SEAX_HOME" in done.stdout
