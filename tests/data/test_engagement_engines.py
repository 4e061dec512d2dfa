"""Every analysis gives the same rows on every engine, on logs full of gaps."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.builders import START
from tests.data.engines import TIME, Engine, pandas_engine, rows_of, schema_of
from toolkit.data.delays import time_to_deliver
from toolkit.data.engagement import by_campaign, by_contact, by_label, funnel, membership
from toolkit.data.failures import by_failure, failures
from toolkit.data.fatigue import fatigue
from toolkit.data.hours import by_hour
from toolkit.data.tiers import tiers

STATUSES = ("queued", "sent", "delivered", "delivered", "delivered", "undelivered", "failed", "teleported", None)
ERRORS = ("Unknown error (30008)", "Landline or unreachable carrier (30006)", "Invalid phone number", "no idea", "")
PEOPLE = [f"p{i}" for i in range(60)]


def logs(rows: int = 3_000) -> pa.Table:
    """Ninety days and more of messages in which anything may be missing."""
    draw = random.Random(11)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("campaign_id", "contact_id", "status", "error", "sent_time", "delivered_time")
    }
    for _ in range(rows):
        sent = START - timedelta(days=draw.uniform(-5, 120), microseconds=draw.randrange(10**6))
        seconds = draw.lognormvariate(1.4, 1.4) - 0.2
        columns["campaign_id"].append(draw.choice(["c1", "c2", "c3", None]))
        columns["contact_id"].append(draw.choice([*PEOPLE, None]))
        columns["status"].append(draw.choice(STATUSES))
        columns["error"].append(draw.choice([*ERRORS, None]))
        columns["sent_time"].append(draw.choice([sent, sent, sent, None]))
        columns["delivered_time"].append(draw.choice([sent + timedelta(seconds=seconds), None]))
    times = {"sent_time": TIME, "delivered_time": TIME}
    return pa.table(columns, schema=pa.schema([(name, times.get(name, pa.string())) for name in columns]))


def contacts() -> pa.Table:
    draw = random.Random(12)
    created = [draw.choice([START - timedelta(days=draw.uniform(-3, 200)), None]) for _ in PEOPLE]
    labels = [draw.choice([["vip"], ["vip", "nyc"], ["vip", "vip"], [], None]) for _ in PEOPLE]
    kinds = pa.schema({"id": pa.string(), "created_time": TIME, "labels": pa.list_(pa.string())})
    return pa.table({"id": PEOPLE, "created_time": created, "labels": labels}, schema=kinds)


def opted_out() -> pa.Table:
    return pa.table({"contact_id": pa.array(["p3", "p4", "p4", None, "stranger"])})


Analysis = Callable[[Any, Any, Any], Any]
ANALYSES: dict[str, Analysis] = {
    "by_campaign": lambda log, people, gone: by_campaign(log),
    "by_contact": lambda log, people, gone: by_contact(log),
    "by_failure": lambda log, people, gone: by_failure(log),
    "by_hour": lambda log, people, gone: by_hour(log, zone="America/New_York"),
    "by_label": lambda log, people, gone: by_label(log, membership(people)),
    "failures": lambda log, people, gone: failures(log),
    "fatigue": lambda log, people, gone: fatigue(log, as_of=START),
    "funnel": lambda log, people, gone: funnel(log),
    "membership": lambda log, people, gone: membership(people),
    "tiers": lambda log, people, gone: tiers(people, log, gone, as_of=START),
    "time_to_deliver": lambda log, people, gone: time_to_deliver(log),
}


def run(analysis: Analysis, engine: Engine, log: pa.Table) -> Any:
    return analysis(engine.frame(log), engine.frame(contacts()), engine.frame(opted_out()))


@pytest.mark.parametrize("analysis", ANALYSES.values(), ids=ANALYSES)
def test_every_engine_gives_the_rows_that_pandas_gives(engine: Engine, analysis: Analysis) -> None:
    expected = run(analysis, pandas_engine(), logs())

    result = run(analysis, engine, logs())

    assert isinstance(result, engine.kind)
    assert schema_of(result) == schema_of(expected)
    assert len(rows_of(expected)) > 1
    assert rows_of(result) == rows_of(expected)


@pytest.mark.parametrize("analysis", ANALYSES.values(), ids=ANALYSES)
def test_every_engine_takes_an_empty_log(engine: Engine, analysis: Analysis) -> None:
    expected = run(analysis, pandas_engine(), logs(0))

    result = run(analysis, engine, logs(0))

    assert schema_of(result) == schema_of(expected)
    assert rows_of(result) == rows_of(expected)
