"""What a plan requires before it can be sent, and why this client's form may not be enough for it.

Asking somebody to approve what cannot be sent is worse than not asking: so obstacles are checked first, and a model
gets them as the next step when it plans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types.version import is_version_at_least

from mcp_server.connection import Call, connection, workspace
from mcp_server.guard.untrusted import clean
from toolkit.errors import SendRefused
from toolkit.settings import Mode, allows

if TYPE_CHECKING:
    from toolkit.ledger.plan_entry import Entry
    from toolkit.plans.approval import Approval
    from toolkit.workspace import Workspace

_ASKS_BY_RESULT = "2026-07-28"  # from this protocol version on a question travels in the result, not as a request
_GIVEN_ELSEWHERE = {"panel", "signature", "terminal"}


def before_sending(call: Call, entry: Entry) -> str:
    """What has to happen before a plan can be sent; empty if its state calls for something else."""
    ws, plan = workspace(call), entry.plan
    if entry.state not in {"planned", "approved"} or plan.is_blocked:
        return ""
    if (reason := ws.switch.reason) is not None:
        return f"Sending is halted ({clean(reason)}): ask a person to run `seax resume` in a terminal first."
    if words := obstacle(call, entry):
        return f"Show this to the person. {words[0].upper()}{words[1:]}"
    if not standing_yes(call, entry):
        return (
            "Show this to the person. send_plan asks them for the number of recipients in a form; so does `seax "
            f"approve {plan.id}` in a terminal."
        )
    try:
        ws.approvals.check(plan.id)
    except SendRefused as error:
        return clean(str(error), 400)
    return "Approved: send_plan sends it."


def standing_yes(call: Call, entry: Entry) -> Approval | None:
    """The approval that needs no form: the one a plan was sent on, or one given elsewhere where that is enough."""
    ws = workspace(call)
    standing = _given(ws, entry)
    if standing is None or standing.is_signed or entry.state not in {"approved", "partial"}:
        return standing
    return None if ws.approvals.needed(entry.plan.id, can_ask=can_ask(call)).signed else standing


def obstacle(call: Call, entry: Entry) -> str:
    """Why the form of this client cannot approve an unapproved plan, and who can; else empty."""
    ws, plan = workspace(call), entry.plan
    mode: Mode = "test" if plan.draft.kind == "test" else "live"
    if not allows(ws.mode, mode):
        return f"mode {ws.mode} does not allow sending this: ask the operator of this server to set SEAX_MODE={mode}."
    if standing_yes(call, entry):
        return ""
    wanted = ws.approvals.needed(plan.id, can_ask=can_ask(call))
    who = "the person" if wanted.people == 1 else f"{wanted.people} people, each with a key of their own,"
    sign = " --sign NAME" if wanted.signed else ""
    elsewhere = f"Ask {who} to run `seax approve {plan.id}{sign}` in a terminal, then call send_plan again."
    if (access := ws.ledger.access()) and not access.approves:
        return f"the team's ledger takes no approval from this server's login. {elsewhere}"
    if (connection(call).is_tainted or plan.read_others) and connection(call).options.is_wary:
        when = "before this plan was made" if plan.read_others else "in this session"
        return f"text written by others was read {when}, so this client's form is not enough. {elsewhere}"
    if not can_ask(call):
        takes = f", and this plan then requires {wanted}" if wanted.signed else ""
        return f"this MCP client cannot show a form{takes}. {elsewhere}"
    if wanted.signed or wanted.people > 1:
        return f"this plan requires {wanted}, which a form cannot give. {elsewhere}"
    return ""


def can_ask(call: Call) -> bool:
    """The client supports forms, and one can be sent to it."""
    declared = call.client_capabilities.elicitation if call.client_capabilities else None
    if declared is None or (declared.form is None and declared.url is not None):
        return False
    return is_version_at_least(call.session.protocol_version, _ASKS_BY_RESULT) or call.session.can_send_request


def _given(ws: Workspace, entry: Entry) -> Approval | None:
    if entry.state in {"sending", "partial", "sent", "unknown"}:
        return ws.approvals.latest(entry.plan.id)
    if entry.state != "approved":
        return None
    approval = ws.approvals.latest(entry.plan.id)
    return approval if approval.via in _GIVEN_ELSEWHERE else None
