"""Planning a campaign, looking at plans, and the one tool that sends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver import Resolve
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import AwareDatetime, BaseModel, Field

import toolkit
from mcp_server.connection import Call, workspace
from mcp_server.consent import SendGate, send_gate, settle
from mcp_server.contacts import AllOf, AnyOf, NoneOf, segment
from mcp_server.untrusted import clean
from toolkit.errors import ServiceError

if TYPE_CHECKING:
    from toolkit.sending.ledger import Entry
    from toolkit.sending.receipt import Receipt

LONGEST_TEXT = 1600  # toolkit.sending.draft.MAX_TEXT, which would load pandas

PlanId = Annotated[str, Field(pattern="^plan_[0-9a-f]{16}$", description="Id of a plan, as plan_campaign returns it.")]
Name = Annotated[str, Field(min_length=1, max_length=200, description="What the campaign is called in SeaX.")]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="The text that everybody receives.")]
Kind = Annotated[Literal["SMS", "MMS"], Field(description="MMS carries media, SMS none.")]
SenderName = Annotated[str, Field(min_length=1, max_length=200)]
Senders = Annotated[
    list[SenderName],
    Field(min_length=1, max_length=20, description="Senders by name, number or id; see get_status."),
]
Start = Annotated[
    AwareDatetime | None,
    Field(description="When to start, with time zone, at most 7 days ahead; leave out to start at once."),
]
MediaUrl = Annotated[str, Field(min_length=1, max_length=2000)]
Media = Annotated[list[MediaUrl], Field(max_length=10, description="https addresses of the media of an MMS.")]
State = Literal[
    "planned",
    "approved",
    "sending",
    "partial",
    "sent",
    "refused",
    "unknown",
    "stopped",
    "expired",
    "declined",
    "withdrawn",
]


class Cut(BaseModel):
    """How many contacts were left out at one step, and why."""

    step: str
    contacts: int
    reason: str


class Remark(BaseModel):
    """What a look at the draft found; a `block` keeps the plan from being sent."""

    code: str
    severity: Literal["block", "warn", "info"]
    message: str
    fix: str


class Outcome(BaseModel):
    """What became of a plan that left; `recipients` is as planned, `accepted` the service's own count."""

    status: Literal["sent", "already_sent", "partial", "refused", "unknown"]
    campaign_id: str | None
    recipients: int
    accepted: int | None
    at: datetime
    detail: str


class PlanReport(BaseModel):
    """What would go out, to how many, who is left out, and where the plan stands; `digest` is its first 12 signs."""

    plan_id: str
    state: State
    live: bool
    kind: Literal["campaign", "message", "import"]
    name: str
    text: str
    senders: list[str]
    selected: int
    recipients: int
    left_out: list[Cut]
    parts_each: int | None
    parts_total: int | None
    start_at: datetime | None
    findings: list[Remark]
    digest: str
    expires_at: datetime
    outcome: Outcome | None
    next_step: str


class Ending(BaseModel):
    """Where a plan stands after the wish to end it; only `withdrawn` means that it is ended by that."""

    plan_id: str
    state: State
    next_step: str


class Answer(BaseModel):
    """What the person's answer led to; `outcome` is None if nothing was sent."""

    answer: Literal["yes", "standing", "unticked", "declined", "cancelled"]
    outcome: Outcome | None
    next_step: str


def plan_campaign(
    call: Call,
    name: Name,
    message: Text,
    senders: Senders,
    type: Kind = "SMS",  # noqa: A002 — the field's own word
    any_of: AnyOf = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    all_of: AllOf = [],  # noqa: B006
    none_of: NoneOf = [],  # noqa: B006
    media_urls: Media = [],  # noqa: B006
    start_at: Start = None,
) -> PlanReport:
    """Work out exactly what a campaign would send, to whom, and what speaks against it. Sends nothing.

    The same draft planned again after it was sent is recognised and answered with the plan it left as.
    """
    draft = toolkit.CampaignDraft(
        name=name,
        type=type,
        message=message,
        segment=segment(any_of, all_of, none_of),
        senders=tuple(senders),
        media_urls=tuple(media_urls),
        start_at=start_at,
    )
    ws = workspace(call)
    return _report(ws.get_plan(ws.plan(draft).id))


def get_plan(call: Call, plan_id: PlanId) -> PlanReport:
    """Tell what a plan says, where it stands, and what became of it."""
    return _report(workspace(call).get_plan(plan_id))


def withdraw_plan(call: Call, plan_id: PlanId) -> Ending:
    """End a plan that has not left, so that nobody can approve or send it any more."""
    ws = workspace(call)
    ws.close_plan(plan_id, "withdrawn", by="assistant over MCP", via="mcp")
    state = ws.get_plan(plan_id).state
    return Ending(plan_id=plan_id, state=state, next_step=_NEXT[state].format(plan_id=plan_id))


def send_campaign(call: Call, plan_id: PlanId, gate: Annotated[SendGate, Resolve(send_gate)]) -> Answer:
    """Send a planned campaign, once. The person is asked in a form that only they can answer, unless they have
    approved the plan in a terminal or a notebook before. A text message cannot be recalled."""
    approval = settle(gate, plan_id, call)
    if approval is None:
        return Answer(answer=gate.answer, outcome=None, next_step=_NOT_SENT[gate.answer].format(plan_id=plan_id))
    try:
        receipt = workspace(call).send(approval)
    except ServiceError as error:
        raise ToolError(f"Nothing was sent: {clean(str(error), 400)}") from error
    return Answer(answer=gate.answer, outcome=_outcome(receipt), next_step="Follow it with get_campaign.")


_NOT_SENT = {
    "unticked": "Nothing was sent: the form came back without the tick. Ask the person, then call send_campaign again.",
    "declined": "Nothing was sent: the client answered decline, and the plan is closed. If the person saw no form, "
    "plan again and ask them to run `seax approve` with the new plan's id in a terminal.",
    "cancelled": "Nothing was sent: the client answered cancel, and the plan stays open. Call send_campaign again "
    "when the person asks for it, or ask them to run `seax approve {plan_id}` in a terminal.",
}

_NEXT = {
    "planned": "Show this to the person. send_campaign asks them for a yes; so does `seax approve {plan_id}` in a "
    "terminal.",
    "approved": "Approved: send_campaign sends it.",
    "sending": "On its way, or interrupted: look at it again, and do not plan it anew.",
    "sent": "It was sent: follow it with get_campaign.",
    "unknown": "Nobody knows whether it arrived: do not plan it anew; the person looks in SeaX and tells "
    "ws.reconcile() in Python.",
    "partial": "Some steps were sent, others wait: send_campaign goes on where it ended.",
    "refused": "It never arrived: plan the draft again if it is still wanted.",
    "stopped": "A part was sent and the rest never leaves: plan for those left under another name.",
    "expired": "Expired: plan the draft again.",
    "declined": "Declined: plan the draft again only if the person asks for it.",
    "withdrawn": "Withdrawn: plan the draft again if it is wanted after all.",
}
_BLOCKED = "A finding blocks it: change the draft as its fix says, and plan again."


def _report(entry: Entry) -> PlanReport:
    plan, draft = entry.plan, entry.plan.draft
    next_step = _BLOCKED if plan.is_blocked and entry.state == "planned" else _NEXT[entry.state]
    return PlanReport(
        plan_id=plan.id,
        state=entry.state,
        live=plan.live,
        kind=draft.kind,
        name=clean(draft.name),
        text="" if draft.kind == "import" else clean(draft.message, LONGEST_TEXT),
        senders=[f"{clean(sender.name)} {sender.phone}" for sender in plan.senders],
        selected=plan.selected,
        recipients=plan.recipients,
        left_out=[
            Cut(step=step.outcome, contacts=step.count, reason=step.reason)
            for step in plan.waterfall
            if step.outcome != "recipient"
        ],
        parts_each=plan.cost.parts if plan.cost else None,
        parts_total=plan.cost.total_parts if plan.cost else None,
        start_at=draft.start_at if draft.kind == "campaign" else None,
        findings=[
            Remark(code=x.code, severity=x.severity, message=clean(x.message, 400), fix=clean(x.fix))
            for x in plan.findings
        ],
        digest=plan.digest[:12],
        expires_at=plan.expires_at,
        outcome=_outcome(entry.receipt) if entry.receipt else None,
        next_step=next_step.format(plan_id=plan.id),
    )


def _outcome(receipt: Receipt) -> Outcome:
    return Outcome(
        status="already_sent" if receipt.repeated else receipt.status,
        campaign_id=receipt.campaign_id,
        recipients=receipt.recipients,
        accepted=receipt.accepted,
        at=receipt.at,
        detail="Nothing was sent now." if receipt.repeated else clean(receipt.detail, 400),
    )
