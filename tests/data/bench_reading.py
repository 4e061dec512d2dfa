"""Contacts over HTTP to a frame: this toolkit and its peers against one local page server, in one run.

    python tests/data/bench_reading.py [--rows 1000000] [--dlt-rows 20000]

Needs the `bench` extra. Every reader runs in a process of its own, so that peak memory is its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import httpx
from rich.console import Console
from rich.table import Table

PAGE = 1_000
LABELS = [
    {"id": f"{i:08d}-0000-4000-8000-000000000000", "name": f"label_{i}", "color": "#19b9c3", "is_system": False}
    for i in range(40)
]


def serve(port: int, rows: int, delay: float) -> None:
    """Answer `?offset=&limit=` from bytes made beforehand, after `delay` seconds."""
    import asyncio

    import uvicorn

    contacts = [json.dumps(_contact(i)).encode() for i in range(rows)]

    async def app(scope: dict, receive: Callable, send: Callable) -> None:  # type: ignore[type-arg]
        query = parse_qs(scope["query_string"].decode())
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        body = b'{"data":[' + b",".join(contacts[offset : offset + limit]) + b'],"total":%d}' % rows
        if delay:
            await asyncio.sleep(delay)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")


def _contact(i: int) -> dict[str, object]:
    return {
        "name": f"Person Number {i}",
        "phone": f"+1999{i:07d}",
        "note": "met at the spring fair",
        "whatsapp_phone": f"+1999{i:07d}",
        "contact_field_data": {"customer_tier": "gold", "last_purchase": "2025-01-15", "state": "NY"},
        "id": f"{i:08d}-1111-4222-8333-444444444444",
        "workspace_id": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "created_time": "2025-07-07T18:13:04.845276",
        "updated_time": "2025-07-07T18:13:04.845287",
        "contact_labels": [LABELS[i % 40], LABELS[i * 7 % 40]][: 1 + i % 2],
    }


def fetch_only(url: str, rows: int) -> int:
    with httpx.Client() as http:
        return sum(len(http.get(url, params={"offset": at, "limit": PAGE}).content) for at in range(0, rows, PAGE))


def toolkit(url: str, rows: int, threads: int = 4) -> int:
    from toolkit.api import pages
    from toolkit.api.columns import CONTACTS, LabelBook, Listing
    from toolkit.api.paging import read_all
    from toolkit.data.contacts import Contacts

    book = LabelBook()
    with httpx.Client() as http:

        def fetch(offset: int, limit: int) -> bytes:
            return http.get(url, params={"offset": offset, "limit": limit}).content

        listing = Listing(fetch, lambda body: pages.read_contacts(body, book), CONTACTS)
        reading = read_all(listing, threads=threads)
    from tests.builders import START

    return len(Contacts(reading.rows, tuple(book.labels), START).frame)


def requests_json_normalize(url: str, rows: int) -> int:
    import pandas as pd
    import requests

    with requests.Session() as http:
        pages = [
            http.get(url, params={"offset": str(at), "limit": str(PAGE)}).json()["data"] for at in range(0, rows, PAGE)
        ]
    return len(pd.json_normalize([row for page in pages for row in page]))


def dlt_rest_source(url: str, rows: int, loader: str | None = None) -> int:
    import dlt
    from dlt.sources.rest_api import rest_api_source

    paginator = {"type": "offset", "limit": PAGE, "total_path": "total"}
    resource_ = {"name": "contacts", "endpoint": {"path": "", "paginator": paginator, "data_selector": "data"}}
    source = rest_api_source({"client": {"base_url": url}, "resources": [resource_]})  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pipeline = dlt.pipeline(
            "bench", destination=dlt.destinations.duckdb(f"{folder}/b.duckdb"), pipelines_dir=folder
        )
        pipeline.run(source, loader_file_format=loader)  # type: ignore[arg-type]
        with pipeline.sql_client() as sql:
            return len(sql.execute_sql("select * from contacts"))


def dlt_parquet(url: str, rows: int) -> int:
    return dlt_rest_source(url, rows, "parquet")


def measure(reader: Callable[..., int], url: str, rows: int, queue: multiprocessing.Queue, *more: int) -> None:  # type: ignore[type-arg]
    for module in ("pandas", "toolkit.workspace", *(("dlt", "duckdb") if "dlt" in reader.__name__ else ("requests",))):
        importlib.import_module(module)
    started = time.perf_counter()
    got = reader(url, rows, *more)
    seconds = time.perf_counter() - started
    queue.put((got, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def run(reader: Callable[..., int], url: str, rows: int, *more: int) -> tuple[float, float]:
    """Seconds and peak MiB of one reader in a fresh process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=measure, args=(reader, url, rows, queue, *more))
    process.start()
    got, seconds, peak = queue.get()
    process.join()
    if reader is not fetch_only and got != rows:
        raise SystemExit(f"{reader.__name__} read {got} of {rows} rows")
    return seconds, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dlt-rows", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    console = Console()
    table = Table("reader", "rows", "seconds", "µs a row", "peak MiB", "times ours", title="contacts to a frame")
    url, stop = start(options.rows, 0)
    ours = [run(toolkit, url, options.rows) for _ in range(options.repeat)]
    our_seconds, our_peak = statistics.median(s for s, _ in ours), max(p for _, p in ours)
    for name, reader in (("fetch only", fetch_only), ("requests + json_normalize", requests_json_normalize)):
        seconds, peak = run(reader, url, options.rows)
        _row(table, name, options.rows, seconds, peak, seconds / our_seconds)
    _row(table, "this toolkit", options.rows, our_seconds, our_peak, 1.0)
    stop()
    url, stop = start(options.dlt_rows, 0)
    small, _ = run(toolkit, url, options.dlt_rows)
    for name, reader in (("dlt", dlt_rest_source), ("dlt, parquet", dlt_parquet)):
        seconds, peak = run(reader, url, options.dlt_rows)
        per_row = (seconds / options.dlt_rows) / (our_seconds / options.rows)
        _row(table, f"{name} ({small:.2f} s ours)", options.dlt_rows, seconds, peak, per_row)
    stop()
    console.print(table)
    url, stop = start(200 * PAGE, 0.06)
    waiting, _ = run(_fetch_in_threads, url, 200 * PAGE, 8)
    reading, _ = run(toolkit, url, 200 * PAGE, 8)
    stop()
    console.print(f"60 ms a page, 8 at a time: {reading:.2f} s, {reading / waiting:.2f} × fetching alone")


def _fetch_in_threads(url: str, rows: int, threads: int) -> int:
    from concurrent.futures import ThreadPoolExecutor

    with httpx.Client() as http, ThreadPoolExecutor(threads) as pool:
        step = PAGE - 50
        return (
            rows
            if sum(pool.map(lambda at: len(http.get(f"{url}?offset={at}&limit={PAGE}").content), range(0, rows, step)))
            else 0
        )


def start(rows: int, delay: float) -> tuple[str, Callable[[], None]]:
    """A page server in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port, rows, delay), daemon=True)
    process.start()
    url = f"http://127.0.0.1:{port}/"
    for _ in range(1_200):
        try:
            httpx.get(url, params={"offset": 0, "limit": 1}, timeout=5)
            break
        except httpx.TransportError:
            time.sleep(0.1)
    return url, lambda: (process.terminate(), process.join())[0]


def _row(table: Table, name: str, rows: int, seconds: float, peak: float, times: float) -> None:
    table.add_row(name, f"{rows:,}", f"{seconds:.2f}", f"{seconds / rows * 1e6:.1f}", f"{peak:,.0f}", f"{times:.1f}")


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    main()
