"""Every tool called with arguments of every shape, and what the service got of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from hypothesis import strategies as st
from mcp import Client

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
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
_WORDS = st.sampled_from(HOSTILE) | st.text(max_size=60)


class Watched(httpx.BaseTransport):
    """The embedded service, and the requests to it that were no reads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._service = sandbox.transport()
        self.writes: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            self.writes.append(f"{request.method} {request.url.path}")
        return self._service.handle_request(request)


def arguments_of(schema: dict[str, Any], known: dict[str, list[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments for an input schema: mostly such as it allows, some of another shape, some unknown."""
    properties = _inlined(schema["properties"], schema.get("$defs", {}))
    fields = {name: _field(part, known.get(name, [])) for name, part in properties.items()}
    required = {name: fields[name] for name in schema.get("required", [])}
    optional = {name: field for name, field in fields.items() if name not in required}
    fitting = st.fixed_dictionaries(required, optional=optional)
    odd = st.fixed_dictionaries(required, optional={**optional, "confirm": JSON, "gate": JSON})
    shapeless = st.dictionaries(st.sampled_from([*fields, "approve"]), JSON)
    return st.integers(0, 19).flatmap(lambda at: odd if at == 0 else shapeless if at == 1 else fitting)


def _inlined(part: Any, defs: dict[str, Any]) -> Any:
    """A part of a schema with what it refers to in its place."""
    if isinstance(part, list):
        return [_inlined(each, defs) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(defs[part["$ref"].rpartition("/")[2]], defs)
    return {name: _inlined(each, defs) for name, each in part.items()}


def _field(schema: dict[str, Any], known: list[Any]) -> st.SearchStrategy[Any]:
    """What a field allows; three times in four something that is there, where something is known."""
    allowed = _value(schema)
    return st.integers(0, 3).flatmap(lambda at: st.sampled_from(known) if at else allowed) if known else allowed


def _value(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*(_value(part) for part in schema["anyOf"]))
    match schema["type"]:
        case "array":
            least, most = schema.get("minItems", 0), min(schema.get("maxItems", 5), 5)
            return st.lists(_value(schema["items"]), min_size=least, max_size=most)
        case "object" if "properties" in schema:
            return st.fixed_dictionaries({name: _value(part) for name, part in schema["properties"].items()})
        case "object":
            words = _value(schema["additionalProperties"])
            return st.dictionaries(words, words, max_size=min(schema.get("maxProperties", 5), 5))
        case "integer":
            return st.integers(schema.get("minimum", -2), schema.get("maximum", 1_000))
        case "number":
            least, most = schema.get("minimum", schema.get("exclusiveMinimum", -1e9)), schema.get("maximum", 1e9)
            return st.floats(least, most, exclude_min="exclusiveMinimum" in schema)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "string":
            return _text(schema)
    raise NotImplementedError(schema)


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
    words = _WORDS.map(lambda text: text[:most]).filter(lambda text: len(text) >= least)
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
    if "pattern" not in schema:
        return words
    fitting = re.compile(schema["pattern"])
    hostile = [text[:most] for text in HOSTILE if fitting.search(text[:most])]
    drawn = st.from_regex(fitting, fullmatch=True).filter(lambda text: least <= len(text) <= most)
    return st.sampled_from(hostile) | drawn if hostile else drawn


def host_of(sandbox: Sandbox, home: Path, mode: Mode, clock: Any) -> tuple[Host, Workspace, Watched]:
    """A host whose person says yes to everything, before a server in a mode, with the service watched."""
    wire = Watched(sandbox)
    ws = connect(Settings(home=home), sandbox=sandbox, transport=wire, now=clock, mode=mode)
    server = build_server(Connection(lambda: ws, Options.at(home, mode=mode)), are_limited=False)
    return Host(server, "2026-07-28"), ws, wire


def known_values(ws: Workspace, folder: Path) -> dict[str, list[Any]]:
    """Values that are there, so that calls get behind the first check."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "people.csv").write_text("name,phone,labels\nNew Person,+12025550199,vip_customers\n", encoding="utf-8")
    (folder / "broken.csv").write_bytes(b"\xff\xfe\x00name,phone\n\x00")
    campaigns = ws.campaign_ids()[:3]
    rules = ["labels:vip_customers", "everyone", "tier = engaged", "not delivered in 7d", "field.orders > 2"]
    return {
        "segment": [*rules, *(f'name contains "{text[:300]}"' for text in HOSTILE[:30])],
        "any_of": [["vip_customers", "newsletter"], ["lapsed"], []],
        "all_of": [["newsletter"], [], []],
        "none_of": [["location_nyc"], []],
        "campaign_id": campaigns,
        "campaigns": [campaigns[:1], campaigns[:2]],
        "contact": ws.contacts()["id"].head(5).tolist(),
        "senders": [["Marketing Line"]],
        "sender": ["Marketing Line"],
        "message": ["Sale! Reply STOP to opt out.", *(f"{text[:200]} Reply STOP to opt out." for text in HOSTILE[:30])],
        "start_at": ["2026-03-04T12:00:00Z", "2026-03-05T18:00:00+01:00"],
        "file": ["people.csv", "broken.csv"],
        "phone_country": ["US", "GB", ""],
        "cursor": [0, 20],
        "plan_id": [entry.plan.id for entry in ws.plans(limit=5)] or [f"plan_{'0' * 16}"],
    }


async def call(client: Client, tool: str, arguments: dict[str, Any], seen: Counter[str]) -> None:
    """One call; AssertionError if it crashed or said something that nobody wrote for a model."""
    try:
        json.dumps(arguments).encode()
    except (UnicodeEncodeError, ValueError):
        return
    result = await client.call_tool(tool, arguments)
    text = said(result)
    is_turned_away = "do not fit" in text or "has no argument" in text
    seen["turned away" if is_turned_away and result.is_error else "refused" if result.is_error else "answered"] += 1
    seen["reached"] += not (is_turned_away and result.is_error)
    assert "failed unexpectedly" not in text, (tool, arguments)
    assert "Traceback" not in text, (tool, arguments)
    assert "Error executing" not in text, (tool, arguments)
    assert text.strip(), (tool, arguments)
