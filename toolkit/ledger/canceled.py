"""What is written down when a campaign is canceled: with its plan, or by itself if it was not sent from here."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict, Unpack

from toolkit.ledger import audit, chain
from toolkit.ledger.transaction import Transaction
from toolkit.plans.receipt import StepReceipt

CancelEvent = Literal["cancel asked", "canceled", "cancel not confirmed"]


class CancelNote(TypedDict):
    """What is recorded with the event; `sent` is how many messages count as sent, None if that is not known."""

    at: datetime
    who: str
    via: str
    detail: str
    sent: int | None


def note(
    db: Transaction,
    workspace: str,
    campaign_id: str,
    event: CancelEvent,
    **noted: Unpack[CancelNote],
) -> None:
    """Append the event, and once it is canceled write that into the step's receipt; the caller holds the write lock."""
    at, who, via, detail = noted["at"], noted["who"], noted["via"], noted["detail"]
    row = db.execute(
        "SELECT plan_id, number, steps.state AS step_state, plans.state AS plan_state, receipt FROM steps "
        "JOIN plans ON plans.id = plan_id WHERE workspace = ? AND json_extract(receipt, '$.campaign_id') = ?",
        (workspace, campaign_id),
    ).fetchone()
    said = f"{campaign_id}: {detail}"
    if row is None:
        chain.append(db, "", event, "", at=at, who=who, via=via, detail=said)
        return
    digest = ""
    if event == "canceled":
        receipt = StepReceipt.model_validate_json(row["receipt"])
        words = " ".join(filter(None, [receipt.detail, detail]))
        canceled = {"canceled_at": at, "sent_before_cancel": noted["sent"], "detail": words}
        body = receipt.model_copy(update=canceled).model_dump_json()
        db.execute(
            "UPDATE steps SET receipt = ? WHERE plan_id = ? AND number = ?", (body, row["plan_id"], row["number"])
        )
        digest = audit.step_digest(row["step_state"], body)
    chain.append(
        db,
        row["plan_id"],
        event,
        row["plan_state"],
        at=at,
        step=row["number"],
        who=who,
        via=via,
        digest=digest,
        detail=said,
    )
