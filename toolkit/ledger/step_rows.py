"""The steps of a plan as rows of the ledger: the state of each, and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from toolkit.ledger.transaction import Transaction
from toolkit.plans.plan_step import PlanStep
from toolkit.plans.receipt import Receipt, StepReceipt, summed
from toolkit.plans.states import StepState


def step_states(db: Transaction, plan_id: str) -> list[StepState]:
    """The state of each step of a plan, in their order."""
    return [row[0] for row in db.execute("SELECT state FROM steps WHERE plan_id = ? ORDER BY number", (plan_id,))]


def receipts_of(db: Transaction, condition: str, values: Sequence[object]) -> list[StepReceipt]:
    """The receipts of the steps that match a condition, of those that were tried."""
    rows = db.execute(f"SELECT receipt FROM steps {condition}", tuple(values)).fetchall()
    return [StepReceipt.model_validate_json(row[0]) for row in rows if row[0] is not None]


def receipt_of(db: Transaction, plan_id: str, recipients: int, steps: Sequence[PlanStep]) -> Receipt | None:
    """The receipt of a plan with these steps; None if none of them was tried."""
    tried = receipts_of(db, "WHERE plan_id = ? AND state <> 'sending' ORDER BY number", (plan_id,))
    on_the_way = db.execute("SELECT number, claimed_at FROM steps WHERE plan_id = ? AND state = 'sending'", (plan_id,))
    tried += [_on_the_way(steps[number - 1], number, claimed_at) for number, claimed_at in on_the_way]
    return summed(plan_id, recipients, sorted(tried, key=lambda each: each.number), of=len(steps))


def _on_the_way(step: PlanStep, number: int, claimed_at: str) -> StepReceipt:
    """The receipt of a step that was claimed and not settled: that of an earlier try is not valid for it."""
    return StepReceipt(
        number=number,
        what=step.what,
        state="sending",
        recipients=step.recipients,
        at=datetime.fromisoformat(claimed_at),
        start_at=step.start_at,
        detail="On its way, or interrupted.",
    )
