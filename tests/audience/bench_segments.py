"""Measures segments while somebody edits them: `python tests/audience/bench_segments.py [contacts…]`.

A hundred thousand and a million contacts with 40 labels and three fields, unless said otherwise. The first question is
the one of a widget: labels any, all and none, two field conditions and 1,000 excluded ids; then one changed condition
of each kind, and the same label question asked of every row with pandas `apply`. Medians of 15, all in one run.
"""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.measured import figure
from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.models import Label

START = datetime(2026, 3, 3, 17, tzinfo=UTC)
TIERS = ("gold", "silver", "bronze", "platinum")
LABELS = tuple(Label(id=f"id-{i}", name=f"label_{i}") for i in range(40))
QUESTION = (
    "labels any of (label_1, label_2, label_3) and labels:label_4 and labels none of (label_5, label_6) "
    "and field.tier in (gold, platinum) and field.last_purchase >= 2026-02-10"
)
CHANGED = (
    "labels:label_7",
    "labels none of (label_8, label_9)",
    "field.tier = gold",
    "field.points > 100",
    "field.last_purchase in 14d",
    "name contains n12",
    "phone starts with +12025550",
    "created in 30d",
)


def contacts(count: int) -> Contacts:
    draw = np.random.default_rng(1)
    lengths = draw.integers(0, 5, count)
    labels = pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)),
        pa.array(draw.integers(0, len(LABELS), lengths.sum()).astype(np.int32)),
    )
    fields = [
        f'{{"tier":"{TIERS[tier]}","points":{points},"last_purchase":"2026-02-{day:02d}"}}'
        for tier, points, day in zip(
            draw.integers(0, 4, count), draw.integers(0, 1_000, count), draw.integers(1, 29, count), strict=True
        )
    ]
    created = [START - timedelta(minutes=int(minutes)) for minutes in draw.integers(0, 1_000_000, count)]
    columns = {
        "id": [str(uuid.UUID(int=i * 7_919 + 1)) for i in range(count)],
        "name": [f"N{i % 90_000}" for i in range(count)],
        "phone": [f"+12025550{i % 200:03d}" for i in range(count)],
        "whatsapp_phone": pa.nulls(count, pa.string()),
        "note": [""] * count,
        "labels": labels,
        "fields": fields,
        "created_time": created,
        "updated_time": created,
    }
    return Contacts(pa.table(columns, schema=CONTACTS), LABELS, START)


def median_ms(ask: Callable[[], object], times: int = 15) -> float:
    ask()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        ask()
        spent.append(time.perf_counter() - start)
    return 1_000 * statistics.median(spent)


def main(count: int) -> None:
    people = contacts(count)
    excluded = Segment.from_contacts(people.ids[:: max(1, count // 1_000)][:1_000])
    question = Segment.parse(QUESTION) & ~excluded
    spent = median_ms(lambda: question.count(people))
    figure("labels, two fields and 1,000 excluded ids", spent, "ms", rows=count, limit="<= 12")
    first = median_ms(lambda: Segment.parse("field.tier = gold").count(replace(people)), 3)
    figure("the first count on a field", first, "ms", rows=count, limit="<= 350")
    for rule in CHANGED:
        segment = Segment.parse(rule)
        spent = median_ms(lambda segment=segment: segment.count(people))
        figure(f"a changed condition: {rule}", spent, "ms", rows=count, limit="<= 15")

    labels = pd.Series([set(names) for names in people.frame["labels"].array.tolist()], dtype=object)
    frame = people.select(["id", "field.tier", "field.last_purchase"]).assign(labels=labels)
    any_of, none_of, ids = {"label_1", "label_2", "label_3"}, {"label_5", "label_6"}, set(people.ids[:1_000])
    since = pd.Timestamp("2026-02-10", tz="UTC")

    def applied() -> int:
        chosen = frame["labels"].apply(
            lambda names: bool(names & any_of) and "label_4" in names and not names & none_of
        )
        chosen &= frame["field.tier"].isin(["gold", "platinum"]) & (frame["field.last_purchase"] >= since)
        return int((chosen & ~frame["id"].isin(ids)).sum())

    slow = median_ms(applied, times=3)
    fast = median_ms(lambda: question.count(people))
    limit = "<= 0.02" if count >= 1_000_000 else ""
    figure("the same, beside pandas apply over sets of labels", fast, "ms", rows=count, expert=slow, limit=limit)


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [100_000, 1_000_000]:
        main(size)
