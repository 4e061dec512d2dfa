"""A plan as stored in the ledger, read from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from toolkit.ledger.chain import Event
from toolkit.ledger.step_rows import receipt_of, step_states
from toolkit.ledger.transaction import Transaction
from toolkit.models import Frozen
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt, StepReceipt
from toolkit.plans.states import State, StepState

SERVICE_TIME = "the service's clock: "  # how the event of a claim refers to it


class Entry(Frozen):
    """A plan in the ledger, its state and that of each of its steps, and its outcome."""

    plan: Plan
    state: State
    receipt: Receipt | None
    steps: tuple[StepState, ...] = ()

    def says(self, receipt: StepReceipt) -> bool:
        """A step's stored result is that of a receipt."""
        written = {each.number: each.reference for each in self.receipt.steps} if self.receipt else {}
        is_same = self.steps[receipt.number - 1] == receipt.state
        return is_same and written.get(receipt.number, "") == receipt.reference

    def __repr__(self) -> str:
        return f"<Entry {self.state}: {self.plan!r}>"


def claimed(events: Sequence[Event], step: int) -> tuple[datetime, datetime | None]:
    """When a step was last claimed: by this machine's clock, and by the service's where that was known."""
    event = [each for each in events if (each.event, each.step) == ("sending", step)][-1]
    said = event.detail.removeprefix(SERVICE_TIME)
    return event.at, datetime.fromisoformat(said) if said else None


def entries_of(db: Transaction, condition: str, values: Sequence[object]) -> list[Entry]:
    """The plans that match a condition, without recipients' ids."""
    rows = db.execute(f"SELECT state, body FROM plans {condition}", tuple(values)).fetchall()
    return [_entry(db, row["state"], Plan.model_validate_json(row["body"])) for row in rows]


def _entry(db: Transaction, state: State, plan: Plan) -> Entry:
    steps = tuple(step_states(db, plan.id))
    return Entry(plan=plan, state=state, receipt=receipt_of(db, plan.id, plan.recipients, plan.steps), steps=steps)
