"""An audience by one column: its most frequent values, or the distribution of its numbers and times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from toolkit.audience.rules.conditions import CONDITION_COLUMNS
from toolkit.audience.rules.literals import Value, value_text
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts

Kind = Literal["values", "numbers", "times", "texts"]
MOST_VALUES = 200  # distinct ones offered in a list
_TOP = 20  # texts shown of a column that has more
_BINS = 12
_PERIODS = {
    "h": "%Y-%m-%d %H:00",
    "D": "%Y-%m-%d",
    "W": "week of %Y-%m-%d",
    "M": "%b %Y",
    "Q": "quarter from %b %Y",
    "Y": "%Y",
}


class ProfileBar(NamedTuple):
    """A value, or a range of values, and how many contacts have it; `value` is what a condition would compare with."""

    label: str
    contacts: int
    value: Value | None = None


@dataclass(frozen=True)
class Profile:
    """One column among some contacts.

    `values`: few distinct ones, the most frequent first, or in order if they are numbers. `numbers`: a histogram of
    equal steps. `times`: by whole hours, days, weeks, months, quarters or years. `texts`: too many distinct ones to
    choose from, the most frequent of them. `missing` contacts have no value, `others` have one that is not in a bar.
    """

    column: str
    kind: Kind
    bars: tuple[ProfileBar, ...]
    missing: int
    others: int = 0


def profile(contacts: Contacts, column: str, among: Mask) -> Profile:
    """Profile a column, named as in a rule, among some contacts; UnknownColumn or SegmentError if it is unknown."""
    series = contacts.column(CONDITION_COLUMNS.get(column, column))
    if not isinstance(series.dtype, pd.CategoricalDtype):
        return _spread(column, series[among])
    counts = np.bincount(series.cat.codes.to_numpy()[among].astype(np.int64) + 1, minlength=len(series.cat.categories))
    missing, counts = int(counts[0]), counts[1:]
    categories = series.cat.categories
    if pd.api.types.is_datetime64_any_dtype(categories):
        return _spread(column, series[among].astype(categories.dtype))
    is_text = not pd.api.types.is_numeric_dtype(categories)
    order = np.argsort(-counts, kind="stable") if is_text else np.arange(len(counts))
    some = [place for place in order.tolist() if counts[place]]
    kind: Kind = "texts" if len(categories) > MOST_VALUES else "values"
    shown = some[: _TOP if kind == "texts" else MOST_VALUES]
    bars = tuple(_bar(categories[place], int(counts[place])) for place in shown)
    return Profile(column, kind, bars, missing, int(counts.sum()) - sum(bar.contacts for bar in bars))


def _bar(category: object, count: int) -> ProfileBar:
    value: Value = category if isinstance(category, str) else _plain(category)
    return ProfileBar(value if isinstance(value, str) else value_text(value), count, value)


def _plain(category: object) -> Value:
    return bool(category) if isinstance(category, bool | np.bool_) else float(str(category))


def _spread(column: str, series: pd.Series) -> Profile:
    given = series.dropna()
    missing = len(series) - len(given)
    is_time = pd.api.types.is_datetime64_any_dtype(series.dtype)
    kind: Kind = "times" if is_time else "numbers"
    if not len(given):
        return Profile(column, kind, (), missing)
    if is_time:
        return Profile(column, kind, tuple(_periods(given)), missing)
    counts, edges = np.histogram(given.to_numpy(np.float64), bins=_BINS)
    names = [f"{edge:,.6g}" for edge in edges]
    bars = [ProfileBar(f"{low} – {high}", int(n)) for low, high, n in zip(names, names[1:], counts, strict=False)]
    return Profile(column, kind, tuple(bars), missing)


def _periods(times: pd.Series) -> Iterator[ProfileBar]:
    """Whole hours, days, weeks, months, quarters or years in UTC: the shortest of which there are not too many."""
    moments = pd.Series(times.to_numpy("datetime64[us]"))
    first, last = moments.min(), moments.max()
    spans = {length: pd.period_range(first, last, freq=length) for length in _PERIODS}
    length = next((each for each, span in spans.items() if len(span) <= _BINS + 2), "Y")
    counts = moments.dt.to_period(length).value_counts()
    for each in spans[length]:
        yield ProfileBar(each.start_time.strftime(_PERIODS[length]), int(counts.get(each, 0)))
