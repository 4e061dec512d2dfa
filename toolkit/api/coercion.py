"""Repairs replies with values of the wrong type: such a value in an optional field is lost alone, not the page.

Numbers become text where text is expected, an error object becomes its words, times are read in every form of
ISO 8601; what cannot be read is missing, and counted. Required fields, labels and contact fields are never changed:
they decide who is texted. Only replies that could not be read as received come here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args

import msgspec

from toolkit.api.network.non_json_replies import what_came
from toolkit.errors import GarbledReply

_SPOKEN = {"error_message", "event_error_message"}  # fields whose objects and lists are read as text
_DECIDING = {"contact_labels", "contact_field_data"}  # they decide who is texted: only an empty value is read as none

Odd = tuple[int, str]  # the place of a row, and the field of it that could not be read


def mend(body: bytes, reply: type[msgspec.Struct]) -> tuple[bytes, tuple[Odd, ...]]:
    """The reply with wrong values in its rows, or in itself, repaired or missing; GarbledReply if it is not JSON."""
    document = _document(body)
    if not isinstance(document, dict):
        return body, ()
    kinds = {field.name: field.type for field in msgspec.structs.fields(reply)}
    rows = document.get("data") if "data" in kinds else [document]
    kind = get_args(kinds["data"])[0] if "data" in kinds else reply
    if not isinstance(rows, list):
        return body, ()
    odd = tuple((at, name) for at, row in enumerate(rows) if isinstance(row, dict) for name in _mend(row, kind))
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), odd


def _mend(row: dict[str, Any], kind: type[msgspec.Struct]) -> Iterator[str]:
    """Repair one row, and name the fields whose values are lost."""
    for field in msgspec.structs.fields(kind):
        name, is_text = field.name, str in get_args(field.type)
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct) and isinstance(row.get(name), dict):
            yield from (f"{name}.{inner}" for inner in _mend(row[name], field.type))
            continue
        if field.required or name not in row:
            continue
        value, is_time = row[name], is_text and name.endswith("_time")
        if not is_time and name not in _DECIDING and _fits(value, field.type):
            continue
        del row[name]
        if _is_blank(value):
            continue
        instead = value if name in _DECIDING else _time(value) if is_time else _text(name, value) if is_text else None
        if instead is None:
            yield name
        else:
            row[name] = instead


def _is_blank(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return str(int(value)) if value == int(value) else str(value)
    if name in _SPOKEN:
        return " ".join(dict.fromkeys(_words(value))) or None
    return None


def _words(value: Any) -> Iterator[str]:
    """The texts and numbers in a value, codes first."""
    if isinstance(value, dict):
        for key in sorted(value, key=lambda key: "code" not in key.lower()):
            yield from _words(value[key])
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _time(value: Any) -> str | None:
    try:
        return datetime.fromisoformat(value.strip().upper()).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _document(body: bytes) -> Any:
    try:
        document = json.loads(body.decode(), strict=False, parse_constant=lambda _: None)
        return _whole(document)
    except (ValueError, RecursionError) as error:
        raise GarbledReply(f"it is {what_came(body)}") from error


def _whole(value: Any) -> Any:
    """The value with lone surrogates, which are not valid text, replaced by the replacement character."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    return value
