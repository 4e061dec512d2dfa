"""What is written down when a campaign is canceled: with its plan, or by itself if it was not sent from here."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from toolkit.ledger import audit, chain
from toolkit.ledger.transaction import Transaction
from toolkit.plans.receipt import StepReceipt

CancelEvent = Literal["cancel asked", "canceled", "cancel not confirmed"]


def note(
    db: Transaction,
    workspace: str,
    campaign_id: str,
    event: CancelEvent,
    *,
    at: datetime,
    who: str,
    via: str,
    detail: str,
) -> None:
    """Append the event, and once it is canceled write that into the step's receipt; the caller holds the write lock."""
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
        body = receipt.model_copy(update={"canceled_at": at, "detail": words}).model_dump_json()
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
