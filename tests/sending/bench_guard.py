"""Measures what the guard of a send costs: `python tests/sending/bench_guard.py [recipients…]`.

10,000 and 100,000 recipients unless said otherwise. Reading contacts is measured elsewhere: here they are at hand, and
the service answers at once. So what is left of `ws.send()` is the guard: the ledger's rows held against its chain, the
audience, the targets and all checks worked out anew and compared, the claim, and the receipt, in seconds of the
processor.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from tests.builders import Clock
from tests.measured import figure
from tests.planning.bench_preflight import SAME, crowd
from toolkit.audience.segment import Segment
from toolkit.contact_reading import Reader
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

TIME = "2026-03-03T17:00:00Z"


def main(recipients: int) -> None:
    people = crowd(recipients + recipients // 20)
    best = min((run(recipients, people) for _ in range(3)), key=lambda times: times["in all"])
    for name, seconds in best.items():
        limit = f"<= {recipients / 100_000:g}" if name == "in all" else ""
        figure(f"the guard of a send: {name}", seconds, "s", rows=recipients, limit=limit)


def run(recipients: int, people: Any) -> dict[str, float]:
    at_hand = patch.object(Reader, "contacts", lambda *a, **k: people)
    counted: list[int] = []  # what the service says that the target counts
    with tempfile.TemporaryDirectory() as folder, workspace(Path(folder), counted) as ws, at_hand:
        draft = CampaignDraft(name="Sale", message=SAME, segment=Segment.any_of("vip"), senders=("Shop",))
        plan = ws.plan(draft)
        assert plan.recipients > 0.9 * recipients, plan.recipients  # some fictional numbers come twice
        counted.append(plan.steps[0].recipients + plan.steps[0].untextable)
        approval = plan.approve(recipients=plan.recipients, by="ana")
        spent: dict[str, float] = {}
        planner, ledger = ws._planner, ws._ledger
        planner.prepare = timed(spent, "planning again, with all checks", planner.prepare)  # type: ignore[method-assign]
        for name, word in (("check", "the ledger's rows"), ("claim", "the claim"), ("settle", "the receipt")):
            setattr(ledger, name, timed(spent, word, getattr(ledger, name)))
        began = time.process_time()
        assert ws.send(approval).status == "sent"
        return spent | {"in all": time.process_time() - began}


def timed(spent: dict[str, float], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def measure(*arguments: Any, **more: Any) -> Any:
        began = time.process_time()
        try:
            return call(*arguments, **more)
        finally:
            spent[name] = spent.get(name, 0.0) + time.process_time() - began

    return measure


@contextmanager
def workspace(folder: Path, counted: list[int]) -> Iterator[Workspace]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            body = json.loads(request.read())
            said = {name: body[name] for name in ("name", "type", "message")}
            known = {"id": "campaign_1", "status": "sending"}
            return httpx.Response(200, json=said | known | {"created_time": TIME, "updated_time": TIME})
        if request.url.path.endswith("/contacts") and counted:
            return httpx.Response(200, json={"data": [], "total": counted[0]})
        phone = {"id": "p1", "name": "Shop", "phone": "+15550100001", "phone_capability": {"sms": True, "mms": False}}
        return httpx.Response(200, json={"data": [phone], "total": 1})

    clock = Clock()
    with connect(
        Settings(home=folder),
        sandbox=Sandbox(folder / "sandbox.sqlite3", contacts=100, now=clock),
        transport=httpx.MockTransport(answer),
        now=clock,
    ) as ws:
        yield ws


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [10_000, 100_000]:
        main(size)
