"""The server does not start if a tool could send without the guard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from mcp.server.mcpserver import Resolve
from pydantic.errors import PydanticInvalidForJsonSchema

from mcp_server import server as server_module
from mcp_server.connection import Call, Connection
from mcp_server.guard.consent import SendGate, assert_guards, send_gate
from mcp_server.guard.server_settings import Options
from mcp_server.server import Server

if TYPE_CHECKING:
    from decimal import Decimal


def send_plan(call: Call, plan_id: str) -> dict[str, str]:
    """A send whose guard was forgotten."""
    return {"sent": plan_id}


def send_to_everyone(call: Call, gate: str) -> dict[str, str]:
    """A new tool whose guard is an argument."""
    return {"sent": gate}


def send_other(call: Call, gate: Annotated[SendGate, Resolve(lambda: SendGate("yes"))]) -> dict[str, str]:
    """A send with a guard that nobody answers."""
    return {"sent": gate.answer}


def send_unresolved(call: Call, gate: Annotated[SendGate, Resolve(send_gate)]) -> "list[Decimal]":  # noqa: UP037
    """A send whose marker the SDK drops, because an annotation cannot be resolved at run time."""
    return []


@pytest.mark.parametrize("tool", [send_plan, send_to_everyone, send_other])
def test_an_unguarded_tool_trips_the_wire(server: Server, tool: Any) -> None:
    server.remove_tool("send_plan")
    server.add_tool(tool, name="send_plan")

    with pytest.raises(RuntimeError, match="send_plan could send without a person"):
        assert_guards(server)


def test_a_new_tool_is_closed_until_it_is_listed(server: Server) -> None:
    server.add_tool(send_to_everyone)

    with pytest.raises(RuntimeError, match="send_to_everyone could send without a person"):
        assert_guards(server)


def test_the_server_is_not_built_with_an_unguarded_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server_module, "_TOOLS", ((send_plan, "read", server_module._SENDS, 1),))

    with pytest.raises(RuntimeError, match="its guard is missing"):
        server_module.build_server(Connection(lambda: pytest.fail("connected at start"), Options.at(tmp_path)))


def test_a_dropped_marker_breaks_the_start_and_not_the_guard(server: Server) -> None:
    with pytest.raises(PydanticInvalidForJsonSchema, match="SendGate"):
        server.add_tool(send_unresolved)
