"""What is typed above a column of a table, as a mask over its rows. Independent of widgets."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Mask
from toolkit.errors import ToolkitError

ValueKind = Literal["text", "number", "time", "truth", "list"]
_SIGNS = {"<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal}
_SIGNED = re.compile(r"(<=|>=|<|>)\s*(.+)")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")
_HINTS = {"number": "3, >= 3 or 3 to 10", "time": "2026-11, >= 2026-11-12 or 2026-11-01 to 2026-11-12"}


class _Span(NamedTuple):
    """A typed value as an interval: a number is itself, a day or a month begins and ends before the next."""

    first: Any
    after: Any  # None if `first` is the whole of it


def kind_of(values: pa.DataType) -> ValueKind:
    """How values of this type are asked and shown."""
    if pa.types.is_dictionary(values):
        return kind_of(values.value_type)
    if pa.types.is_list(values) or pa.types.is_large_list(values):
        return "list"
    if pa.types.is_boolean(values):
        return "truth"
    if pa.types.is_timestamp(values) or pa.types.is_date(values):
        return "time"
    is_number = pa.types.is_integer(values) or pa.types.is_floating(values) or pa.types.is_decimal(values)
    return "number" if is_number else "text"


def fitting(values: pa.Array, typed: str, column: str) -> Mask:
    """Which values fit what was typed; ToolkitError, with what can be typed, if that cannot be read.

    Texts and lists contain it in any case; numbers and times are equal to it, or in `3 to 10`, `>= 3`; days and months
    are whole.
    """
    kind, typed = kind_of(values.type), typed.strip()
    if kind == "list":
        return _in_lists(values, typed)
    if kind in ("text", "truth"):
        return _containing(values, typed)
    try:
        fits = _in_span(values, typed, _number if kind == "number" else _time)
    except (ValueError, OverflowError) as error:
        raise ToolkitError(f"{column}: “{typed}” cannot be read here. Type {_HINTS[kind]}.") from error
    return _mask(fits)


def _containing(values: pa.Array, typed: str) -> Mask:
    if pa.types.is_dictionary(values.type):
        among = _containing(values.dictionary, typed)
        fits: Mask = np.append(among, False)[values.indices.fill_null(len(among)).to_numpy()]
        return fits
    if pa.types.is_boolean(values.type):
        return _mask(pc.equal(values, typed.lower() in ("yes", "true", "y", "1")))
    return _mask(pc.match_substring(values.cast(pa.large_string()), typed, ignore_case=True))


def _in_lists(lists: pa.Array, typed: str) -> Mask:
    has = _containing(lists.flatten(), typed)
    found = np.zeros(len(lists), dtype=bool)
    found[lists.value_parent_indices().to_numpy()[has]] = True
    return found


def _in_span(values: pa.Array, typed: str, read: Any) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    low, to, high = typed.partition(" to ")
    if to:
        one, other = read(low.strip(), values.type), read(high.strip(), values.type)
        return pc.and_(pc.greater_equal(values, one.first), _until(values, other))
    if signed := _SIGNED.fullmatch(typed):
        span = read(signed[2].strip(), values.type)
        if signed[1] == "<=":
            return _until(values, span)
        if signed[1] == ">" and span.after is not None:
            return pc.greater_equal(values, span.after)
        return _SIGNS[signed[1]](values, span.first)
    span = read(typed.removeprefix("=").strip(), values.type)
    return pc.and_(pc.greater_equal(values, span.first), _until(values, span))


def _until(values: pa.Array, span: _Span) -> pa.Array:
    return pc.less_equal(values, span.first) if span.after is None else pc.less(values, span.after)


def _number(typed: str, _: pa.DataType) -> _Span:
    return _Span(pa.scalar(float(typed.replace(",", "").replace("_", ""))), None)


def _time(typed: str, of: pa.DataType) -> _Span:
    zone = UTC if pa.types.is_timestamp(of) and of.tz else None
    if day := _DAY.fullmatch(typed):
        year, month, date = (int(part) if part else None for part in day.groups())
        first = datetime(year or 1, month or 1, date or 1, tzinfo=zone)
        after = (
            datetime.fromordinal(first.toordinal() + 1).replace(tzinfo=zone)
            if date
            else first.replace(year=first.year + (month in (None, 12)), month=(month or 12) % 12 + 1)
        )
        return _Span(pa.scalar(first).cast(of), pa.scalar(after).cast(of))
    at = datetime.fromisoformat(typed)
    at = at.replace(tzinfo=at.tzinfo or zone) if zone else at.replace(tzinfo=None)
    return _Span(pa.scalar(at).cast(of), None)


def _mask(fits: pa.Array) -> Mask:
    mask: Mask = fits.fill_null(fill_value=False).to_numpy(zero_copy_only=False)
    return mask
