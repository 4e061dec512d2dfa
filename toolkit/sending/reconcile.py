"""Finding out what became of a plan whose outcome is not known.

What the service can be asked is used first: the embedded one lists its campaigns, so that one of the plan's name, text
and size that came after the plan left is its, and none means that it never arrived. The guide's service has no list of
campaigns and no idempotency key, so there a person looks in SeaX and says what it became, which is checked as far as
the service tells, or that there is nothing. Then the step is closed: sending it after all takes a new plan and a new
yes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import EllipsisType

from toolkit.api.client import Client
from toolkit.errors import OutcomeUnknown
from toolkit.models import Campaign
from toolkit.sections import n_recipients, when
from toolkit.sending.ledger import Ledger
from toolkit.sending.plan import Plan, PlanStep
from toolkit.sending.receipt import Receipt, StepReceipt

IN_FLIGHT = timedelta(minutes=10)  # a request may still be working at the service for a while after it left


def reconcile(
    client: Client,
    ledger: Ledger,
    plan_id: str,
    *,
    found: str | EllipsisType | None,
    listed: Callable[[], Sequence[str]] | None,
    by: str,
    via: str,
    now: datetime,
) -> Receipt:
    """Settle a plan of unknown outcome: as the campaign, message or job of that id, or as never arrived (None).

    With `...` the service is asked, where `listed` names all its campaigns. Raises OutcomeUnknown if the plan is not
    waiting, may still be on its way, what was found is another one, or the service cannot tell.
    """
    entry = ledger.entry(plan_id)
    plan = entry.plan
    step = next((at for at, state in enumerate(entry.steps, 1) if state in {"sending", "unknown"}), None)
    if step is None:
        raise OutcomeUnknown(f"Plan {plan_id} is {entry.state}: there is nothing to find out.")
    left_at = max(event.at for event in ledger.events(plan_id) if event.event == "sending" and event.step == step)
    if isinstance(found, EllipsisType):
        found, by = _asked(client, ledger, plan, plan.steps[step - 1], listed, left_at), "the service"
    receipt = StepReceipt(
        number=step,
        what=plan.steps[step - 1].what,
        state="refused",
        at=now.astimezone(UTC),
        recipients=plan.steps[step - 1].recipients,
        detail=f"{by} found nothing of it in SeaX.",
    )
    if found is None:
        if now < left_at + IN_FLIGHT:
            raise OutcomeUnknown(
                f"Plan {plan_id} left at {when(left_at, '%H:%M')} and may still be on its way: look in SeaX again "
                f"after {when(left_at + IN_FLIGHT, '%H:%M')}."
            )
    else:
        if found in ledger.references():
            raise OutcomeUnknown(f"{found} is what another plan became: look again in SeaX.")
        receipt = receipt.model_copy(update={"state": "sent", "detail": f"Found in SeaX by {by}."})
        receipt = receipt.model_copy(update=_looked_up(client, plan, plan.steps[step - 1], found, left_at))
    settled = ledger.settle(
        plan_id, receipt, who=by, via=via, event="reconciled", expected=("sending", "unknown")
    ).receipt
    assert settled is not None  # it has the step just settled
    return settled


def _asked(
    client: Client,
    ledger: Ledger,
    plan: Plan,
    step: PlanStep,
    listed: Callable[[], Sequence[str]] | None,
    left_at: datetime,
) -> str | None:
    """The id of the campaign that the step became, None if there is none; OutcomeUnknown if nobody can say."""
    if plan.draft.kind != "campaign" or listed is None:
        where = {
            "campaign": f"under Campaigns for {_named(plan, step)!r}",
            "message": "in the conversation with that contact",
            "messages": f"in the conversation with {step.what}",
            "test": f"in the conversation with {step.what}",
            "import": f"under Contacts for those of {plan.draft.name!r}",
        }[plan.draft.kind]
        raise OutcomeUnknown(
            f"The service cannot be asked what became of plan {plan.id}. Look in SeaX {where}, sent at "
            f"{when(left_at)} or soon after, to {step.recipients:,}. If it is there, its id is in the "
            f"address of its page: `seax reconcile {plan.id} --found ID`. If not: `seax reconcile {plan.id} --nothing`."
        )
    taken = ledger.references()
    matching = []
    for campaign_id in reversed([each for each in listed() if each not in taken]):
        campaign = client.campaign(campaign_id)
        if campaign.created_time < left_at - IN_FLIGHT:
            break  # the list is in the order of time
        if _is_worded(campaign, plan, step):
            matching.append(campaign_id)
    if len(matching) > 1:
        raise OutcomeUnknown(
            f"{len(matching)} campaigns could be plan {plan.id} ({', '.join(matching)}): look in SeaX which one is, "
            f"and run `seax reconcile {plan.id} --found ID`."
        )
    return matching[0] if matching else None


def _named(plan: Plan, step: PlanStep) -> str:
    """The name that a step has at the service."""
    return plan.draft.for_arm(step.arm).name if plan.draft.kind == "campaign" else plan.draft.name


def _is_worded(campaign: Campaign, plan: Plan, step: PlanStep) -> bool:
    """A campaign has the name and the text that the step left with."""
    if plan.draft.kind != "campaign":
        return False
    sent = plan.draft.for_arm(step.arm)
    return (campaign.name, campaign.message) == (sent.name, sent.message)


def _looked_up(client: Client, plan: Plan, step: PlanStep, found: str, left_at: datetime) -> dict[str, object]:
    match plan.draft.kind:
        case "message" | "messages" | "test":
            return {"message_id": found}  # the service tells nothing about single messages
        case "import":
            return {"job_id": client.job(found).id}
    campaign = client.campaign(found)
    if not _is_worded(campaign, plan, step) or campaign.created_time < left_at - IN_FLIGHT:
        raise OutcomeUnknown(f"Campaign {found} has another name, text or time than plan {plan.id}: look again.")
    total = campaign.statistics.total if campaign.statistics else campaign.target_count
    if total is not None and total != step.recipients:
        raise OutcomeUnknown(
            f"Campaign {found} went to {n_recipients(total)}, plan {plan.id} to {step.recipients:,}: look again in "
            "SeaX."
        )
    return {"campaign_id": found, "accepted": total}
