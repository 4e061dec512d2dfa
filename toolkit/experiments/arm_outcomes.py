"""Who did what after a send, from a frame of orders or events: summed for each group on the engine the frame is of.

Counted is what happened from the first message of the experiment until the time fixed for reading it, the same span
for everybody, held out or not. Last-touch attribution is not offered: an order counts for the arm its buyer was drawn
into, whatever they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from narwhals.stable.v2.typing import IntoFrame

from toolkit.display import number_of
from toolkit.errors import ToolkitError, UnknownColumn
from toolkit.experiments.metric import Metric
from toolkit.experiments.moments import MOMENT_NAMES, Moments, from_sums
from toolkit.frames import Frame, flag

_COUNTS = ("rows", "repeated", "returned")
_PAIRS = [(one, two) for at, one in enumerate(MOMENT_NAMES) for two in MOMENT_NAMES[at:]]

Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class People:
    """Everybody who was assigned: `group` is, for each, the place of the arm, or of the arm within a segment.

    `keys` are the ids or numbers by which orders name them, and `persons` whose each is; one person may have several.
    """

    keys: pa.Array
    persons: Places
    group: Places


@dataclass(frozen=True, eq=False)
class CountedOutcomes:
    """Moments by group, and what was noticed about the rows, in sentences."""

    groups: Mapping[int, Moments]
    notes: tuple[str, ...] = ()


def count_outcomes(
    orders: IntoFrame, metric: Metric, people: People, *, since: datetime, until: datetime, before: timedelta | None
) -> CountedOutcomes:
    """Sum a metric by group over the orders from `since` on and before `until`, and over those up to `before` earlier.

    Args:
        orders: pandas, Polars, DuckDB or Spark, with the columns that the metric names; times with a zone. On Spark
            nothing but sums is collected.
        metric: what is summed.
        people: who was assigned; orders of others are counted, and noted.
        since: the first message.
        until: the time of reading.
        before: how long before `since` orders count as known earlier.

    Raises:
        UnknownColumn: the frame lacks a column of the metric.
        ToolkitError: times have no zone, or values are not numbers.
    """
    rows = _read(orders, metric)
    earliest = since - before if before else since
    rows = rows.filter((nw.col("at") >= nw.lit(earliest)) & (nw.col("at") < nw.lit(until)))
    rows = _owned(rows, people).with_columns(flag(nw.col("at") >= nw.lit(since)).alias("after"))
    identity = [*(["order"] if metric.order else []), "person", "after", "at", "value", "per"]
    rows = rows.group_by(*identity, drop_null_keys=False).agg(nw.len().alias("rows"))
    times, is_after, none = nw.col("rows").cast(nw.Float64), nw.col("after") == 1, nw.lit(0.0)
    value, per = (nw.col(name) if metric.order else nw.col(name) * times for name in ("value", "per"))
    each = (
        rows.with_columns(
            nw.when(is_after).then(value).otherwise(none).alias("value"),
            nw.when(is_after).then(per).otherwise(none).alias("per"),
            nw.when(is_after).then(none).otherwise(value).alias("before"),
            (nw.col("rows") - 1).alias("repeated"),
            nw.when(nw.col("value") < 0).then(nw.col("rows")).otherwise(nw.lit(0)).alias("returned"),
        )
        .group_by("person", drop_null_keys=False)
        .agg(nw.col(*MOMENT_NAMES, *_COUNTS).sum())
    )
    if metric.kind == "share":
        each = each.with_columns(flag(nw.col(name) > 0).cast(nw.Float64).alias(name) for name in ("value", "before"))
    groups = _beside({"person": np.arange(len(people.group)), "group": people.group}, rows)
    products = {f"{one} {two}": nw.col(one) * nw.col(two) for one, two in _PAIRS}
    sums = (
        each.join(groups, on="person", how="left")
        .with_columns(**products)
        .group_by("group", drop_null_keys=False)
        .agg(nw.col(*MOMENT_NAMES, *products, *_COUNTS).sum())
    )
    found = {row["group"]: row for row in sums.collect("pyarrow").to_native().to_pylist()}
    strangers = found.pop(None, None)
    return CountedOutcomes(
        _moments(found, metric, people.group), _notes(found.values(), strangers["rows"] if strangers else 0, metric)
    )


def _moments(found: Mapping[int, Mapping[str, Any]], metric: Metric, group: Places) -> dict[int, Moments]:
    """Moments of each group; who did nothing is in them with zeros, and with a `per` of 1 unless it is a ratio."""
    moments = {}
    for place, count in enumerate(np.bincount(group).tolist()):
        row = found.get(place) or dict.fromkeys((*MOMENT_NAMES, *(f"{one} {two}" for one, two in _PAIRS)), 0.0)
        totals = [row[name] for name in MOMENT_NAMES]
        products = np.zeros((3, 3))
        for one, two in _PAIRS:
            at, by = MOMENT_NAMES.index(one), MOMENT_NAMES.index(two)
            products[at, by] = products[by, at] = row[f"{one} {two}"]
        if metric.kind != "ratio":
            totals[1] = count
            products[1, :] = products[:, 1] = [totals[0], count, totals[2]]
        moments[place] = from_sums(count, totals, products)
    return moments


def _read(orders: IntoFrame, metric: Metric) -> Frame:
    """The frame's columns as `key, at, value, per` and, if named, `order`; times in UTC, values float64."""
    frame = nw.from_native(_in_utc(orders, metric.time)).lazy()
    schema = frame.collect_schema()
    wanted = [name for name in (metric.by, metric.time, metric.value, metric.per, metric.order) if name]
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
    at = nw.col(metric.time)
    if frame.implementation.is_polars() or frame.implementation.is_pyarrow():
        at = at.dt.convert_time_zone("UTC")
    columns = {"key": _key(metric), "at": at, "value": _number(metric.value), "per": _number(metric.per)}
    if metric.order:
        columns["order"] = nw.col(metric.order).cast(nw.String)
    return frame.select(**columns).filter(~nw.col("at").is_null())


def _in_utc(orders: IntoFrame, column: str) -> IntoFrame:
    """A pandas frame with its times in UTC, whatever kind of zone they have; others as they are."""
    if not isinstance(orders, pd.DataFrame) or column not in orders:
        return orders
    times = orders[column]
    return (
        orders.assign(**{column: times.dt.tz_convert("UTC")}) if isinstance(times.dtype, pd.DatetimeTZDtype) else orders
    )


def _key(metric: Metric) -> nw.Expr:
    """Whose an order is: an id as it is, a number by its digits."""
    written = nw.col(metric.by).cast(nw.String).str.strip_chars()
    return written if metric.by == "contact_id" else written.str.replace_all(r"[^0-9]", "").str.replace_all("^00", "")


def _number(column: str) -> nw.Expr:
    if not column:
        return nw.lit(1.0)
    value = nw.col(column).cast(nw.Float64)
    return nw.when(value.is_finite()).then(value).otherwise(nw.lit(0.0))


def _owned(rows: Frame, people: People) -> Frame:
    """The rows with their `person`, missing for who was not assigned: joined in Spark, else looked up."""
    if rows.implementation.is_spark_like():
        return rows.join(_beside({"key": people.keys, "person": people.persons}, rows), on="key", how="left")
    table: pa.Table = rows.collect("pyarrow").to_native()
    found = pc.index_in(table["key"].cast(pa.string()), value_set=people.keys.cast(pa.string()))
    owned: Frame = nw.from_native(
        table.drop("key").append_column("person", pa.array(people.persons).take(found))
    ).lazy()
    return owned


def _beside(columns: Mapping[str, Any], rows: Frame) -> Frame:
    """A table of our own in Arrow, or in the Spark session that the rows are of."""
    ours = pa.table({name: pa.array(values) for name, values in columns.items()})
    if not rows.implementation.is_spark_like():
        table: Frame = nw.from_native(ours).lazy()
        return table
    native: Any = rows.to_native()
    made: Frame = nw.from_native(native.sparkSession.createDataFrame(ours))
    return made


def _notes(groups: Iterable[Mapping[str, Any]], strangers: int, metric: Metric) -> tuple[str, ...]:
    """What somebody should know of the rows in the span: whose they are, doubles, returns."""
    counts = [[row[name] for name in _COUNTS] for row in groups]
    total, repeated, returned = (int(sum(column)) for column in zip((0, 0, 0), *counts, strict=True))
    notes = [f"{number_of(total + strangers, 'row', 'is', 'are')} in the period that counts."]
    if strangers:
        notes.append(f"{strangers:,} of them {'is' if strangers == 1 else 'are'} of nobody who was assigned.")
    if repeated and metric.order:
        notes.append(f"{number_of(repeated, 'row', 'repeats', 'repeat')} an order, which counts once.")
    elif repeated:
        notes.append(
            f"{number_of(repeated, 'row', 'has', 'have')} the person, time and value of another one; without an order "
            "id all were counted."
        )
    if returned:
        netted = "subtracted" if metric.kind != "share" else "counted against the orders of the same person"
        notes.append(f"{number_of(returned, 'row', 'is a return', 'are returns')} (below 0), {netted}.")
    return tuple(notes)
