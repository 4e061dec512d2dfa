"""A network's edge that knows the requests of two stages, breaks one of them, and changes what the service repeats."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.builders import campaign_draft
from tests.judge import Judged
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

Change = Callable[[dict[str, Any]], None]


def stage_of(request: httpx.Request) -> str:
    """Which request of two stages it is; empty for another."""
    path = request.url.path
    if request.method == "POST" and path.endswith("/campaigns"):
        return "draft" if json.loads(request.read())["stage"] == "DRAFT" else "at once"
    if request.method == "PATCH":
        return "launch" if json.loads(request.read()).get("stage") == "INSTANCE" else "cancel"
    if "/campaigns/" in path and not path.endswith("/logs"):
        return {"GET": "look", "DELETE": "delete"}[request.method]
    return ""


class Stages(httpx.BaseTransport):
    """Passes requests on, writes down those about campaigns, and loses the answer to one, before or after it acted."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = Judged(sandbox.transport())
        self.asked: list[str] = []
        self.lost: tuple[str, str] = ("", "")  # the request, and whether it was lost "before" or "after" it acted
        self.refused = ""  # the request that is answered with 422
        self.is_deaf = False  # a launch is answered with the draft as it is
        self.change: Change | None = None  # of what is repeated

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        stage = stage_of(request)
        self.asked += [stage] * bool(stage)
        if stage and stage == self.refused:
            return httpx.Response(422, json={"detail": [{"loc": ["body"], "msg": "not now", "type": "value_error"}]})
        if self.lost == (stage, "before"):
            raise httpx.ReadError("broken", request=request)
        if stage == "launch" and self.is_deaf:
            request = httpx.Request("GET", request.url, headers=request.headers)
        response = self._inner.handle_request(request)
        if self.lost == (stage, "after"):
            raise httpx.ReadError("broken", request=request)
        if stage == "look" and self.change and response.status_code == 200:
            campaign = response.json()
            self.change(campaign)
            return httpx.Response(200, json=campaign)
        return response


def approved(ws: Workspace, draft: CampaignDraft | None = None) -> Plan:
    plan = ws.plan(draft or campaign_draft())
    plan.approve(recipients=plan.recipients, by="ana")
    return plan


def names(sandbox: Sandbox) -> list[str]:
    """The names of the campaigns that were sent by us."""
    return [name for name in sandbox.campaigns().values() if name == "Spring Sale"]
