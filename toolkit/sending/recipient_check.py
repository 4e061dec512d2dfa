"""Whether a campaign went to exactly the planned contacts: the plan's ids against the delivery log's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from toolkit.display import Described, Section
from toolkit.engagement.outcomes import DELIVERED
from toolkit.models import Frozen
from toolkit.plans.plan_step import PlanStep, text_fingerprint

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.ledger.plan_entry import Entry

_NAMED = 3  # ids listed


class RecipientCheck(Described, Frozen):
    """A plan and the log of its campaign: counts, and the contact ids that are in only one of them.

    `accepted` is the service's own count of recipients when it accepted the campaign. For a plan sent as several
    campaigns it is about one of them. `untextable` are contacts in the log who cannot be texted and were not: the
    request may address them, and nothing reached them. `with_other_text` have another text in the log than in the plan,
    of personal texts that were sent many in one request.
    """

    plan_id: str
    planned: int
    accepted: int | None
    logged: int
    missing: tuple[str, ...]
    unplanned: tuple[str, ...]
    untextable: tuple[str, ...] = ()
    with_other_text: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Everybody planned is in the log, once, and nobody else who can be texted."""
        is_to_them = not self.missing and not self.unplanned and not self.with_other_text
        return is_to_them and self.planned == self.logged - len(self.untextable)

    def __str__(self) -> str:
        if self.is_exact:
            besides = f" {len(self.untextable):,} more in the log cannot be texted." if self.untextable else ""
            return f"Exactly the {self.planned:,} contacts of the plan, one message each.{besides}"
        parts = [
            f"{len(ids):,} {what} ({', '.join(ids[:_NAMED])}{', …' if len(ids) > _NAMED else ''})"
            for ids, what in (
                (self.missing, "of the plan have no message in the log"),
                (self.unplanned, "have a message and were not in the plan"),
                (self.with_other_text, "have another text than the plan's"),
            )
            if ids
        ]
        return f"{'; '.join(parts) or 'Some contacts have more than one message'}."

    def describe(self) -> list[Section]:
        """Planned, accepted and logged side by side."""
        accepted = "not reported" if self.accepted is None else f"{self.accepted:,}"
        rows = [["planned", f"{self.planned:,}"], ["accepted", accepted], ["messages in the log", f"{self.logged:,}"]]
        return [Section("Planned and sent", [*rows, ["in words", str(self)]])]


def check_plan_recipients(entry: Entry, logs: pd.DataFrame, countries: Callable[[], Sequence[str]]) -> RecipientCheck:
    """Compare all steps of a sent plan with the logs of all its campaigns: who of the plan has no message yet,
    including waiting steps, and who has one without being in it. `countries` gives the countries of numbers without a
    calling code, where a number has to be read."""
    accepted = entry.receipt.accepted if entry.receipt else None
    return _compared(entry.plan.id, entry.plan.recipient_ids, entry.plan.steps, accepted, logs, countries)


def check_campaign_recipients(
    entry: Entry, campaign_id: str, logs: pd.DataFrame, countries: Callable[[], Sequence[str]]
) -> RecipientCheck:
    """Compare the step of a plan that became a campaign with its whole log, as of `toolkit.data.logs.logs_frame`."""
    steps = entry.receipt.steps if entry.receipt else ()
    step = next(step for step in steps if step.campaign_id == campaign_id)
    planned = entry.plan.steps[step.number - 1]
    return _compared(entry.plan.id, entry.plan.recipients_of(step.number), [planned], step.accepted, logs, countries)


def _compared(
    plan_id: str,
    recipients: Sequence[str],
    steps: Sequence[PlanStep],
    accepted: int | None,
    logs: pd.DataFrame,
    countries: Callable[[], Sequence[str]],
) -> RecipientCheck:
    planned, reached = set(recipients), set(logs["contact_id"].dropna())
    others = reached - planned
    besides = _untextable(logs[logs["contact_id"].isin(list(others))], countries) if others else set()
    return RecipientCheck(
        plan_id=plan_id,
        planned=len(planned),
        accepted=accepted,
        logged=len(logs),
        missing=tuple(sorted(planned - reached)),
        unplanned=tuple(sorted(others - besides)),
        untextable=tuple(sorted(besides)),
        with_other_text=tuple(sorted(_with_other_text(steps, logs))),
    )


def _with_other_text(steps: Sequence[PlanStep], logs: pd.DataFrame) -> set[str]:
    """The contacts whose row has a text that no step has for their phone; rows without a text cannot be compared."""
    planned = {each for step in steps for each in step.texts}
    rows = logs[logs["text"].notna()] if planned else logs.iloc[:0]
    found = zip(rows["contact_id"].fillna(""), rows["phone"], rows["text"], strict=True)
    return {contact_id for contact_id, phone, text in found if text_fingerprint(phone, text) not in planned}


def _untextable(logs: pd.DataFrame, countries: Callable[[], Sequence[str]]) -> set[str]:
    """The contacts of these rows without a number that somebody can have, to whom nothing was delivered."""
    from toolkit.texting.numbering.number_readings import are_nobodys

    is_nobodys = are_nobodys(logs["phone"], region=countries()) & ~logs["status"].isin(DELIVERED).to_numpy()
    return set(logs["contact_id"]) - set(logs["contact_id"][~is_nobodys])
