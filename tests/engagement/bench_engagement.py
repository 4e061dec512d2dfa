"""Measures engagement of a big log: `python tests/engagement/bench_engagement.py [rows] [engine…]`.

10,000,000 rows on DuckDB, pandas and PySpark unless said otherwise. Each engine has a process of its own and reads the
same Parquet files; seconds are from the call to the whole result in Arrow, memory is the process's peak (for PySpark
with its Java process). On DuckDB four of them are held beside SQL written by hand, in seconds of the processor. Ends
with an error if two engines differ in a row, or a count from what is written by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.measured import figure
from toolkit.data.arrow_frames import to_pandas
from toolkit.engagement.delays import time_to_deliver
from toolkit.engagement.engagement import by_campaign, by_contact, by_label, funnel
from toolkit.engagement.failures import by_failure
from toolkit.engagement.fatigue import fatigue
from toolkit.engagement.hour_of_day import by_hour
from toolkit.engagement.tiers import tiers

AS_OF = datetime(2026, 3, 3, 17, tzinfo=UTC)
TIME = pa.timestamp("us", tz="UTC")
STATUSES = ("delivered", "sent", "undelivered", "failed", "queued")
SHARES = (0.95, 0.003, 0.035, 0.01, 0.002)
ERRORS = ("Unreachable destination handset (30003)", "Invalid phone number", "Landline (30006)", "Filtered (30007)")
ANALYSES: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "by_campaign": lambda logs, people, members, gone: by_campaign(logs),
    "by_hour": lambda logs, people, members, gone: by_hour(logs, zone="America/New_York"),
    "by_failure": lambda logs, people, members, gone: by_failure(logs),
    "funnel": lambda logs, people, members, gone: funnel(logs),
    "time_to_deliver": lambda logs, people, members, gone: time_to_deliver(logs),
    "by_contact": lambda logs, people, members, gone: by_contact(logs),
    "by_label": lambda logs, people, members, gone: by_label(logs, members),
    "fatigue": lambda logs, people, members, gone: fatigue(logs, as_of=AS_OF),
    "tiers": lambda logs, people, members, gone: tiers(people, logs, gone, as_of=AS_OF),
}
_COUNTS = """count(*) FILTER (status IN ('delivered', 'sent', 'undelivered', 'failed')) AS attempted,
    count(*) FILTER (status IN ('delivered', 'sent', 'undelivered')) AS sent,
    count(*) FILTER (status = 'delivered') AS delivered, count(*) FILTER (status = 'failed') AS failed"""
_LOCAL = "sent_time AT TIME ZONE 'America/New_York'"
BY_HAND = {  # what an analyst writes who wants these counts alone
    "by_campaign": f"SELECT campaign_id, {_COUNTS}, quantile_cont(epoch_us(delivered_time - sent_time), [0.5, 0.95]) "
    "FILTER (status = 'delivered') AS delays FROM logs GROUP BY ALL ORDER BY 1",
    "by_hour": f"SELECT isodow({_LOCAL}) AS weekday, hour({_LOCAL}) AS hour, {_COUNTS} FROM logs "
    "WHERE sent_time IS NOT NULL GROUP BY ALL ORDER BY ALL",
    "funnel": f"SELECT {_COUNTS} FROM logs",
    "by_contact": f"SELECT contact_id, {_COUNTS}, max(sent_time), max(delivered_time) FROM logs GROUP BY ALL",
}


def main(rows: int, engines: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="seax-bench-") as folder:
        write(Path(folder), rows)
        runs = {engine: measure(engine, folder) for engine in engines}
    say(f"{rows:,} log rows" + "".join(f"{engine:>12}" for engine in engines) + "  equal")
    different = []
    for name in ANALYSES:
        digests = {tuple(run[name]["digest"]) for run in runs.values()}
        if len(digests) > 1:
            different.append(name)
        seconds = "".join(f"{run[name]['seconds']:10.2f} s" for run in runs.values())
        say(f"{name:20}{seconds}  {'yes' if len(digests) == 1 else 'NO'}, {digests.pop()[0]:,} rows")
    say(f"{'peak memory':20}" + "".join(f"{run['peak_mb']:9,} MB" for run in runs.values()))
    for engine, run in runs.items():
        for name in ANALYSES:
            beside = run[name].get("by_hand")
            what = f"{name} on {engine}" + (", beside SQL by hand" if beside else "")
            limit = "<= 1.5" if beside else ""
            figure(what, run[name]["processor"], "s", rows=rows, expert=beside, limit=limit)
    if different:
        say(f"Engines differ in {', '.join(different)}.")
    return 1 if different else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def measure(engine: str, folder: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--run", engine, folder]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    run: dict[str, Any] = json.loads(said[-1])  # Spark may have said something before
    return run


def run_all(engine: str, folder: Path) -> dict[str, Any]:
    """Every analysis on one engine: seconds and digest, and the peak memory of it all."""
    read, processes = OPEN[engine](folder)
    frames = [read(name) for name in ("logs", "contacts", "members", "opted_out")]
    report: dict[str, Any] = {}
    for name, analysis in ANALYSES.items():
        began, worked = time.perf_counter(), time.process_time()
        table = nw.from_native(analysis(*frames)).lazy().collect("pyarrow").to_native()
        seconds, processor = time.perf_counter() - began, time.process_time() - worked
        report[name] = {"seconds": seconds, "processor": processor, "digest": digest(table)}
        if engine == "duckdb" and name in BY_HAND:
            report[name]["by_hand"] = by_hand(folder, name, table)
    report["peak_mb"] = sum(peak_mb(process) for process in ("self", *processes))
    return report


def by_hand(folder: Path, name: str, ours: pa.Table) -> float:
    """Seconds of the processor that SQL by hand takes; the sums of its counts are those of the analysis."""
    import duckdb

    with duckdb.connect() as connection:
        logs = connection.read_parquet(str(folder / "logs.parquet"))
        began = time.process_time()
        theirs = logs.query("logs", BY_HAND[name]).to_arrow_table()
        spent = time.process_time() - began
    for count in ("attempted", "sent", "delivered"):
        if name == "funnel":
            found = ours.filter(pc.equal(ours["stage"], count))["count"][0].as_py()
        else:
            found = pc.sum(ours[count]).as_py()
        if found != pc.sum(theirs[count]).as_py():
            raise SystemExit(f"{name} counts {found:,} {count}, and by hand {pc.sum(theirs[count]).as_py():,}")
    return spent


def digest(table: pa.Table) -> list[int]:
    """Rows and a checksum of them in any order; text and counts to the last bit, rates and seconds to 9 places."""
    for i, field in enumerate(table.schema):
        column = table.column(i)
        if pa.types.is_floating(field.type):
            column = pc.round(pc.multiply(pc.if_else(pc.is_nan(column), None, column), 1e9)).cast(pa.int64())
        elif pa.types.is_timestamp(field.type):
            column = column.cast(TIME)
        elif not pa.types.is_integer(field.type):
            column = column.cast(pa.string())
        table = table.set_column(i, field.name, column)
    hashes = pd.util.hash_pandas_object(to_pandas(table), index=False)
    return [table.num_rows, int(hashes.sum())]


def peak_mb(process: str | int) -> int:
    status = Path(f"/proc/{process}/status").read_text(
        encoding="utf-8"
    )  # ru_maxrss would count the process that started this one
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


Read = Callable[[str], Any]


def open_pandas(folder: Path) -> tuple[Read, list[int]]:
    coded = ["campaign_id", "status", "error", "label"]
    return lambda name: to_pandas(pq.read_table(folder / f"{name}.parquet", read_dictionary=coded)), []


def open_polars(folder: Path) -> tuple[Read, list[int]]:
    import polars as pl

    return lambda name: pl.scan_parquet(folder / f"{name}.parquet"), []


def open_duckdb(folder: Path) -> tuple[Read, list[int]]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return lambda name: connection.read_parquet(str(folder / f"{name}.parquet")), []


def open_spark(folder: Path) -> tuple[Read, list[int]]:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.driver.memory", "6g").config("spark.ui.enabled", "false")
    builder = builder.config("spark.log.level", "ERROR").config("spark.sql.shuffle.partitions", "8")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    java = int(session.sparkContext._gateway.proc.pid)
    return lambda name: session.read.parquet(str(folder / f"{name}.parquet")), [java]


OPEN: dict[str, Callable[[Path], tuple[Read, list[int]]]] = {
    "duckdb": open_duckdb,
    "pandas": open_pandas,
    "polars": open_polars,
    "spark": open_spark,
}


def write(folder: Path, rows: int) -> None:
    """Logs of 200 campaigns to a tenth as many people as messages, in which anything may be missing."""
    draw = np.random.default_rng(7)
    people = np.array([f"3fa85f64-5717-4562-b3fc-{i:012x}" for i in range(max(rows // 10, 1))])
    now = int(AS_OF.timestamp() * 1_000_000)
    created = now - draw.integers(0, 200 * 86_400_000_000, len(people))
    pq.write_table(pa.table({"id": people, "created_time": pa.array(created, TIME)}), folder / "contacts.parquet")
    labels = pa.array(draw.choice(["vip", "nyc", "spring_fair"], len(people)))
    pq.write_table(pa.table({"contact_id": people, "label": labels}), folder / "members.parquet")
    pq.write_table(pa.table({"contact_id": people[:: len(people) // 100 or 1]}), folder / "opted_out.parquet")
    with pq.ParquetWriter(folder / "logs.parquet", chunk(draw, people, now, 1).schema, compression="zstd") as file:
        for start in range(0, rows, 1_000_000):
            file.write_table(chunk(draw, people, now, min(1_000_000, rows - start)))


def chunk(draw: np.random.Generator, people: np.ndarray, now: int, rows: int) -> pa.Table:
    status = draw.choice(len(STATUSES), rows, p=SHARES)
    sent = now - draw.integers(0, 120 * 86_400_000_000, rows)
    delivered = sent + (draw.lognormal(1.4, 1.4, rows) * 1_000_000).astype(np.int64) - 100_000
    has_error = np.isin(status, (2, 3))
    return pa.table(
        {
            "campaign_id": pa.array([f"campaign_{i:03}" for i in range(200)]).take(draw.integers(0, 200, rows)),
            "contact_id": pa.array(people[draw.integers(0, len(people), rows)], mask=draw.random(rows) < 0.001),
            "status": pa.array(STATUSES).take(pa.array(status, mask=draw.random(rows) < 0.001)),
            "sent_time": pa.array(sent, TIME, mask=(status == 4) | (draw.random(rows) < 0.001)),
            "delivered_time": pa.array(delivered, TIME, mask=(status > 0) | (draw.random(rows) < 0.01)),
            "error": pa.array(ERRORS).take(pa.array(draw.integers(0, len(ERRORS), rows), mask=~has_error)),
        }
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        say(json.dumps(run_all(sys.argv[2], Path(sys.argv[3]))))
    else:
        count = int(sys.argv[1].replace(",", "").replace("_", "")) if sys.argv[1:] else 10_000_000
        sys.exit(main(count, sys.argv[2:] or ["duckdb", "pandas", "spark"]))
