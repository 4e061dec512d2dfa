"""The states of a plan and of each of its steps, and every allowed transition. No other is possible.

    planned ─▶ approved ─▶ sending ─▶ sent
       │        │    ▲     ▲  │  ├──▶ partial ─▶ sending …, or stopped: the rest is never sent
       │        │    └─────┼──┤  │    a definite refusal restores the approval
       │        │          │  │  └──▶ unknown ─▶ sent, partial or refused, once it is reconciled
       ▼        ▼          │  ▼
    declined, withdrawn,   │ refused: it certainly did not arrive
    expired                └─ approved, partial: the one claim that allows a step to be sent

A plan's state follows from those of its steps once one was claimed. The ledger's database itself refuses every other
change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

State = Literal[
    "planned",
    "approved",
    "sending",
    "partial",  # some steps were sent, and others wait
    "sent",
    "refused",
    "unknown",
    "stopped",
    "expired",
    "declined",
    "withdrawn",
]
StepState = Literal["waiting", "sending", "sent", "refused", "unknown"]
Ending = Literal["declined", "withdrawn", "expired"]

PLAN_MOVES: Mapping[State, Collection[State]] = {
    "planned": {"approved", "declined", "withdrawn", "expired"},
    "approved": {"sending", "partial", "refused", "declined", "withdrawn", "expired"},
    "sending": {"approved", "partial", "sent", "refused", "unknown"},
    "partial": {"sending", "sent", "refused", "stopped"},
    "unknown": {"partial", "sent", "refused"},
    "sent": (),
    "refused": (),
    "stopped": (),
    "expired": (),
    "declined": (),
    "withdrawn": (),
}
STEP_MOVES: Mapping[StepState, Collection[StepState]] = {
    "waiting": {"sending", "refused"},  # refused: its one recipient opted out meanwhile
    "sending": {"waiting", "sent", "refused", "unknown"},
    "unknown": {"sent", "refused"},
    "sent": (),
    "refused": (),
}
TEXTS_NOBODY = frozenset({"import", "label removal"})  # kinds of drafts that change contacts
OPEN: tuple[State, ...] = ("planned", "approved")  # can still be approved, or closed
CLAIMABLE: tuple[State, ...] = ("approved", "partial")
MAY_BE_SENT: tuple[State, ...] = (
    "sending",
    "partial",
    "sent",
    "unknown",
    "stopped",
)  # something was sent, or may have been


def standing(steps: Collection[StepState]) -> State:
    """The state of a plan of which a step was claimed."""
    if "sending" in steps:
        return "sending"
    if "unknown" in steps:
        return "unknown"
    if "waiting" in steps:
        return "partial" if "sent" in steps or "refused" in steps else "approved"
    return "sent" if "sent" in steps else "refused"


def guard(table: str, moves: Mapping[State, Collection[State]] | Mapping[StepState, Collection[StepState]]) -> str:
    """SQL that makes SQLite refuse changes of `table.state` that are not allowed, and rows with another first state."""
    allowed, first = allowed_moves(moves), next(iter(moves))
    return f"""
CREATE TRIGGER IF NOT EXISTS {table}_move BEFORE UPDATE OF state ON {table}
    WHEN NEW.state <> OLD.state AND NOT ({allowed})
    BEGIN SELECT RAISE(ABORT, 'this change of state is not allowed'); END;
CREATE TRIGGER IF NOT EXISTS {table}_begin BEFORE INSERT ON {table} WHEN NEW.state <> '{first}'
    BEGIN SELECT RAISE(ABORT, 'this is not a first state'); END;
CREATE TRIGGER IF NOT EXISTS {table}_remain BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, 'rows are never deleted'); END;
"""


def allowed_moves(moves: Mapping[State, Collection[State]] | Mapping[StepState, Collection[StepState]]) -> str:
    """A condition in SQL on a row's OLD.state and NEW.state: the change is one of these."""
    return " OR ".join(f"(OLD.state = '{old}' AND NEW.state IN ({_quoted(new)}))" for old, new in moves.items() if new)


def _quoted(states: Collection[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))
