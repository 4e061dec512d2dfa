"""Measures the embedded workspace at full size: `python tests/sandbox/bench_sandbox.py [contacts]`.

Ratios are taken within one run, so that a slow or busy machine does not decide them.
"""

import http.client
import json
import pickle
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx

from tests.measured import figure
from toolkit.sandbox import Sandbox

PREFIX = "/bulk-sms-api/api/v1/workspace/3fa85f64-5717-4562-b3fc-2c963f66afa6"
URL = f"http://sandbox.invalid{PREFIX}"
KEY = {"X-API-KEY": "0" * 64}
DRAFT = {
    "name": "Everybody",
    "type": "SMS",
    "message": "Hello https://example.com",
    "phone_ids": ["020086f5-fb0e-4a0c-920a-bbdd04f4381c"],
    "enable_link_shortening": True,
}
ATTACHING = {**DRAFT, "attach_contact_label_ids": ["seg_slot_01"]}
WALK = """
import json, sys
from datetime import timedelta
from pathlib import Path
import httpx
from toolkit.sandbox import Sandbox
sandbox = Sandbox(Path(sys.argv[1]))
client = httpx.Client(transport=sandbox.transport(), base_url="http://sandbox.invalid" + sys.argv[2],
                      headers={"X-API-KEY": "0" * 64}, timeout=60)
total = client.get("/contacts").json()["total"]
for turn in range(60):
    client.get(f"/contacts?limit=1000&offset={turn * total // 60}")
    client.get(f"/contacts?limit=1000&any_contact_label_ids=vip_customers&offset={turn * total // 300}")
for order in ("name:asc", "phone:desc"):
    client.get(f"/contacts?limit=1000&order_by={order}&offset={total - 1000}")
client.get("/contacts?limit=1000&keyword=smith")
sandbox.clock.advance(timedelta(days=1))
logs = client.post("/campaigns", json=json.loads(sys.argv[3])).json()["id"] + "/logs?limit=1000"
for days in (0, 8):
    sandbox.clock.advance(timedelta(days=days))
    for page in (logs.partition("/")[0], logs, logs + f"&offset={total // 2}", logs + "&message_statuses=failed"):
        client.get(f"/campaigns/{page}").raise_for_status()
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the process that started this one
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""
SERVE = """
import pickle, socket, sys
from pathlib import Path
import uvicorn
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
def serve(app):
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])
"""
SERVE_SANDBOX = (
    SERVE
    + """
from toolkit.sandbox import Sandbox
serve(Sandbox(Path(sys.argv[1])).app)
"""
)
SERVE_MEMORY = (
    SERVE
    + """
pages = pickle.loads(Path(sys.argv[1]).read_bytes())
async def app(scope, receive, send):
    if scope["type"] == "http":
        body = pages[f"{scope['path']}?{scope['query_string'].decode()}"]
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
serve(app)
"""
)


def best_ms(act: Callable[[], object], *, times: int = 15) -> float:
    """Return the quickest of several turns: what others do on the machine only ever adds."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        spent.append(time.perf_counter() - start)
    return 1_000 * min(spent)


@contextmanager
def served(script: str, *arguments: object) -> Iterator[http.client.HTTPConnection]:
    """Serve an application from a process of its own on loopback and connect to it."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()))
        try:
            yield connection
        finally:
            connection.close()
            process.terminate()


def read(connection: http.client.HTTPConnection, urls: list[str]) -> dict[str, bytes]:
    pages = {}
    for url in urls:
        connection.request("GET", url, headers=KEY)
        pages[url] = connection.getresponse().read()
    return pages


def throughput(contacts: int, path: Path) -> None:
    urls = [f"{PREFIX}/contacts?limit=1000&offset={at * contacts // 100}" for at in range(100)]
    with served(SERVE_SANDBOX, path) as connection:
        pages = read(connection, urls)
        sandbox_ms = best_ms(lambda: read(connection, urls), times=5) / 100
    remembered = path.with_suffix(".pickle")
    remembered.write_bytes(pickle.dumps(pages))
    with served(SERVE_MEMORY, remembered) as connection:
        memory_ms = best_ms(lambda: read(connection, urls), times=5) / 100
    megabytes = sum(map(len, pages.values())) / 1e6 / 100
    ours, theirs = (megabytes / milliseconds * 1e3 for milliseconds in (sandbox_ms, memory_ms))
    figure(
        "the service's pages over HTTP, beside the same bytes from memory", ours, "MB/s", expert=theirs, limit=">= 0.25"
    )


def paces(client: httpx.Client, urls: list[str], *, turns: int = 40) -> list[float]:
    """Return each page's median milliseconds of processor time.

    They are asked for in turns, so that whatever else the machine does slows all of them alike.
    """
    spent: list[list[float]] = [[] for _ in urls]
    for _ in range(turns):
        for url, times in zip(urls, spent, strict=True):
            start = time.process_time()
            client.get(url).raise_for_status()
            times.append(1_000 * (time.process_time() - start))
    return [statistics.median(times) for times in spent]


def contact_pages(contacts: int, client: httpx.Client) -> None:
    last = contacts - 1_000
    client.get("/contacts?order_by=name:asc")
    first_ms, last_ms, filtered_ms, by_name_ms, keyword_ms = paces(
        client,
        [
            "/contacts?limit=1000",
            f"/contacts?limit=1000&offset={last}",
            "/contacts?limit=1000&any_contact_label_ids=vip_customers&exclude_labels=location_nyc",
            f"/contacts?limit=1000&order_by=name:asc&offset={last}",
            "/contacts?limit=1000&keyword=smith",
        ],
    )
    for what, spent, limit in (
        ("last page", last_ms, "<= 1.3"),
        ("label-filtered page with total", filtered_ms, "<= 5"),
        ("last page ordered by name", by_name_ms, ""),
        ("keyword page", keyword_ms, ""),
    ):
        figure(f"the service's {what}, beside the first", spent, "ms", rows=contacts, expert=first_ms, limit=limit)


def log_pages(sandbox: Sandbox, client: httpx.Client) -> None:
    created = client.post("/campaigns", json=DRAFT).raise_for_status().json()
    sandbox.clock.advance(timedelta(days=8))
    last = created["target_contact_count"] - 1_000
    logs = f"/campaigns/{created['id']}/logs?limit=1000"
    client.get(logs)
    for where, offsets in (("first", [0]), ("last", [last]), ("one of 40", [turn * last // 40 for turn in range(40)])):
        contacts_ms = log_ms = 0.0
        for offset in offsets:
            pages = [f"/contacts?limit=1000&offset={offset}", f"{logs}&offset={offset}"]
            spent = paces(client, pages, turns=80 // len(offsets))
            contacts_ms, log_ms = contacts_ms + spent[0], log_ms + spent[1]
        figure(f"its {where} log page, beside the contacts page there", log_ms, "ms", expert=contacts_ms, limit="<= 1")
    contacts_ms, delivered_ms, rare_ms, failed_ms = paces(
        client,
        [
            f"/contacts?limit=1000&offset={last // 2}",
            f"{logs}&offset={last // 2}&message_statuses=delivered",
            "/contacts?limit=1000&any_contact_label_ids=DNC",
            f"{logs}&message_statuses=failed,undelivered",
        ],
    )
    figure("a page of delivered rows, beside a contacts page", delivered_ms, "ms", expert=contacts_ms, limit="<= 2")
    figure("a page of failed rows, beside contacts as rare", failed_ms, "ms", expert=rare_ms, limit="<= 2")


def campaign(sandbox: Sandbox, client: httpx.Client) -> None:
    start = time.perf_counter()
    created = client.post("/campaigns", json=ATTACHING).raise_for_status().json()
    spent = time.perf_counter() - start
    figure("the service creates a campaign", spent, "s", rows=created["target_contact_count"], limit="<= 5")
    sandbox.clock.advance(timedelta(days=8))
    start = time.perf_counter()
    client.get(f"/campaigns/{created['id']}").raise_for_status()
    figure("statistics once all labels and replies are in", time.perf_counter() - start, "s")


def memory(small: Path, big: Path) -> None:
    peaks = [
        int(
            subprocess.check_output(
                [sys.executable, "-c", WALK, str(path), PREFIX, json.dumps(ATTACHING)], text=True, encoding="utf-8"
            )
        )
        for path in (small, big)
    ]
    what = "the service's memory for all contacts, beside 5,000, while paging and sending"
    figure(what, peaks[1], "MB", expert=peaks[0], limit="<= 1.15")


def documented(folder: Path) -> None:
    Sandbox(folder / "probed.db", contacts=500).close()
    config = Path(__file__).with_name("schemathesis.toml")
    with served(SERVE_SANDBOX, folder / "probed.db") as connection:
        url = f"http://{connection.host}:{connection.port}/openapi.json"
        st = Path(sys.executable).parent / "st"
        command = [st, "--config-file", config, "run", url, "--checks", "all", "--max-examples", "150"]
        result = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, encoding="utf-8")
    cases = int(re.findall(r"(\d+) generated", result.stdout)[-1])
    if result.returncode:
        raise SystemExit(result.stdout)
    figure("schemathesis, all checks", cases, "examples", limit=">= 2000")


def main() -> None:
    contacts = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        Sandbox(folder / "small.db").close()
        spent = time.perf_counter() - start
        figure("creating the embedded workspace", spent, "s", rows=5_000, limit="<= 1")
        start = time.perf_counter()
        sandbox = Sandbox(folder / "big.db", contacts=contacts)
        spent = time.perf_counter() - start
        figure("creating the embedded workspace", spent, "s", rows=contacts, limit="<= 90")
        with httpx.Client(transport=sandbox.transport(), base_url=URL, headers=KEY, timeout=60) as client:
            contact_pages(contacts, client)
            log_pages(sandbox, client)
            campaign(sandbox, client)
        sandbox.close()
        throughput(contacts, folder / "big.db")
        memory(folder / "small.db", folder / "big.db")
        documented(folder)


if __name__ == "__main__":
    main()
