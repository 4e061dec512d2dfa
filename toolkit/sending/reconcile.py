"""Finding out what became of a plan whose outcome is not known.

The guide's service has no list of campaigns and no idempotency key, so it cannot be asked "did this arrive?". A
person looks in SeaX and says which campaign it became, which is checked, or that there is none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from toolkit.api.client import Client
from toolkit.errors import OutcomeUnknown
from toolkit.sending.ledger import Ledger, Receipt

IN_FLIGHT = timedelta(minutes=10)  # longer than any request can wait for its answer


def reconcile(
    client: Client, ledger: Ledger, plan_id: str, *, campaign_id: str | None, by: str, now: datetime
) -> Receipt:
    """Settle a plan of unknown outcome: as the campaign it became, or as never arrived (campaign_id None).

    Raises OutcomeUnknown if the plan is not waiting, may still be on its way, or that campaign is another one.
    """
    entry = ledger.entry(plan_id)
    plan = entry.plan
    if entry.state not in {"sending", "unknown"}:
        raise OutcomeUnknown(f"Plan {plan_id} is {entry.state}: there is nothing to find out.")
    left_at = max(event.at for event in ledger.events(plan_id) if event.event == "sending")
    receipt = Receipt(plan_id=plan_id, status="refused", at=now.astimezone(UTC), recipients=plan.recipients)
    if campaign_id is None:
        if entry.state == "sending" and now < left_at + IN_FLIGHT:
            raise OutcomeUnknown(
                f"Plan {plan_id} left at {left_at:%H:%M} UTC and may still be on its way: look in SeaX again after "
                f"{left_at + IN_FLIGHT:%H:%M} UTC."
            )
        receipt = receipt.model_copy(update={"detail": f"{by} found no such campaign in SeaX."})
    else:
        campaign = client.campaign(campaign_id)
        message = getattr(plan.draft, "message", None)
        if (
            campaign.name != plan.draft.name
            or campaign.message != message
            or campaign.created_time < left_at - IN_FLIGHT
        ):
            raise OutcomeUnknown(
                f"Campaign {campaign_id} has another name, text or time than plan {plan_id}: look again in SeaX."
            )
        receipt = receipt.model_copy(
            update={"status": "sent", "campaign_id": campaign.id, "detail": f"Found in SeaX by {by}."}
        )
    ledger.settle(receipt, who=by)
    return receipt
