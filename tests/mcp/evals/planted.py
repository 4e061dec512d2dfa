"""The workspace that is asked about: invented people, their campaigns, and one sent days ago that some answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx

from tests.filling import new_sandbox
from tests.mcp.host import BEGUN, next_noon
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

SENT = "Spring Sale, first wave"
TEXT = "20 % off until Sunday. Reply STOP to opt out."


def plant(home: Path, *, through: Callable[[Sandbox], httpx.BaseTransport] | None = None) -> Workspace:
    """A workspace in SeaX's published dialect at noon in America, days after a campaign; close it after use.

    `through` gives what stands between it and the service.
    """
    settings = Settings(home=home, dialect="published")
    box = new_sandbox(settings.sandbox_path, contacts=600, now=lambda: BEGUN)
    forward(box)
    ws = connect(settings, sandbox=box, transport=through(box) if through else None, face="mcp")
    everybody = Segment.any_of("newsletter", "vip_customers")
    draft = CampaignDraft(name=SENT, message=TEXT, segment=everybody, senders=("Marketing Line",), by_zone=True)
    plan = ws.plan(draft)
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    box.clock.advance(timedelta(hours=30))
    forward(box)
    return ws


def forward(box: Sandbox) -> None:
    """Let time pass until it is noon in America on a working day."""
    now = box.clock.now()
    box.clock.advance(next_noon(now) - now)
