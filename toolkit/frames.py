"""Any kind of frame in, the same kind out: pandas, Polars, DuckDB relations and PySpark DataFrames.

Every analysis is written once, in narwhals, between `lazy` and `like`, and only with what all engines do alike: `flag`
and `case` because engines disagree on a missing value in any other condition, bare reductions in `agg` because
anything else is slow in pandas. Hours and windows are read in UTC, so a frame in another time zone is refused.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.errors import ToolkitError, UnknownColumn

Frame = nw.LazyFrame[Any]

_UTC = {"UTC", "Etc/UTC"}
_USUAL = ("delivered", "undelivered", "sent", "failed")  # most rows have one of these, which are in lower case
_DOT = "\u2024"  # stands for "." in Spark, which reads a dot as access to a struct field


def lazy(native: IntoFrame, *columns: str) -> Frame:
    """These columns of a frame, or all, as `spelled`, and statuses in lower case; UnknownColumn if one is missing,
    ToolkitError if a `…_time` is not in UTC.

    Statuses of a categorical type are assumed to be in lower case, as in the frames of this toolkit.
    """
    return _in_lower_case(_selected(native, *columns))


def status_counts(native: IntoFrame) -> Frame:
    """How many `messages` have each `status`, in lower case; counted before, so that one may have several rows."""
    return _in_lower_case(_selected(native, "status").group_by("status").agg(nw.len().alias("messages")))


def _selected(native: IntoFrame, *columns: str) -> Frame:
    """The columns as `lazy` has them, with statuses in any case."""
    frame = _renamed(nw.from_native(native).lazy(), ".", _DOT)
    schema = frame.collect_schema()
    found = []
    for name in columns or tuple(schema):
        there = spelled(name, schema)
        if there is None:
            known = ", ".join(schema).replace(_DOT, ".")
            raise UnknownColumn(
                f"The frame has no column {name!r}; it has {known}: pass one that has {', '.join(columns)}."
            )
        found.append(there)
        dtype = schema[there]
        if name.endswith("_time") and not (isinstance(dtype, nw.Datetime) and dtype.time_zone in _UTC):
            raise ToolkitError(
                f"The column {name!r} is {dtype}, not a time in UTC: convert it, and set the session's zone to UTC "
                "(DuckDB: SET TimeZone = 'UTC'; Spark: spark.sql.session.timeZone)."
            )
    return frame.select(*found)


def _in_lower_case(frame: Frame) -> Frame:
    if frame.collect_schema().get("status") != nw.String:
        return frame
    status, lower = nw.col("status"), folded("status")
    if frame.implementation.is_duckdb() or frame.implementation.is_spark_like():  # they work out only what is needed
        is_usual = reduce(or_, (status == word for word in _USUAL))
        lower = nw.when(is_usual).then(status).otherwise(lower)
    return frame.with_columns(status=lower)


def folded(column: str) -> nw.Expr:
    """The texts of a column in lower case and stripped."""
    return nw.col(column).str.strip_chars().str.to_lowercase()


def like(result: Frame, native: IntoFrameT) -> IntoFrameT:
    """The result as the caller's kind of frame."""
    result = _renamed(result, _DOT, ".")
    given: IntoFrame = native
    if isinstance(nw.from_native(given), nw.LazyFrame):
        lazily: IntoFrameT = result.to_native()
        return lazily
    eagerly: IntoFrameT = nw.maybe_reset_index(result.collect()).to_native()
    return eagerly


def spelled(name: str, names: Container[str]) -> str | None:
    """How a frame from `lazy` with these columns spells a name, as "field.city"; None if it has no such column."""
    return next((way for way in (name, name.replace(".", _DOT)) if way in names), None)


def _renamed(frame: Frame, old: str, new: str) -> Frame:
    if not frame.implementation.is_spark_like():
        return frame
    native = frame.to_native()
    renamed: Frame = nw.from_native(native.toDF(*(name.replace(old, new) for name in native.columns)))
    return renamed


def instant(as_of: datetime) -> datetime:
    """The time in UTC; ToolkitError if it has no time zone."""
    if as_of.tzinfo is None:
        raise ToolkitError(f"{as_of} has no time zone: pass one that has one, such as {as_of}+00:00.")
    return as_of.astimezone(UTC)


def flag(condition: nw.Expr) -> nw.Expr:
    """1 where the condition holds, else 0, also where it is missing; int8, which sums to int64 on every engine."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int8)


def case(choices: Iterable[tuple[nw.Expr, str]], default: str) -> nw.Expr:
    """The word of the first condition that is true; a missing condition is not."""
    word = nw.lit(default)
    for condition, chosen in reversed(list(choices)):
        word = nw.when(condition).then(nw.lit(chosen)).otherwise(word)
    return word
