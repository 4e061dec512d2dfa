"""Why a reply could not be read: which row, which field, and what was expected."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from toolkit.api.error_replies import one_line

_SHOWN = 60  # characters of a value
_MISSING = re.compile(r"Object missing required field `(.+?)`")
_EXPECTED = re.compile(r"Expected `(.+?)`")
_STEP = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")
_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "datetime": "an ISO 8601 time",
    "null": "nothing",
}


def explain(body: bytes, error: msgspec.ValidationError) -> str:
    """The row, if there are several, and the field of a reply that differ from the documentation, and how."""
    complaint, _, path = str(error).partition(" - at `$")
    steps = [name or int(at) for name, at in _STEP.findall(path)]
    values = _along(body, steps)
    place, field = "the reply", ""
    if steps[:1] == ["data"] and len(steps) > 1:
        row = values[2] if len(values) > 2 else None
        known = f" (id {one_line(str(row['id']))[:_SHOWN]!r})" if isinstance(row, dict) and row.get("id") else ""
        place, steps = f"row {int(steps[1]) + 1}{known}", steps[2:]
    field = ".".join(step for step in steps if isinstance(step, str))
    if missing := _MISSING.search(complaint):
        return f"{place} has no {f'{field}.' if field else ''}{missing[1]}"
    expected = _EXPECTED.search(complaint)
    kinds = [_KINDS.get(kind, kind) for kind in expected[1].split(" | ")] if expected else [_KINDS["datetime"]]
    found = one_line(repr(values[-1]))[:_SHOWN] if values else "something else"
    return f"{place} has {found} where {field or 'it'} should be {' or '.join(kinds)}"


def _along(body: bytes, steps: list[str | int]) -> list[Any]:
    """The whole reply, and the value at each step into it as far as the path exists."""
    try:
        values = [json.loads(body)]
        for step in steps:
            values.append(values[-1][step])
    except (ValueError, LookupError, TypeError):
        return []
    return values
