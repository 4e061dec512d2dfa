"""Tables that are made from the code whenever the site is built, so that they say what it does.

A line `% made from the code: NAME` in a page is where one stands; NAME is a function here.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import typer
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from toolkit.cli.app import app as seax
from toolkit.plans.finding_catalogue import CHECKS
from toolkit.plans.practices import PRACTICES
from toolkit.settings import MODES
from toolkit.texting.notice_rules import load_notices
from toolkit.texting.quiet_hours_rules import CONSENTS, load_hours

_MADE = re.compile(r"^% made from the code: (\w+)$", re.MULTILINE)
_MEASURED = Path(__file__).parents[1] / "guide" / "measured.json"
_ROOMS = {
    "AUD": "Audience",
    "PHN": "Phone numbers",
    "TIM": "Time",
    "SND": "Senders",
    "OPT": "Opt-outs by topic",
    "CST": "Cost",
    "TYP": "Type of campaign",
    "MSG": "Message",
    "MMS": "Media",
    "WAP": "WhatsApp",
    "AGT": "AI agents",
    "TST": "Test sends",
    "LBL": "Labels made here",
    "IMP": "Contact files",
    "EXP": "Experiments",
}


def findings() -> str:
    """Every finding of the catalogue, by what it is about."""
    practices = {code: practice.name for practice in PRACTICES for code in practice.codes}
    parts = []
    for prefix in dict.fromkeys(code[:3] for code in CHECKS):
        rows = [
            [
                f"({code.lower()})=\n`{code}`",
                check.looks_for + (f" [({practices[code]})]{{.practice}}" if code in practices else ""),
                " ".join(f"[{severity}]{{.level .{severity}}}" for severity in check.severities),
                _lifted(check.severities, is_final=check.is_final),
                f"{check.source or 'this toolkit'}, {check.as_of}",
            ]
            for code, check in CHECKS.items()
            if code.startswith(prefix)
        ]
        parts += [
            f"## {_ROOMS[prefix]}",
            _table(["code", "looks for", "severity", "a reason lifts it", "source"], rows),
        ]
    return "\n\n".join(parts)


def _lifted(severities: Sequence[str], *, is_final: bool) -> str:
    if "block" not in severities:
        return ""
    return "never" if is_final else "yes"


def rules() -> str:
    """The rules on hours and caps, and the notices."""
    hours = [
        [f"`{row.code}`", _hours(row), *_dates(row), _source(row), _day(row.read_on), row.confidence]
        for row in load_hours(None).rows
    ]
    notices = [
        [f"`{row.code}`", f"**{row.name}**: {row.what}", *_dates(row), _source(row), _day(row.read_on), row.confidence]
        for row in load_notices()
    ]
    head = ["where", "what", "from", "until", "source", "read on", "sure"]
    return f"## Hours and caps\n\n{_table(head, hours)}\n\n## Notices\n\n{_table(head, notices)}"


def _hours(row: Any) -> str:
    says = [row.hours]
    if row.most_in_24_hours is not None:
        says.append(f"at most {row.most_in_24_hours:,} messages to one person on one subject in 24 hours")
    if row.consent is not None:
        says.append(f"not with {CONSENTS[row.consent]}")
    said = "; ".join(filter(None, says))
    return f"{said} ({row.note})" if row.note else said


def _dates(row: Any) -> list[str]:
    return [_day(day) for day in (row.since, row.until)]


def _day(day: date | None) -> str:
    return f"[{day}]{{.day}}" if day else ""


def _source(row: Any) -> str:
    return f"[{row.source}]({row.url})" if row.url else row.source


def terminal() -> str:
    """Every command of `seax`: what it does, its arguments and its options."""
    root = typer.main.get_command(seax)
    commands = list(_commands(root, "seax"))
    head = _table(["command", ""], [[f"[`{name}`](#{_slug(name)})", _first(found)] for name, found in commands])
    return "\n\n".join([head, *(_command(name, found) for name, found in commands)])


def _commands(group: Any, name: str) -> Iterable[tuple[str, Any]]:
    for word, found in group.commands.items():
        is_group = hasattr(found, "commands")
        if not is_group or found.invoke_without_command:
            yield f"{name} {word}", found
        if is_group:
            yield from _commands(found, f"{name} {word}")


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _first(command: Any) -> str:
    return " ".join((command.help or "").partition("\n\n")[0].split())


def _command(name: str, command: Any) -> str:
    given = [each for each in command.params if each.name != "help"]
    usage = " ".join([name, *(_usage(each) for each in given)])
    rows = [[_named(each), getattr(each, "help", None) or "", _default(each)] for each in given]
    parts = [f"## `{name}`", str(command.help), f"```text\n{usage}\n```"]
    return "\n\n".join([*parts, _table(["", "meaning", "if not given"], rows)] if rows else parts)


def _usage(given: Any) -> str:
    word = given.opts[0] if given.param_type_name == "option" else given.name.upper()
    if given.param_type_name == "option" and not given.is_flag:
        word = f"{word} {(given.metavar or given.name.upper())}"
    return word if given.required else f"[{word}]"


def _named(given: Any) -> str:
    return f"`{given.opts[0] if given.param_type_name == 'option' else given.name.upper()}`"


def _default(given: Any) -> str:
    if given.required:
        return "required"
    return "" if given.default in (None, "", False) else f"`{given.default}`"


def tools() -> str:
    """The tools of the MCP server: what each does, from which mode on it is there, and what it takes."""
    since: dict[str, str] = {}
    offered = {}
    for mode in MODES:
        here = Connection(_nothing_to_open, Options.at(Path("unused"), mode=mode))
        for tool in asyncio.run(build_server(here).list_tools()):
            since.setdefault(tool.name, mode)
            offered[tool.name] = tool
    parts = []
    for name, tool in offered.items():
        arguments = tool.input_schema.get("properties", {})
        required = tool.input_schema.get("required", [])
        rows = [
            [f"`{key}`", _type(schema), "yes" if key in required else "", schema.get("description", "")]
            for key, schema in arguments.items()
        ]
        parts += [f"## `{name}`", f"[From mode `{since[name]}` on.]{{.mode}} {tool.description}"]
        parts += [_table(["argument", "type", "required", "meaning"], rows)] if rows else []
    return "\n\n".join(parts)


def _nothing_to_open() -> Any:
    sys.exit("nothing is opened to list the tools")


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_type(part) for part in schema["anyOf"]))
    if "$ref" in schema:
        return "object"
    kind = schema.get("type", "any")
    return f"{kind} of {_type(schema['items'])}" if kind == "array" and "items" in schema else str(kind)


def costs() -> str:
    """What `make bench` measured when it was last run: each figure, and how it grew with the number of rows."""
    found = json.loads(_MEASURED.read_text(encoding="utf-8"))
    rows = [
        [
            each["what"],
            "" if each["rows"] is None else f"{each['rows']:,}",
            each["ours"],
            each["expert"],
            each["ratio"],
            each["limit"] if each["is_met"] else f"**missed:** {each['limit']}",
            each["growth"],
            _day(date.fromisoformat(each["day"])),
        ]
        for each in found
    ]
    return _table(["what", "rows", "here", "beside it", "ratio", "limit", "growth", "measured"], rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown."""
    lines = [":::{list-table}", ":header-rows: 1", ":class: wide", ""]
    for row in (head, *rows):
        cells = [cell.replace("\n", "\n    ") for cell in row]
        lines += [f"{'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]
    return "\n".join([*lines, ":::"])


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put what is made in the place of the line that asks for it."""
    source[0] = _MADE.sub(lambda line: globals()[line[1]](), source[0])


def always(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Read these pages at every build: the code that they are made from may have changed."""
    return [name for name in env.found_docs if _MADE.search(Path(env.doc2path(name)).read_text(encoding="utf-8"))]


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", fill)
    app.connect("env-get-outdated", always)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
