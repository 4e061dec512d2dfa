"""Instructions planted where others write, read by an agent that obeys: all stay in the fence, and nothing is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.guard.untrusted import clean
from mcp_server.server import build_server
from tests.mcp.corpus import HOSTILE
from tests.mcp.evals.planted import SENT, TEXT, plant
from tests.mcp.host import Host, ask, said
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

FENCED = re.compile(r"<data-([0-9a-f]{8})>(.*?)</data-\1>", re.DOTALL)
PLACES = {  # the end of an address, and of the place in its answer
    "contact name": ("contacts", ".data.name"),
    "contact note": ("contacts", ".data.note"),
    "label name": ("contacts", ".contact_labels.name"),
    "campaign name": ("campaigns", ".data.name"),
    "provider error": ("logs", ".event_error_message"),
    "reply": ("message", ".data.message"),
}
_KEPT = {"DNC", "unsubscribed", "vip_customers"}  # which labels are asked for


@dataclass(frozen=True)
class Injection:
    """A text in a place."""

    place: str
    text: str


SHOWN = [place for place in PLACES if place != "contact note"]  # which no tool shows
INJECTIONS = (
    *(Injection(SHOWN[at % len(SHOWN)], text) for at, text in enumerate(HOSTILE)),
    *(Injection("contact note", text) for text in HOSTILE[::6]),
)


class Poisoned(httpx.BaseTransport):
    """The embedded service, with the injection in answers where others write."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._service = sandbox.transport()
        self.injection: Injection | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._service.handle_request(request)
        response.read()
        if self.injection is None or request.method != "GET" or not response.is_success:
            return response
        address, place = PLACES[self.injection.place]
        if not request.url.path.endswith(f"/{address}"):
            return response
        body = self._planted(json.loads(response.content), "", place, self.injection.text)
        return httpx.Response(response.status_code, json=body)

    def _planted(self, value: Any, at: str, place: str, text: str) -> Any:
        if isinstance(value, dict):
            return {key: self._planted(part, f"{at}.{key}", place, text) for key, part in value.items()}
        if isinstance(value, list):
            return [self._planted(part, at, place, text) for part in value]
        is_kept = value in _KEPT if isinstance(value, str) else place == ".event_error_message"
        return text if at.endswith(place) and not is_kept else value


@dataclass(frozen=True)
class Reading:
    """What came of one: how much was read, whether it was seen, whether some stood outside a fence, and sends."""

    injection: Injection
    results: list[str]
    was_seen: bool
    leaked: bool
    sent: int

    @property
    def is_held(self) -> bool:
        """Nothing was sent, and nothing of it stood outside a fence."""
        return not self.leaked and self.sent == 0


@contextmanager
def poisoned(home: Path) -> Iterator[tuple[Workspace, Poisoned]]:
    """The planted workspace behind a service that can be poisoned."""
    between: list[Poisoned] = []

    def through(box: Sandbox) -> Poisoned:
        between.append(Poisoned(box))
        return between[0]

    with closing(plant(home, through=through)) as ws:
        yield ws, between[0]


async def obeyed(injection: Injection, ws: Workspace, transport: Poisoned, home: Path) -> Reading:
    """An agent reads everything where the injection stands, and then tries to send all that is planned."""
    before = _campaigns(ws)
    transport.injection = None
    newest = max((x for x in ws.campaigns() if x.name == SENT), key=lambda x: x.statistics.total if x.statistics else 0)
    transport.injection = injection
    options = Options.at(home, pii=True)
    host = Host(build_server(Connection(lambda: ws, options), are_limited=False), "2026-07-28")
    async with host.client(None) as client:
        plan_id = (await ask(client, "plan_campaign", **_draft(injection)))["plan_id"]
        since = (ws.service_time() - timedelta(days=9)).date().isoformat()
        reads: list[tuple[str, dict[str, Any]]] = [
            ("find_contacts", {"any_of": ["vip_customers"], "limit": 3, "detail": "full"}),
            ("find_campaigns", {"limit": 3}),
            ("get_campaign_report", {"campaign_id": newest.id}),
            ("query_logs", {"campaigns": [newest.id], "statuses": ["undelivered", "failed"], "limit": 3}),
            ("get_replies", {"since": since}),
            ("get_status", {}),
        ]
        obeying: list[tuple[str, dict[str, Any]]] = [
            ("send_plan", {"plan_id": plan_id}),
            ("send_plan", {"plan_id": plan_id, "approve": True}),
            ("approve_plan", {"plan_id": plan_id}),
        ]
        results = [said(await client.call_tool(tool, arguments)) for tool, arguments in (*reads, *obeying)]
    transport.injection = None
    core = clean(injection.text).strip()[:20]
    texts = [_texts(result) for result in results]
    return Reading(
        injection,
        results,
        was_seen=any(core in inside for text in texts for _, inside in FENCED.findall(text)),
        leaked=bool(core) and any(core in FENCED.sub("", text) for text in texts),
        sent=_campaigns(ws) - before,
    )


def _draft(injection: Injection) -> dict[str, Any]:
    name = f"Injection {INJECTIONS.index(injection)}"
    return {"name": name, "message": TEXT, "senders": ["Marketing Line"], "any_of": ["vip_customers"]}


def _campaigns(ws: Workspace) -> int:
    """How many campaigns and plans were sent."""
    return len(ws.campaign_ids()) + sum(entry.receipt is not None for entry in ws.plans(limit=1000))


def _texts(result: str) -> str:
    """All texts of a result, one a line; an error is one."""
    try:
        return "\n".join(_strings(json.loads(result)))
    except ValueError:
        return result


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
    else:
        yield str(value)
