"""Mistakes in what somebody wrote into a draft, as one sentence of ours."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from toolkit.errors import DraftError


def as_draft_error(error: ValidationError) -> DraftError:
    """What is wrong with a draft's values, and in which of them."""
    return DraftError(f"{'; '.join(map(_in_words, error.errors()))}.")


def _in_words(found: ErrorDetails) -> str:
    name, context = ".".join(map(str, found["loc"])), found.get("ctx", {})
    match found["type"]:
        case "value_error":
            return found["msg"].removeprefix("Value error, ").rstrip(".")
        case "literal_error":
            return f"{name} is {found['input']!r}: give {context['expected']}"
        case "string_too_short" | "missing":
            return f"{name} is empty: give one"
        case "string_too_long":
            return f"{name} has more than {context['max_length']} characters: shorten it"
    return f"{name}: {found['msg'][:1].lower()}{found['msg'][1:]}"
