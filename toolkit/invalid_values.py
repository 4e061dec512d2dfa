"""What is wrong with given values, in our own sentences: what was given, and what to give instead.

pydantic finds the mistakes; its messages speak of its own types, which a user planning a text need not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import ValidationError

from toolkit.suggest import nearest

_MOST = 3  # mistakes reported at once
_LONGEST = 60  # characters of a value
_KINDS = ("bool", "float", "str")
PATTERNS = {
    "^[A-Z]{3}$": "three capital letters, such as USD",
    "^[A-Z]{2}$": "two capital letters, such as US",
    "^([A-Z]{2})?$": "two capital letters, such as US, or nothing",
    "^plan_[0-9a-f]{16}$": "the id of a plan, such as plan_0123456789abcdef",
    "^(plan_[0-9a-f]{16})?$": "the id of a plan, such as plan_0123456789abcdef, or nothing",
    "^(([01][0-9]|2[0-3]):[0-5][0-9])?$": "a time of day, such as 10:00, or nothing",
    r"^[^\x00]*$": "a text without NUL characters",
    r"^[^\x00]+$": "a text without NUL characters, and not an empty one",
    "^[A-Za-z0-9_-]{1,100}$": "an id, of letters, digits, - and _",
    r"^[^/\\\x00-\x1f]{0,200}$": "the name of a file, without a folder, or nothing",
}
_WANTED = {
    "string": 'a text, such as "spring sale"',
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "True or False",
    "tuple": 'a list, such as ["a", "b"]',
    "list": 'a list, such as ["a", "b"]',
    "dict": 'a mapping, such as {"a": "b"}',
    "datetime": "a time with its zone, such as 2026-12-01T17:00-05:00",
    "time_delta": "a span of time, such as timedelta(hours=48)",
    "time": "a time of day, such as 10:00",
    "date": "a day, such as 2026-12-01",
    "path": "the path of a file",
    "none": "nothing",
    "bytes": "bytes",
}
_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}


def in_words(error: ValidationError, known: Iterable[str] = (), *, of: str = "it") -> str:
    """The mistakes as sentences; `known` are the names that can be given, and `of` is what takes them."""
    mistakes = [each for each in error.errors(include_url=False) if each["type"] != "default_factory_not_called"]
    said = list(dict.fromkeys(_sentence(each, tuple(known), of) for each in mistakes))
    more = f" And {len(said) - _MOST} more." if len(said) > _MOST else ""
    return " ".join(said[:_MOST]) + more


def _sentence(mistake: Mapping[str, Any], known: Sequence[str], of: str) -> str:
    kind, given, limits = str(mistake["type"]), mistake["input"], mistake.get("ctx", {})
    given = _Hidden() if "api_key" in mistake["loc"] else given
    where = _place(mistake["loc"])
    name = str(mistake["loc"][-1]) if mistake["loc"] else of
    owner = _place(mistake["loc"][:-1]) if len(mistake["loc"]) > 1 else of
    if name in _KINDS and len(mistake["loc"]) > 1:  # one alternative of a union
        return f"{owner} cannot be {_shown(given)}: give a text, a number, or True or False."
    match kind:
        case "value_error" | "assertion_error":
            return _finished(str(limits.get("error", "")) or f"{where} cannot be {_shown(given)}")
        case "missing" | "missing_keyword_only_argument" | "missing_argument":
            return f"{_cap(owner)} is missing {name}: give it, as in {name}=…."
        case "extra_forbidden" | "unexpected_keyword_argument":
            return _unknown(name, owner, known if len(mistake["loc"]) == 1 else ())
        case "string_too_long" | "string_too_short" | "too_short" | "too_long":
            return f"{where} {_wrong_length(kind, given, limits)}"
        case "timezone_aware" | "timezone_naive":
            return (
                f"{where} {_shown(given)} has no time zone: write it as 2026-12-01T17:00-05:00, or with "
                'tzinfo=ZoneInfo("America/New_York").'
            )
        case "string_pattern_mismatch":
            wanted = PATTERNS.get(limits["pattern"], "a text of another form")
            return f"{where} cannot be {_shown(given)}: give {wanted}."
        case "string_unicode":
            return f"{where} contains half a character, which is not valid text (unicode): type it again."
        case "literal_error" | "enum":
            return _one_of(where, given, str(limits["expected"]))
        case "union_tag_invalid":
            return _one_of(where, limits["tag"], str(limits["expected_tags"]))
        case "frozen_instance" | "frozen_field":
            return f"{_cap(of)} cannot be changed once created: create another with another {name}."
        case "model_type" | "is_instance_of" | "dataclass_type":
            wanted = str(limits.get("class_name") or limits.get("class"))
            hint = ', such as Segment.parse("labels:vip")' if wanted == "Segment" else ""
            return f"{where} takes a {wanted}{hint}, not {_shown(given)}."
        case "finite_number":
            return f"{where} takes a finite number, not {_shown(given)}."
        case "int_from_float":
            return f"{where} takes a whole number, not {_shown(given)}."
    if kind in _LIMITS:
        limit, word = _LIMITS[kind]
        return f"{where} is {_shown(given)}, and must be {word} {limits[limit]}."
    wanted = next((words for start, words in _WANTED.items() if kind.startswith(start)), "")
    return f"{where} cannot be {_shown(given)}{': give ' + wanted if wanted else ''}."


def _finished(text: str) -> str:
    """A sentence of ours, with its capital and its full stop; names keep their case."""
    return (text if "_" in text.split(" ")[0] else _cap(text)) + ("" if text.endswith((".", "?", "!")) else ".")


def _unknown(name: str, owner: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    hint = f"did you mean {near}?" if near else f"there are {', '.join(names)}." if names else "remove it."
    return f"{_cap(owner)} has no {name}: {hint}"


def _wrong_length(kind: str, given: object, limits: Mapping[str, Any]) -> str:
    match kind:
        case "string_too_long":
            return f"has {len(str(given)):,} characters, and the limit is {limits['max_length']:,}: shorten it."
        case "string_too_short":
            return "is empty: enter it."
        case "too_short":
            return (
                f"{'has too few' if limits['actual_length'] else 'is empty'}: give at least {limits['min_length']:,}."
            )
        case _:
            top = f"{limits['max_length']:,}"
            return f"has {limits['actual_length']:,} entries, and the limit is {top}: remove some."


class _Hidden:
    """Stands for a value that is not shown."""

    def __repr__(self) -> str:
        return "what was given"


def _place(loc: Sequence[int | str]) -> str:
    """Its location: `senders`, its entry 2, or `messages`.friendly."""
    return (
        "".join(f"[{part}]" if isinstance(part, int) else f"{'.' if at else ''}{part}" for at, part in enumerate(loc))
        or "it"
    )


def _shown(given: object) -> str:
    text = str(given) if isinstance(given, date | timedelta) else repr(given)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _one_of(where: str, given: object, expected: str) -> str:
    known = [word for word in expected.replace(" or ", ", ").replace("'", "").split(", ") if word]
    meant = nearest(str(given), known)
    return (
        f"{where} cannot be {_shown(given)}: {f'did you mean {meant}?' if meant else f'''give {' or '.join(known)}.'''}"
    )


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def place_in(error: ValueError) -> str:
    """Where a TOML or JSON text cannot be read: `at line 3, column 7`."""
    if isinstance(error, json.JSONDecodeError):
        return f"at line {error.lineno}, column {error.colno}"
    found = re.search(r"at (line \d+, column \d+|end of document)", str(error))
    return found[0] if found else "somewhere"
