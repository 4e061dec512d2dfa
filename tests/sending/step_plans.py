"""Plans of several steps, approved and sent."""

from __future__ import annotations

from collections.abc import Callable

from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.workspace import Workspace

Connect = Callable[..., Workspace]
CANARY = "canary_above = 20\ncanary_size = 15\n"


def approved_and_sent(ws: Workspace, plan: Plan) -> Receipt:
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def canary_sent(ws: Workspace, draft: CampaignDraft) -> tuple[Plan, Receipt]:
    plan = ws.plan(draft)
    return plan, approved_and_sent(ws, plan)
