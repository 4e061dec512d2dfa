"""The network's edge in tests: a wire that counts and can break, and a small live-looking service."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.judge import Judged
from toolkit.sandbox import Sandbox

TIME = "2026-03-03T10:00:00"


class Wire(httpx.BaseTransport):
    """Passes requests on to the embedded service, remembers what was posted, and breaks when told to.

    `before` and `after` run around a POST, before and after the service has acted; what they raise is the fault, what
    they return is the answer.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = Judged(sandbox.transport())
        self.posts: list[httpx.Request] = []
        self.before: Callable[[], httpx.Response | None] | None = None
        self.after: Callable[[], httpx.Response | None] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return self._inner.handle_request(request)
        if self.before and (refusal := self.before()):
            return refusal
        self.posts.append(request)
        response = self._inner.handle_request(request)
        return (self.after and self.after()) or response

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.read()) for request in self.posts]


def fault(error: BaseException) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


class LiveService:
    """A service as the guide describes it, with three contacts whose numbers no Briton can have."""

    def __init__(self) -> None:
        self.contacts: list[dict[str, Any]] = []
        self.add(3)
        self.posts: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()

    def add(self, number: int) -> None:
        """So many more contacts."""
        label = {"id": "l-vip", "name": "vip", "is_system": False}
        self.contacts += [
            {
                "id": f"c{i}",
                "name": f"Person {i}",
                "phone": f"+4401234567{i}",
                "contact_labels": [label],
                "created_time": TIME,
                "updated_time": TIME,
            }
            for i in range(len(self.contacts), len(self.contacts) + number)
        ]

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.keys.add(request.headers.get("X-API-KEY"))
        if request.method == "POST":
            body = json.loads(request.read())
            self.posts.append(body)
            times = {"created_time": TIME + "Z", "updated_time": TIME + "Z"}
            known = {"id": "campaign_1", "status": "sending", "target_contact_count": len(self.contacts)}
            return httpx.Response(200, json=known | times | {name: body[name] for name in ("name", "type", "message")})
        if request.url.path.endswith("/campaigns"):
            return httpx.Response(404, json={"message": "The guide lists no campaigns."})
        if request.url.path.endswith("/phones"):
            capability = {"sms": True, "mms": False}
            phone = {"id": "p1", "name": "Shop", "phone": "+99900000001", "phone_capability": capability}
            return httpx.Response(200, json={"data": [phone], "total": 1})
        return httpx.Response(200, json={"data": self.contacts, "total": len(self.contacts)})
