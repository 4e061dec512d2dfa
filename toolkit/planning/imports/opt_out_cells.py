"""The cells of an opt-out or opt-in column: yes or no in many languages, a date, or nothing."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import numpy as np
import pyarrow as pa

from toolkit.data.bitmaps import Mask
from toolkit.planning.imports.column_names import column_words, key, pattern
from toolkit.texting.opt_out_words import label_meaning

Direction = Literal["opted out", "opted in"]

_SIGNS = {
    "✓": True,
    "✔": True,
    "✅": True,
    "☑": True,
    "☒": True,
    "×": True,
    "✗": False,
    "✘": False,
    "❌": False,
    "☐": False,
}
_DATE = re.compile(
    r"(?:\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}日?|\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d{2,4}|\d{8}|"
    r"\d{1,2}\.?[ -][^\W\d_]{3,10}\.?,?[ -]\d{2,4}|[^\W\d_]{3,10}\.? \d{1,2},? \d{2,4}|[^\W\d_]{3,10}\.? \d{4})"
    r"(?:[T ,]+\d{1,2}:\d{2}.*)?"
)
_SERIAL = re.compile(r"[2-6]\d{4}(?:[.,]\d+)?|\d{10}(?:\d{3})?(?:\.\d+)?")  # days since 1900, seconds since 1970


@cache
def _said(answer: Literal["yes", "no"]) -> frozenset[str]:
    return frozenset(key(word) for word in column_words()[answer].split(","))


def read_consent(texts: pa.StringArray, direction: Direction) -> tuple[Mask, Mask]:
    """Who opted out according to a column of cleaned cells, and whose cell cannot be read.

    In an opt-in column an empty cell is a no, as nobody agreed.
    """
    coded = texts.dictionary_encode()
    said = [has_opted_out(text, direction) for text in coded.dictionary.to_pylist()]
    codes = coded.indices.to_numpy()
    out, unread = (np.array(which, bool) for which in ([x is True for x in said], [x is None for x in said]))
    return (out[codes], unread[codes]) if len(said) else (np.zeros(0, bool), np.zeros(0, bool))


def has_opted_out(text: str, direction: Direction) -> bool | None:
    """Whether one cell opts its person out; None if it cannot be read."""
    if not text.strip():
        return direction == "opted in"
    if text.strip() in _SIGNS:
        return _SIGNS[text.strip()] == (direction == "opted out")
    words = key(text)
    if pattern("says_in").fullmatch(words):
        return False
    if pattern("says_out").fullmatch(words) or label_meaning(text) == "opted_out":
        return True
    number = re.fullmatch(r"([01])[.,]0+", text.strip())
    word = number[1] if number else words
    if word in _said("yes") or _DATE.fullmatch(text.strip()) or _SERIAL.fullmatch(text.strip()):
        return direction == "opted out"
    if word in _said("no"):
        return direction == "opted in"
    return None


def is_flag(text: str) -> bool:
    """The text occurs in yes/no columns, or is about opting in or out."""
    words = key(text)
    return (
        words in _said("yes")
        or words in _said("no")
        or bool(pattern("says_in").fullmatch(words) or pattern("says_out").fullmatch(words))
        or text in _SIGNS
    )
