"""Numbers and times written as text: which texts are numbers or times, and their values on every engine.

A time is ISO 8601 with dashes: `2026-11-20`, or with a time of day after T or a space, `2026-11-20T09:00:00Z`, which is
in UTC unless it has an offset. A number is as JSON or a spreadsheet exports it: `5`, `-3.5`, `1e2`. Everything else is
not read: `01/12/2026` could be two days, and `1,200` two numbers.
"""

from __future__ import annotations

import re

import narwhals.stable.v2 as nw
import pandas as pd

_DAY = (  # of the calendar; as every engine's regular expressions have it, none of which can look ahead
    r"(?:[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"
)
_CLOCK = r"(?:[01][0-9]|2[0-3])(?::[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?)?"
_OFFSET = r"(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"
TIME = rf"^{_DAY}(?:[T ]{_CLOCK}{_OFFSET}?)?$"
NUMBER = r"^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"
DATE_LIKE = (  # in common forms that are not ISO dates
    r"(?i)^(?:[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}\b.*|[0-9]{1,2}/[0-9]{4}|[0-9]{4}[-/.][0-9]{1,2}"
    r"|(?:.*[^a-z])?(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*[-/., ].*[0-9].*)$"
)
_DATE_WORDS = ("today", "yesterday", "tomorrow", "now")


def is_time(text: object) -> bool:
    """Whether a value is text that is a date or time."""
    return isinstance(text, str) and re.search(TIME, text) is not None


def is_half_a_date(text: object) -> bool:
    """Whether a value is text that is meant as a date or time and cannot be read as one."""
    if not isinstance(text, str) or is_time(text):
        return False
    return text.lower() in _DATE_WORDS or re.search(DATE_LIKE, text) is not None


def numbers_in(column: nw.Expr) -> nw.Expr:
    """The numbers in a column of texts; missing where there is none."""
    return nw.when(column.str.contains(NUMBER)).then(column).cast(nw.Float64)


def times_in(column: nw.Expr) -> nw.Expr:
    """The times in a column of texts, as seconds since 1970 in UTC; missing where there is none.

    Computed with arithmetic alone, since engines differ in which texts they parse as times, and in handling the others.
    """
    is_one = column.str.contains(TIME)
    text = nw.when(is_one).then(column).otherwise(nw.lit("1970-01-01"))  # pandas has no missing whole numbers
    months = _whole(text.str.slice(0, 4)) * 12 + _whole(text.str.slice(5, 2)) - 3  # leap days end a year from March
    years = ((months + 0.5) * (1 / 12)).floor()
    days = (years * 365.25).floor() - (((years + 0.5) * 0.01).floor() * 0.75 + 0.75).floor()
    days = days + ((months - years * 12) * 30.6 + 0.51).floor() + _whole(text.str.slice(8, 2)) - 719469
    clock = text.str.slice(10)
    local = clock.str.replace_all(r"(?:Z|[+-][0-9:]+)$", "")
    offset = clock.str.replace_all(r"^[T ][0-9:.]*", "")
    digits = offset.str.replace_all(r"[^0-9]", "")
    ahead = _whole(digits.str.slice(0, 2)) * 3600 + _whole(digits.str.slice(2, 2)) * 60
    sign = nw.when(offset.str.starts_with("-")).then(nw.lit(-1)).otherwise(nw.lit(1))
    second = nw.concat_str(nw.lit("0"), local.str.slice(7)).cast(nw.Float64)
    passed = _whole(local.str.slice(1, 2)) * 3600 + _whole(local.str.slice(4, 2)) * 60 + second
    return nw.when(is_one).then(days * 86400 + passed - ahead * sign)


def _whole(digits: nw.Expr) -> nw.Expr:
    return nw.concat_str(nw.lit("0"), digits).cast(nw.Int64)  # none at all are 0


def read_times(texts: pd.Series) -> pd.Series:
    """The times in a series of texts, as datetime64[us, UTC]; NaT where there is none. As `times_in`, in pandas."""
    found = texts.where(texts.str.contains(TIME).fillna(False).astype(bool))
    return pd.to_datetime(found, utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")


def read_decimals(texts: pd.Series) -> pd.Series:
    """The numbers in a series of texts, as float64; NaN where there is none. Those of `numbers_in`, in pandas."""
    return texts.where(texts.str.contains(NUMBER).fillna(False).astype(bool)).astype("float64")


def read_truths(texts: pd.Series) -> pd.Series:
    """The texts of a series that are true or false, as boolean; missing where they are neither."""
    return texts.map({"true": True, "false": False}).astype("boolean")
