"""A plan as a model reads it: what would be sent, to how many, its findings, its outcome, and what to do next."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from mcp_server.guard.disclosure_control import shown_rule
from mcp_server.guard.tool_words import in_tool_words
from mcp_server.guard.untrusted import Echoed, clean, clean_lines, quoted
from mcp_server.tools.csv_page import as_csv
from mcp_server.tools.experiment_tools import registered
from mcp_server.tools.file_report import FileReport, file_report, names_in
from mcp_server.tools.follow_up import after_sending
from toolkit.plans.states import State

if TYPE_CHECKING:
    from mcp_server.guard.server_settings import Options
    from toolkit.ledger.plan_entry import Entry
    from toolkit.plans.finding import Finding
    from toolkit.plans.plan import Plan
    from toolkit.plans.receipt import Receipt

LONGEST_TEXT = 1600  # toolkit.plans.draft.MAX_TEXT, which would load pandas
NO_PRICE = "not known: the operator has set no price per part in policy.toml"


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
        said = (clean(in_tool_words(text), 400) for text in (found.message, found.fix))
        message, fix = (quoted(text) if any(name in text for name in names) else text for text in said)
        return cls(code=found.code, severity=found.severity, message=message, fix=fix)


class PlanText(BaseModel):
    """A text as it was written, and how many people receive it; `arm` is the experiment's, empty without one."""

    arm: Echoed
    people: int
    text: Echoed


class PlanOutcome(BaseModel):
    """The outcome of a plan that was sent; `recipients` is as planned, `accepted` the service's own count."""

    status: Literal["sent", "scheduled", "already_sent", "partial", "refused", "unknown"]
    campaign_id: str | None
    job_id: str | None
    recipients: int
    accepted: int | None
    at: datetime
    detail: str


class PlanReport(BaseModel):
    """What would be sent, to whom and how many, who is excluded, and the plan's state; `digest` is its first 12
    characters. `steps` is CSV: the requests of a plan that takes several, in order; `local_times` when they start on
    their people's clocks. `sent_in` says whether a campaign goes in one request or in two stages. `experiment` says how
    it will be judged."""

    plan_id: str
    state: State
    live: bool
    kind: Literal["campaign", "message", "messages", "test", "import", "label removal"]
    name: Echoed
    who: Echoed
    texts: list[PlanText]
    media_urls: list[Echoed]
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
    local_times: str
    sent_in: str
    experiment: list[Echoed]
    file: FileReport | None
    findings: list[Remark]
    digest: str
    expires_at: datetime
    outcome: PlanOutcome | None
    next_step: str


NEXT_STEPS = {
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
    "A finding blocks it: change the draft as its fix says, and plan again. Only the analyst can change the policy or "
    "what is in SeaX, or override a finding in the notebook."
)


def next_step_of(entry: Entry, receipt: Receipt | None = None) -> str:
    """What to do about a plan in its state; `receipt` is the result of a send just made."""
    if entry.plan.is_blocked and entry.state == "planned":
        return _BLOCKED
    receipt = receipt or entry.receipt
    after = after_sending(entry.plan, receipt) if receipt and entry.state in {"sent", "partial"} else ""
    if entry.state == "partial" and after:
        return after
    return f"{NEXT_STEPS[entry.state].format(plan_id=entry.plan.id)} {after}".strip()


def plan_report(entry: Entry, options: Options, before: str = "") -> PlanReport:
    """A plan for a model; `before` is what has to happen before it can be sent."""
    plan, draft = entry.plan, entry.plan.draft
    return PlanReport(
        plan_id=plan.id,
        state=entry.state,
        live=plan.live,
        kind=draft.kind,
        name=clean(draft.name),
        who=clean(shown_rule(draft.segment, options, in_words=True), 1_000) if draft.kind == "campaign" else "",
        texts=_texts(plan),
        media_urls=[clean(url, 2_000) for url in getattr(draft, "media_urls", ())],
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
        price=_price(plan),
        start_at=draft.start_at if draft.kind == "campaign" else None,
        end_at=draft.end_at if draft.kind == "campaign" else None,
        steps=_steps(plan) if len(plan.steps) > 1 and draft.kind != "messages" else "",
        local_times=_local_times(plan),
        sent_in=plan.stages,
        experiment=registered(plan),
        file=file_report(plan.file) if plan.file else None,
        findings=[Remark.of(x, names_in(plan.file) if plan.file else ()) for x in plan.findings],
        digest=plan.digest[:12],
        expires_at=plan.expires_at,
        outcome=outcome_of(entry.receipt) if entry.receipt else None,
        next_step=before or next_step_of(entry),
    )


def _texts(plan: Plan) -> list[PlanText]:
    draft = plan.draft
    if draft.kind == "import":
        return []
    if draft.kind == "campaign" and draft.experiment:
        of = [(arm, len(plan.assigned[arm]), draft.for_arm(arm).message) for arm in draft.arms]
    else:
        of = [("", plan.recipients, text) for text in draft.texts]
    return [PlanText(arm=clean(arm), people=people, text=clean_lines(text, LONGEST_TEXT)) for arm, people, text in of]


def _steps(plan: Plan) -> str:
    import pandas as pd  # first use

    rows = [
        (x.number, x.recipients, x.start_at or "", "the rest waits for it" if x.is_canary else "") for x in plan.steps
    ]
    return as_csv(pd.DataFrame(rows, columns=["step", "recipients", "start_at", "remark"]), most=4_000)[0]


def _price(plan: Plan) -> str:
    """The estimated cost, or why there is none."""
    if plan.cost is None:
        return ""
    if price := plan.cost.price:
        return f"{price.low} to {price.high} {price.currency}"
    return NO_PRICE


def _local_times(plan: Plan) -> str:
    """When scheduled steps start on the clocks of their people, as CSV; a clock has the three largest of its zones."""
    import pandas as pd  # first use

    rows: list[tuple[int, str, int, str]] = []
    for step in plan.steps:
        if (start := step.start_at) is None:
            continue
        by_clock: dict[str, dict[str, int]] = {}
        for zones, people in step.zones.items():
            clocks = dict.fromkeys(f"{start.astimezone(ZoneInfo(zone)):%a %H:%M}" for zone in zones.split())
            by_clock.setdefault(" or ".join(clocks) or "not known", {})[zones] = people
        for clock, zones_of in sorted(by_clock.items(), key=lambda each: -sum(each[1].values())):
            largest = sorted(zones_of, key=lambda zones: -zones_of[zones])
            rows.append((step.number, clock, sum(zones_of.values()), "; ".join(largest[:3])))
    if not rows:
        return ""
    return as_csv(pd.DataFrame(rows, columns=["step", "their_clock", "people", "zones"]), most=2_500)[0]


def outcome_of(receipt: Receipt) -> PlanOutcome:
    """A receipt for a model."""
    return PlanOutcome(
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
