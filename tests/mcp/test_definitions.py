"""What a host is shown of the tools: read from the wire, kept in files, and small enough to be read by a model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.mcp.outside import node
from tests.mcp.wire import DEFINITIONS, ERAS, definitions
from toolkit.invalid_values import PATTERNS
from toolkit.settings import Mode

READING = [
    *("get_status", "find_contacts", "get_contact_history", "find_campaigns", "get_campaign_report"),
    *("compare_campaigns", "query_logs", "get_replies", "check_message"),
]
PLANNING = ["plan_campaign", "plan_message", "plan_import", "get_plan", "withdraw_plan"]
SENDING = ["send_plan", "get_job", "halt_sending"]
BOUNDS = {"maximum", "maxLength", "maxProperties", "maxItems", "pattern", "format", "enum", "const"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The definitions of each era, with everything switched on."""
    home = tmp_path_factory.mktemp("home")
    return {era: definitions(era, "live", home) for era in ERAS}


@pytest.mark.parametrize("era", ERAS)
def test_definitions_are_those_of_the_file(shown: dict[str, list[dict[str, Any]]], era: str) -> None:
    """A change is one that every host sees: `python -m tests.mcp.wire` writes the file anew."""
    assert shown[era] == json.loads(DEFINITIONS.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("read", READING),
        ("draft", READING + PLANNING),
        ("test", READING + PLANNING + SENDING),
        ("live", READING + PLANNING + SENDING),
    ],
)
@pytest.mark.anyio
async def test_the_mode_decides_which_tools_there_are(tmp_path: Path, mode: Mode, names: list[str]) -> None:
    here = Connection(lambda: pytest.fail("opened to list tools"), Options.at(tmp_path, mode=mode))
    async with Client(build_server(here)) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == names


def test_the_definitions_stay_within_their_budget(shown: dict[str, list[dict[str, Any]]]) -> None:
    tools = shown["2025-11-25"]
    texts = [
        f"{tool['name']}\n{tool['description']}\n{json.dumps(tool['inputSchema'], separators=(',', ':'))}"
        for tool in tools
    ]

    sizes = dict(
        zip([tool["name"] for tool in tools], json.loads(node("tokens.mjs", stdin=json.dumps(texts))), strict=True)
    )

    assert len(READING) <= 9
    assert len(tools) <= 17
    assert sum(sizes[name] for name in READING) <= 2_500, sizes
    assert sum(sizes.values()) <= 4_500, sizes
    assert sizes.pop("plan_campaign") <= 950  # templates, agents and personal texts, for which others need a tool
    assert max(sizes.values()) <= 500, sizes


def test_every_parameter_is_described_and_nearly_all_bounded(
    shown: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """The bounds are pydantic's, as the strict modes of model services take none."""
    server = build_server(Connection(lambda: pytest.fail("opened"), Options.at(tmp_path)))
    checked = {
        f"{tool.name}.{name}": schema
        for tool in server._tool_manager.list_tools()
        for whole in [tool.fn_metadata.arg_model.model_json_schema()]
        for name, schema in _without_references(whole, whole.get("$defs", {}))["properties"].items()
    }
    described = {
        f"{tool['name']}.{name}": schema.get("description")
        for tool in shown["2026-07-28"]
        for name, schema in tool["inputSchema"]["properties"].items()
    }
    free = [name for name, schema in checked.items() if not _is_bounded(schema)]

    assert [name for name, words in described.items() if not words] == []
    assert checked.keys() == described.keys()
    assert len(free) <= 0.05 * len(checked), free


def test_strict_modes_take_the_schemas_and_with_every_argument_required_all_at_once(
    shown: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """mcp-strict-check finds the same; its limits are those of Anthropic's and OpenAI's documentation."""
    strict = definitions("2026-07-28", "live", tmp_path, SEAX_MCP_STRICT="1")
    usual = [part for tool in shown["2026-07-28"] for part in _parts(tool["inputSchema"])]
    parts = [part for tool in strict for part in _parts(tool["inputSchema"])]

    refused = {"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "maxProperties", "propertyNames"}
    assert [part for part in usual + parts if refused & part.keys()] == []
    assert {part["additionalProperties"] for part in usual + parts if part.get("type") == "object"} == {False}
    assert [part for part in parts if set(part.get("properties", {})) != set(part.get("required", []))] == []
    assert 0 < sum("anyOf" in part for part in parts) <= 16
    for field in (field for part in parts for field in part.get("properties", {}).values() if "default" in field):
        Draft202012Validator(field).validate(field["default"])


def test_every_form_that_a_tool_asks_for_has_its_words(shown: dict[str, list[dict[str, Any]]]) -> None:
    forms = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(shown)))

    assert {json.loads(form) for form in forms} <= PATTERNS.keys()
    assert forms


def test_names_are_short_and_no_argument_goes_unnoticed(shown: dict[str, list[dict[str, Any]]]) -> None:
    for tool in shown["2026-07-28"]:
        assert len(tool["name"]) <= 40
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["description"]


def test_every_tool_returns_a_model_of_several_fields(shown: dict[str, list[dict[str, Any]]]) -> None:
    for tool in shown["2026-07-28"]:
        properties = set(tool["outputSchema"]["properties"])
        assert len(properties) > 1, tool["name"]
        assert properties != {"result"}


def test_all_four_hints_are_stated_and_what_cannot_be_undone_is_destructive(
    shown: dict[str, list[dict[str, Any]]],
) -> None:
    hints = {tool["name"]: tool["annotations"] for tool in shown["2026-07-28"]}

    names = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert all(names <= set(hint) for hint in hints.values())
    assert {name for name, hint in hints.items() if hint["readOnlyHint"]} == {*READING, "get_plan", "get_job"}
    assert {name for name, hint in hints.items() if hint["destructiveHint"]} == {"send_plan", "halt_sending"}
    assert {name for name, hint in hints.items() if hint["openWorldHint"]} == {"send_plan", "halt_sending"}


def test_plans_have_a_card_which_may_only_look_at_them(shown: dict[str, list[dict[str, Any]]]) -> None:
    ui = {tool["name"]: tool["_meta"]["ui"] for tool in shown["2026-07-28"]}

    assert {name for name, said in ui.items() if "app" in said["visibility"]} == {"get_plan"}
    assert {name for name, said in ui.items() if "resourceUri" in said} == {
        *("plan_campaign", "plan_message", "plan_import", "get_plan")
    }


def test_the_send_takes_a_plan_and_nothing_else(shown: dict[str, list[dict[str, Any]]]) -> None:
    for tools in shown.values():
        send = next(tool for tool in tools if tool["name"] == "send_plan")
        assert set(send["inputSchema"]["properties"]) == {"plan_id"}


def test_no_definition_holds_text_from_the_workspace(shown: dict[str, list[dict[str, Any]]]) -> None:
    text = json.dumps(shown)

    assert not {word for word in ("vip_customers", "Marketing Line", "+1") if word in text}


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all those in it."""
    if isinstance(schema, list):
        for part in schema:
            yield from _parts(part)
    elif isinstance(schema, dict):
        yield schema
        for key, part in schema.items():
            within = part.values() if key in {"properties", "$defs"} else [part]
            yield from (each for one in within for each in _parts(one))


def _without_references(schema: Any, known: dict[str, Any]) -> Any:
    """A schema with what it refers to in place."""
    if isinstance(schema, list):
        return [_without_references(part, known) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _without_references(known[schema["$ref"].rpartition("/")[2]], known)
    return {key: _without_references(part, known) for key, part in schema.items()}


def _is_bounded(schema: dict[str, Any]) -> bool:
    if schema.get("type") == "boolean":
        return True
    if schema.get("type") == "array":
        return bool(BOUNDS & set(schema)) and _is_bounded(schema["items"])
    if schema.get("type") == "object":
        return all(_is_bounded(part) for part in schema["properties"].values())
    if "anyOf" in schema:
        return all(_is_bounded(part) or part.get("type") == "null" for part in schema["anyOf"])
    return bool(BOUNDS & set(schema))
