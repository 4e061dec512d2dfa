"""The guard before a send: a person's answer to a form that the host shows, never an argument.

The question is asked by a resolver, so it works in both generations of the protocol, and the tool gets the answer
in a plain class that JSON cannot create. Resolvers change nothing, because they run again with every round; the
answer is written to the ledger in the tool's body. Anything but a clear approval sends nothing.

The answer proves what the host program reported. An approval given in a terminal or a notebook's panel counts without
a form; on a live workspace it has to be signed if the host cannot show one.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import (
    AcceptedElicitation,
    CancelledElicitation,
    DeclinedElicitation,
    Elicit,
    ElicitationResult,
    Resolve,
)
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from mcp_server.connection import Call, Question, Questions, connection, workspace
from mcp_server.guard.approval_question import question
from mcp_server.guard.page_offer import FORM_TIMEOUT, PageOffer
from mcp_server.guard.send_obstacles import Obstacle, capitalized, is_asked_by_result, obstacle, standing_yes
from mcp_server.guard.untrusted import clean
from toolkit.plans.approval import Approval
from toolkit.sending.human_presence import answered_form

if TYPE_CHECKING:
    from toolkit.plans.plan import Plan

# Tools without the guard. One that is not listed here must have it, or the server does not start.
UNGUARDED = frozenset(
    {
        "check_message",
        "compare_campaigns",
        "find_campaigns",
        "find_contacts",
        "get_campaign_report",
        "get_contact_history",
        "get_job",
        "get_plan",
        "get_replies",
        "get_status",
        "halt_sending",
        "plan_campaign",
        "plan_import",
        "plan_message",
        "query_logs",
        "withdraw_plan",
    }
)


FORM_KEPT = 1_800.0  # seconds in which a late answer still counts: no plan is valid for longer
_ANSWERS = (AcceptedElicitation, DeclinedElicitation, CancelledElicitation)


class ApprovalForm(BaseModel):  # a docstring here would be shown to the person as the form's description
    model_config = ConfigDict(extra="forbid", title="Send")

    approve: StrictBool = Field(title="Send now", description="Tick only if you want this sent.")
    recipients: StrictInt = Field(title="Recipients", description="Type the number of recipients shown above.")


class SendGate:
    """A person's decision on one plan, as far as known; `approval` is one that was given before."""

    __slots__ = ("answer", "approval", "recipients")

    def __init__(
        self,
        answer: Literal["standing", "yes", "unticked", "declined", "cancelled"],
        *,
        recipients: int = 0,
        approval: Approval | None = None,
    ) -> None:
        self.answer = answer
        self.recipients = recipients
        self.approval = approval


async def ask_person(plan_id: str, call: Call) -> Elicit[ApprovalForm] | Approval | ElicitationResult[ApprovalForm]:
    """The question for a plan, its answer, or the approval that makes asking unnecessary.

    SendRefused or ToolError if no answer could let the plan be sent: then nobody is asked; PageOffer if a person can
    approve it on a page, also after a form that was not answered in time.
    """
    plan = await anyio.to_thread.run_sync(_approval_or_plan, plan_id, call)
    if isinstance(plan, Approval):
        return plan
    if is_asked_by_result(call):
        return Elicit(question(plan), ApprovalForm)
    asked, key = connection(call).questions, (call.session._connection, plan_id)
    if (form := asked.get(key)) is None:
        form = asked[key] = asyncio.ensure_future(call.elicit(question(plan), ApprovalForm))
        asyncio.get_running_loop().call_later(FORM_KEPT, _forget, asked, key, form)
    await asyncio.wait({form}, timeout=FORM_TIMEOUT)
    if not form.done() or form.cancelled():
        raise await anyio.to_thread.run_sync(_unanswered, plan, call)
    _forget(asked, key, form)
    try:
        return form.result()
    except ValueError as error:  # the SDK's, for an answer in another form than the question
        raise ToolError(malformed(plan_id)) from error


def _forget(asked: Questions, key: tuple[object, str], form: Question) -> None:
    """Remove a form, unless another has taken its place, and end it if it is still open."""
    if asked.get(key) is form:
        del asked[key]
    form.cancel()


def malformed(plan_id: str) -> str:
    """What to say of an answer that does not fit the form."""
    return (
        "Nothing was sent now: the MCP client answered the form in another form than it asks for. Call send_plan "
        f"again, or ask the person to run `seax approve {plan_id}` in a terminal."
    )


def _unanswered(plan: Plan, call: Call) -> ToolError:
    """What to say of a form that is still open, or was never shown."""
    why = (
        f"Nothing was sent: the form was not answered within {FORM_TIMEOUT:.0f} seconds. If the person sees it, "
        "they can still answer it."
    )
    terminal = f"Without a form, ask them to run `seax approve {plan.id}` in a terminal."
    return _elsewhere(Obstacle(why, terminal), plan, call)


def _elsewhere(found: Obstacle, plan: Plan, call: Call) -> ToolError:
    """Where a person can approve a plan: on a page of this machine, or in a terminal."""
    here = connection(call)
    if not found.elsewhere or not here.has_page:
        return ToolError(str(found))
    return PageOffer(found.why, address=here.page_address(plan.id), code=plan.digest[:12], otherwise=found.elsewhere)


def _approval_or_plan(plan_id: str, call: Call) -> Approval | Plan:
    ws = workspace(call)
    entry = ws.get_plan(plan_id)
    if standing := standing_yes(call, entry):
        return standing
    ws.switch.check()
    if entry.state != "partial":
        ws.ledger.open_plan(plan_id)
    if found := obstacle(call, entry):
        from toolkit.sending.sent_summary import nothing_sent  # first use

        why = f"{nothing_sent(entry)} {capitalized(found.why)}"
        raise _elsewhere(found._replace(why=why), entry.plan, call)
    return entry.plan


def send_gate(answer: Annotated[ElicitationResult[Any], Resolve(ask_person)]) -> SendGate:
    """The gate that a tool gets, from the host's answer."""
    if isinstance(answer, AcceptedElicitation) and isinstance(answer.data, _ANSWERS):
        answer = answer.data  # it was asked for here
    match answer:
        case AcceptedElicitation(data=Approval() as approval):
            return SendGate("standing", approval=approval)
        case AcceptedElicitation(data=ApprovalForm(approve=True, recipients=recipients)):
            return SendGate("yes", recipients=recipients)
        case AcceptedElicitation(data=ApprovalForm()):
            return SendGate("unticked")
        case DeclinedElicitation():
            return SendGate("declined")
        case CancelledElicitation():
            return SendGate("cancelled")
    raise ToolError("Nothing was sent now: the MCP client answered the form in an unknown way.")


def settle(gate: SendGate, plan_id: str, call: Call) -> Approval | None:
    """Write the answer to the ledger; the approval to send on, or None. ApprovalRefused for a wrong number."""
    by = f"person at {_client_name(call)}"
    if gate.answer == "yes":
        with answered_form():
            return workspace(call).approvals.approve(plan_id, recipients=gate.recipients, by=by, via="form")
    if gate.answer == "declined":
        workspace(call).ledger.close_plan(plan_id, "declined", by=by, via="form")
    return gate.approval


def assert_guards(mcp: MCPServer[Any]) -> None:
    """Raise RuntimeError unless every tool that is not listed as harmless takes its gate from `send_gate` alone."""
    for tool in mcp._tool_manager.list_tools():
        if tool.name in UNGUARDED:
            continue
        marker, _ = tool.resolved_params.get("gate", (None, False))
        if marker is None or marker.fn is not send_gate or "gate" in tool.parameters["properties"]:
            raise RuntimeError(f"The tool {tool.name} could send without a person: its guard is missing.")


def _client_name(call: Call) -> str:
    client = call.session.client_params
    return (clean(client.client_info.name, 60) if client else "") or "an unnamed MCP client"
