# One file: one run measures this toolkit and its peers against the same server.
"""Contacts and logs over HTTP to frames, this toolkit and its peers against one local page server, in one run.

    python tests/data/bench_reading.py [contacts latency logs dialects imports] [--rows 1000000] [--dlt-rows 20000]
        [--repeat 3]

Needs the `bench` extra. Logs are ten times as many as contacts. Every reader has a process of its own, whose peak
memory it is; seconds are from the first request to the whole frame, medians of runs in turns, and one run of dlt.
Beside the seconds that passed are those of the reader's processor: more of the first means that it waited. The
dialects are compared on what one embedded workspace answers at both of its addresses, replayed from memory.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import httpx
from pydantic import SecretStr

from tests.measured import figure

PAGE = 1_000
LATENCY = 0.06  # seconds a page
AT_ONCE = 8
LABELS = [
    {"id": f"{i:08d}-0000-4000-8000-000000000000", "name": f"label_{i}", "color": "#19b9c3", "is_system": False}
    for i in range(40)
]
NAMES = ["customer_tier", "last_purchase", "state", "country", "timezone", *(f"field_{i}" for i in range(21))]
VALUES = ["gold", "2025-01-15", "NY", "1250.50", "yes", "America/New_York", "a longer text of the shop's own"]
LOG = (
    b'{"id":"log_%08d-1111-4222-8333-444444444444","contact_id":"%08d-1111-4222-8333-444444444444",'
    b'"contact_name":"Person Number","contact_phone":"+19990000000","message_status":"delivered",'
    b'"sent_time":"2025-07-07T18:30:15.123Z","delivered_time":"2025-07-07T18:30:18.456Z","error_message":null,'
    b'"message_id":"msg_%08d-1111-4222-8333-444444444444"}'
)


class Pages(BaseHTTPRequestHandler):
    """Answers `?offset=&limit=`: contacts made beforehand, and a campaign's log of as many rows as its id."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    contacts, starts, delay = memoryview(b""), [0], 0.0

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        asked = parse_qs(query)
        total, rows = self.rows(path, int(asked["offset"][0]), int(asked["limit"][0]))
        before, after = b'{"data":[', b'],"total":%d}' % total
        time.sleep(self.delay)
        self.send_response_only(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(before) + len(rows) + len(after)))
        self.end_headers()
        for part in (before, rows, after):
            self.request.sendall(part)

    def rows(self, path: str, offset: int, limit: int) -> tuple[int, bytes | memoryview]:
        """How many rows a list has, and some of them."""
        if path.endswith("/logs"):
            total = int(path.split("/")[-2])
            return total, b",".join(LOG % (i, i, i) for i in range(offset, min(offset + limit, total)))
        total = len(self.starts) - 1
        return total, self.contacts[self.starts[offset] : self.starts[min(offset + limit, total)]][:-1]


def serve(rows: int, delay: float, ready: Any) -> None:
    made = [json.dumps(contact(i)).encode() + b"," for i in range(rows)]
    Pages.starts, Pages.delay = [0, *accumulate(map(len, made))], delay
    Pages.contacts = memoryview(b"".join(made))
    del made
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        ready.send(server.server_port)
        server.serve_forever()


def contact(i: int) -> dict[str, object]:
    return {
        "name": f"Person Number {i}",
        "phone": f"+1999{i:07d}",
        "note": "met at the spring fair",
        "whatsapp_phone": f"+1999{i:07d}",
        "contact_field_data": {name: VALUES[(i + at) % 7] for at, name in enumerate(NAMES[i % 6 :: 6])},
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
    from toolkit.api.arrow_schemas import LabelBook
    from toolkit.api.caller import Caller
    from toolkit.api.client import Client
    from toolkit.api.snapshot_read import read_all
    from toolkit.data.contacts import Contacts

    book = LabelBook()
    reading = read_all(Client(Caller(url, "w", SecretStr("0" * 64))).contacts(book), threads=AT_ONCE)
    return len(Contacts(reading.rows, tuple(book.labels), START).frame)


def fetch(url: str, rows: int, at_once: int = 1) -> int:
    """The pages of a toolkit's reading, which overlap, and nothing else."""
    step = PAGE - 10
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


def expert(url: str, rows: int) -> int:
    """What somebody writes who knows the libraries: pages requested ahead over kept connections, decoded into typed
    structs with the collector off, each page one batch of Arrow; it does not notice a list that changes meanwhile."""
    import gc

    import msgspec
    import pandas as pd
    import pyarrow as pa
    import urllib3

    label = msgspec.defstruct("Label", [("id", str), ("name", str)], gc=False)
    text = str | None
    contact = msgspec.defstruct(
        "Contact",
        [
            *(("id", str), ("name", text, None), ("phone", text, None), ("whatsapp_phone", text, None)),
            *(("note", text, None), ("created_time", text, None), ("updated_time", text, None)),
            *(("contact_field_data", msgspec.Raw, msgspec.Raw(b"{}")), ("contact_labels", list[label], [])),
        ],
        gc=False,
    )
    page: Any = msgspec.defstruct("Page", [("data", list[contact]), ("total", int)])
    decode = msgspec.json.Decoder(page).decode
    pool = urllib3.PoolManager(maxsize=4)
    step, batches = 5_000, []
    gc.disable()
    with ThreadPoolExecutor(4) as threads:
        for body in threads.map(
            lambda at: pool.request("GET", f"{url}/contacts?offset={at}&limit={step}").data, range(0, rows, step)
        ):
            people = decode(body).data
            batches.append(
                pa.record_batch(
                    {
                        "id": [each.id for each in people],
                        "name": [each.name for each in people],
                        "phone": [each.phone for each in people],
                        "whatsapp_phone": [each.whatsapp_phone for each in people],
                        "note": [each.note for each in people],
                        "labels": [[label.name for label in each.contact_labels] for each in people],
                        "fields": pa.array([bytes(each.contact_field_data) for each in people]).cast(pa.string()),
                        "created_time": pa.array([each.created_time for each in people]).cast(pa.timestamp("us")),
                        "updated_time": pa.array([each.updated_time for each in people]).cast(pa.timestamp("us")),
                    }
                )
            )
    gc.enable()
    return len(pa.Table.from_batches(batches).to_pandas(types_mapper=pd.ArrowDtype))


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
    return connect(Settings(home=home, api_key=SecretStr("0" * 64), workspace_id="w", base_url=url, dialect="guide"))


IMPORTED = {
    "toolkit": ("toolkit.workspace", "pandas", "phonenumbers", "stamina"),
    "requests": ("requests", "pandas"),
    "expert": ("msgspec", "pandas", "pyarrow", "urllib3"),
    "dlt": ("dlt", "duckdb", "pandas"),
}


class Cost(NamedTuple):
    """Seconds that passed, those of the processor, and peak MiB."""

    seconds: float
    processor: float
    peak: float


def run(reader: Callable[[str, int], int], url: str, rows: int) -> Cost:
    """What one reader costs in a fresh process."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measure, args=(reader, url, rows, queue))
    process.start()
    got, cost = queue.get()
    process.join()
    if got != rows:
        raise SystemExit(f"{reader.__name__} read {got} of {rows} rows")
    return Cost(*cost)


def _measure(reader: Callable[[str, int], int], url: str, rows: int, queue: Any) -> None:
    for module in IMPORTED.get(reader.__name__.partition("_")[0], ()):
        importlib.import_module(module)
    started, worked = time.perf_counter(), time.process_time()
    got = reader(url, rows)
    seconds, processor = time.perf_counter() - started, time.process_time() - worked
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    queue.put((got, (seconds, processor, int(status.partition("VmHWM:")[2].split()[0]) / 1024)))


@contextmanager
def served(rows: int, delay: float = 0) -> Iterator[str]:
    """The address of a page server in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(rows, delay, there), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{here.recv()}"
    process.terminate()
    process.join()


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def row(what: str, rows: int, cost: Cost) -> None:
    say(
        f"{what:28}{rows:12,}{cost.seconds:9.2f} s ({cost.processor:.2f} s of the processor)"
        f"{cost.seconds / rows * 1e6:9.2f} µs a row{cost.peak:9,.0f} MiB"
    )


def in_turns(url: str, rows: int, repeat: int, *readers: Callable[[str, int], int]) -> Iterator[Cost]:
    """Median seconds and greatest peak of several runs of each reader, one after the other, because what else a machine
    does changes from minute to minute."""
    runs = [[run(reader, url, rows) for reader in readers] for _ in range(repeat)]
    for costs in zip(*runs, strict=True):
        seconds, processor, peaks = zip(*costs, strict=True)
        yield Cost(statistics.median(seconds), statistics.median(processor), max(peaks))


def contacts(rows: int, dlt_rows: int, repeat: int) -> None:
    say("contacts to a frame")
    with served(rows) as url:
        ours, alone, theirs, naive = in_turns(url, rows, repeat, toolkit, fetch, expert, requests_json_normalize)
    row("fetching alone", rows, alone)
    row("this toolkit", rows, ours)
    row("an expert's own code", rows, theirs)
    row("requests + json_normalize", rows, naive)
    what = "contacts to a frame"
    figure(f"{what}, processor", ours.processor, "s", rows=rows, expert=theirs.processor, limit="<= 1")
    figure(f"{what}, on the clock", ours.seconds, "s", rows=rows, expert=theirs.seconds, limit="<= 0.7")
    figure(f"{what}, beside json_normalize", ours.seconds, "s", rows=rows, expert=naive.seconds, limit="<= 0.167")
    figure(f"{what}, peak memory beside it", ours.peak, "MiB", rows=rows, expert=naive.peak, limit="<= 0.167")
    with served(dlt_rows) as url:
        plain = run(dlt_rest_source, url, dlt_rows)
        parquet = run(dlt_parquet, url, dlt_rows)
    row("dlt", dlt_rows, plain)
    row("dlt, parquet loader", dlt_rows, parquet)
    each, slow, quick = (
        1e6 * seconds for seconds in (ours.seconds / rows, plain.seconds / dlt_rows, parquet.seconds / dlt_rows)
    )
    figure(f"{what}, a row, beside dlt", each, "µs", rows=rows, expert=slow, limit="<= 0.01")
    figure(f"{what}, a row, beside dlt's parquet loader", each, "µs", rows=rows, expert=quick, limit="<= 0.067")


def latency(rows: int, repeat: int) -> None:
    say(f"{LATENCY * 1000:.0f} ms a page, {AT_ONCE} at a time")
    with served(rows, LATENCY) as url:
        alone, ours = in_turns(url, rows, repeat, fetch_at_once, toolkit_at_once)
    row("fetching alone", rows, alone)
    row("this toolkit", rows, ours)
    what = f"contacts at {LATENCY * 1000:.0f} ms a page, beside fetching alone"
    figure(what, ours.seconds, "s", rows=rows, expert=alone.seconds, limit="<= 1.1")


def logs(rows: int) -> None:
    say("log rows by batches")
    with served(0) as url:
        few = run(toolkit_batches, url, rows // 10)
        many = run(toolkit_batches, url, rows)
    row("this toolkit", rows // 10, few)
    row("this toolkit", rows, many)
    what = "log rows by batches, memory beside a tenth as many"
    figure(what, many.peak, "MiB", rows=rows, expert=few.peak, limit="<= 1.05")


class Replay(httpx.BaseTransport):
    """Answers as a service did when it was asked the same before."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.kept: dict[httpx.URL, bytes] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url not in self.kept:
            self.kept[request.url] = self._inner.handle_request(request).read()
        return httpx.Response(200, content=self.kept[request.url], headers={"content-type": "application/json"})


def dialects(rows: int, repeat: int) -> None:
    """What a row of contacts, and of a log, costs in the published dialect, beside one of the guide's."""
    from toolkit.api import guide, published
    from toolkit.api.arrow_schemas import LabelBook
    from toolkit.api.caller import Caller
    from toolkit.api.client import Client
    from toolkit.api.snapshot_read import read_all
    from toolkit.sandbox import Sandbox

    say("both dialects of one workspace, pages from memory")
    box = Sandbox(Path(tempfile.mkdtemp()) / "sandbox.sqlite3", contacts=rows)
    replay = Replay(box.transport())
    clients = [
        Client(Caller(url, box.workspace_id, SecretStr(box.api_key), dialect=dialect, transport=replay))
        for url, dialect in ((box.base_url, guide), (box.published_url, published))
    ]
    campaign_id = max(clients[1].campaigns(), key=lambda each: each.statistics.total if each.statistics else 0).id
    for what, most in (("contacts", 1.15), ("logs", 3.0)):
        spent: tuple[list[float], list[float]] = ([], [])
        for _ in range(1 + repeat):  # the first one fills what is replayed
            for client, name, times in zip(clients, (f"campaign_{campaign_id}", campaign_id), spent, strict=True):
                listing = client.contacts(LabelBook()) if what == "contacts" else client.logs(name)
                began = time.process_time()
                read = read_all(listing).rows.num_rows
                times.append((time.process_time() - began) / read * 1e6)
        theirs, ours = (statistics.median(times[1:]) for times in spent)
        text = f"a row of {what} as published, beside the guide's"
        figure(text, ours, "µs", rows=read, expert=theirs, limit=f"<= {most}")
    box.close()


def imports() -> None:
    say("importing, medians of 15 in turns")
    statements = ("import httpx, pydantic", "import toolkit", "from toolkit import connect")
    spent: dict[str, list[float]] = {statement: [] for statement in statements}
    for _ in range(15):
        for statement, times in spent.items():
            code = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
            times.append(
                1_000 * float(subprocess.check_output([sys.executable, "-c", code], text=True, encoding="utf-8"))
            )
    medians = {statement: statistics.median(times) for statement, times in spent.items()}
    for statement, milliseconds in medians.items():
        say(f"{statement:40}{milliseconds:9.1f} ms")
    ours, theirs = medians["import toolkit"], medians["import httpx, pydantic"]
    figure("import toolkit, beside httpx and pydantic", ours, "ms", expert=theirs, limit="<= 0.1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    measures = ("contacts", "latency", "logs", "dialects", "imports")
    parser.add_argument("measures", nargs="*", metavar="measure", default=measures, help=", ".join(measures))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dlt-rows", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="seax-bench-") as folder:
        os.environ |= {"TMPDIR": folder, "DLT_DATA_DIR": folder, "RUNTIME__DLTHUB_TELEMETRY": "false"}
        if "contacts" in options.measures:
            contacts(options.rows, options.dlt_rows, options.repeat)
        if "latency" in options.measures:
            latency(options.rows, options.repeat)
        if "logs" in options.measures:
            logs(10 * options.rows)
        if "dialects" in options.measures:
            dialects(options.rows // 50, 3 * options.repeat)
        if "imports" in options.measures:
            imports()


if __name__ == "__main__":
    main()
