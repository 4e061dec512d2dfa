"""Every tool called with arguments of every shape, and what the service got of it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from hypothesis import strategies as st
from mcp import Client

from mcp_server.connection import Connection
from mcp_server.options import Options
from mcp_server.server import build_server
from tests.mcp.corpus import HOSTILE
from tests.mcp.host import Host, said
from toolkit.sandbox import Sandbox
from toolkit.settings import Mode, Settings
from toolkit.workspace import Workspace, connect

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
_WORDS = st.sampled_from([text[:300] for text in HOSTILE]) | st.text(max_size=60)


class Watched(httpx.BaseTransport):
    """The embedded service, and the requests to it that were no reads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._service = sandbox.transport()
        self.writes: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            self.writes.append(f"{request.method} {request.url.path}")
        return self._service.handle_request(request)


def arguments_of(schema: dict[str, Any], known: dict[str, list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments for an input schema: mostly fitting ones, some of another shape, some unknown."""
    fields = {name: _value(part, known.get(name, [])) for name, part in schema["properties"].items()}
    required = {name: fields[name] for name in schema.get("required", [])}
    optional = {name: field for name, field in fields.items() if name not in required}
    fitting = st.fixed_dictionaries(required, optional=optional)
    odd = st.fixed_dictionaries(required, optional={**optional, "confirm": JSON, "gate": JSON})
    return st.one_of(fitting, fitting, fitting, odd, st.dictionaries(st.sampled_from([*fields, "approve"]), JSON))


def _value(schema: dict[str, Any], known: list[str]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | JSON
    if "anyOf" in schema:
        return st.one_of(*(_value(part, known) for part in schema["anyOf"]))
    match schema.get("type"):
        case "array":
            return st.lists(_value(schema["items"], known), max_size=5) | JSON
        case "integer":
            return st.integers(schema.get("minimum", -10), min(schema.get("maximum", 10**6), 10**6)) | JSON
        case "boolean":
            return st.just(False) | JSON  # files are written by calls that ask for them in other tests
        case "null":
            return st.none()
    return (st.sampled_from(known) | _WORDS if known else _WORDS) | JSON


def host_of(sandbox: Sandbox, home: Path, mode: Mode, clock: Any) -> tuple[Host, Workspace, Watched]:
    """A host whose person says yes to everything, before a server in a mode, with the service watched."""
    wire = Watched(sandbox)
    ws = connect(Settings(home=home), sandbox=sandbox, transport=wire, now=clock, mode=mode)
    server = build_server(Connection(lambda: ws, Options.at(home, mode=mode)), are_limited=False)
    return Host(server, "2026-07-28"), ws, wire


def known_values(ws: Workspace) -> dict[str, list[str]]:
    """Values that are there, so that calls get behind the first check."""
    campaigns = ws.campaign_ids()[:3]
    return {
        "segment": ["labels:vip_customers", "everyone", "tier = engaged", "not delivered in 7d", "field.orders > 2"],
        "any_of": ["vip_customers", "newsletter"],
        "none_of": ["location_nyc"],
        "campaign_id": campaigns,
        "campaigns": campaigns,
        "contact": ws.contacts()["id"].head(3).tolist(),
        "senders": ["Marketing Line"],
        "sender": ["Marketing Line"],
        "message": ["Sale! Reply STOP to opt out."],
        "name": ["a campaign"],
        "start_at": ["2026-03-04T12:00:00Z"],
        "plan_id": [entry.plan.id for entry in ws.plans(limit=3)] or [f"plan_{'0' * 16}"],
    }


async def call(client: Client, tool: str, arguments: dict[str, Any], seen: Counter[str]) -> None:
    """One call; AssertionError if it crashed or said something that nobody wrote for a model."""
    try:
        json.dumps(arguments).encode()
    except (UnicodeEncodeError, ValueError):
        return
    result = await client.call_tool(tool, arguments)
    text = said(result)
    seen["error" if result.is_error else "ok"] += 1
    assert "failed in a way that was not expected" not in text, (tool, arguments)
    assert "Traceback" not in text, (tool, arguments)
    assert "Error executing" not in text, (tool, arguments)
    assert text.strip(), (tool, arguments)
