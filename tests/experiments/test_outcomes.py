"""Orders are summed alike on pandas, Polars, DuckDB and Spark, and on Spark no row of them is collected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.engines import Engine
from toolkit.experiments.arm_outcomes import CountedOutcomes, count_outcomes
from toolkit.experiments.estimate import difference
from toolkit.experiments.metric import Metric
from toolkit.experiments.order_rows import People

SINCE = datetime(2026, 11, 4, tzinfo=UTC)
SIZE = 300
PEOPLE = People(pa.array([f"c{at}" for at in range(SIZE)]), np.arange(SIZE), np.arange(SIZE) % 3)
METRICS = {
    "share": Metric(name="an order", value="amount"),
    "mean": Metric(name="amount", kind="mean", value="amount", order="order"),
    "ratio": Metric(name="basket", kind="ratio", value="amount", per="items"),
}


def orders() -> pa.Table:
    random = np.random.default_rng(2)
    rows = 900
    hours = random.integers(-24 * 20, 24 * 10, rows)
    table = pa.table(
        {
            "contact_id": [f"c{at}" for at in random.integers(0, SIZE + 20, rows)],
            "time": pa.array([SINCE + timedelta(hours=int(h)) for h in hours], pa.timestamp("us", "UTC")),
            "amount": np.where(random.random(rows) < 0.05, -5.0, random.gamma(2, 20, rows).round(2)),
            "items": random.integers(1, 5, rows),
            "order": [f"o{at}" for at in range(rows)],
        }
    )
    return pa.concat_tables([table, table.slice(0, 30)])


def counted(frame: Any, metric: Metric) -> CountedOutcomes:
    week = timedelta(days=7)
    return count_outcomes(frame, metric, PEOPLE, since=SINCE, until=SINCE + week, before=2 * week)


def by_hand(metric: Metric) -> dict[int, tuple[float, float, float]]:
    """The sums of each group, row by row in Python."""
    week = timedelta(days=7)
    seen, each = set(), {f"c{at}": [0.0, 0.0, 0.0] for at in range(SIZE)}
    for row in orders().to_pylist():
        who, key = row["contact_id"], tuple(row.values())
        if who not in each or (metric.order and key in seen):
            continue
        seen.add(key)
        if SINCE <= row["time"] < SINCE + week:
            each[who][0] += row["amount"]
            each[who][1] += row["items"]
        elif SINCE - 2 * week <= row["time"] < SINCE:
            each[who][2] += row["amount"]
    sums = {group: [0.0, 0.0, 0.0] for group in range(3)}
    for at, (value, per, before) in enumerate(each.values()):
        if metric.kind == "share":
            value, before = float(value > 0), float(before > 0)
        for place, number in enumerate((value, per if metric.kind == "ratio" else 1.0, before)):
            sums[at % 3][place] += number
    return {group: (one, two, three) for group, (one, two, three) in sums.items()}


@pytest.mark.parametrize("kind", list(METRICS))
def test_every_engine_sums_as_python_does(engine: Engine, kind: str) -> None:
    found = counted(engine.frame(orders()), METRICS[kind])

    for group, sums in by_hand(METRICS[kind]).items():
        moments = found.groups[group]
        assert moments.count == SIZE // 3
        assert moments.means * moments.count == pytest.approx(sums, rel=1e-9)
    assert found.groups[0].covariances == pytest.approx(
        counted(orders(), METRICS[kind]).groups[0].covariances, rel=1e-9
    )


@pytest.mark.parametrize("kind", ["mean", "ratio"])
def test_every_engine_gives_the_difference_of_tea_tasting(engine: Engine, kind: str) -> None:
    import tea_tasting as tt

    rows = orders().to_pandas().drop_duplicates()
    after, week = rows["time"] >= SINCE, timedelta(days=7)
    spans = {"value": after & (rows["time"] < SINCE + week), "before": ~after & (rows["time"] >= SINCE - 2 * week)}
    amounts = {name: rows[span].groupby("contact_id")["amount"].sum() for name, span in spans.items()}
    amounts["per"] = rows[spans["value"]].groupby("contact_id")["items"].sum()
    people = pd.DataFrame(amounts, index=PEOPLE.keys.to_pylist()).fillna(0.0).assign(arm=PEOPLE.group)
    metric = tt.Mean("value", "before") if kind == "mean" else tt.RatioOfMeans("value", "per", "before")
    theirs: Any = metric.analyze(people[people["arm"] < 2], 0, 1, variant="arm")

    bought = orders().slice(0, 900)  # without those that are there twice
    groups = counted(engine.frame(bought), METRICS[kind]).groups
    ours = difference(groups[1], groups[0])

    assert (ours.value, ours.low, ours.high, ours.p) == pytest.approx(
        (theirs.effect_size, theirs.effect_size_ci_lower, theirs.effect_size_ci_upper, theirs.pvalue), rel=1e-9
    )


def test_every_engine_notices_the_same(engine: Engine) -> None:
    assert counted(engine.frame(orders()), METRICS["mean"]).notes == counted(orders(), METRICS["mean"]).notes


def test_spark_hands_over_sums_alone(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = spark.createDataFrame(orders())
    kind = type(frame)
    handed: list[int] = []
    real = kind.toArrow

    def to_arrow(self: Any) -> pa.Table:
        table = real(self)
        handed.append(len(table))
        return table

    monkeypatch.setattr(kind, "toArrow", to_arrow)
    for others in ("toPandas", "collect", "toLocalIterator"):
        monkeypatch.setattr(kind, others, lambda self: pytest.fail("rows were collected"))

    counted(frame, METRICS["share"])

    assert handed
    assert max(handed) <= 4  # three groups, and who was not assigned


def test_values_that_are_no_numbers_count_as_nothing(engine: Engine) -> None:
    table = pa.table(
        {
            "contact_id": ["c0", "c3"],
            "time": pa.array([SINCE + timedelta(hours=1)] * 2, pa.timestamp("us", "UTC")),
            "amount": [None, 7.0],
            "order": ["a", "b"],
        }
    )

    assert counted(engine.frame(table), METRICS["mean"]).groups[0].means[0] == pytest.approx(7 / 100)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(["1", "2", "3"], id="texts"),
        pytest.param([1, 2, 3], id="whole numbers"),
        pytest.param([1.0, 2.0, 3.0, None], id="floats, because one is missing"),
        pytest.param(["1.0", " 2.0", "3"], id="texts of floats"),
    ],
)
def test_ids_match_whatever_made_numbers_of_them(engine: Engine, written: list[Any]) -> None:
    people = People(pa.array(["1", "2", "3", "10"]), np.arange(4), np.arange(4))
    table = pa.table({"contact_id": written, "time": pa.array([SINCE] * len(written), pa.timestamp("us", "UTC"))})

    found = count_outcomes(
        engine.frame(table),
        Metric(name="an order"),
        people,
        since=SINCE,
        until=SINCE + timedelta(days=1),
        before=None,
    )

    assert [found.groups[at].means[0] for at in range(4)] == [1, 1, 1, 0]
    nameless = ("1 of them is of nobody who was assigned: no contact_id in the row.",)
    assert found.notes[1:] == (nameless if None in written else ())


def test_ids_of_several_kinds_in_one_column_match() -> None:
    people = People(pa.array(["1", "2", "3"]), np.arange(3), np.arange(3))
    frame = pd.DataFrame({"contact_id": [1, "2", 3.0, None, float("nan")], "time": pd.Timestamp(SINCE)})

    found = count_outcomes(
        frame, Metric(name="an order"), people, since=SINCE, until=SINCE + timedelta(days=1), before=None
    )

    assert [found.groups[at].means[0] for at in range(3)] == [1, 1, 1]
    assert found.notes[1] == "2 of them are of nobody who was assigned: no contact_id in the row."


def test_rows_that_match_nobody_say_why_and_nothing_is_compared(engine: Engine) -> None:
    times = pa.array([SINCE] * 2, pa.timestamp("us", "UTC"))
    frame = engine.frame(pa.table({"contact_id": ["customer 1", "customer 2"], "time": times}))

    found = count_outcomes(
        frame, Metric(name="an order"), PEOPLE, since=SINCE, until=SINCE + timedelta(days=1), before=None
    )

    assert found.notes[1] == "2 of them are of nobody who was assigned: their contact_id is that of no contact."
    assert found.problem.startswith("None of the 2 rows is of a contact of this workspace, so nothing is compared")


def test_rows_without_a_time_or_a_number_are_counted(engine: Engine) -> None:
    table = pa.table(
        {
            "contact_id": ["c1", "c2", "c3"],
            "time": pa.array([SINCE, SINCE, None], pa.timestamp("us", "UTC")),
            "amount": [5.0, float("nan"), 4.0],
            "order": ["a", "b", "c"],
        }
    )

    found = count_outcomes(
        engine.frame(table), METRICS["mean"], PEOPLE, since=SINCE, until=SINCE + timedelta(days=1), before=None
    )

    assert found.notes == (
        "2 rows are in the period that counts.",
        "1 row has no time and is not counted.",
        "1 row has no amount and counts as 0.",
    )
