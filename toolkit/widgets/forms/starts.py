"""What a campaign may start from: a kept draft, or one that was sent, and a form as it is kept. Without widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from toolkit.display import when
from toolkit.errors import ToolkitError
from toolkit.groups.drafts import KeptDraft
from toolkit.ledger.plan_entry import Entry
from toolkit.plans.draft import LONGEST_NAME
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.choices import Choice

_FORM = TypeAdapter(CampaignForm)
_DRAFT, _PLAN = "draft:", "plan:"


def start_choices(drafts: Sequence[KeptDraft], sent: Sequence[Entry]) -> list[Choice]:
    """Drafts, the latest first, then campaigns that were sent; each with what `form_of` takes."""
    kept = [(f"Draft: {draft.name}, {when(draft.at, '%d %b %H:%M')}", f"{_DRAFT}{draft.name}") for draft in drafts]
    copies = [
        (f"Copy of: {entry.plan.draft.name}, sent {when(entry.receipt.at, '%d %b')}", f"{_PLAN}{entry.plan.id}")
        for entry in sent
        if entry.plan.draft.kind == "campaign" and entry.receipt
    ]
    return [*kept, *copies]


def form_of(choice: str, drafts: Sequence[KeptDraft], sent: Sequence[Entry]) -> CampaignForm | None:
    """The form of a choice; None if it is no longer there or the builder has no fields for it.

    A copy has another name, as the same campaign is not sent twice.
    """
    try:
        for draft in drafts:
            if choice == f"{_DRAFT}{draft.name}":
                if draft.fields:
                    return from_fields(draft.fields)
                return CampaignForm.from_draft(draft.draft) if draft.draft else None
        for entry in sent:
            if choice == f"{_PLAN}{entry.plan.id}" and entry.plan.draft.kind == "campaign":
                form = CampaignForm.from_draft(entry.plan.draft)
                return replace(form, name=f"{form.name[: LONGEST_NAME - 6]}, copy", start=None, end=None)
    except ToolkitError:
        return None
    return None


def to_fields(form: CampaignForm) -> dict[str, Any]:
    """A form as JSON has it."""
    fields: dict[str, Any] = _FORM.dump_python(form, mode="json")
    return fields


def from_fields(fields: Mapping[str, Any]) -> CampaignForm | None:
    """The form that `to_fields` wrote; None if it was written by another version."""
    try:
        return _FORM.validate_python(dict(fields))
    except ValidationError:
        return None
