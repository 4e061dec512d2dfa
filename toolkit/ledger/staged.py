"""What is written down while a step is sent in two stages: which draft it is at the service, and its launch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from toolkit.errors import OutcomeUnknown
from toolkit.ledger import chain
from toolkit.ledger.chain import Event
from toolkit.ledger.step_rows import step_states
from toolkit.ledger.transaction import Transaction

StageEvent = Literal["drafting", "draft", "launching"]


@dataclass(frozen=True)
class StagedStep:
    """How far a step got: the draft's id at the service, empty if no answer came, and when that was last written."""

    campaign_id: str
    at: datetime


def note_stage(
    db: Transaction,
    plan_id: str,
    step: int,
    event: StageEvent,
    detail: str,
    *,
    at: datetime,
    who: str,
    via: str,
) -> None:
    """Append the event of a step that is being sent, with the draft's name before it is kept, then its id.

    OutcomeUnknown if the step was settled meanwhile, so that it is not launched. The caller holds the write lock.
    """
    if step_states(db, plan_id)[step - 1] != "sending":
        raise OutcomeUnknown(f"Plan {plan_id} was settled otherwise meanwhile: see `seax events {plan_id}`.")
    chain.append(db, plan_id, event, "sending", at=at, step=step, who=who, via=via, detail=detail)


def staged(events: Sequence[Event], step: int) -> StagedStep | None:
    """How far a step got since it was last claimed; None if it was not sent in two stages."""
    found: StagedStep | None = None
    for event in events:
        if event.step != step:
            continue
        if event.event == "sending":
            found = None
        elif event.event in get_args(StageEvent):
            found = StagedStep("" if event.event == "drafting" else event.detail, event.at)
    return found
