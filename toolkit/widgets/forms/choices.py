"""The choices that the builder offers: what the page shows for each, and how a draft refers to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from toolkit.errors import DraftError
from toolkit.suggest import suggest

Choice = tuple[str, str]  # the page's text, the draft's value


def sender_choices(
    phones: pd.DataFrame, wanted: Sequence[str], sends: str = "SMS", *, kept: Sequence[str] = ()
) -> list[Choice]:
    """The enabled numbers that can send SMS, or MMS; DraftError if one that is wanted is not among them.

    Those `kept` keep the name they have, if they are among them.
    """
    able = phones[phones["enabled"] & phones[sends.lower()]]
    shown = [f"{name} {phone}" for name, phone in zip(able["name"], able["phone"], strict=True)]
    references = able[["name", "phone", "id"]]
    for name in wanted:
        if name not in references.to_numpy():
            near = suggest(name, references["name"])
            raise DraftError(f"The workspace has no enabled {sends} sender {name!r}: {near}")
    return _choices(shown, references, [*wanted, *kept])


def label_choices(labels: pd.DataFrame, wanted: Sequence[str]) -> list[Choice]:
    """The labels that contacts have, with counts; then those wanted that no contact has."""
    shown = [f"{name} ({count:,})" for name, count in zip(labels["name"], labels["contacts"], strict=True)]
    references = labels[["name", "id"]]
    unknown = [(f"{name} (no contact has it)", name) for name in wanted if name not in references.to_numpy()]
    return _choices(shown, references, wanted) + unknown


def _choices(shown: Sequence[str], references: pd.DataFrame, wanted: Sequence[str]) -> list[Choice]:
    """Each is named as in the draft, or by the first of its references that no other shares."""
    rows = list(references.itertuples(index=False, name=None))
    uses = Counter(reference for row in rows for reference in set(row))
    return [
        (text, next((x for x in row if x in wanted), None) or next(x for x in row if uses[x] == 1))
        for text, row in zip(shown, rows, strict=True)
    ]


def default_sender(phones: pd.DataFrame) -> tuple[str, ...]:
    """How a draft refers to the number that SMS are sent from unless another is chosen; empty if there is none."""
    able = phones[phones["enabled"] & phones["sms"]]
    row = able[able["is_default"]] if len(able) > 1 else able
    choices = sender_choices(phones, ())
    return tuple(reference for text, reference in choices for phone in row["phone"] if text.endswith(phone))[:1]
