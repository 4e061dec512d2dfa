"""The outcome of an approved plan, step by step and in total."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from toolkit.display import Described, Section, n_recipients, when
from toolkit.models import Campaign, Frozen
from toolkit.plans.states import StepState

_ALARM = "ATTENTION"
_SHOWN = 20  # steps


class StepReceipt(Frozen):
    """The outcome of one step: one request to the service.

    `sent` means accepted by the service, which starts at `start_at` if that is later. `accepted` is the service's
    own count of recipients, which may include the `untextable` more contacts that the request addresses. A waiting step
    with a `detail` was rejected, and may be tried again; `too_large` is its size in bytes if it was rejected for that.
    `known_id` is the id found in an answer that could not be read otherwise. `canceled_at` is when it was canceled from
    here afterwards, as the service confirmed; `detail` then has how many had been sent, and `sent_before_cancel` how
    many had been or had failed, None where the service counts none.
    """

    number: int
    what: str
    state: StepState
    recipients: int
    at: datetime
    campaign_id: str | None = None
    message_id: str | None = None
    job_id: str | None = None
    accepted: int | None = None
    untextable: int = 0
    too_large: int | None = None
    start_at: datetime | None = None
    known_id: str = ""
    canceled_at: datetime | None = None
    sent_before_cancel: int | None = None
    detail: str = ""

    @property
    def reference(self) -> str | None:
        """The service's id of what was sent."""
        return self.campaign_id or self.message_id or self.job_id


class Receipt(Described, Frozen):
    """The outcome of an approved plan.

    `sent`: the service accepted all of it, once, except for refused steps. `scheduled`: the same, and it starts
    at `start_at` or, with several steps, from then on. `repeated` marks the answer to a repeat. `partial`: some
    steps were sent and others wait; sending the same approval again continues. `refused`: nothing arrived. `unknown`: a
    request was sent and no definite answer came. `accepted` is the service's count of recipients; ids are those of the
    first step, `steps` has all.
    """

    plan_id: str
    status: Literal["sent", "scheduled", "partial", "refused", "unknown"]
    at: datetime
    recipients: int
    campaign_id: str | None = None
    message_id: str | None = None
    job_id: str | None = None
    accepted: int | None = None
    start_at: datetime | None = None
    detail: str = ""
    repeated: bool = False
    steps: tuple[StepReceipt, ...] = ()

    @property
    def reference(self) -> str | None:
        """The service's id of what was sent first."""
        return self.campaign_id or self.message_id or self.job_id

    @property
    def campaign_ids(self) -> tuple[str, ...]:
        """The ids of all campaigns that it became."""
        return tuple(step.campaign_id for step in self.steps if step.campaign_id)

    @property
    def is_canceled(self) -> bool:
        """All that was sent was canceled afterwards, and nothing of it waits or may still be sent."""
        sent = [step for step in self.steps if step.state == "sent"]
        return self.status in {"sent", "scheduled"} and bool(sent) and all(step.canceled_at for step in sent)

    @property
    def _is_in_part(self) -> bool:
        """Nothing waits, and some steps were refused."""
        return self.status in {"sent", "scheduled"} and any(step.state == "refused" for step in self.steps)

    def __str__(self) -> str:
        what = self.reference or self.plan_id
        if len(self.campaign_ids) > 1:
            what = f"{len(self.campaign_ids):,} campaigns, the first of them {what}"
        again = " earlier; nothing was sent now" if self.repeated else ""
        starts = f", starts {when(self.start_at)}" if self.start_at and self.status == "scheduled" else ""
        detail = f" {self.detail}" if self.detail else ""
        some = " in part" if self._is_in_part else ""
        at = f"{when(self.at)}{starts}"
        status = "canceled" if self.is_canceled else self.status
        return f"{status}{some}{again}: {what}, {self.recipients:,} planned, {at}.{detail}"

    def describe(self) -> list[Section]:
        """Its outcome, step by step, and what to do next."""
        rows = [["plan", self.plan_id], ["at", when(self.at)], ["planned", f"{self.recipients:,}"]]
        if self.accepted is not None:
            rows.append(["accepted by the service", f"{self.accepted:,}"])
        elif self.campaign_id:
            rows.append(["accepted by the service", "not counted when it was sent; its report compares"])
        named = (("campaign", self.campaign_id), ("message", self.message_id), ("job", self.job_id))
        rows += [[what, reference] for what, reference in named if reference]
        rows += [["detail", self.detail]] if self.detail else []
        if self.start_at:
            rows.append(["starts", f"{when(self.start_at)}"])
        title = {
            "sent": "Sent earlier; nothing was sent now" if self.repeated else "Sent, once",
            "scheduled": f"Scheduled{' earlier; nothing was sent now' if self.repeated else ', once'}: the service "
            "has it and starts it by itself",
            "partial": "Sent in part: send the same approval again to continue",
            "refused": "Refused: nothing was sent",
            "unknown": f"Outcome unknown: it is not sent again; `seax reconcile {self.plan_id}` checks it",
        }
        words = "Sent in part, the rest was refused: " if self._is_in_part else ""
        words += "Canceled afterwards: " if self.is_canceled else ""
        sections = [Section(f"{words}{title[self.status]}", rows)]
        if len(self.steps) > 1:
            each = [[f"{s.number}", s.what, s.state, s.reference or "", s.detail] for s in self.steps[:_SHOWN]]
            more = len(self.steps) - len(each)
            sections.append(Section("Steps", [*each, [f"and {more:,} more"]] if more else each))
        return sections


def compared(receipt: StepReceipt) -> StepReceipt:
    """The receipt, with a warning if the service counts other recipients than were approved."""
    if receipt.accepted in {None, receipt.recipients}:
        return receipt
    more = f"{receipt.untextable:,} more who cannot be texted: no number, or one that nobody can have."
    if receipt.accepted == receipt.recipients + receipt.untextable:
        words = f"The service counts {receipt.accepted:,} recipients: the {receipt.recipients:,} approved, and {more}"
    else:
        words = (
            f"{_ALARM}: the service counts {n_recipients(receipt.accepted or 0)}, {receipt.recipients:,} were approved."
            f"{f' The request addresses {more}' if receipt.untextable else ''} Stop the campaign in SeaX if you can, "
            "and compare its log with the plan."
        )
    return receipt.model_copy(update={"detail": " ".join(filter(None, [words, receipt.detail]))})


def compared_later(campaign: Campaign, step: StepReceipt | None) -> Campaign:
    """A campaign that the service had not counted when it was sent as this step; `counters` says so if it counts others
    now than were approved. Too few count once it has finished, as some services count what has begun."""
    if step is None or step.accepted is not None or campaign.statistics is None:
        return campaign
    total, most = campaign.statistics.total, step.recipients + step.untextable
    if total in {step.recipients, most} or (total < most and campaign.status != "finished"):
        return campaign
    words = compared(step.model_copy(update={"accepted": total, "detail": ""})).detail
    return campaign.model_copy(update={"counters": f"{words} {campaign.counters}".strip()})


def summed(plan_id: str, recipients: int, steps: Sequence[StepReceipt], *, of: int) -> Receipt | None:
    """The receipt of a plan of `of` steps from those that were tried; None if none was."""
    if not steps:
        return None
    states = Counter(step.state for step in steps)
    counted = [step.accepted for step in steps if step.accepted is not None]
    first = next((step for step in steps if step.reference), steps[0])
    starts = [step.start_at for step in steps if step.state == "sent" and step.start_at and not step.canceled_at]
    status = _status(states, of)
    return Receipt(
        plan_id=plan_id,
        status="scheduled" if status == "sent" and starts else status,
        at=max(step.at for step in steps),
        recipients=recipients,
        campaign_id=first.campaign_id,
        message_id=first.message_id,
        job_id=first.job_id,
        accepted=sum(counted) if len(counted) == of else None,
        start_at=min(starts, default=None),
        detail=steps[0].detail if of == 1 else _in_sum(steps, states, of),
        steps=tuple(steps),
    )


def _status(states: Counter[StepState], of: int) -> Literal["sent", "partial", "refused", "unknown"]:
    if states["unknown"] or states["sending"]:
        return "unknown"
    if not states["sent"]:
        return "partial" if 0 < states["refused"] < of else "refused"
    return "sent" if states["sent"] + states["refused"] == of else "partial"


def _in_sum(steps: Sequence[StepReceipt], states: Counter[StepState], of: int) -> str:
    people = sum(step.recipients for step in steps if step.state == "sent")
    canceled = sum(bool(step.canceled_at) for step in steps)
    starts = sorted(step.start_at for step in steps if step.state == "sent" and step.start_at and not step.canceled_at)
    said = [f"{states['sent']:,} of {of:,} steps sent, {n_recipients(people)}."]
    if starts:
        last = f", the last at {when(starts[-1])}" if len(starts) > 1 else ""
        said = [
            f"{states['sent']:,} of {of:,} steps handed to the service, {n_recipients(people)}; {len(starts):,} with a "
            f"start of their own, the first at {when(starts[0])}{last}."
        ]
    if canceled:
        said.append(f"{canceled:,} canceled afterwards.")
    if states["refused"]:
        said.append(f"{states['refused']:,} refused.")
    if unknown := states["unknown"] + states["sending"]:
        said.append(f"{unknown:,} of unknown outcome.")
    if waiting := of - states["sent"] - states["refused"] - unknown:
        said.append(f"{waiting:,} wait.")
    notes = [f"Step {step.number}: {step.detail}" for step in steps if step.detail]
    alarms = [note for note in notes if _ALARM in note]
    return " ".join([*said, *(alarms or notes)[:3]])
