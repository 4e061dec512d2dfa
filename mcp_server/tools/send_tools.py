"""The tools that act: one sends what a person approved, one stops everything, one reports on a job."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from mcp.server.mcpserver import Resolve
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from mcp_server.connection import Call, Connection, connection, workspace
from mcp_server.guard.consent import SendGate, send_gate, settle
from mcp_server.guard.error_text import told
from mcp_server.guard.untrusted import Untrusted, clean
from mcp_server.tools.campaign_tools import CampaignId
from mcp_server.tools.csv_page import as_csv
from mcp_server.tools.experiment_tools import plan_of
from mcp_server.tools.follow_up import canceled_in_words, held_in_words
from mcp_server.tools.plan_report import PlanOutcome, next_step_of, outcome_of
from mcp_server.tools.plan_tools import PlanId
from toolkit.display import masked
from toolkit.errors import SendInterrupted, ToolkitError

if TYPE_CHECKING:
    from toolkit.models import Job

JobId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="Id of a job, from send_plan of an import.")
]
Why = Annotated[str, Field(max_length=200, description="Why, for whoever finds it halted.")]


class Answer(BaseModel):
    """The result of the person's answer; `outcome` is None if nothing was sent now."""

    answer: Literal["yes", "standing", "unticked", "declined", "cancelled"]
    outcome: PlanOutcome | None
    next_step: str


class JobProgress(BaseModel):
    """A background job; `progress` is a percentage, `total` and `processed` are rows, if the service counts them,
    `failed` counts refused rows, of which `refused` lists some
    in CSV with the service's reasons and `refused_omitted` counts the others."""

    id: str
    type: str
    status: str
    finished: bool
    progress: float
    total: int | None
    processed: int | None
    failed: int
    refused: Untrusted
    refused_omitted: int
    next_step: str


class Halt(BaseModel):
    """Whether sending is halted, what is still sent anyway or was canceled, and how to resume."""

    halted: bool
    next_step: str


def send_plan(call: Call, plan_id: PlanId, gate: Annotated[SendGate, Resolve(send_gate)]) -> Answer:
    """Send a plan, once, and return what the person answered and what was sent. They are asked in a form that only they
    can answer, unless they approved it in a terminal or a notebook before. A text message cannot be recalled."""
    approval = settle(gate, plan_id, call)
    if approval is None:
        from toolkit.sending.sent_summary import nothing_sent  # first use

        words = f"{nothing_sent(workspace(call).get_plan(plan_id))} {_NOT_SENT[gate.answer].format(plan_id=plan_id)}"
        return Answer(answer=gate.answer, outcome=None, next_step=words)
    try:
        receipt = workspace(call).send(approval)
    except SendInterrupted as stop:
        raise ToolError(clean(str(stop), 600)) from stop
    finally:
        connection(call).forget()
    entry = workspace(call).get_plan(plan_id)
    return Answer(answer=gate.answer, outcome=outcome_of(receipt), next_step=next_step_of(entry, receipt))


def get_job(call: Call, job_id: JobId) -> JobProgress:
    """Report the progress of a background job, such as an import, and which rows it refused and why."""
    here = connection(call)
    job = here.workspace.imports.job(job_id)
    if job.is_finished:
        here.forget()
    refused, shown = _refused(job, here)
    counts = job.model_dump(include={"id", "progress", "failed"})
    return JobProgress(
        **counts,
        total=job.total or None,
        processed=job.processed if job.total else None,
        type=clean(job.type, 60),
        status=clean(job.status, 60),
        finished=job.is_finished,
        refused=refused,
        refused_omitted=max(job.failed, len(job.errors)) - shown,
        next_step=_after(job).format(job_id=job_id),
    )


def _refused(job: Job, here: Connection) -> tuple[str, int]:
    """Refused rows as CSV, and how many; reasons quote the file, so they are hidden together with personal data."""
    import pandas as pd  # first use

    if not job.errors:
        return "", 0
    rows = [(x.row, x.reason if here.options.pii else _QUOTED.sub("'…'", masked(x.reason))) for x in job.errors]
    return as_csv(pd.DataFrame(rows[:_REASONS], columns=["row", "reason"], dtype="object"), most=_MOST)


def _after(job: Job) -> str:
    if not job.is_finished:
        return "Call again later."
    return _CORRECT if job.failed or job.errors else "find_contacts shows the imported contacts."


def halt_sending(call: Call, why: Why = "", campaign: CampaignId | None = None) -> Halt:
    """Stop everything that was not sent to the service yet, from every program on this machine or of the team, and list
    what still starts anyway. Safe to repeat; only a person resumes it. With campaign, permanently cancel that one
    instead."""
    ws = workspace(call)
    if campaign:
        done = ws.cancel(campaign, why=clean(why), by="assistant over MCP")
        held = held_in_words(ws, plan.plan.id) if (plan := plan_of(connection(call), campaign)) else ""
        return Halt(halted=ws.switch.reason is not None, next_step=f"{canceled_in_words(done)} {held}".strip())
    ws.switch.halt(by="assistant over MCP", why=clean(why))
    halted = "Nothing more is sent until the person runs `seax resume` in a terminal."
    try:
        held = held_in_words(ws)
    except ToolkitError as error:
        held = f"What the service has scheduled is not known here ({told(error)}): check in SeaX."
    return Halt(halted=True, next_step=f"{halted} {held}".strip())


_REASONS = 20  # rows
_MOST = 4_000  # characters
_QUOTED = re.compile(r"(['\"`‘“«]).*['\"`’”»]")
_CORRECT = (
    "Tell the person: `seax job {job_id} --refused FILE` in a terminal writes the refused rows, to be corrected and "
    "imported under another name. find_contacts shows the contacts of the other rows."
)
_NOT_SENT = {
    "unticked": "The form came back without a tick. Ask the person, then call send_plan again.",
    "declined": "The client answered 'decline', and the plan is closed. If the person saw no form, "
    "plan again and ask them to run `seax approve` with the new plan's id in a terminal.",
    "cancelled": "The client answered 'cancel', and the plan stays open. Call send_plan again "
    "when the person asks for it, or ask them to run `seax approve {plan_id}` in a terminal.",
}
