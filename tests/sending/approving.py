"""A person's approval as tests give it, and the state of a plan."""

from __future__ import annotations

from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan
from toolkit.sending import human_presence
from toolkit.workspace import Workspace


def yes(plan: Plan) -> Approval:
    return plan.approve(recipients=plan.recipients, by="ana")


def form_yes(live: Workspace, plan: Plan) -> Approval:
    """A yes given in the form of an MCP host."""
    with human_presence.answered_form():
        return live.approvals.approve(plan.id, recipients=plan.recipients, by="ana", via="form")


def state(ws: Workspace, plan: Plan) -> str:
    return ws.get_plan(plan.id).state
