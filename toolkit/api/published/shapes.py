"""How replies of the published API should look, and where one differs: fields, types and words, never a person's value.

`shapes.json` is taken from the vendor's OpenAPI file of 2025-11: what is optional may be null, and a contact may lack
the time of its picture, as in the vendor's own captured replies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

_WORD = re.compile(r"[A-Za-z_]{1,40}")  # what can be shown of an unknown word of a vocabulary
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
}


def status_of(operation: str) -> int:
    """The status with which an operation answers."""
    status: int = _shapes()["operations"][operation]["status"]
    return status


def deviations(operation: str, reply: Any) -> set[str]:
    """Where a reply differs from what is published, each once: `Campaign.status has the new word RUNNING`."""
    return set(_differing(_shapes()["operations"][operation], reply, "the reply"))


def _differing(kind: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if name := kind.get("of"):
        yield from _in_object(name, value, where)
    elif inner := kind.get("list"):
        if not isinstance(value, list):
            yield f"{where} is {_type(value)}, not a list"
            return
        for each in value:
            yield from _differing(inner, each, where)
    elif words := kind.get("words"):
        if not isinstance(value, str):
            yield f"{where} is {_type(value)}, not a word"
        elif value not in words:
            yield f"{where} has the new word {value if _WORD.fullmatch(value) else '(not shown)'}"
    elif kind["type"] == "time":
        if not _is_time(value):
            yield f"{where} is not an ISO 8601 time"
    elif kind["type"] != "any" and (
        not isinstance(value, _TYPES[kind["type"]]) or (isinstance(value, bool) and kind["type"] != "boolean")
    ):
        yield f"{where} is {_type(value)}, not {kind['type']}"


def _in_object(name: str, value: Any, where: str) -> Iterator[str]:
    fields = _shapes()["schemas"][name]
    shown = name if not name.startswith(("ListResponse", "app__")) else "the reply"
    if not isinstance(value, dict):
        yield f"{where} is {_type(value)}, not an object"
        return
    for field, kind in fields.items():
        if field not in value:
            if kind.get("required"):
                yield f"{shown}.{field} is missing"
        elif value[field] is None:
            if kind.get("required"):
                yield f"{shown}.{field} is null"
        else:
            yield from _differing(kind, value[field], f"{shown}.{field}")
    for field in value.keys() - fields.keys():
        yield f"{shown}.{field if _WORD.fullmatch(field) else '(a name not shown)'} is new"


def _type(value: Any) -> str:
    return "null" if value is None else next((n for n, t in reversed(_TYPES.items()) if isinstance(value, t)), "a list")


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


@cache
def _shapes() -> dict[str, Any]:
    shapes: dict[str, Any] = json.loads(files(__package__).joinpath("shapes.json").read_text("utf-8"))
    return shapes
