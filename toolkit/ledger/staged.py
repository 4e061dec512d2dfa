"""What is written down while a step is sent in two stages: which draft it is at the service, and its launch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from toolkit.errors import OutcomeUnknown
from toolkit.ledger import chain
from toolkit.ledger.chain import Event
from toolkit.ledger.step_rows import step_states
from toolkit.ledger.transaction import Transaction

StageEvent = Literal["draft", "launching"]


@dataclass(frozen=True)
class StagedStep:
    """How far a step got: the draft's id at the service, and when that was last written."""

    campaign_id: str
    at: datetime


def note_stage(
    db: Transaction,
    plan_id: str,
    step: int,
    event: StageEvent,
    campaign_id: str,
    *,
    at: datetime,
    who: str,
    via: str,
) -> None:
    """Append the event of a step that is being sent; OutcomeUnknown if it was settled meanwhile, so that it is not
    launched. The caller holds the write lock."""
    if step_states(db, plan_id)[step - 1] != "sending":
        raise OutcomeUnknown(f"Plan {plan_id} was settled otherwise meanwhile: see `seax events {plan_id}`.")
    chain.append(db, plan_id, event, "sending", at=at, step=step, who=who, via=via, detail=campaign_id)


def staged(events: Sequence[Event], step: int) -> StagedStep | None:
    """How far a step got since it was last claimed; None if no draft of it is known."""
    found: StagedStep | None = None
    for event in events:
        if event.step != step:
            continue
        if event.event == "sending":
            found = None
        elif event.event in {"draft", "launching"}:
            found = StagedStep(event.detail, event.at)
    return found
