"""The tools that act: one sends what a person approved, one stops everything, one looks at a job."""

from __future__ import annotations

from typing import Annotated, Literal

from mcp.server.mcpserver import Resolve
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from mcp_server.connection import Call, connection, workspace
from mcp_server.consent import SendGate, send_gate, settle
from mcp_server.plans import Outcome, PlanId, next_step_of, outcome_of
from mcp_server.untrusted import clean
from mcp_server.words import told
from toolkit.errors import ServiceError

JobId = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="Id of a job, from send_plan of an import.")
]
Why = Annotated[str, Field(max_length=200, description="Why, for whoever finds it halted.")]


class Answer(BaseModel):
    """What the person's answer led to; `outcome` is None if nothing was sent."""

    answer: Literal["yes", "standing", "unticked", "declined", "cancelled"]
    outcome: Outcome | None
    next_step: str


class JobProgress(BaseModel):
    """Work in the background; `progress` is a percentage, `failed` counts rows that were refused."""

    id: str
    type: str
    status: str
    finished: bool
    progress: float
    total: int
    processed: int
    failed: int
    next_step: str


class Halt(BaseModel):
    """Whether sending is halted on this machine, and how it goes on."""

    halted: bool
    next_step: str


def send_plan(call: Call, plan_id: PlanId, gate: Annotated[SendGate, Resolve(send_gate)]) -> Answer:
    """Send a plan, once. The person is asked in a form that only they can answer, unless they approved it in a terminal
    or a notebook before. A text message cannot be recalled."""
    approval = settle(gate, plan_id, call)
    if approval is None:
        return Answer(answer=gate.answer, outcome=None, next_step=_NOT_SENT[gate.answer].format(plan_id=plan_id))
    try:
        receipt = workspace(call).send(approval)
    except ServiceError as error:
        raise ToolError(f"Nothing was sent: {told(error)}") from error
    finally:
        connection(call).forget()
    next_step = next_step_of(workspace(call).get_plan(plan_id))
    return Answer(answer=gate.answer, outcome=outcome_of(receipt), next_step=next_step)


def get_job(call: Call, job_id: JobId) -> JobProgress:
    """Tell how far a background job is, such as an import."""
    job = workspace(call).job(job_id)
    if job.is_finished:
        connection(call).forget()
    counts = job.model_dump(include={"id", "progress", "total", "processed", "failed"})
    return JobProgress(
        **counts,
        type=clean(job.type, 60),
        status=clean(job.status, 60),
        finished=job.is_finished,
        next_step="find_contacts reads what it brought." if job.is_finished else "Look again in a while.",
    )


def halt_sending(call: Call, why: Why = "") -> Halt:
    """Stop everything not posted yet, from every program on this machine. Safe to repeat; only a person resumes it."""
    workspace(call).switch.halt(by="assistant over MCP", why=clean(why))
    return Halt(halted=True, next_step="Nothing leaves until the person runs `seax resume` in a terminal.")


_NOT_SENT = {
    "unticked": "Nothing was sent: the form came back without the tick. Ask the person, then call send_plan again.",
    "declined": "Nothing was sent: the client answered decline, and the plan is closed. If the person saw no form, "
    "plan again and ask them to run `seax approve` with the new plan's id in a terminal.",
    "cancelled": "Nothing was sent: the client answered cancel, and the plan stays open. Call send_plan again "
    "when the person asks for it, or ask them to run `seax approve {plan_id}` in a terminal.",
}
