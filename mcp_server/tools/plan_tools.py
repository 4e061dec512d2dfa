"""Planning what could be sent, and reading plans: nothing here sends."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Annotated

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import AwareDatetime, BaseModel, Field

import toolkit
from mcp_server.connection import Call, connection, reporting, workspace
from mcp_server.guard.disclosure_control import check_column, check_rule
from mcp_server.guard.send_obstacles import before_sending
from mcp_server.guard.tool_words import in_tool_words
from mcp_server.guard.untrusted import quoted
from mcp_server.tools.contact_tools import AllOf, AnyOf, ContactName, LabelName, NoneOf, contact_id_of, meaning
from mcp_server.tools.experiment_tools import (
    Arms,
    Baseline,
    BeforeDays,
    Buyer,
    Holdout,
    Layer,
    LeastLift,
    Outcome,
    Spread,
    Strata,
    WaitHours,
    experiment,
)
from mcp_server.tools.file_report import Encoding, Mapping, Separator
from mcp_server.tools.follow_up import held_in_words
from mcp_server.tools.plan_report import LONGEST_TEXT, NEXT_STEPS, PlanReport, next_step_of, plan_report
from mcp_server.tools.shared_folder import FileName, shared_csv
from toolkit.errors import DraftError
from toolkit.models import CampaignType, DuplicateStrategy
from toolkit.plans.states import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toolkit.audience.segment import Segment
    from toolkit.plans.draft import Draft, ImportDraft
    from toolkit.workspace import Workspace

PlanId = Annotated[str, Field(pattern="^plan_[0-9a-f]{16}$", description="Id of a plan, from a plan_ tool.")]
LabelFor = Annotated[
    str,
    Field(
        pattern="^(plan_[0-9a-f]{16})?$",
        description="Instead of a file: a campaign's plan, also as_test, whose recipients get a label of their own, by "
        "which campaigns then reach exactly them.",
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=200, description="The same name and draft is sent once.")]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, description="The text that people receive.")]
Kind = Annotated[CampaignType, Field(description="MMS carries media.")]
Through = Annotated[str, Field(max_length=600, description="WhatsApp template, with no message, or AI agent.")]
MessageText = Annotated[str, Field(max_length=LONGEST_TEXT, description="The text that people receive.")]
SenderName = Annotated[str, Field(max_length=200)]
Sender = Annotated[str, Field(min_length=1, max_length=200, description="Sender by name, number or id.")]
Senders = Annotated[
    list[SenderName],
    Field(min_length=1, max_length=20, description="Senders by name, number or id; see get_status."),
]
Start = Annotated[
    AwareDatetime | None, Field(description="With time zone, at most 7 days ahead; at once if not given.")
]
End = Annotated[AwareDatetime | None, Field(description="When it ends.")]
ByZone = Annotated[bool, Field(description="Start in local daytime, step by step.")]
LocalTime = Annotated[
    str, Field(pattern="^(([01][0-9]|2[0-3]):[0-5][0-9])?$", description="Or at this time on their clocks, as 10:00.")
]
ShortenLinks = Annotated[bool, Field(description="Shorten links, which counts clicks.")]
AttachLabels = Annotated[list[LabelName], Field(max_length=20, description="Labels put on recipients.")]
AsTest = Annotated[bool, Field(description="Only to the operator's own numbers.")]
Personal = Annotated[bool, Field(description="Fill {fields} for each person, at once.")]
MediaUrl = Annotated[str, Field(max_length=2000)]
PlanRule = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$", description="Rule, as in find_contacts.")]
Media = Annotated[list[MediaUrl], Field(max_length=10, description="https addresses of an MMS's media.")]
OnDuplicate = Annotated[
    DuplicateStrategy, Field(description="What to do with rows whose phone exists; a service takes some of these.")
]
Country = Annotated[
    str, Field(pattern="^([A-Z]{2})?$", description="Country of numbers without a code, as US; empty for none.")
]


class Withdrawal(BaseModel):
    """The state of a plan after a request to close it; only `withdrawn` means that this closed it."""

    plan_id: str
    state: State
    next_step: str


def plan_campaign(
    call: Call,
    name: Name,
    senders: Senders,
    message: MessageText = "",
    segment: PlanRule = "",
    type: Kind = "SMS",  # noqa: A002 — the field's own word
    any_of: AnyOf = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    all_of: AllOf = [],  # noqa: B006
    none_of: NoneOf = [],  # noqa: B006
    media_urls: Media = [],  # noqa: B006
    start_at: Start = None,
    end_at: End = None,
    by_zone: ByZone = False,
    local_time: LocalTime = "",
    shorten_links: ShortenLinks = False,
    attach_labels: AttachLabels = [],  # noqa: B006
    through: Through = "",
    as_test: AsTest = False,
    personal: Personal = False,
    arms: Arms = [],  # noqa: B006
    holdout: Holdout = 0.0,
    outcome: Outcome = "order",
    least_lift: LeastLift = 0.0,
    baseline: Baseline = 0.0,
    spread: Spread = 0.0,
    wait_hours: WaitHours = 48,
    strata: Strata = "",
    layer: Layer = "",
    before_days: BeforeDays = 0,
    orders_by: Buyer = "contact_id",
) -> PlanReport:
    """Compute exactly what a campaign would send. Returns recipients, who is excluded and why, texts, times, cost,
    findings and the next step, under a plan_id. Sends nothing."""
    meant = meaning(call, segment, any_of, all_of, none_of)
    if not connection(call).options.pii:
        check_rule(meant)
        check_column(strata)
    if personal:
        others = (as_test, arms, holdout, start_at, end_at, by_zone, local_time, through, shorten_links, attach_labels)
        if any(others) or len(senders) > 1:
            raise DraftError(
                "Personal messages have one text and one sender, and are sent at once, without labels, short links or "
                "an experiment: leave the rest out."
            )
        return _planned(call, _personal(workspace(call), name, message, meant, senders[0], media_urls))
    draft = toolkit.CampaignDraft(
        name=name,
        type=type,
        message=message,
        template="" if type == "AI_AGENT" else through,
        agent=through if type == "AI_AGENT" else "",
        segment=meant,
        senders=tuple(senders),
        media_urls=tuple(media_urls),
        start_at=start_at,
        end_at=end_at,
        by_zone=by_zone or bool(local_time),
        local_time=time.fromisoformat(local_time) if local_time else None,
        shorten_links=shorten_links,
        attach_labels=tuple(attach_labels),
        messages={each.arm: each.text for each in arms},
        experiment=experiment(
            name,
            [each.arm for each in arms],
            holdout=holdout,
            outcome=outcome,
            least_lift=least_lift,
            baseline=baseline,
            spread=spread,
            wait_hours=wait_hours,
            strata=strata,
            layer=layer,
            before_days=before_days,
            by=orders_by,
        ),
    )
    return _planned(call, draft.as_test() if as_test else draft)


def _personal(
    ws: Workspace, name: str, message: str, segment: Segment, sender: str, media_urls: Sequence[str]
) -> toolkit.MessagesDraft:
    """The text to each of those whom a segment reaches now."""
    from toolkit.plans.draft import MOST_PERSONAL

    audience = ws.audience(segment)
    ids = audience.contacts.ids[audience.recipients].tolist()
    if not 0 < len(ids) <= MOST_PERSONAL:
        raise DraftError(f"Personal messages go to 1 to {MOST_PERSONAL:,} people, and the rule reaches {len(ids):,}.")
    return toolkit.MessagesDraft(
        name=name, message=message, contact_ids=tuple(ids), sender=sender, media_urls=tuple(media_urls)
    )


def plan_message(
    call: Call,
    contact: ContactName,
    message: Text,
    sender: Sender,
    name: Name = "message",
    media_urls: Media = [],  # noqa: B006
) -> PlanReport:
    """Compute exactly what one message to one contact would be. Returns its text, cost, findings and the next step,
    under a plan_id. Sends nothing."""
    here = connection(call)
    contact_id = contact_id_of(here, contact, here.contacts(reporting(call)))
    draft = toolkit.MessageDraft(
        name=name, message=message, contact_id=contact_id, sender=sender, media_urls=tuple(media_urls)
    )
    return _planned(call, draft)


def plan_import(
    call: Call,
    name: Name,
    file: FileName = "",
    label_for: LabelFor = "",
    on_duplicate: OnDuplicate = "mark",
    phone_country: Country = "",
    mapping: Mapping = [],  # noqa: B006
    separator: Separator = "",
    encoding: Encoding = "",
) -> PlanReport:
    """Check a file of contacts before it is imported. Returns what each column becomes, findings and the next step,
    under a plan_id. Uploads nothing."""
    if bool(file) == bool(label_for):
        raise ToolError("Give file or label_for, one of the two. Nothing was planned.")
    if label_for:
        return _planned(call, _labels(call, label_for).model_copy(update={"name": name}))
    draft = toolkit.ImportDraft(
        name=name,
        path=shared_csv(connection(call), file),
        on_duplicate=on_duplicate,
        phone_country=phone_country or None,
        mapping={each.theirs: each.ours for each in mapping},
        separator=separator or None,
        encoding=encoding or None,
    )
    try:
        return _planned(call, draft)
    except DraftError as error:  # it quotes the file
        raise ToolError(f"Nothing was planned: the file cannot be used. {quoted(in_tool_words(str(error)))}") from None


def _labels(call: Call, plan_id: str) -> ImportDraft:
    """The import that labels the recipients of a planned campaign; ToolError if the plan is not of a campaign."""
    ws = workspace(call)
    draft = ws.get_plan(plan_id).plan.draft
    if draft.kind == "test":
        draft = draft.campaign
    if draft.kind != "campaign":
        raise ToolError(f"label_for takes the plan of a campaign, and {plan_id} is not one. Nothing was planned.")
    return ws.imports.label(draft)


def _planned(call: Call, draft: Draft) -> PlanReport:
    ws = workspace(call)
    return get_plan(call, ws.plan(draft, read_others=connection(call).is_tainted).id)


def get_plan(call: Call, plan_id: PlanId) -> PlanReport:
    """Return a plan as it was planned, its state, its outcome and the next step."""
    entry = workspace(call).get_plan(plan_id)
    return plan_report(entry, connection(call).options, before_sending(call, entry))


def withdraw_plan(call: Call, plan_id: PlanId) -> Withdrawal:
    """Close a plan that was not sent, or the rest of it, so that nobody can approve or send it any more. Lists what
    was already sent to the service and starts anyway."""
    ws = workspace(call)
    ws.ledger.close_plan(plan_id, "withdrawn", by="assistant over MCP", via="mcp")
    entry = ws.get_plan(plan_id)
    held = held_in_words(ws, plan_id)
    next_step = NEXT_STEPS[entry.state].format(plan_id=plan_id) if held else next_step_of(entry)
    return Withdrawal(plan_id=plan_id, state=entry.state, next_step=f"{held} {next_step}".strip())
