"""A plan as it lies in the ledger, read from its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from toolkit.models import Frozen
from toolkit.sending.plan import Plan
from toolkit.sending.receipt import Receipt, StepReceipt, summed
from toolkit.sending.states import State, StepState


class Entry(Frozen):
    """A plan in the ledger, where it and each of its steps stand, and what became of it."""

    plan: Plan
    state: State
    receipt: Receipt | None
    steps: tuple[StepState, ...] = ()

    def __repr__(self) -> str:
        return f"<Entry {self.state}: {self.plan!r}>"


def step_states(db: sqlite3.Connection, plan_id: str) -> list[StepState]:
    """Where each step of a plan stands, in their order."""
    return [row[0] for row in db.execute("SELECT state FROM steps WHERE plan_id = ? ORDER BY number", (plan_id,))]


def receipts_of(db: sqlite3.Connection, condition: str, values: Sequence[object]) -> list[StepReceipt]:
    """The receipts of the steps that a condition means, of those that were tried."""
    rows = db.execute(f"SELECT receipt FROM steps {condition}", tuple(values)).fetchall()
    return [StepReceipt.model_validate_json(row[0]) for row in rows if row[0] is not None]


def entries_of(db: sqlite3.Connection, condition: str, values: Sequence[object]) -> list[Entry]:
    """The plans that a condition means, without recipients' ids."""
    rows = db.execute(f"SELECT state, body FROM plans {condition}", tuple(values)).fetchall()
    return [_entry(db, row["state"], Plan.model_validate_json(row["body"])) for row in rows]


def _entry(db: sqlite3.Connection, state: State, plan: Plan) -> Entry:
    steps = tuple(step_states(db, plan.id))
    tried = receipts_of(db, "WHERE plan_id = ? ORDER BY number", (plan.id,))
    receipt = summed(plan.id, plan.recipients, tried, of=len(steps))
    return Entry(plan=plan, state=state, receipt=receipt, steps=steps)
