"""Orders of your own as rows whose person is known: frames of any engine, and files as a shop exports them.

Nothing about them is guessed: what may be of two people is of nobody, and counted as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from narwhals.stable.v2.typing import IntoFrame

from toolkit.errors import SettingsError, ToolkitError, UnknownColumn
from toolkit.experiments.metric import Metric
from toolkit.frames import Frame, flag

NOBODY, SEVERAL, NAMELESS = -1, -2, -3  # whose a row is: of no one assigned, of several people, or not given
READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".feather": "read_feather"}
_EXACT = 2**53  # a whole number above it is not exact as a float

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class People:
    """Everybody who was assigned: `group` is, for each, the place of the arm, or of the arm within a segment.

    `keys` are the ids or numbers by which orders name somebody, and `persons` whose each is, NOBODY for a contact who
    was not assigned and SEVERAL for digits that several contacts' numbers end in; one person may have several. Numbers
    with their country code begin with a plus; without it they are as people write them.
    """

    keys: pa.Array
    persons: Places
    group: Places


def read_orders(path: Path, *, times: str) -> pd.DataFrame:
    """A file of orders as a frame; the column of times of a CSV file has to name its zone.

    Raises SettingsError if the file cannot be read.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise SettingsError(f"{path} is none of {', '.join(READERS)}: save it as one of them.")
    try:
        frame: pd.DataFrame = getattr(pd, reader)(path)
        if (
            reader == "read_csv"
            and times in frame
            and frame[times].astype("str").str.contains(r"(?:Z|[+-]\d\d:?\d\d)$").all()
        ):
            frame = frame.assign(**{times: pd.to_datetime(frame[times], utc=True)})
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): check the file.") from error
    return frame


def checked_orders(orders: IntoFrame, metric: Metric) -> Frame:
    """The columns of a frame that the metric names, of pandas in Arrow; an error if they cannot be counted."""
    try:
        frame = nw.from_native(_in_utc(orders, metric.time)).lazy()
    except (TypeError, nw.exceptions.DuplicateError) as error:
        raise ToolkitError(
            "Orders are a frame of pandas, Polars, DuckDB or Spark whose columns differ in their names, and these are "
            f"not: {error}. Pass one."
        ) from error
    schema = frame.collect_schema()
    wanted = list(dict.fromkeys(filter(None, (metric.by, metric.time, metric.value, metric.per, metric.order))))
    if missing := [name for name in wanted if name not in schema]:
        raise UnknownColumn(
            f"The frame has no column {missing[0]!r}, only {', '.join(schema)}: the experiment was registered with "
            f"{', '.join(wanted)}, so rename the frame's columns."
        )
    zone = schema[metric.time]
    if not isinstance(zone, nw.Datetime) or zone.time_zone is None:
        raise ToolkitError(
            f"The column {metric.time!r} is {zone}, not a time with a zone: convert it, as in "
            f"pd.to_datetime(frame[{metric.time!r}], utc=True) where it is in UTC."
        )
    for name in filter(None, (metric.value, metric.per)):
        if not schema[name].is_numeric():
            raise ToolkitError(f"The column {name!r} is {schema[name]}, not numbers: convert it before.")
    frame = frame.select(*wanted)
    if not frame.implementation.is_pandas():
        return frame
    native: pd.DataFrame = frame.collect().to_native()
    arrow: Frame = nw.from_native(pa.table({name: _in_arrow(native[name]) for name in wanted})).lazy()
    return arrow


def _in_arrow(column: pd.Series[Any]) -> pa.Array | pa.ChunkedArray:
    """A column in Arrow; values of several kinds, such as 12 and "12", as texts."""
    if column.dtype == "object":
        column = column.where(column.notna(), None).map(str, na_action="ignore").astype("str")
    return pa.array(column, from_pandas=True)


def orders_between(frame: Frame, metric: Metric, earliest: nw.Expr, until: nw.Expr) -> Frame:
    """The rows of a span as `key, at, value`, with `per` and `order` if named; times in UTC, values float64."""
    schema = frame.collect_schema()
    at = nw.col(metric.time)
    rows = frame.filter((at >= earliest) & (at < until))
    if frame.implementation.is_polars() or frame.implementation.is_pyarrow():
        at = at.dt.convert_time_zone("UTC")
    columns = {"key": _written(metric.by, schema[metric.by]), "at": at, "value": _number(metric.value)}
    if metric.per:
        columns["per"] = _number(metric.per)
    if metric.order:
        columns["order"] = nw.col(metric.order).cast(nw.String)
    return rows.select(**columns)


def _in_utc(orders: IntoFrame, column: str) -> IntoFrame:
    """A pandas frame with its times in UTC, whatever kind of zone they have; others as they are."""
    if not isinstance(orders, pd.DataFrame) or column not in orders or not orders.columns.is_unique:
        return orders
    times = orders[column]
    return (
        orders.assign(**{column: times.dt.tz_convert("UTC")}) if isinstance(times.dtype, pd.DatetimeTZDtype) else orders
    )


def _written(column: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """Ids or numbers as texts: a whole 12.0 as 12, as a column with gaps becomes floats."""
    value = nw.col(column)
    if dtype.is_float():
        value = nw.when((value.abs() < _EXACT) & (value % 1 == 0)).then(value).cast(nw.Int64)
    return value.cast(nw.String)


def _key(by: str) -> nw.Expr:
    """Whose an order is: an id without what programs add, a number by its digits, after a plus if it is sure to have
    a country code."""
    text = nw.col("key").str.strip_chars()
    is_float = text.str.contains(r"^\+?[0-9]+\.0$")
    text = nw.when(is_float).then(text.str.replace_all(r"\.0$", "")).otherwise(text)
    if by == "contact_id":
        return text
    digits = text.str.replace_all(r"[^0-9]", "")
    is_whole = text.str.contains(r"^[^0-9]*\+") | digits.str.starts_with("00")
    return nw.when(is_whole).then(nw.concat_str(nw.lit("+"), digits.str.replace_all("^00", ""))).otherwise(digits)


def _number(column: str) -> nw.Expr:
    if not column:
        return nw.lit(1.0)
    value = nw.col(column).cast(nw.Float64)
    return nw.when(value.is_finite()).then(value).otherwise(nw.lit(0.0))


def owned_orders(rows: Frame, people: People, by: str) -> Frame:
    """The rows with their `person`, missing for who is not known: joined in Spark, else looked up."""
    if rows.implementation.is_spark_like():
        keyed = rows.with_columns(key=_key(by))
        joined = keyed.join(table_beside({"key": people.keys, "person": people.persons}, rows), on="key", how="left")
        return joined.with_columns(person=nw.coalesce(_nameless(), "person"))
    table: pa.Table = rows.collect("pyarrow").to_native()
    keys, known, persons = table["key"].cast(pa.string()), people.keys.cast(pa.string()), pa.array(people.persons)
    found = persons.take(pc.index_in(keys, value_set=known).combine_chunks())
    is_missing = found.is_null()
    others = nw.from_native(pa.table({"key": keys.filter(is_missing)})).select(key=_key(by))
    at = pc.index_in(others["key"].to_native().cast(pa.string()), value_set=known)
    again = others.with_columns(found=nw.from_native(pa.chunked_array([persons]).take(at), series_only=True))
    persons = again.select(nw.coalesce(_nameless(), "found")).to_native().column(0).combine_chunks()
    found = pc.replace_with_mask(found, is_missing, persons)
    owned: Frame = nw.from_native(table.drop("key").append_column("person", found)).lazy()
    return owned


def _nameless() -> nw.Expr:
    is_empty = nw.col("key").is_in(["", "+"]) | nw.col("key").is_null()
    return nw.when(is_empty).then(nw.lit(NAMELESS, nw.Int64))


def table_beside(columns: Mapping[str, Any], rows: Frame) -> Frame:
    """A table of our own in Arrow, or in the Spark session that the rows are of."""
    ours = pa.table({name: pa.array(values) for name, values in columns.items()})
    if not rows.implementation.is_spark_like():
        table: Frame = nw.from_native(ours).lazy()
        return table
    native: Any = rows.to_native()
    made: Frame = nw.from_native(native.sparkSession.createDataFrame(ours))
    return made


def incomplete_orders(frame: Frame, metric: Metric) -> Iterator[str]:
    """Rows of the whole frame that lack a time or a number."""
    missing = {"time": nw.col(metric.time).is_null()}
    for name in filter(None, (metric.value, metric.per)):
        missing[name] = ~nw.col(name).cast(nw.Float64).is_finite() | nw.col(name).is_null()
    sums = (flag(is_missing).cast(nw.Int64).sum().alias(f"n{at}") for at, is_missing in enumerate(missing.values()))
    counts = frame.select(*sums).collect("pyarrow").rows()[0]
    for name, count in zip(missing, counts, strict=True):
        if count:
            have, are, counts_as = ("row has", "is", "counts") if count == 1 else ("rows have", "are", "count")
            so = f"{are} not counted" if name == "time" else f"{counts_as} as 0"
            yield f"{count:,} {have} no {name} and {so}."
