"""Planning what could be sent, and reading plans: nothing here sends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import AwareDatetime, BaseModel, Field

import toolkit
from mcp_server.connection import Call, connection, reporting, workspace
from mcp_server.guard.privacy import check_rule
from mcp_server.guard.send_obstacles import before_sending
from mcp_server.guard.untrusted import Echoed, clean, quoted
from mcp_server.tools.after_sending import after_sending, held_in_words
from mcp_server.tools.contact_tools import AllOf, AnyOf, ContactName, LabelName, NoneOf, contact_id_of, meaning
from mcp_server.tools.csv_page import as_csv
from mcp_server.tools.file_report import Encoding, FileReport, Mapping, Separator, file_report, names_in
from mcp_server.tools.shared_folder import FileName, to_import
from toolkit.errors import DraftError

if TYPE_CHECKING:
    from toolkit.ledger.plan_entry import Entry
    from toolkit.plans.draft import Draft
    from toolkit.plans.finding import Finding
    from toolkit.plans.plan import Plan
    from toolkit.plans.receipt import Receipt

LONGEST_TEXT = 1600  # toolkit.plans.draft.MAX_TEXT, which would load pandas

PlanId = Annotated[str, Field(pattern="^plan_[0-9a-f]{16}$", description="Id of a plan, from a plan_ tool.")]
Name = Annotated[
    str, Field(min_length=1, max_length=200, description="Its name; the same name and draft is sent once.")
]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="The text that people receive.")]
Kind = Annotated[Literal["SMS", "MMS"], Field(description="MMS carries media, SMS none.")]
SenderName = Annotated[str, Field(max_length=200)]
Sender = Annotated[str, Field(min_length=1, max_length=200, description="Sender by name, number or id.")]
Senders = Annotated[
    list[SenderName],
    Field(min_length=1, max_length=20, description="Senders by name, number or id; see get_status."),
]
Start = Annotated[
    AwareDatetime | None, Field(description="Start with time zone, at most 7 days ahead; at once if not given.")
]
End = Annotated[AwareDatetime | None, Field(description="When it ends.")]
ByZone = Annotated[bool, Field(description="Start in local daytime, in as many steps as needed.")]
ShortenLinks = Annotated[bool, Field(description="Shorten links, which counts clicks.")]
AttachLabels = Annotated[list[LabelName], Field(max_length=20, description="Labels put on recipients.")]
AsTest = Annotated[bool, Field(description="Only to the operator's own numbers, to check it on a phone.")]
MediaUrl = Annotated[str, Field(max_length=2000)]
PlanRule = Annotated[str, Field(max_length=2_000, description="Rule, as in find_contacts.")]
Media = Annotated[list[MediaUrl], Field(max_length=10, description="https addresses of an MMS's media.")]
OnDuplicate = Annotated[
    Literal["mark", "skip", "update"], Field(description="What to do with rows whose phone exists already.")
]
Country = Annotated[
    str, Field(pattern="^([A-Z]{2})?$", description="Country of numbers without a code, as US; empty for none.")
]
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
    """How many contacts were excluded at one step, and why."""

    step: str
    contacts: int
    reason: str


class Remark(BaseModel):
    """A finding about the draft; a `block` keeps the plan from being sent."""

    code: str
    severity: Literal["block", "warn", "info"]
    message: str
    fix: str

    @classmethod
    def of(cls, found: Finding, names: Collection[str] = ()) -> Remark:
        """A finding for a model, fenced where it repeats one of these names, which others wrote."""
        said = (clean(text, 400) for text in (found.message, found.fix))
        message, fix = (quoted(text) if any(name in text for name in names) else text for text in said)
        return cls(code=found.code, severity=found.severity, message=message, fix=fix)


class Outcome(BaseModel):
    """The outcome of a plan that was sent; `recipients` is as planned, `accepted` the service's own count."""

    status: Literal["sent", "scheduled", "already_sent", "partial", "refused", "unknown"]
    campaign_id: str | None
    job_id: str | None
    recipients: int
    accepted: int | None
    at: datetime
    detail: str


class PlanReport(BaseModel):
    """What would be sent, to how many, who is excluded, and the plan's state; `digest` is its first 12 characters.
    `steps` is CSV: the requests of a plan that takes several, in their order."""

    plan_id: str
    state: State
    live: bool
    kind: Literal["campaign", "message", "messages", "test", "import"]
    name: Echoed
    text: Echoed
    senders: list[str]
    selected: int
    recipients: int
    left_out: list[Cut]
    parts_each: int | None
    parts_total: int | None
    encoding: str
    price: str
    start_at: datetime | None
    end_at: datetime | None
    steps: str
    file: FileReport | None
    findings: list[Remark]
    digest: str
    expires_at: datetime
    outcome: Outcome | None
    next_step: str


class Ending(BaseModel):
    """The state of a plan after a request to close it; only `withdrawn` means that this closed it."""

    plan_id: str
    state: State
    next_step: str


def plan_campaign(
    call: Call,
    name: Name,
    message: Text,
    senders: Senders,
    segment: PlanRule = "",
    type: Kind = "SMS",  # noqa: A002 — the field's own word
    any_of: AnyOf = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    all_of: AllOf = [],  # noqa: B006
    none_of: NoneOf = [],  # noqa: B006
    media_urls: Media = [],  # noqa: B006
    start_at: Start = None,
    end_at: End = None,
    by_zone: ByZone = False,
    shorten_links: ShortenLinks = False,
    attach_labels: AttachLabels = [],  # noqa: B006
    as_test: AsTest = False,
) -> PlanReport:
    """Compute exactly what a campaign would send, to whom, and its findings. Sends nothing."""
    meant = meaning(segment, any_of, all_of, none_of)
    if not connection(call).options.pii:
        check_rule(meant)
    draft = toolkit.CampaignDraft(
        name=name,
        type=type,
        message=message,
        segment=meant,
        senders=tuple(senders),
        media_urls=tuple(media_urls),
        start_at=start_at,
        end_at=end_at,
        by_zone=by_zone,
        shorten_links=shorten_links,
        attach_labels=tuple(attach_labels),
    )
    return _planned(call, draft.as_test() if as_test else draft)


def plan_message(
    call: Call,
    contact: ContactName,
    message: Text,
    sender: Sender,
    name: Name = "message",
    media_urls: Media = [],  # noqa: B006
) -> PlanReport:
    """Compute exactly what one message to one contact would be. Sends nothing."""
    here = connection(call)
    contact_id = contact_id_of(here, contact, here.contacts(reporting(call)))
    draft = toolkit.MessageDraft(
        name=name, message=message, contact_id=contact_id, sender=sender, media_urls=tuple(media_urls)
    )
    return _planned(call, draft)


def plan_import(
    call: Call,
    file: FileName,
    name: Name,
    on_duplicate: OnDuplicate = "mark",
    phone_country: Country = "",
    mapping: Mapping = {},  # noqa: B006
    separator: Separator = "",
    encoding: Encoding = "",
) -> PlanReport:
    """Check a file of contacts and show what each column becomes before it is imported. Uploads nothing."""
    draft = toolkit.ImportDraft(
        name=name,
        path=to_import(connection(call), file),
        on_duplicate=on_duplicate,
        phone_country=phone_country or None,
        mapping=mapping,
        separator=separator or None,
        encoding=encoding or None,
    )
    try:
        return _planned(call, draft)
    except DraftError as error:  # it quotes the file
        raise ToolError(f"Nothing was planned: the file cannot be used. {quoted(str(error))}") from None


def _planned(call: Call, draft: Draft) -> PlanReport:
    ws = workspace(call)
    return get_plan(call, ws.plan(draft, read_others=connection(call).is_tainted).id)


def get_plan(call: Call, plan_id: PlanId) -> PlanReport:
    """Show a plan, its state, and its outcome."""
    entry = workspace(call).get_plan(plan_id)
    return plan_report(entry, before_sending(call, entry))


def withdraw_plan(call: Call, plan_id: PlanId) -> Ending:
    """Close a plan that was not sent, or the rest of it, so that nobody can approve or send it any more. Lists what
    was already sent to the service and starts anyway."""
    ws = workspace(call)
    ws.close_plan(plan_id, "withdrawn", by="assistant over MCP", via="mcp")
    entry = ws.get_plan(plan_id)
    held = held_in_words(ws, plan_id)
    next_step = _NEXT[entry.state].format(plan_id=plan_id) if held else next_step_of(entry)
    return Ending(plan_id=plan_id, state=entry.state, next_step=f"{held} {next_step}".strip())


_NEXT = {
    "planned": "Show this to the person. send_plan asks them, or explains what is required instead, as does `seax "
    "approve {plan_id}` in a terminal.",
    "approved": "Approved: send_plan sends it, or explains what is still required.",
    "sending": "Being sent, or interrupted: wait, call get_plan again, and do not plan it again. If it stays so, ask "
    "the person to run `seax reconcile {plan_id}` in a terminal.",
    "sent": "The service accepted it.",
    "unknown": "It is not known whether it arrived: do not plan it again; ask the person to run `seax reconcile "
    "{plan_id}` in a terminal.",
    "partial": "Some steps were sent, others wait: send_plan continues where it stopped.",
    "refused": "It never arrived: plan the draft again if it is still wanted.",
    "stopped": "Sent in part; the rest will not be sent: plan for the remaining people under another name.",
    "expired": "Expired: plan the draft again.",
    "declined": "Declined: plan the draft again only if the person asks for it.",
    "withdrawn": "Withdrawn: plan the draft again if it is still wanted.",
}
_BLOCKED = (
    "A finding blocks it: change the draft as its fix says, and plan again; only a person can override it, elsewhere."
)


def next_step_of(entry: Entry, receipt: Receipt | None = None) -> str:
    """What to do about a plan in its state; `receipt` is the result of a send just made."""
    if entry.plan.is_blocked and entry.state == "planned":
        return _BLOCKED
    receipt = receipt or entry.receipt
    after = after_sending(entry.plan, receipt) if receipt and entry.state in {"sent", "partial"} else ""
    if entry.state == "partial" and after:
        return after
    return f"{_NEXT[entry.state].format(plan_id=entry.plan.id)} {after}".strip()


def plan_report(entry: Entry, before: str = "") -> PlanReport:
    """A plan for a model; `before` is what has to happen before it can be sent."""
    plan, draft = entry.plan, entry.plan.draft
    return PlanReport(
        plan_id=plan.id,
        state=entry.state,
        live=plan.live,
        kind=draft.kind,
        name=clean(draft.name),
        text="" if draft.kind == "import" else clean("\n\n".join(draft.texts), LONGEST_TEXT * len(draft.texts)),
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
        encoding=plan.cost.encoding if plan.cost else "",
        price=f"{plan.cost.price.low} to {plan.cost.price.high} {plan.cost.price.currency}"
        if plan.cost and plan.cost.price
        else "",
        start_at=draft.start_at if draft.kind == "campaign" else None,
        end_at=draft.end_at if draft.kind == "campaign" else None,
        steps=_steps(plan) if len(plan.steps) > 1 else "",
        file=file_report(plan.file) if plan.file else None,
        findings=[Remark.of(x, names_in(plan.file) if plan.file else ()) for x in plan.findings],
        digest=plan.digest[:12],
        expires_at=plan.expires_at,
        outcome=outcome_of(entry.receipt) if entry.receipt else None,
        next_step=before or next_step_of(entry),
    )


def _steps(plan: Plan) -> str:
    import pandas as pd  # first use

    rows = [
        (x.number, x.recipients, x.start_at or "", "the rest waits for it" if x.is_canary else "") for x in plan.steps
    ]
    return as_csv(pd.DataFrame(rows, columns=["step", "recipients", "start_at", "remark"]), most=4_000)[0]


def outcome_of(receipt: Receipt) -> Outcome:
    """A receipt for a model."""
    return Outcome(
        status="already_sent" if receipt.repeated else receipt.status,
        campaign_id=receipt.campaign_id,
        job_id=receipt.job_id,
        recipients=receipt.recipients,
        accepted=receipt.accepted,
        at=receipt.at,
        detail=f"Nothing was sent now. {clean(receipt.detail, 400)}".strip()
        if receipt.repeated
        else clean(receipt.detail, 400),
    )
