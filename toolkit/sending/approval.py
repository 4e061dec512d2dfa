"""A person's yes to exactly one plan.

There are as many ways to approve as there are places where a person can be asked, and each way checks that it is
there: a click must be the browser's, a number typed at a terminal is read here and nowhere else, a form must be one
that the MCP server has just had answered. Code may approve on the embedded workspace alone.

Whoever can change this process's code can fake each of these; they keep out a program, or a model, that only calls it.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from toolkit.errors import (
    ApprovalRefused,
    OutcomeUnknown,
    PlanBlocked,
    PlanExpired,
    PlanWithdrawn,
)
from toolkit.models import Frozen

if TYPE_CHECKING:
    from toolkit.sending.ledger import Ledger
    from toolkit.sending.plan import Plan

Via = Literal["code", "form", "panel", "terminal"]

_answering: ContextVar[bool] = ContextVar("answering a form", default=False)


class Approval(Frozen):
    """One yes: by whom, how, to which digest. Worth something only if the ledger recorded it."""

    id: str
    plan_id: str
    digest: str
    by: str
    via: Via
    approved_at: datetime


class Approver:
    """Records approvals in the ledger, after the checks that hold for every way of giving one."""

    def __init__(self, ledger: Ledger, *, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now

    def approve(self, plan_id: str, *, recipients: int, by: str, via: Via) -> Approval:
        """Record a person's yes to `recipients` people; for a plan already sent, the approval it was sent on.

        Raises ApprovalRefused, PlanBlocked, PlanExpired, PlanWithdrawn, PlanNotFound or OutcomeUnknown.
        """
        if not _is_witnessed(via, live=self._ledger.entry(plan_id).plan.live):
            raise ApprovalRefused(_NOT_WITNESSED[via])
        return self._record(plan_id, recipients=recipients, by=by, via=via)

    def ask_at_terminal(self, plan_id: str, *, by: str, ask: Callable[[], str]) -> Approval:
        """Have the person at this process's terminal type the number of recipients, with `ask`; no code can pass it.

        Raises as `approve`; ApprovalRefused also where there is no terminal or something else than a number is typed.
        """
        if not sys.stdin.isatty():
            raise ApprovalRefused(_NOT_WITNESSED["terminal"])
        typed = ask().replace(",", "").strip()
        if not (typed.isascii() and typed.isdigit()):
            raise ApprovalRefused("That is no number of recipients. Nothing was sent.")
        return self._record(plan_id, recipients=int(typed), by=by, via="terminal")

    def _record(self, plan_id: str, *, recipients: int, by: str, via: Via) -> Approval:
        entry = self._ledger.entry(plan_id)
        plan = entry.plan
        if not by.strip():
            raise ApprovalRefused("Nobody approved: say who, as in by='ana'. Nothing was sent.")
        if type(recipients) is not int or recipients != plan.recipients:
            raise ApprovalRefused(
                f"The plan reaches {plan.recipients:,} recipients and {recipients} were approved: look at the plan "
                "again and give its exact number. Nothing was sent."
            )
        if entry.state == "sent":
            return self._ledger.approval_of(plan_id)
        if entry.state in {"sending", "unknown"}:
            raise OutcomeUnknown(
                f"Plan {plan_id} left earlier and its outcome is not known: find the campaign {plan.draft.name!r} in "
                "SeaX and tell ws.reconcile() what you found. It was not sent again."
            )
        check_open(plan, entry.state, self._now())
        approval = Approval(
            id=f"approval_{secrets.token_hex(12)}",
            plan_id=plan_id,
            digest=plan.digest,
            by=by.strip(),
            via=via,
            approved_at=self._now().astimezone(UTC),
        )
        self._ledger.record_approval(approval)
        return approval


@contextmanager
def answered_form() -> Iterator[None]:
    """While a host's answer to a form is being recorded; only the MCP server's consent enters this."""
    token = _answering.set(True)
    try:
        yield
    finally:
        _answering.reset(token)


def check_open(plan: Plan, state: str, now: datetime) -> None:
    """Raise if a plan can no longer be approved or sent."""
    if state in {"declined", "withdrawn"}:
        raise PlanWithdrawn(
            f"Plan {plan.id} was {state}: plan the draft again if you want it after all. Nothing was sent."
        )
    if plan.is_blocked:
        blocking = [finding for finding in plan.findings if finding.is_blocking]
        reasons = " ".join(f"{finding.message} {finding.fix}" for finding in blocking)
        raise PlanBlocked(f"The plan is blocked: {reasons} Nothing was sent.", blocking)
    if now >= plan.expires_at:
        raise PlanExpired(
            f"Plan {plan.id} expired at {plan.expires_at:%Y-%m-%d %H:%M} UTC: plan the draft again. Nothing was sent."
        )


_NOT_WITNESSED = {
    "code": "Code cannot approve on a live workspace: approve in the notebook's panel, in a terminal with "
    "`seax approve`, or in the form of an MCP host. Nothing was sent.",
    "panel": "A campaign is approved by clicking in a browser, not by running code. Nothing was sent.",
    "terminal": "There is no person at a terminal here: run `seax approve` in one. Nothing was sent.",
    "form": "No form of an MCP host is being answered here. Nothing was sent.",
}


def _is_witnessed(via: Via, *, live: bool) -> bool:
    match via:
        case "code":
            return not live
        case "panel":
            return is_browser_event()
        case "form":
            return _answering.get()
        case "terminal":
            return False  # asked in `ask_at_terminal` alone


def is_browser_event() -> bool:
    """True while a notebook kernel handles an event from the page, False in a cell or outside a kernel."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython else None
    if kernel is None:
        return False
    parent = kernel.get_parent() or {}
    return bool(parent.get("header", {}).get("msg_type") == "comm_msg")
