"""Finding out what became of a plan whose outcome is not known.

The guide's service has no list of campaigns and no idempotency key, so it cannot be asked "did this arrive?". A
person looks in SeaX and says what it became, which is checked as far as the service tells, or that there is nothing.
In that case the plan ends: sending it after all takes a new plan and a new yes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from toolkit.api.client import Client
from toolkit.errors import OutcomeUnknown
from toolkit.sending.ledger import Ledger, Receipt
from toolkit.sending.plan import Plan

IN_FLIGHT = timedelta(minutes=10)  # a request may still be working at the service for a while after it left


def reconcile(client: Client, ledger: Ledger, plan_id: str, *, found: str | None, by: str, now: datetime) -> Receipt:
    """Settle a plan of unknown outcome: as the campaign, message or job of that id, or as never arrived (None).

    Raises OutcomeUnknown if the plan is not waiting, may still be on its way, or what was found is another one.
    """
    entry = ledger.entry(plan_id)
    plan = entry.plan
    if entry.state not in {"sending", "unknown"}:
        raise OutcomeUnknown(f"Plan {plan_id} is {entry.state}: there is nothing to find out.")
    left_at = max(event.at for event in ledger.events(plan_id) if event.event == "sending")
    receipt = Receipt(plan_id=plan_id, status="refused", at=now.astimezone(UTC), recipients=plan.recipients)
    if found is None:
        if now < left_at + IN_FLIGHT:
            raise OutcomeUnknown(
                f"Plan {plan_id} left at {left_at:%H:%M} UTC and may still be on its way: look in SeaX again after "
                f"{left_at + IN_FLIGHT:%H:%M} UTC."
            )
        receipt = receipt.model_copy(update={"detail": f"{by} found nothing of it in SeaX."})
        ledger.settle(receipt, "withdrawn", who=by)
        return receipt
    if ledger.is_taken(found):
        raise OutcomeUnknown(f"{found} is what another plan became: look again in SeaX.")
    receipt = receipt.model_copy(update={"status": "sent", "detail": f"Found in SeaX by {by}."})
    receipt = receipt.model_copy(update=_looked_up(client, plan, found, left_at))
    ledger.settle(receipt, "sent", who=by)
    return receipt


def _looked_up(client: Client, plan: Plan, found: str, left_at: datetime) -> dict[str, object]:
    match plan.draft.kind:
        case "message":
            return {"message_id": found}  # the service tells nothing about single messages
        case "import":
            return {"job_id": client.job(found).id}
    campaign = client.campaign(found)
    same_words = campaign.name == plan.draft.name and campaign.message == plan.draft.message
    if not same_words or campaign.created_time < left_at - IN_FLIGHT:
        raise OutcomeUnknown(f"Campaign {found} has another name, text or time than plan {plan.id}: look again.")
    total = campaign.statistics.total if campaign.statistics else campaign.target_count
    if total is not None and total != plan.recipients:
        raise OutcomeUnknown(
            f"Campaign {found} went to {total:,} recipients, plan {plan.id} to {plan.recipients:,}: look again in SeaX."
        )
    return {"campaign_id": found, "accepted": total}
