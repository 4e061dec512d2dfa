"""Removing a label that was made here: the people who have it, its one request, and the findings on it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.api.dialect import LabelRemoval
from toolkit.data.contacts import Contacts
from toolkit.display import when
from toolkit.errors import DraftError
from toolkit.models import Frozen, Label
from toolkit.planning.label_file import is_made_here
from toolkit.planning.read import DraftReading
from toolkit.planning.steps import RecipientColumns, RequestStep
from toolkit.plans.draft import LabelRemovalDraft
from toolkit.plans.earlier_sends import Past
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding, overridden
from toolkit.plans.plan import Plan

_VERB = "remove "  # before the label's name, in the words of the step


def removal_steps(reading: DraftReading, draft: LabelRemovalDraft) -> list[RequestStep]:
    """The one request, with everybody who has the label now, by id.

    DraftError for a label that was not made by `ws.imports.label`, SegmentError if no contact has it.
    """
    contacts, label = reading.contacts, _label(reading, draft)
    members = contacts.has_any([contacts.labels.index(label)])
    having = contacts.table.select(["id", "phone"]).filter(pa.array(members))
    having = having.combine_chunks().sort_by([("id", "ascending")])
    people = RecipientColumns(having["id"], pc.fill_null(having["phone"], ""))
    request = LabelRemoval(label_id=label.id, label_name=label.name)
    return [RequestStep(what=f"{_VERB}{label.name}", request=request, people=people)]


def check_removal(reading: DraftReading, draft: LabelRemovalDraft) -> list[Finding]:
    """Every finding on removing a label."""
    return overridden(check_needed(_label(reading, draft).name, reading.past), draft.overrides)


def check_needed(name: str, past: Past) -> Iterator[Finding]:
    """Findings on campaigns that the service starts later and that are addressed by a label of this name."""
    for plan in past.to_come():
        if any(name in line for line in plan.addressing):
            yield finding(
                "LBL001",
                f"The service starts {plan.name!r} at {when(plan.start)}, which is addressed by the label {name}: "
                "whom it would reach without it is not known.",
                "Remove the label after that, or cancel the campaign first.",
            )


def _label(reading: DraftReading, draft: LabelRemovalDraft) -> Label:
    label = reading.contacts.label(draft.label)
    if not is_made_here(label.name):
        raise DraftError(
            f"The label {label.name!r} was not made by ws.imports.label, and only such labels (seax: and a digest) "
            "are removed from here: delete it in SeaX under Contacts, Labels."
        )
    return label


class RemovalCheck(Frozen):
    """Who of a plan that removed a label still has it, and who else does: contact ids, as read after it was sent."""

    plan_id: str
    planned: int
    remaining: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Nobody has the label any more."""
        return not self.remaining and not self.others

    def __str__(self) -> str:
        if self.is_exact:
            return f"None of the {self.planned:,} contacts of the plan has the label any more, nor does anybody else."
        return (
            f"{len(self.remaining):,} of the {self.planned:,} contacts of the plan still have the label, and "
            f"{len(self.others):,} others do: the service may take a while, so check again, and else look in SeaX "
            "under Contacts, Labels."
        )


def check_removed(plan: Plan, contacts: Contacts) -> RemovalCheck:
    """Compare who has a plan's label now with whom it was to be taken from, id by id; DraftError for another plan."""
    if plan.draft.kind != "label removal":
        raise DraftError(f"Plan {plan.id} removes no label: pass the plan of a LabelRemovalDraft.")
    name = plan.steps[0].what.removeprefix(_VERB)
    codes = [code for code, label in enumerate(contacts.labels) if label.name == name]
    having, planned = set(contacts.ids[contacts.has_any(codes)]), set(plan.recipient_ids)
    return RemovalCheck(
        plan_id=plan.id,
        planned=len(planned),
        remaining=tuple(sorted(having & planned)),
        others=tuple(sorted(having - planned)),
    )
