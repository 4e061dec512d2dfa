"""Contacts and logs over HTTP to frames, this toolkit and its peers against one local page server, in one run.

    python tests/data/bench_reading.py [--rows 1000000] [--dlt-rows 20000] [--repeat 3]

Needs the `bench` extra. Logs are ten times as many as contacts. Every reader has a process of its own, whose peak
memory it is; seconds are from the first request to the whole frame, the median of ours, and one run of a peer.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import uvicorn
from pydantic import SecretStr

PAGE = 1_000
LATENCY = 0.06  # seconds a page
AT_ONCE = 8
LABELS = [
    {"id": f"{i:08d}-0000-4000-8000-000000000000", "name": f"label_{i}", "color": "#19b9c3", "is_system": False}
    for i in range(40)
]
LOG = (
    b'{"id":"log_%08d-1111-4222-8333-444444444444","contact_id":"%08d-1111-4222-8333-444444444444",'
    b'"contact_name":"Person Number","contact_phone":"+19990000000","message_status":"delivered",'
    b'"sent_time":"2025-07-07T18:30:15.123Z","delivered_time":"2025-07-07T18:30:18.456Z","error_message":null,'
    b'"message_id":"msg_%08d-1111-4222-8333-444444444444"}'
)


def serve(listening: socket.socket, rows: int, delay: float) -> None:
    """Answer `?offset=&limit=`: contacts from bytes made beforehand, and a campaign's log of as many rows as its id."""
    import asyncio

    contacts = [json.dumps(_contact(i)).encode() for i in range(rows)]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        query = parse_qs(scope["query_string"].decode())
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        shown, total = contacts[offset : offset + limit], rows
        if scope["path"].endswith("/logs"):
            total = int(scope["path"].split("/")[-2])
            shown = [LOG % (i, i, i) for i in range(offset, min(offset + limit, total))]
        body = b'{"data":[' + b",".join(shown) + b'],"total":%d}' % total
        if delay:
            await asyncio.sleep(delay)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")).run(sockets=[listening])


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


def toolkit(url: str, rows: int) -> int:
    with _workspace(url) as ws:
        return len(ws.contacts())


def toolkit_batches(url: str, rows: int) -> int:
    with _workspace(url) as ws:
        return sum(len(frame) for frame in ws.iter_batches(str(rows)))


def toolkit_at_once(url: str, rows: int) -> int:
    from tests.builders import START
    from toolkit.api.client import Client
    from toolkit.api.columns import LabelBook
    from toolkit.api.paging import read_all
    from toolkit.data.contacts import Contacts

    book = LabelBook()
    reading = read_all(Client(url, "w", SecretStr("0" * 64)).contacts(book), threads=AT_ONCE)
    return len(Contacts(reading.rows, tuple(book.labels), START).frame)


def fetch(url: str, rows: int, at_once: int = 1) -> int:
    """The pages of a toolkit's reading, which overlap, and nothing else."""
    step = PAGE - 50
    with httpx.Client() as http, ThreadPoolExecutor(at_once) as pool:
        replies = pool.map(
            lambda at: http.get(f"{url}/contacts?offset={at}&limit={PAGE}").content, range(0, rows, step)
        )
        return rows if all(replies) else 0


def fetch_at_once(url: str, rows: int) -> int:
    return fetch(url, rows, AT_ONCE)


def requests_json_normalize(url: str, rows: int) -> int:
    import pandas as pd
    import requests

    with requests.Session() as http:
        pages = [
            http.get(f"{url}/contacts", params={"offset": str(at), "limit": str(PAGE)}).json()["data"]
            for at in range(0, rows, PAGE)
        ]
    return len(pd.json_normalize([row for page in pages for row in page]))


def dlt_rest_source(url: str, rows: int, loader: str | None = None) -> int:
    import dlt
    from dlt.sources.rest_api import rest_api_source

    paginator = {"type": "offset", "limit": PAGE, "total_path": "total"}
    resource = {"name": "contacts", "endpoint": {"path": "contacts", "paginator": paginator, "data_selector": "data"}}
    source = rest_api_source({"client": {"base_url": url}, "resources": [resource]})
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pipeline = dlt.pipeline(
            "bench", destination=dlt.destinations.duckdb(f"{folder}/b.duckdb"), pipelines_dir=folder
        )
        pipeline.run(source, loader_file_format=loader)
        with pipeline.sql_client() as sql:
            return len(sql.execute_sql("select * from contacts"))


def dlt_parquet(url: str, rows: int) -> int:
    return dlt_rest_source(url, rows, "parquet")


def _workspace(url: str) -> Any:
    from toolkit.settings import Settings
    from toolkit.workspace import connect

    home = Path(tempfile.mkdtemp(prefix="seax-bench-"))
    return connect(Settings(home=home, api_key=SecretStr("0" * 64), workspace_id="w", base_url=url))


IMPORTED: dict[str, tuple[str, ...]] = {"requests": ("pandas", "requests"), "dlt": ("dlt", "duckdb", "pandas")}


def run(reader: Callable[[str, int], int], url: str, rows: int) -> tuple[float, float]:
    """Seconds and peak MiB of one reader in a fresh process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measure, args=(reader, url, rows, queue))
    process.start()
    got, seconds, peak = queue.get()
    process.join()
    if got != rows:
        raise SystemExit(f"{reader.__name__} read {got} of {rows} rows")
    return seconds, peak


def _measure(reader: Callable[[str, int], int], url: str, rows: int, queue: Any) -> None:
    for module in IMPORTED.get(reader.__name__.partition("_")[0], ("toolkit.workspace",)):
        importlib.import_module(module)
    started = time.perf_counter()
    got = reader(url, rows)
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text()
    queue.put((got, seconds, int(status.partition("VmHWM:")[2].split()[0]) / 1024))


@contextmanager
def served(rows: int, delay: float = 0) -> Iterator[str]:
    """The address of a page server in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        process = multiprocessing.get_context("spawn").Process(target=serve, args=(listening, rows, delay), daemon=True)
        process.start()
        httpx.get(f"{url}/contacts", params={"offset": 0, "limit": 1}, timeout=300)
        yield url
        process.terminate()
        process.join()


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def row(what: str, rows: int, seconds: float, peak: float) -> None:
    say(f"{what:34}{rows:12,}{seconds:9.2f} s{seconds / rows * 1e6:9.2f} µs a row{peak:9,.0f} MiB")


def limit(what: str, value: float, wanted: str) -> None:
    """Say whether a figure keeps to its limit, such as `<= 10`."""
    sign, number = wanted.split()
    is_met = value <= float(number) if sign == "<=" else value >= float(number)
    say(f"  {'ok    ' if is_met else 'MISSED'} {what}: {value:.2f}, wanted {wanted}")


def median(reader: Callable[[str, int], int], url: str, rows: int, repeat: int) -> tuple[float, float]:
    """Median seconds and greatest peak of several runs."""
    runs = [run(reader, url, rows) for _ in range(repeat)]
    return statistics.median(seconds for seconds, _ in runs), max(peak for _, peak in runs)


def contacts(rows: int, dlt_rows: int, repeat: int) -> None:
    say("contacts to a frame")
    with served(rows) as url:
        ours, our_peak = median(toolkit, url, rows, repeat)
        alone, alone_peak = run(fetch, url, rows)
        naive, naive_peak = run(requests_json_normalize, url, rows)
    row("fetching alone", rows, alone, alone_peak)
    row("this toolkit", rows, ours, our_peak)
    row("requests + json_normalize", rows, naive, naive_peak)
    limit("µs a row", ours / rows * 1e6, "<= 10")
    limit("× faster than requests + json_normalize", naive / ours, ">= 4")
    limit("of its peak memory", our_peak / naive_peak, "<= 0.2")
    with served(dlt_rows) as url:
        plain, plain_peak = run(dlt_rest_source, url, dlt_rows)
        parquet, parquet_peak = run(dlt_parquet, url, dlt_rows)
    row("dlt", dlt_rows, plain, plain_peak)
    row("dlt, parquet loader", dlt_rows, parquet, parquet_peak)
    limit("× faster a row than dlt", plain / dlt_rows / (ours / rows), ">= 100")
    limit("× faster a row than dlt with its parquet loader", parquet / dlt_rows / (ours / rows), ">= 15")


def latency(rows: int, repeat: int) -> None:
    say(f"{LATENCY * 1000:.0f} ms a page, {AT_ONCE} at a time")
    with served(rows, LATENCY) as url:
        alone, alone_peak = median(fetch_at_once, url, rows, repeat)
        ours, our_peak = median(toolkit_at_once, url, rows, repeat)
    row("fetching alone", rows, alone, alone_peak)
    row("this toolkit", rows, ours, our_peak)
    limit("× fetching alone", ours / alone, "<= 1.15")


def logs(rows: int) -> None:
    say("log rows by batches")
    with served(0) as url:
        few, few_peak = run(toolkit_batches, url, rows // 10)
        many, many_peak = run(toolkit_batches, url, rows)
    row("this toolkit", rows // 10, few, few_peak)
    row("this toolkit", rows, many, many_peak)
    limit("× the memory for 10 × the rows", many_peak / few_peak, "<= 1.05")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dlt-rows", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seax-bench-") as folder:
        os.environ |= {"TMPDIR": folder, "DLT_DATA_DIR": folder, "RUNTIME__DLTHUB_TELEMETRY": "false"}
        contacts(options.rows, options.dlt_rows, options.repeat)
        latency(options.rows, options.repeat)
        logs(10 * options.rows)


if __name__ == "__main__":
    main()
