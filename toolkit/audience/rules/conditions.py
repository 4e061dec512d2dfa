"""Conditions on one column of contacts, written once and true for the same people on every engine.

A condition needs a value: a contact without one does not match, and `not` inverts that. Numbers
and times are also read in text columns, as in `toolkit.data.typed_text`: any other text counts as missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import ge, gt, le, lt, or_
from typing import Any, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import field_validator, model_validator

from toolkit.audience.contact_numbers import Channel, read_like, read_numbers
from toolkit.audience.rules.literals import Value, listed, name_text, read_value, span, span_words, value_text
from toolkit.data.bitmaps import Bitmap, Mask, pack
from toolkit.data.contacts import Contacts
from toolkit.data.fields import PREFIX
from toolkit.data.typed_text import is_half_a_date, is_time, numbers_in, times_in
from toolkit.engagement.tiers import TIERS
from toolkit.errors import SegmentError, UnknownColumn
from toolkit.frames import spelled
from toolkit.models import Frozen
from toolkit.suggest import suggest

Test = Literal["=", "<", "<=", ">", ">=", "contains", "starts with", "within", "older than", "is present"]

CONDITION_COLUMNS = {  # a rule's word for a column, and the column of a frame
    "name": "name",
    "phone": "phone",
    "whatsapp_phone": "whatsapp_phone",
    "note": "note",
    "created": "created_time",
    "updated": "updated_time",
    "region": "region",
    "state": "state",
    "zone": "zones",
    "tier": "tier",
    "delivered": "last_delivered_time",
    "hard_failures": "hard_failures",
}
BEHAVIOUR = ("tier", "delivered", "hard_failures")  # computed from delivery logs
_WORDS = {column: word for word, column in CONDITION_COLUMNS.items()}
_ORDER: Mapping[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_HOW = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_HOW |= {"contains": "containing", "starts with": "starting with"}
_WHEN = {"<": "before", "<=": "up to", ">": "after", ">=": "from"}
_FEW = 10  # values; so few are compared one by one, which Spark pushes down to files and a list it does not
_IN_TEXT = ("contains", "starts with")
MOST_OFFERED = 200  # distinct values of a column, above which none are listed
_LOOKING_BACK = ("within", "older than")
_HINTS = {
    "numbers": "compare it with a number, without quotes",
    "times": "compare it with a day such as 2026-03-01, or look back, as in 7d or older than 7d",
    "texts": "compare it with a text or a number, or look inside, as in contains smith",
    "true or false": "write = true or = false",
    "lists": "ask whether it is present",
}
_CHANNELS: Mapping[str, Channel] = {"phone": "phone", "whatsapp_phone": "whatsapp_phone"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DATES = "write it as 2026-03-01 or 2026-03-01T17:00Z"


class ColumnRule(Frozen):
    """Contacts whose value in one column passes a test; `=` passes with any one of several values.

    `column` is a key of COLUMNS or `field.<name>`. A date without a time is the whole day, in UTC: `<= 2026-03-01`
    includes it and `> 2026-03-01` begins after it. `within` looks back from the time of reading: `7d`, `12h`, `2w`;
    `older than` is the time before that.
    `phone = ` finds a number however it is written, among contacts; in a frame, only as it is written there.
    `contains` and `starts with` ignore case. `zone` passes if any zone that a phone may be in does. Raises
    SegmentError for an invalid column or value.
    """

    _wrong = SegmentError

    rule: Literal["column"] = "column"
    column: str
    test: Test
    values: tuple[Value, ...] = ()

    @field_validator("column")
    @classmethod
    def _known(cls, column: str) -> str:
        column = _WORDS.get(column, column)
        if column not in CONDITION_COLUMNS and not (column.startswith(PREFIX) and column != PREFIX):
            raise SegmentError(
                f"Contacts have no column {column!r}: {suggest(column, [*CONDITION_COLUMNS, PREFIX + column])}"
            )
        return column

    @model_validator(mode="after")
    def _fitting(self) -> ColumnRule:
        given = map(_unquoted, self.values) if self.test in _ORDER else self.values
        values = tuple(sorted(set(given), key=value_text))
        object.__setattr__(self, "values", values)  # one order, so that equal rules compare equal
        wanted = {"is present": 0, "=": max(1, len(values))}.get(self.test, 1)
        if len(values) != wanted:
            raise SegmentError(f"{self.column} {self.test} takes {wanted} values, not {len(values)}.")
        if any(isinstance(value, float) and not math.isfinite(value) for value in values):
            raise SegmentError(f"{self.column} can only be compared with a finite number.")
        if self.test in _IN_TEXT and not isinstance(values[0], str):
            raise SegmentError(f'{self.test} compares text: write {self.column} {self.test} "{value_text(values[0])}".')
        if self.test in _LOOKING_BACK:
            span(str(values[0]))
        if self.column == "tier" and (unknown := [value for value in values if value not in TIERS]):
            raise SegmentError(f"Unknown tier {unknown[0]!r}: {suggest(str(unknown[0]), TIERS)}")
        return self

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the matching contacts; SegmentError for an unknown column or an unsuitable test."""
        name = CONDITION_COLUMNS.get(self.column, self.column)
        if self.test == "=" and (channel := _CHANNELS.get(self.column)):
            return pack(self._has_number(contacts, channel))
        try:
            series = contacts.column(name)
        except UnknownColumn as error:
            raise SegmentError(str(error)) from error
        if isinstance(series.dtype, pd.CategoricalDtype):
            values = pd.Series(series.cat.categories)
            if isinstance(values.dtype, pd.StringDtype) and self.asks_for_times:
                values = contacts.times(name)  # read once, not once per condition
            return contacts.with_values(name, self._truth(values, contacts.read_time))
        return pack(self._truth(series, contacts.read_time))

    def _has_number(self, contacts: Contacts, channel: Channel) -> Mask:
        """Contacts with one of these numbers, however they are written."""
        numbers, texts = read_numbers(contacts, channel), [value_text(value) for value in self.values]
        wanted = read_like(contacts, texts)
        as_written: Mask = pc.is_in(contacts.table[channel], pa.array(texts)).to_numpy()
        return as_written | numbers.read.any_of(np.concatenate([wanted.best, wanted.more]))

    @property
    def asks_for_times(self) -> bool:
        """Whether it compares only with times."""
        if self.test in _IN_TEXT or not self.values:
            return False
        return self.test in _LOOKING_BACK or all(map(is_time, self.values))

    def _truth(self, series: pd.Series, as_of: datetime) -> Mask:
        values = pa.table({"value": pa.array(series, from_pandas=True)})  # narwhals takes half as long as in pandas
        frame = nw.from_native(values, eager_only=True)
        passed = self._passed(nw.col("value"), frame.schema["value"], as_of)
        truth: Mask = frame.select(passed.fill_null(False).alias("value"))["value"].to_numpy().astype(bool, copy=False)
        return truth

    def expr(self, schema: Mapping[str, nw.dtypes.DType], as_of: datetime) -> nw.Expr:
        """The condition on a frame with these columns: true where it is met, else false or missing."""
        name = CONDITION_COLUMNS.get(self.column, self.column)
        column = spelled(name, schema)
        if column is None:
            raise UnknownColumn(f"The frame has no column {name!r}: {suggest(name, schema)}")
        return self._passed(nw.col(column), schema[column], as_of)

    def _passed(self, column: nw.Expr, dtype: nw.dtypes.DType, as_of: datetime) -> nw.Expr:
        kind = _kind(dtype)
        if self.test == "is present":
            return ~column.is_null()
        if (self.test in _LOOKING_BACK and kind not in ("times", "texts")) or (
            self.test in _IN_TEXT and kind != "texts"
        ):
            raise self._unsuited(kind)
        if self.test in _LOOKING_BACK:
            moments = as_of - span(str(self.values[0])), as_of
            if kind == "texts":
                return self._looking_back(times_in(column), *(moment.timestamp() for moment in moments))
            return self._looking_back(column, *moments)
        if self.test in _IN_TEXT:
            sought, lower = str(self.values[0]).lower(), column.str.to_lowercase()
            return (
                lower.str.contains(sought, literal=True) if self.test == "contains" else lower.str.starts_with(sought)
            )
        if self.column == "zone" and self.test == "=":  # a column of names with a space between
            zones = nw.concat_str(nw.lit(" "), column.cast(nw.String), nw.lit(" "))
            return reduce(or_, (zones.str.contains(f" {value} ", literal=True) for value in self.values))
        if (
            self.test == "="
            and kind == "texts"
            and len(self.values) > _FEW
            and all(isinstance(value, str) and not is_time(value) for value in self.values)
        ):
            return column.is_in(self.values)
        return reduce(or_, (self._compared(column, value, kind) for value in self.values))

    def _looking_back(self, column: nw.Expr, since: datetime | float, now: datetime | float) -> nw.Expr:
        passed: nw.Expr = column <= since if self.test == "older than" else (column > since) & (column <= now)
        return passed

    def _compared(self, column: nw.Expr, value: Value, kind: str) -> nw.Expr:
        match kind, value:
            case "numbers", float():
                return self._ordered(column, value)
            case "numbers", str() if isinstance(number := _unquoted(value), float) and value_text(number) == value:
                return self._ordered(column, number)
            case "texts", float():
                return self._ordered(numbers_in(column), value)
            case "times", str():
                return self._in_time(column, value, _instant)
            case "texts", str() if self.test in _ORDER and is_half_a_date(value):
                raise SegmentError(f"{value!r} is not a date or time: {_DATES}.")
            case "texts", str() if is_time(value):
                return self._in_time(times_in(column), value, lambda text: _instant(text).timestamp())
            case "texts", str() | bool():
                return self._ordered(column, value if isinstance(value, str) else value_text(value))
            case "true or false", bool() | "true" | "false" if self.test == "=":
                return column == (value in (True, "true"))
        raise self._unsuited(kind)

    def _unsuited(self, kind: str) -> SegmentError:
        return SegmentError(f"{self.text()} does not work, as {self.column} contains {kind}: {_HINTS[kind]}.")

    def _ordered(self, column: nw.Expr, value: float | str | datetime) -> nw.Expr:
        passed: nw.Expr = column == value if self.test == "=" else _ORDER[self.test](column, value)
        return passed

    def _in_time(self, column: nw.Expr, text: str, read: Callable[[str], datetime | float]) -> nw.Expr:
        """Compared with a time, or with the day from midnight to midnight."""
        if not _DAY.fullmatch(text):
            return self._ordered(column, read(text))
        begin, end = read(text), read(_next_day(text))
        if self.test == "=":
            return (column >= begin) & (column < end)
        edge = begin if self.test in ("<", ">=") else end
        return column < edge if self.test in ("<", "<=") else column >= edge

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        prefix, _, field = self.column.partition(".")
        column = f"{prefix}.{name_text(field)}" if field else self.column
        values = ", ".join(map(value_text, self.values))
        match self.test:
            case "is present":
                return f"{column} is {'missing' if negated else 'present'}"
            case "=" if len(self.values) > 1:
                return f"{column} {'not in' if negated else 'in'} ({values})"
            case "=":
                return f"{column} {'!=' if negated else '='} {values}"
        test = "in" if self.test == "within" else self.test
        written = self.values[0] if self.test in _LOOKING_BACK else values
        return f"{'not ' if negated else ''}{column} {test} {written}"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        column = self.column.removeprefix(PREFIX)
        having = "without" if negated else "with"
        if self.test == "is present":
            return f"{having} a {column}"
        values = listed([value if isinstance(value, str) else value_text(value) for value in self.values], "or")
        match self.test:
            case "within":
                when = f"in the last {span_words(values)}"
            case "older than":
                ago = span_words(values)
                when = f"more than {ago if ago[0].isdigit() else f'one {ago}'} ago"
            case _:
                when = f"{_WHEN.get(self.test, 'on')} {values}"
        if self.column in ("created", "updated", "delivered"):
            reached = "reached" if self.test == "within" else "last reached"
            return f"{'not ' if negated else ''}{reached if self.column == 'delivered' else column} {when}"
        if self.test in _LOOKING_BACK or (self.test in _ORDER and _DAY.match(values)):
            return f"{having} {column} {when}"
        return " ".join(filter(None, (having, column, _HOW.get(self.test), values)))


def _kind(dtype: nw.dtypes.DType) -> str:
    if isinstance(dtype, nw.String | nw.Categorical | nw.Enum):
        return "texts"
    if isinstance(dtype, nw.Datetime):
        return "times"
    return "true or false" if isinstance(dtype, nw.Boolean) else "numbers" if dtype.is_numeric() else "lists"


def _unquoted(value: Value) -> Value:
    """A quoted number as a number: `> "5"` does not mean the order of texts."""
    return read_value(value) if isinstance(value, str) and not isinstance(read_value(value), bool) else value


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SegmentError(f"{text!r} is not a date or time: {_DATES}.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _next_day(text: str) -> str:
    try:
        return str(datetime.combine(date.fromisoformat(text), time()).date() + timedelta(days=1))
    except (ValueError, OverflowError) as error:
        raise SegmentError(f"{text!r} is not a valid date: write one as 2026-03-01.") from error
