"""Mistakes in what somebody wrote into a draft, as one sentence of ours."""

from __future__ import annotations

from pydantic import ValidationError

from toolkit.errors import DraftError


def as_draft_error(error: ValidationError) -> DraftError:
    """What is wrong with a draft's values, and in which of them."""
    found = []
    for each in error.errors():
        name = ".".join(map(str, each["loc"]))
        said = each["msg"].removeprefix("Value error, ").rstrip(".")
        found.append(said if each["type"] == "value_error" else f"{name}: {said[:1].lower()}{said[1:]}")
    return DraftError(f"{'; '.join(found)}.")
