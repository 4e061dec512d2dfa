"""Every analysis gives the same rows on every engine, on logs full of gaps."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.builders import START
from tests.engines import TIME, Engine, pandas_engine, rows_of, schema_of
from toolkit.engagement.delays import time_to_deliver
from toolkit.engagement.engagement import by_campaign, by_contact, by_label, by_sender, funnel, membership
from toolkit.engagement.failures import by_failure, failures
from toolkit.engagement.fatigue import fatigue
from toolkit.engagement.hour_of_day import by_hour
from toolkit.engagement.joins import with_contacts
from toolkit.engagement.periods import by_period
from toolkit.engagement.tiers import tiers

STATUSES = ("queued", "sent", "delivered", "delivered", "delivered", "undelivered", "failed", "teleported", None)
ERRORS = ("Unknown error (30008)", "Landline or unreachable carrier (30006)", "Invalid phone number", "no idea", "")
PEOPLE = [f"p{i}" for i in range(60)]
ZONES = ("America/New_York", "US/Eastern", "America/Denver America/Phoenix", "Asia/Kolkata", "nowhere", None)
NUMBERS = [f"+1202555010{i}" for i in range(9)]


def logs(rows: int = 3_000) -> pa.Table:
    """Ninety days and more of messages in which anything may be missing."""
    draw = random.Random(11)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("campaign_id", "contact_id", "phone", "status", "error", "sent_time", "delivered_time")
    }
    for _ in range(rows):
        sent = START - timedelta(days=draw.uniform(-5, 120), microseconds=draw.randrange(10**6))
        seconds = draw.lognormvariate(1.4, 1.4) - 0.2
        columns["campaign_id"].append(draw.choice(["c1", "c2", "c3", None]))
        columns["contact_id"].append(draw.choice([*PEOPLE, None]))
        columns["phone"].append(draw.choice([*NUMBERS, None]))
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
    phones = [draw.choice([*NUMBERS[:6], None]) for _ in PEOPLE]
    zones = [draw.choice(ZONES) for _ in PEOPLE]
    kinds = {"id": pa.string(), "phone": pa.string(), "created_time": TIME, "labels": pa.list_(pa.string())}
    kinds |= {"field.zone": pa.string()}
    columns = {"id": PEOPLE, "phone": phones, "created_time": created, "labels": labels, "field.zone": zones}
    return pa.table(columns, schema=pa.schema(kinds))


def senders() -> pa.Table:
    return pa.table({"campaign_id": ["c1", "c2", "c2", "c9"], "sender": ["Shop", "Shop", "Club", "Club"]})


def opted_out() -> pa.Table:
    return pa.table({"contact_id": pa.array(["p3", "p4", "p4", None, "stranger"])})


Analysis = Callable[[Any, Any, Any, Any], Any]
ANALYSES: dict[str, Analysis] = {
    "by_campaign": lambda log, people, gone, by: by_campaign(log),
    "by_contact": lambda log, people, gone, by: by_contact(log),
    "by_failure": lambda log, people, gone, by: by_failure(log),
    "by_hour": lambda log, people, gone, by: by_hour(log, zone="America/New_York"),
    "by_period": lambda log, people, gone, by: by_period(log),
    "by_hour, own": lambda log, people, gone, by: by_hour(
        with_contacts(log, people, columns=["field.zone"]), zone="Europe/Paris", own="field.zone"
    ),
    "by_label": lambda log, people, gone, by: by_label(log, membership(people)),
    "by_sender": lambda log, people, gone, by: by_sender(log, by),
    "failures": lambda log, people, gone, by: failures(log),
    "fatigue": lambda log, people, gone, by: fatigue(log, as_of=START),
    "fatigue, scheduled": lambda log, people, gone, by: fatigue(log, as_of=START, scheduled={"c1": START, "c2": START}),
    "funnel": lambda log, people, gone, by: funnel(log),
    "membership": lambda log, people, gone, by: membership(people),
    "tiers": lambda log, people, gone, by: tiers(people, log, gone, as_of=START),
    "time_to_deliver": lambda log, people, gone, by: time_to_deliver(log),
    "with_contacts": lambda log, people, gone, by: with_contacts(log, people, columns=["created_time", "phone"]),
    "with_contacts by phone": lambda log, people, gone, by: with_contacts(log, people, by="phone", columns=["id"]),
}


def run(analysis: Analysis, engine: Engine, log: pa.Table) -> Any:
    others = (contacts(), opted_out(), senders())
    return analysis(engine.frame(log), *(engine.frame(table) for table in others))


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
