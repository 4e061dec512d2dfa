"""Where a plan and each of its steps can stand, and every way from one state to another. There is no other way.

    planned ─▶ approved ─▶ sending ─▶ sent
       │        │    ▲     ▲  │  ├──▶ partial ─▶ sending …, or stopped: the rest never leaves
       │        │    └─────┼──┤  │    a definite refusal gives the approval back
       │        │          │  │  └──▶ unknown ─▶ sent, partial or refused, once it is reconciled
       ▼        ▼          │  ▼
    declined, withdrawn,   │ refused: it never arrived, which is known
    expired                └─ approved, partial: the one claim that lets a step leave

A plan's state follows from those of its steps once one was claimed. SQLite itself refuses every other change.
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
OPEN: tuple[State, ...] = ("planned", "approved")  # can still be approved, or ended
CLAIMABLE: tuple[State, ...] = ("approved", "partial")
LEFT: tuple[State, ...] = ("sending", "partial", "sent", "unknown", "stopped")  # something left, or may have


def standing(steps: Collection[StepState]) -> State:
    """Where a plan stands of which a step was claimed."""
    if "sending" in steps:
        return "sending"
    if "unknown" in steps:
        return "unknown"
    if "waiting" in steps:
        return "partial" if "sent" in steps or "refused" in steps else "approved"
    return "sent" if "sent" in steps else "refused"


def guard(table: str, moves: Mapping[State, Collection[State]] | Mapping[StepState, Collection[StepState]]) -> str:
    """SQL that makes SQLite refuse changes of `table.state` that are no move, and rows that begin elsewhere."""
    allowed = " OR ".join(
        f"(OLD.state = '{old}' AND NEW.state IN ({_quoted(new)}))" for old, new in moves.items() if new
    )
    first = next(iter(moves))
    return f"""
CREATE TRIGGER IF NOT EXISTS {table}_move BEFORE UPDATE OF state ON {table}
    WHEN NEW.state <> OLD.state AND NOT ({allowed})
    BEGIN SELECT RAISE(ABORT, 'no way from that state to this'); END;
CREATE TRIGGER IF NOT EXISTS {table}_begin BEFORE INSERT ON {table} WHEN NEW.state <> '{first}'
    BEGIN SELECT RAISE(ABORT, 'that is no state to begin in'); END;
CREATE TRIGGER IF NOT EXISTS {table}_remain BEFORE DELETE ON {table}
    BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
"""


def _quoted(states: Collection[str]) -> str:
    return ", ".join(f"'{state}'" for state in sorted(states))
