"""How names, values and time spans are written in a rule, and read back."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import timedelta

from toolkit.errors import SegmentError

Value = bool | float | str

_BARE = re.compile(r"[\w.+/@-]+")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": "hour", "d": "day", "w": "week"}


def name_text(name: str) -> str:
    """A name as written in a rule: in quotes where it is more than a word."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def value_text(value: Value) -> str:
    """A value as written in a rule: text in quotes where it would be read as something else."""
    if isinstance(value, str):
        is_plain = _BARE.fullmatch(value) and read_value(value) == value and not _SPAN.fullmatch(value)
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def read_value(word: str) -> Value:
    """What an unquoted word means: a number, true or false, else itself."""
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    return float(word) if _NUMBER.fullmatch(word) and math.isfinite(float(word)) else word


def is_span(word: str) -> bool:
    """Whether a word is a time span, such as 7d."""
    return _SPAN.fullmatch(word) is not None


def span(word: str) -> timedelta:
    """A span such as `12h`, `7d` or `2w`; SegmentError for anything else."""
    found = _SPAN.fullmatch(word)
    if not found:
        raise SegmentError(f"{word!r} is not a time span: write hours, days or weeks, as 12h, 7d or 2w.")
    return timedelta(**{_UNITS[found[2]] + "s": int(found[1])})


def span_words(word: str) -> str:
    """A span in words: `7 days`."""
    number, unit = int(word[:-1]), _UNITS[word[-1]]
    return f"{number:,} {unit}s" if number != 1 else unit


def listed(words: Sequence[str], joint: str) -> str:
    """Words as in a sentence: `a, b and c`."""
    return f"{', '.join(words[:-1])} {joint} {words[-1]}" if len(words) > 1 else words[0]
