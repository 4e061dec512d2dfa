"""Who did what after a send, from a frame of orders or events: summed for each group on the engine the frame is of.

Counted is what happened from the first message of the experiment until the time fixed for reading it, the same span
for everybody, held out or not. Last-touch attribution is not offered: an order counts for the arm its buyer was drawn
into, whatever they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from toolkit.display import number_of
from toolkit.experiments.metric import Metric
from toolkit.experiments.moments import MOMENT_NAMES, PER, VALUE, Moments, from_sums
from toolkit.experiments.order_rows import (
    NAMELESS,
    NOBODY,
    SEVERAL,
    People,
    Places,
    checked_orders,
    incomplete_orders,
    orders_between,
    owned_orders,
    table_beside,
)
from toolkit.frames import flag

_COUNTS = ("rows", "repeated", "returned")
LEAST_PEOPLE = 2  # of an arm, or of a segment in each arm, so that it has a variance
_PAIRS = [(one, two) for at, one in enumerate(MOMENT_NAMES) for two in MOMENT_NAMES[at:]]


@dataclass(frozen=True, eq=False)
class CountedOutcomes:
    """Moments by group, and what was noticed about the rows, in sentences; `problem` says why nothing is compared."""

    groups: Mapping[int, Moments]
    notes: tuple[str, ...] = ()
    problem: str = ""


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
    frame = checked_orders(orders, metric)
    earliest = since - before if before else since
    rows = owned_orders(orders_between(frame, metric, nw.lit(earliest), nw.lit(until)), people, metric.by)
    identity = [*(["order"] if metric.order else []), "person", "at", "value", *(["per"] if metric.per else [])]
    rows = rows.group_by(*identity, drop_null_keys=False).agg(nw.len().alias("rows"))
    if not metric.per:
        rows = rows.with_columns(per=nw.lit(1.0))
    times, is_after, none = nw.col("rows").cast(nw.Float64), nw.col("at") >= nw.lit(since), nw.lit(0.0)
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
    others = np.array([NAMELESS, SEVERAL, NOBODY])
    groups = table_beside(
        {
            "person": np.concatenate([others, np.arange(len(people.group))]),
            "group": np.concatenate([others, people.group]),
        },
        rows,
    )
    products = {f"{one} {two}": nw.col(one) * nw.col(two) for one, two in _PAIRS}
    sums = (
        each.join(groups, on="person", how="left")
        .with_columns(**products)
        .group_by("group", drop_null_keys=False)
        .agg(nw.col(*MOMENT_NAMES, *products, *_COUNTS).sum())
    )
    found = {row["group"]: row for row in sums.collect("pyarrow").to_native().to_pylist()}
    unmatched = {place: int(found.pop(place)["rows"]) for place in (None, *others.tolist()) if place in found}
    return CountedOutcomes(
        _moments(found, metric, people.group),
        (*_notes(found.values(), unmatched, metric), *incomplete_orders(frame, metric)),
        _problem(bool(found), unmatched, metric),
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


def _notes(groups: Iterable[Mapping[str, Any]], unmatched: Mapping[int | None, int], metric: Metric) -> Iterator[str]:
    """What somebody should know of the rows in the span: whose they are, doubles, returns."""
    counts = [[row[name] for name in _COUNTS] for row in groups]
    total, repeated, returned = (int(sum(column)) for column in zip((0, 0, 0), *counts, strict=True))
    yield f"{number_of(total + sum(unmatched.values()), 'row', 'is', 'are')} in the period that counts."
    for place, why in _unmatched_words(metric).items():
        if count := unmatched.get(place):
            yield f"{count:,} of them {'is' if count == 1 else 'are'} of nobody who was assigned: {why}."
    if repeated and metric.order:
        yield f"{number_of(repeated, 'row', 'repeats', 'repeat')} an order, which counts once."
    elif repeated:
        yield (
            f"{number_of(repeated, 'row', 'has', 'have')} the person, time and value of another one; without an order "
            "id all were counted."
        )
    if returned:
        netted = "subtracted" if metric.kind != "share" else "counted against the orders of the same person"
        yield f"{number_of(returned, 'row', 'is a return', 'are returns')} (below 0), {netted}."


def _unmatched_words(metric: Metric) -> dict[int | None, str]:
    """Why a row is of nobody who was assigned."""
    return {
        NOBODY: "contacts outside of this experiment",
        SEVERAL: "without a country code the number may be that of several contacts",
        NAMELESS: f"no {metric.by} in the row",
        None: f"their {metric.by} is that of no contact",
    }


def _problem(is_any: bool, unmatched: Mapping[int | None, int], metric: Metric) -> str:
    """Why nothing can be compared, where no row is of any contact; empty if some are."""
    if not is_any and not unmatched:
        return "No row of the frame is in the period that counts, so nothing is compared: pass the orders of that time."
    if is_any or NOBODY in unmatched:
        return ""
    return (
        f"None of the {sum(unmatched.values()):,} rows is of a contact of this workspace, so nothing is compared: see "
        f"that {metric.by!r} has what ws.contacts() shows as {'its id' if metric.by == 'contact_id' else 'its phone'}."
    )


def why_incomparable(metric: Metric, counted: CountedOutcomes, arms: Mapping[str, Moments | None]) -> Iterator[str]:
    """Why the arms of a metric have no difference with an interval; nothing if they have one."""
    if counted.problem:
        yield counted.problem
    elif few := [arm for arm, found in arms.items() if found is None or found.count < LEAST_PEOPLE]:
        yield f"Fewer than {LEAST_PEOPLE} people are in {', '.join(map(repr, few))}, so nothing is compared."
    elif none := [arm for arm, found in arms.items() if found and not found.means[PER]]:
        yield f"Nobody in {', '.join(map(repr, none))} has any {metric.per}, so nothing is compared."
    elif metric.kind != "share" and not any(found.covariances[VALUE, VALUE] for found in arms.values() if found):
        yield f"Everybody has the same {metric.value}, so nothing is compared: see that the rows are those meant."
