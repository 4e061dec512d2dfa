"""What a broad plan and a contact's history cost: `python tests/planning/bench_plans.py [contacts…]`.

100,000 and 1,000,000 contacts unless said otherwise. The embedded service answers over HTTP from a process of its own;
each figure is of a new process that plans, or reads: its seconds of the processor, and its peak of memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.engagement.bench_engagement import peak_mb
from tests.measured import figure
from tests.sandbox.bench_sandbox import SERVE_SANDBOX, served
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

RULES = {"a rule that half of them match": "labels:newsletter", "everybody": "everyone"}


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sandbox.sqlite3"
        box = Sandbox(path, contacts=contacts)
        box.close()
        with served(SERVE_SANDBOX, path) as connection:
            port = str(connection.port)
            for what, rule in RULES.items():
                cost = run(folder, port, "plan", rule)
                limits = ("<= 30", "<= 700") if contacts >= 1_000_000 else ("", "")
                assert cost["people"], rule
                figure(
                    f"a plan of {what}, {cost['people'] / contacts:.0%} of contacts",
                    cost["seconds"],
                    "s",
                    rows=contacts,
                    limit=limits[0],
                )
                figure(f"a plan of {what}, peak memory", cost["mb"], "MB", rows=contacts, limit=limits[1])
            cost = run(folder, port, "history", "")
            limits = ("<= 60", "<= 300") if contacts >= 1_000_000 else ("", "")
            figure("history of a contact", cost["seconds"], "s", rows=contacts, limit=limits[0])
            figure("history of a contact, on the clock", cost["clock"], "s", rows=contacts)
            figure("history of a contact, peak memory", cost["mb"], "MB", rows=contacts, limit=limits[1])


def run(folder: str, port: str, *work: str) -> dict[str, float]:
    """The cost of one piece of work in a process of its own."""
    command = [sys.executable, __file__, "--run", folder, port, *work]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    found: dict[str, float] = json.loads(said)
    return found


def plan(ws: Workspace, rule: str) -> int:
    senders = (next(phone.name for phone in ws.phones().itertuples() if phone.sms),)
    text = "Spring sale at Example Shop until Sunday. Reply STOP to opt out."
    return ws.plan(CampaignDraft(name="Sale", message=text, segment=Segment.parse(rule), senders=senders)).recipients


def history(ws: Workspace, _: str) -> int:
    first = next(iter(ws.iter_batches()))
    return len(ws.history(first["id"].iloc[7]).deliveries)


WORK: dict[str, Callable[[Workspace, str], int]] = {"plan": plan, "history": history}


class Elsewhere(httpx.HTTPTransport):
    """The embedded service in another process."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return super().handle_request(request)


def measured(folder: str, port: str, work: str, rule: str) -> None:
    home = Path(tempfile.mkdtemp(dir=folder))
    box = Sandbox(Path(folder) / "sandbox.sqlite3")
    with connect(Settings(home=home), sandbox=box, transport=Elsewhere(int(port))) as ws:
        began, busy = time.perf_counter(), time.process_time()
        people = WORK[work](ws, rule)
        clock, seconds = time.perf_counter() - began, time.process_time() - busy
    sys.stdout.write(json.dumps({"people": people, "seconds": seconds, "clock": clock, "mb": peak_mb("self")}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        measured(*sys.argv[2:])
    else:
        for size in [int(word) for word in sys.argv[1:]] or [100_000, 1_000_000]:
            main(size)
