# One file: the rules and what they mean in plain Python are one table, which every test reads.
"""Every rule means the same people live, on every engine, and as plain Python says it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.builders import START, make_contacts
from tests.engines import TIME, Engine, duckdb_engine, rows_of, schema_of
from toolkit.audience.segment import Segment
from toolkit.data.arrow_frames import to_pandas
from toolkit.data.contacts import Contacts
from toolkit.errors import SegmentError, UnknownColumn

Person = dict[str, Any]
DAY = timedelta(days=1)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


VISITS = (
    *("2026-03-01T20:00:00-05:00", "2026-03-01T01:30+05:30", "2026-03-01 12:00:00.500", "2026-03-01T12Z"),
    *("never", "1/3/2026", "2026-02-30"),
)


def people() -> list[Person]:
    """Three hundred contacts of whom anything may be missing."""
    draw = random.Random(5)

    def maybe(*values: Any) -> Any:
        return draw.choice([*values, None])

    return [
        {
            "id": f"c{i}",
            "name": maybe("Ann Smith", "Łukasz", "smithy", "BOB"),
            "phone": maybe("+12025550101", "+447700900001", ""),
            "note": maybe(f"note {i % 97}"),
            "labels": draw.choice([["vip"], ["vip", "nyc"], ["nyc"], []]),
            "created_time": draw.choice([MARCH - DAY / 2, MARCH, MARCH + DAY / 2, MARCH + DAY, START, START - 9 * DAY]),
            "region": maybe("US", "GB"),
            "zones": maybe("America/New_York", "America/Chicago America/New_York", "Europe/London"),
            "field.tier": maybe("gold", "silver", "true", "7"),
            "field.points": maybe(0.0, 7.0, 100.5),
            "field.score": maybe("7", " 7", "-3", "1e2", "n/a", ""),
            "field.vip": maybe(True, False),
            "field.visit": maybe(*VISITS),
            "field.seen": maybe("2026-02-28", "2026-03-01", "2026-03-01T10:00:00", "long ago"),
        }
        for i in range(300)
    ]


PEOPLE = people()


def number(text: Any) -> float:
    return float(text) if text in ("7", "-3", "1e2") else float("nan")


def is_in(text: Any, part: str) -> bool:
    return part in (text or "").lower()


RULES: dict[str, Callable[[Person], bool]] = {
    "labels:vip": lambda p: "vip" in p["labels"],
    "labels any of (vip, nyc)": lambda p: bool(p["labels"]),
    "labels all of (vip, nyc)": lambda p: len(p["labels"]) == 2,
    "labels none of (vip, nyc)": lambda p: not p["labels"],
    "field.tier = gold": lambda p: p["field.tier"] == "gold",
    "field.tier != gold": lambda p: p["field.tier"] != "gold",
    "field.tier in (gold, silver)": lambda p: p["field.tier"] in ("gold", "silver"),
    "field.tier not in (gold, silver)": lambda p: p["field.tier"] not in ("gold", "silver"),
    "field.tier = true": lambda p: p["field.tier"] == "true",
    "field.tier in (7, gold)": lambda p: p["field.tier"] in ("7", "gold"),
    "field.tier > gold": lambda p: (p["field.tier"] or "") > "gold",
    "field.tier is missing": lambda p: p["field.tier"] is None,
    "field.points is not missing": lambda p: p["field.points"] is not None,
    "field.points >= 7": lambda p: (p["field.points"] or -1) >= 7,
    "not field.points >= 7": lambda p: not (p["field.points"] or -1) >= 7,
    "field.points in (0, 7)": lambda p: p["field.points"] in (0, 7),
    "field.score = 7": lambda p: number(p["field.score"]) == 7,
    "field.score < 10": lambda p: number(p["field.score"]) < 10,
    'field.score = "7"': lambda p: p["field.score"] == "7",
    "field.vip = true": lambda p: p["field.vip"] is True,
    "field.vip != true": lambda p: p["field.vip"] is not True,
    "field.seen <= 2026-03-01": lambda p: (p["field.seen"] or "x") < "2026-03-02",
    "field.seen = 2026-03-01": lambda p: (p["field.seen"] or "").startswith("2026-03-01"),
    "field.seen > 2026-02-28": lambda p: (p["field.seen"] or "").startswith("2026-03-01"),
    'field.seen = "long ago"': lambda p: p["field.seen"] == "long ago",
    "field.seen in (2026-02-28, 'long ago')": lambda p: p["field.seen"] in ("2026-02-28", "long ago"),
    "field.visit >= 2026-03-02": lambda p: p["field.visit"] == "2026-03-01T20:00:00-05:00",
    "field.visit < 2026-03-01T00:00Z": lambda p: p["field.visit"] == "2026-03-01T01:30+05:30",
    "field.visit = 2026-03-01T12:00:00.5Z": lambda p: p["field.visit"] == "2026-03-01 12:00:00.500",
    "not field.visit > 2000-01-01": lambda p: p["field.visit"] in (None, "never", "1/3/2026", "2026-02-30"),
    "field.score > '6'": lambda p: number(p["field.score"]) > 6,
    "name contains SMITH": lambda p: is_in(p["name"], "smith"),
    "not name contains smith": lambda p: not is_in(p["name"], "smith"),
    "name starts with łu": lambda p: (p["name"] or "") == "Łukasz",
    'note in ("note 5", "note 96")': lambda p: p["note"] in ("note 5", "note 96"),
    "note contains 9": lambda p: is_in(p["note"], "9"),
    "note is missing": lambda p: p["note"] is None,
    "phone starts with +1202": lambda p: (p["phone"] or "").startswith("+1202"),
    "region in (US, CA)": lambda p: p["region"] == "US",
    "zone = America/New_York": lambda p: "America/New_York" in (p["zones"] or ""),
    "zone != America/New_York": lambda p: "America/New_York" not in (p["zones"] or ""),
    "zone = America": lambda p: False,
    "created = 2026-03-01": lambda p: MARCH <= p["created_time"] < MARCH + DAY,
    "created < 2026-03-01": lambda p: p["created_time"] < MARCH,
    "created <= 2026-03-01": lambda p: p["created_time"] < MARCH + DAY,
    "created > 2026-03-01": lambda p: p["created_time"] >= MARCH + DAY,
    "created >= 2026-03-01T12:00Z": lambda p: p["created_time"] >= MARCH + DAY / 2,
    "created in 2d": lambda p: p["created_time"] > START - 2 * DAY,
    "field.seen in 4d": lambda p: p["field.seen"] in ("2026-02-28", "2026-03-01", "2026-03-01T10:00:00"),
    "field.seen older than 60h": lambda p: p["field.seen"] in ("2026-02-28", "2026-03-01"),
    "created older than 2d": lambda p: p["created_time"] <= START - 2 * DAY,
    "field.points between 7 and 100": lambda p: p["field.points"] == 7,
    "field.seen in 60h": lambda p: p["field.seen"] == "2026-03-01T10:00:00",
    "contacts (c1, c7)": lambda p: p["id"] in ("c1", "c7"),
    "not contacts ()": lambda p: True,
    "everyone": lambda p: True,
    "labels:vip and field.points > 1 or not (labels:nyc or name is missing)": lambda p: (
        ("vip" in p["labels"] and (p["field.points"] or 0) > 1) or not ("nyc" in p["labels"] or p["name"] is None)
    ),
}


def table() -> pa.Table:
    """The contacts as a frame for any engine: contact fields are columns."""
    kinds = {
        "created_time": TIME,
        "labels": pa.list_(pa.string()),
        "field.points": pa.float64(),
        "field.vip": pa.bool_(),
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in PEOPLE[0]])
    return pa.Table.from_pylist(PEOPLE, schema=schema)


def live() -> Contacts:
    """The contacts as they are read from the service: contact fields are JSON."""
    rows = []
    for person in PEOPLE:
        fields = {name[6:]: value for name, value in person.items() if name.startswith("field.") and value is not None}
        rows.append(person | {"fields": json.dumps(fields)})
    contacts = replace(make_contacts(rows), read_time=START)
    places = pd.DataFrame({name: [person.get(name) for person in PEOPLE] for name in ("region", "state", "zones")})
    contacts.__dict__["_places"] = places.astype("str").astype("category")  # as if the phones were from there
    return contacts


LIVE = live()


def ids(frame: Any) -> list[str]:
    return [row[0] for row in rows_of(frame)]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_means_whom_plain_python_says(rule: str) -> None:
    expected = [person["id"] for person in PEOPLE if RULES[rule](person)]

    segment = Segment.parse(rule)

    assert list(LIVE.ids[segment.mask(LIVE)]) == expected
    assert segment.count(LIVE) == len(expected)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_means_the_same_people_on_every_engine(engine: Engine, rule: str) -> None:
    expected = sorted(person["id"] for person in PEOPLE if RULES[rule](person))

    chosen = Segment.parse(rule).filter(engine.frame(table()), as_of=START)

    assert isinstance(chosen, engine.kind)
    assert ids(chosen) == sorted(expected, key=repr)


@pytest.mark.parametrize("rule", [rule for rule in RULES if "field." in rule])
def test_fields_are_taken_out_of_json_where_they_are_no_columns(engine: Engine, rule: str) -> None:
    expected = [person["id"] for person in PEOPLE if RULES[rule](person)]
    fields = pa.array([row["fields"] for row in LIVE.table.select(["fields"]).to_pylist()])
    bare = table().select(["id", "name", "note", "labels", "created_time"]).append_column("fields", fields)

    chosen = Segment.parse(rule).filter(engine.frame(bare), as_of=START)

    assert ids(chosen) == sorted(expected, key=repr)
    assert schema_of(chosen) == schema_of(engine.frame(bare))


# What became of messages


def logs() -> pa.Table:
    rows = []
    for campaign, ago in (("spring", 40 * DAY), ("summer", 3 * DAY), ("autumn", -DAY)):
        for i in range(0, 300, 2 if campaign == "spring" else 3):
            reached = START - ago if i % 5 else None
            rows.append(
                {
                    "campaign_id": campaign,
                    "contact_id": f"c{i}",
                    "status": "delivered" if reached else "undelivered",
                    "sent_time": START - ago,
                    "delivered_time": reached,
                    "error": None if reached else "Landline or unreachable carrier (30006)",
                }
            )
    times = {"sent_time": TIME, "delivered_time": TIME}
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, times.get(name, pa.string())) for name in rows[0]]))


def got(campaign: str, i: int) -> bool:
    return i % (2 if campaign == "spring" else 3) == 0 and i % 5 != 0


DEEDS: dict[str, Callable[[int], bool]] = {
    "received spring": lambda i: got("spring", i),
    "received (spring, summer)": lambda i: got("spring", i) or got("summer", i),
    "not received summer": lambda i: not got("summer", i),
    "delivered in 7d": lambda i: got("summer", i),
    "not delivered in 7d": lambda i: not got("summer", i),
    "delivered is missing": lambda i: not got("spring", i) and not got("summer", i),
    "hard_failures >= 2": lambda i: i % 30 == 0,
    "labels:vip and tier = unreachable": lambda i: i % 30 == 0 and "vip" in PEOPLE[i]["labels"],
}


@pytest.mark.parametrize("rule", DEEDS)
def test_a_rule_on_messages_means_the_same_people_live_and_on_every_engine(engine: Engine, rule: str) -> None:
    everybody = table().set_column(5, pa.field("created_time", TIME), pa.array([START - 99 * DAY] * 300, TIME))
    expected = [f"c{i}" for i in range(300) if DEEDS[rule](i)]
    segment = Segment.parse(rule)

    chosen = segment.filter(engine.frame(everybody), logs=engine.frame(logs()), as_of=START)

    known = replace(LIVE, logs=to_pandas(logs()))
    assert ids(chosen) == sorted(expected, key=repr)
    assert list(known.ids[segment.mask(known)]) == expected


def test_a_message_of_the_future_is_not_received_yet() -> None:
    known = replace(LIVE, logs=to_pandas(logs()))

    assert Segment.received("autumn").count(replace(known, read_time=START - 2 * DAY)) == 0
    assert Segment.received("autumn").count(replace(known, read_time=START + 2 * DAY)) == 80


def test_a_rule_on_messages_asks_for_logs() -> None:
    with pytest.raises(SegmentError, match="no delivery logs"):
        Segment.parse("delivered in 7d").count(LIVE)
    with pytest.raises(SegmentError, match=r"logs=ws\.logs"):
        Segment.parse("delivered in 7d").filter(to_pandas(table()))


def test_a_campaign_without_a_log_is_refused() -> None:
    known = replace(LIVE, logs=to_pandas(logs()))

    with pytest.raises(SegmentError, match="did you mean spring"):
        Segment.received("sprung").count(known)


# What does not fit


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        ("field.points = gold", "field.points contains numbers: compare it with a number"),
        ("field.points contains 7", "field.points contains numbers"),
        ("created > 7", "created contains times: compare it with a day"),
        ("field.vip > true", "contains true or false: write = true"),
        ("field.points in 7d", "contains numbers"),
        ("field.seen > yesterday", "'yesterday' is not a date or time: write it as 2026-03-01"),
        ("field.seen > 30/11/2025", "is not a date or time"),
        ("field.seen < 2026-13-01", "is not a date or time"),
        ("created > yesterday", "'yesterday' is not a date or time"),
        ("created = 2026-02-30", "'2026-02-30' is not a date"),
        ("field.teir = gold", "did you mean field.tier"),
    ],
)
def test_a_condition_that_does_not_suit_its_column_is_refused(rule: str, hint: str) -> None:
    with pytest.raises(SegmentError, match=hint):
        Segment.parse(rule).count(LIVE)


def test_a_frame_without_the_column_is_refused() -> None:
    with pytest.raises(UnknownColumn, match=r"no column 'field.points'"):
        Segment.parse("field.points > 1").filter(pd.DataFrame({"id": ["a"]}))
    with pytest.raises(UnknownColumn, match="lists of label names"):
        Segment.any_of("vip").filter(duckdb_engine().frame(pa.table({"id": ["a"]})))


def test_places_are_those_of_the_phones() -> None:
    phones = {"a": "+12125550101", "b": "+13125550101", "c": "+447700900001", "d": None}
    contacts = make_contacts([{"id": i, "phone": phone} for i, phone in phones.items()])

    def chosen(rule: str) -> str:
        return "".join(contacts.ids[Segment.parse(rule).mask(contacts)])

    assert chosen("region = US") == "ab"
    assert chosen("state = NY") == "a"
    assert chosen("zone = America/Chicago") == "b"
    assert chosen("zone = Europe/London") == "c"
    assert chosen("region is missing") == "d"
    assert contacts.select(["id", "region"])["region"].astype("str").fillna("").tolist() == ["US", "US", "GB", ""]


def test_a_filter_leaves_the_frame_as_it_was() -> None:
    frame = to_pandas(table())
    before = frame.copy()

    chosen = Segment.any_of("vip").filter(frame)

    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(chosen, frame[Segment.any_of("vip").mask(LIVE)].reset_index(drop=True))


def test_dates_and_numbers_come_from_python() -> None:
    where = Segment.where

    assert (where("created") >= MARCH.date()) == Segment.parse("created >= 2026-03-01")
    assert (where("created") < MARCH).count(LIVE) == Segment.parse("created < 2026-03-01").count(LIVE)
    assert (where("field.points") == 7) == Segment.parse("field.points = 7")
    assert where("field.tier").is_in("gold", "silver") == Segment.parse("field.tier in (silver, gold)")
    assert where("name").is_missing() == ~where("name").is_present()
    assert (where("field.vip") != True) == Segment.parse("field.vip != true")  # noqa: E712 — a comparison that is built
    assert np.array_equal(where("name").contains("ann").mask(LIVE), where("name").starts_with("ANN").mask(LIVE))
    assert where("created").within("2d") == Segment.parse("created in 2d")


PUSHED = "name = BOB and region in (US, GB) and created >= 2026-01-01"


def written(folder: Path) -> str:
    pq.write_table(table(), folder / "contacts.parquet")
    return str(folder / "contacts.parquet")


def test_conditions_reach_the_files_that_spark_reads(
    spark: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = spark.read.parquet(written(tmp_path))
    spark.conf.set("spark.sql.maxMetadataStringLength", 1_000)  # a plan cuts its filters short after 100 characters

    Segment.parse(PUSHED).filter(people, as_of=START).explain()

    pushed = capsys.readouterr().out.partition("PushedFilters: [")[2].partition("]")[0]
    assert "EqualTo(name,BOB)" in pushed
    assert "Or(EqualTo(region,GB)" in pushed
    assert "GreaterThanOrEqual(created_time," in pushed


def test_conditions_reach_the_files_that_duckdb_reads(tmp_path: Path) -> None:
    people = duckdb.connect().read_parquet(written(tmp_path))

    plan = Segment.parse(PUSHED).filter(people, as_of=START).explain()

    assert "name = 'BOB'" in plan.partition("Filters:")[2]
    assert "CASE" not in plan


def test_conditions_reach_the_files_that_polars_reads(tmp_path: Path) -> None:
    people = pl.scan_parquet(written(tmp_path))

    plan = Segment.parse(PUSHED).filter(people, as_of=START).explain()

    assert "FILTER" not in plan
    assert all(f'col("{name}")' in plan.partition("SELECTION:")[2] for name in ("name", "region", "created_time"))
