"""A plan as stored in the ledger, read from its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from toolkit.ledger.chain import Event
from toolkit.models import Frozen
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt, StepReceipt, summed
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


def step_states(db: sqlite3.Connection, plan_id: str) -> list[StepState]:
    """The state of each step of a plan, in their order."""
    return [row[0] for row in db.execute("SELECT state FROM steps WHERE plan_id = ? ORDER BY number", (plan_id,))]


def receipts_of(db: sqlite3.Connection, condition: str, values: Sequence[object]) -> list[StepReceipt]:
    """The receipts of the steps that match a condition, of those that were tried."""
    rows = db.execute(f"SELECT receipt FROM steps {condition}", tuple(values)).fetchall()
    return [StepReceipt.model_validate_json(row[0]) for row in rows if row[0] is not None]


def entries_of(db: sqlite3.Connection, condition: str, values: Sequence[object]) -> list[Entry]:
    """The plans that match a condition, without recipients' ids."""
    rows = db.execute(f"SELECT state, body FROM plans {condition}", tuple(values)).fetchall()
    return [_entry(db, row["state"], Plan.model_validate_json(row["body"])) for row in rows]


def _entry(db: sqlite3.Connection, state: State, plan: Plan) -> Entry:
    steps = tuple(step_states(db, plan.id))
    tried = receipts_of(db, "WHERE plan_id = ? AND state <> 'sending' ORDER BY number", (plan.id,))
    on_the_way = db.execute("SELECT number, claimed_at FROM steps WHERE plan_id = ? AND state = 'sending'", (plan.id,))
    tried += [_on_the_way(plan, *row) for row in on_the_way]
    receipt = summed(plan.id, plan.recipients, sorted(tried, key=lambda each: each.number), of=len(steps))
    return Entry(plan=plan, state=state, receipt=receipt, steps=steps)


def _on_the_way(plan: Plan, number: int, claimed_at: str) -> StepReceipt:
    """The receipt of a step that was claimed and not settled: that of an earlier try is not valid for it."""
    step = plan.steps[number - 1]
    return StepReceipt(
        number=number,
        what=step.what,
        state="sending",
        recipients=step.recipients,
        at=datetime.fromisoformat(claimed_at),
        start_at=step.start_at,
        detail="On its way, or interrupted.",
    )
