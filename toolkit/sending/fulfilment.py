"""Whether a campaign went to exactly the contacts that were planned: the plan's ids against the delivery log's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.models import Frozen
from toolkit.sections import Described, Section

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.ledger.plan_entry import Entry

_NAMED = 3  # ids spelled out


class Fulfilment(Described, Frozen):
    """A plan and the log of its campaign: counts, and the contact ids that are in one of them alone.

    `accepted` is the service's own count of recipients when it took the campaign. Of a plan that left in several
    campaigns it is about one of them.
    """

    plan_id: str
    planned: int
    accepted: int | None
    logged: int
    missing: tuple[str, ...]
    unplanned: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Everybody who was planned is in the log, once, and nobody else."""
        return not self.missing and not self.unplanned and self.planned == self.logged

    def __str__(self) -> str:
        if self.is_exact:
            return f"Exactly the {self.planned:,} contacts of the plan, one message each."
        parts = [
            f"{len(ids):,} {what} ({', '.join(ids[:_NAMED])}{', …' if len(ids) > _NAMED else ''})"
            for ids, what in (
                (self.missing, "of the plan have no message in the log"),
                (self.unplanned, "have a message and were not in the plan"),
            )
            if ids
        ]
        return f"{'; '.join(parts) or 'Some contacts have more than one message'}."

    def describe(self) -> list[Section]:
        """Planned, accepted and logged beside each other."""
        accepted = "not told" if self.accepted is None else f"{self.accepted:,}"
        rows = [["planned", f"{self.planned:,}"], ["accepted", accepted], ["messages in the log", f"{self.logged:,}"]]
        return [Section("Planned and sent", [*rows, ["in words", str(self)]])]


def reconciliation(entry: Entry, logs: pd.DataFrame) -> Fulfilment:
    """Compare all steps of a plan that left with the logs of all its campaigns: who of the plan has no message yet,
    waiting steps included, and who has one without being in it."""
    planned, reached = set(entry.plan.recipient_ids), set(logs["contact_id"].dropna())
    return Fulfilment(
        plan_id=entry.plan.id,
        planned=len(planned),
        accepted=entry.receipt.accepted if entry.receipt else None,
        logged=len(logs),
        missing=tuple(sorted(planned - reached)),
        unplanned=tuple(sorted(reached - planned)),
    )


def fulfilment(entry: Entry, campaign_id: str, logs: pd.DataFrame) -> Fulfilment:
    """Compare the step of a plan that became a campaign with its whole log, as of `toolkit.data.logs.logs_frame`."""
    steps = entry.receipt.steps if entry.receipt else ()
    step = next(step for step in steps if step.campaign_id == campaign_id)
    planned = set(entry.plan.recipients_of(step.number))
    reached = set(logs["contact_id"].dropna())
    return Fulfilment(
        plan_id=entry.plan.id,
        planned=len(planned),
        accepted=step.accepted,
        logged=len(logs),
        missing=tuple(sorted(planned - reached)),
        unplanned=tuple(sorted(reached - planned)),
    )
