"""A plan that takes a signature, with real programs: the server, the terminal, and a service between."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mcp import StdioServerParameters
from pydantic import SecretStr

from tests.mcp.host import Host, ask, next_noon, plan, said, yes
from tests.mcp.real import loopback
from tests.mcp.wire import ROOT
from tests.terminal import at_terminal
from tests.wire import LiveService
from toolkit.sending.approver_keys import Approvers

WORDS = "correct horse battery"


@pytest.fixture
def served() -> Iterator[tuple[LiveService, str]]:
    """A service that is no embedded one, with nine people in it, and its address."""
    service = LiveService()
    service.add(6)

    with loopback(service.transport) as url:
        yield service, url


@pytest.mark.anyio
async def test_a_plan_above_the_limit_is_sent_after_a_signature_at_the_terminal_and_once(
    served: tuple[LiveService, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, url = served
    (tmp_path / "policy.toml").write_text("signed_above = 5", encoding="utf-8")
    environment = {"SEAX_API_KEY": "0" * 64, "SEAX_WORKSPACE_ID": "w1", "SEAX_BASE_URL": url, "SEAX_MODE": "live"}
    environment["SEAX_HOME"] = str(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    keys = Approvers(tmp_path / "approvers")
    keys.create("ana", SecretStr(WORDS))
    keys.pin("ana")
    command = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server"], cwd=ROOT, env=environment)
    host = Host(command, "2026-07-28")
    start = next_noon(datetime.now(UTC))
    async with host.client(yes) as client:
        plan_id = await plan(client, senders=["Shop"], any_of=["vip"], none_of=[], start_at=start.isoformat())
        refused = await client.call_tool("send_plan", {"plan_id": plan_id})
        before = len(service.posts)
        _, shown = at_terminal("approve", plan_id, "--sign", "ana", answers=["9", WORDS])
        first = await ask(client, "send_plan", plan_id=plan_id)
        again = await ask(client, "send_plan", plan_id=plan_id)

    assert f"seax approve {plan_id} --sign NAME" in said(refused)
    assert (refused.is_error, before) == (True, 0)
    assert "Approved until" in shown
    assert (first["answer"], first["outcome"]["status"]) == ("standing", "scheduled")
    assert again["outcome"]["status"] == "already_sent"
    assert (len(service.posts), host.questions) == (1, [])
