"""What is planned, scheduled and sent, day by day: one row a step of every plan, as a frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.ledger.plan_entry import Entry
from toolkit.plans.states import OPEN

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("day", "start_time", "state", "name", "arm", "recipients", "plan_id", "campaign_id")


def calendar_frame(entries: Iterable[Entry], now: datetime) -> pd.DataFrame:
    """One row per step, by start; steps that start when they are approved come first.

    Columns: `day` (str, the ISO date of the start in UTC, empty before an approval that starts it), `start_time`
    (datetime64[us, UTC], missing there), `state` (str: planned, approved, waiting, sending, scheduled, sent, canceled,
    refused or unknown), `name`, `arm` (str, empty without arms), `recipients` (int64; of an import its rows),
    `plan_id`, `campaign_id` (str, empty where there is none). Steps of plans that were closed before they were sent
    have no row. `now` is the service's time.
    """
    import pandas as pd  # the terminal's ledger commands do without

    frame = pd.DataFrame([row for entry in entries for row in _rows(entry, now)], columns=list(_COLUMNS))
    frame["start_time"] = pd.to_datetime(frame["start_time"], utc=True).astype("datetime64[us, UTC]")
    frame = frame.sort_values(["start_time", "name", "arm"], na_position="first", kind="stable", ignore_index=True)
    texts = dict.fromkeys(_COLUMNS, "str") | {"start_time": "datetime64[us, UTC]", "recipients": "int64"}
    return frame.astype(texts)


def _rows(entry: Entry, now: datetime) -> Iterator[tuple[str, datetime | None, str, str, str, int, str, str]]:
    done = {step.number: step for step in entry.receipt.steps} if entry.receipt else {}
    for step, state in zip(entry.plan.steps, entry.steps, strict=True):
        receipt = done.get(step.number)
        start = step.start_at if state == "waiting" or receipt is None else receipt.start_at or receipt.at
        words: str = state
        if state == "waiting":
            if entry.state not in (*OPEN, "sending", "partial"):
                continue
            words = entry.state if entry.state in OPEN else state
        elif receipt is not None and receipt.canceled_at:
            words = "canceled"
        elif state == "sent" and start and start > now:
            words = "scheduled"
        campaign_id = (receipt.campaign_id if receipt else None) or ""
        day = f"{start:%Y-%m-%d}" if start else ""
        yield day, start, words, entry.plan.draft.name, step.arm, step.recipients, entry.plan.id, campaign_id
