"""Measures the read-out of an experiment: `python tests/experiments/bench_experiments.py [contacts] [engine…]`.

A million contacts and three million orders in Parquet, on pandas, Polars, DuckDB and PySpark, unless said otherwise,
each in a process of its own; for PySpark the second figure of memory is its Java process. Ends with an error if two
engines differ in a number by more than 1e-9. Then growth, retention and RFM of as many contacts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.engagement.bench_engagement import OPEN, peak_mb
from toolkit.api.arrow_schemas import CONTACTS
from toolkit.data.contacts import Contacts
from toolkit.engagement.weekly.cohorts import list_growth, retention, rfm
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.metric import FAILURES, Metric
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.split import Experiment
from toolkit.experiments.study import Study
from toolkit.models import Label

SENT = datetime(2026, 11, 4, 16, tzinfo=UTC)


def contacts(count: int) -> Contacts:
    columns: dict[str, Any] = {name: pa.nulls(count, CONTACTS.field(name).type) for name in CONTACTS.names}
    columns |= {
        "id": pa.array([f"{at:032x}" for at in range(count)]),
        "phone": pa.array([f"+1999{at:07}" for at in range(count)]),
        "labels": pa.array([[0]] * count, CONTACTS.field("labels").type),
        "created_time": pa.array(
            np.datetime64("2026-01-01", "us") + np.arange(count) * np.timedelta64(25, "s"),
            pa.timestamp("us", "UTC"),
        ),
        "fields": pa.array(["{}"] * count),
    }
    return Contacts(pa.table(columns, schema=CONTACTS), (Label(id="1", name="vip"),), SENT)


def orders(ids: pa.Array, count: int) -> pa.Table:
    random = np.random.default_rng(1)
    at = np.datetime64("2026-10-20", "us") + random.integers(0, 25 * 86_400, count).astype("timedelta64[s]")
    return pa.table(
        {
            "contact_id": ids.take(pa.array(random.integers(0, len(ids), count))),
            "time": pa.array(at, pa.timestamp("us", "UTC")),
            "amount": random.gamma(2, 20, count).round(2),
        }
    )


def logs(ids: pa.Array) -> pd.DataFrame:
    at = pd.Timestamp(SENT)
    frame = pd.DataFrame({"contact_id": pd.Series(ids.to_pylist(), dtype="str")})
    frame["campaign_id"] = pd.Categorical(np.where(np.arange(len(frame)) % 2, "b", "a"))
    frame["status"] = pd.Categorical(np.where(np.arange(len(frame)) % 30, "delivered", "failed"))
    return frame.assign(sent_time=at, delivered_time=at + pd.Timedelta(seconds=5), error=None)


def timed(do: Callable[[], Any], *processes: int) -> tuple[Any, dict[str, Any]]:
    """What it gives, the seconds it took, and the processor time of this process and of others."""
    began, worked = time.perf_counter(), processor_seconds(processes)
    found = do()
    return found, {"seconds": time.perf_counter() - began, "cpu": processor_seconds(processes) - worked}


def processor_seconds(processes: Sequence[int]) -> float:
    ticks = [
        Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split() for process in processes
    ]
    return time.process_time() + sum(int(each[11]) + int(each[12]) for each in ticks) / os.sysconf("SC_CLK_TCK")


def study(count: int, bought: Any) -> Study:
    """Half of the people got one text, half the other; their orders are in a frame of some engine."""
    people = contacts(count)
    ids = people.table["id"].combine_chunks()
    rule = Registration(
        metric=Metric(name="amount", kind="mean", value="amount"),
        control="a",
        least_lift=1.0,
        baseline=30.0,
        spread=50.0,
        before=timedelta(days=14),
        guardrails=(Guardrail(metric=FAILURES, margin=0.01),),
    )
    experiment = Experiment(name="bench", arms={"a": 0.5, "b": 0.5}, wait=timedelta(days=7), registration=rule)
    names = ids.to_pylist()
    assignment = Assignment({"a": names[::2], "b": names[1::2]}, people)
    now = SENT + timedelta(days=8)
    return Study(experiment, assignment, logs(ids), {"a": "a", "b": "b"}, {}, bought, now, lambda _: pd.DataFrame())


def run(engine: str, folder: Path, count: int) -> dict[str, Any]:
    """The read-out on one engine: its numbers, its time, and the peak memory of the processes."""
    read, processes = OPEN[engine](folder)
    result, found = timed(study(count, read("orders")).result, *processes)
    found["effects"] = [effect.model_dump() for effect in result.effects]
    found["notes"] = result.notes
    found["mb"] = [peak_mb(process) for process in ("self", *processes)]
    return found


def weekly(count: int) -> None:
    """What the weekly look computes of as many contacts, with a message each."""
    people = contacts(count)
    log, frame = logs(people.table["id"].combine_chunks()), people.select(["id", "created_time"])
    for what, do in {
        "growth by week": lambda: list_growth(frame, until=SENT),
        "retention by cohort": lambda: retention(frame, log, as_of=SENT + timedelta(days=40)),
        "RFM": lambda: rfm(log, as_of=SENT + timedelta(days=8)),
    }.items():
        sys.stdout.write(f"{what}: {timed(do)[1]['cpu']:.1f} s of processor time\n")


def main(count: int, engines: list[str]) -> None:
    first: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="seax-bench-") as folder:
        pq.write_table(orders(contacts(count).table["id"].combine_chunks(), 3 * count), Path(folder, "orders.parquet"))
        for engine in engines:
            command = [sys.executable, __file__, "--run", engine, folder, str(count)]
            said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1]
            found = json.loads(said)  # Spark may have said something before
            first = first or found
            memory = " and ".join(f"{mb / 1000:.2f} GB" for mb in found["mb"])
            sys.stdout.write(
                f"{count:,} contacts with {3 * count:,} orders on {engine}: {found['seconds']:.1f} s "
                f"({found['cpu']:.1f} s of processor time), {memory}\n"
            )
            for one, other in zip(first["effects"], found["effects"], strict=True):
                if not all(isclose(one[n], other[n], rel_tol=1e-9) for n in ("difference", "low", "high", "p")):
                    raise SystemExit(f"{engine} differs from {engines[0]}: {other} instead of {one}")
            if found["notes"] != first["notes"]:
                raise SystemExit(f"{engine} differs from {engines[0]}: {found['notes']} instead of {first['notes']}")
    weekly(count)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        sys.stdout.write(json.dumps(run(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))) + "\n")
    else:
        size = int(sys.argv[1].replace(",", "")) if sys.argv[1:] else 1_000_000
        main(size, sys.argv[2:] or ["pandas", "polars", "duckdb", "spark"])
