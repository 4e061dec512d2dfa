"""Likely mistakes in a condition: values it cannot read, and values that no contact has.

A condition that matches nobody is rarely intended; `!=` and `not` hide it, since they then match everybody.
Computed once per distinct value and kept with the contacts, so that a click costs nothing at a million of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.audience.rules.conditions import CONDITION_COLUMNS, MOST_OFFERED, ColumnRule
from toolkit.audience.rules.literals import Value, value_text
from toolkit.data.contacts import Contacts
from toolkit.data.fields import PREFIX, not_read
from toolkit.data.typed_text import NUMBER, TIME
from toolkit.suggest import suggest
from toolkit.texting.place_names import region_named, state_named, zones_named

_READ = {"dates": TIME, "numbers": NUMBER, "true or false": "^(true|false)$"}
_FITS = {
    "dates": ("time", "write dates as 2026-11-30"),
    "numbers": ("numbers", "write numbers as 1200.50"),
    "true or false": ("true or false", "write true or false"),
}


def doubts(rule: ColumnRule, contacts: Contacts, *, least: int = 1) -> tuple[str, ...]:
    """Sentences on one condition; values that fewer than `least` contacts have are not quoted."""
    key = (rule, least)
    if key not in contacts.doubts:
        contacts.doubts[key] = tuple(_doubts(rule, contacts, least))
    return contacts.doubts[key]


def _doubts(rule: ColumnRule, contacts: Contacts, least: int) -> Iterator[str]:
    series = contacts.column(CONDITION_COLUMNS.get(rule.column, rule.column))
    is_text = isinstance(series.dtype, pd.CategoricalDtype) and isinstance(series.cat.categories.dtype, pd.StringDtype)
    if is_text and (kind := _compared(rule)):
        yield from _unread(rule, series, kind, least)
    if rule.test == "=" and is_text:
        for value in rule.values:
            if not ColumnRule(column=rule.column, test="=", values=(value,)).bitmap(contacts).any():
                found = _instead(rule.column, value, series, least)
                yield f"No contact has the {rule.column} {value_text(value)}{': ' + found if found else '.'}"
    elif rule.test not in ("=", "is present") and len(contacts) and not rule.bitmap(contacts).any():
        yield f"No contact matches {rule.text()}{_range(series)}"


def _compared(rule: ColumnRule) -> str:
    """The type as which a condition reads texts; empty if it reads them as text."""
    if rule.asks_for_times:
        return "dates"
    if rule.values and all(isinstance(value, bool) for value in rule.values):
        return "true or false"
    return "numbers" if rule.values and all(isinstance(value, float) for value in rule.values) else ""


def _unread(rule: ColumnRule, series: pd.Series, kind: str, least: int) -> Iterator[str]:
    counts = _counts(series)
    texts = pa.array(series.cat.categories, pa.large_string())
    is_read = pc.match_substring_regex(texts, _READ[kind]).to_numpy(zero_copy_only=False)
    is_blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0).to_numpy(zero_copy_only=False)
    is_unread = ~is_read & ~is_blank
    given, unread = int(counts[~is_blank].sum()), int(counts[is_unread].sum())
    if not unread or (rule.test == "=" and 2 * unread > given):  # a text that is compared with what it is
        return
    common = np.argsort(-np.where(is_unread & (counts >= least), counts, 0), kind="stable")[:2].tolist()
    samples = [str(series.cat.categories[at]) for at in common if is_unread[at] and counts[at] >= least]
    what, remedy = _FITS[kind]
    they = "it matches" if unread == 1 else "they match"
    said = not_read(unread, given, kind, samples).replace(" values ", f" values of {rule.column.removeprefix(PREFIX)} ")
    yield f"{said}; {they} no condition on {what}, so `not` includes them: {remedy}."


def _instead(column: str, value: Value, series: pd.Series, least: int) -> str:
    """A suggestion for a text that no contact has; empty if nothing is similar."""
    text, known = value_text(value) if not isinstance(value, str) else value, series.cat.categories
    named = _named(column, text)
    if column == "zone":  # a value is several names
        here = {zone for zones in known for zone in zones.split()}
        return f"did you mean {' or '.join(named)}?" if named and text not in named else suggest(text, here)
    counts = _counts(series)
    for name in named:
        if name in known:
            return f"did you mean {name}?"
    if len(known) <= MOST_OFFERED:
        offered = [str(known[at]) for at in np.flatnonzero(counts >= least).tolist()]
        alike = [name for name in offered if _folded(name) == _folded(text)]
        return f"did you mean {value_text(alike[0])}?" if alike else suggest(text, offered) if offered else ""
    folded = pc.utf8_trim_whitespace(pc.utf8_lower(pa.array(known, pa.large_string())))
    same = np.flatnonzero(pc.equal(folded, _folded(text)).to_numpy(zero_copy_only=False) & (counts >= least))
    if len(same):
        return f"did you mean {value_text(str(known[int(same[0])]))}?"
    return f"did you mean {named[0]}?" if named and column in CONDITION_COLUMNS else ""


def _named(column: str, text: str) -> tuple[str, ...]:
    """The codes of the place that a text names, where a column may contain such codes."""
    match column:
        case "state":
            found: tuple[str, ...] = (state_named(text),)
        case "region":
            found = (region_named(text),)
        case "zone":
            found = zones_named(text, in_north_america=True)
        case _ if column.startswith(PREFIX):
            found = (state_named(text), region_named(text), *zones_named(text, in_north_america=True))
        case _:
            found = ()
    return tuple(filter(None, found))


def _range(series: pd.Series) -> str:
    """The range of values of a column of numbers or times, as the end of a sentence."""
    values = series.cat.categories if isinstance(series.dtype, pd.CategoricalDtype) else series
    is_time = pd.api.types.is_datetime64_any_dtype(values.dtype)
    if not len(values) or not (is_time or pd.api.types.is_float_dtype(values.dtype)) or values.isna().all():
        return "."
    least, most = values.min(), values.max()
    ends = [f"{end:%Y-%m-%d}" if is_time else value_text(float(end)) for end in (least, most)]
    return f": its values are {ends[0]} to {ends[1]}." if ends[0] != ends[1] else f": its values are all {ends[0]}."


def _counts(series: pd.Series) -> np.ndarray:
    return np.bincount(series.cat.codes.to_numpy().astype(np.int64) + 1, minlength=len(series.cat.categories) + 1)[1:]


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
