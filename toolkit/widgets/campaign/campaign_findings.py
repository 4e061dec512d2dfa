"""The findings on a campaign: each beside its field with its repair, and their number on the card."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toolkit.plans.finding import Finding
from toolkit.widgets.campaign.campaign_card import CampaignCard
from toolkit.widgets.campaign.campaign_fields import CampaignFields
from toolkit.widgets.campaign.finding_lines import FindingLines
from toolkit.widgets.forms.repairs import FIELDS, Repair, field_of


class CampaignFindings:
    """Shows findings in `lines`, by field, and on the card; `changed` is called after a repair or a reason for one."""

    def __init__(self, fields: CampaignFields, card: CampaignCard, *, changed: Callable[[], None]) -> None:
        self._fields = fields
        self._card = card
        self._changed = changed
        self.latest: tuple[Finding, ...] = ()
        self.lines = {field: FindingLines(field, repair=self._repair, reason=self._reason) for field in FIELDS}

    def show(self, findings: Sequence[Finding], *, is_complete: bool) -> None:
        """Show these, and the one next step of a campaign that is complete or not."""
        self.latest, form = tuple(findings), self._fields.value
        for field, lines in self.lines.items():
            lines.show([each for each in findings if field_of(each) == field], form, form.overrides)
        self._card.show_findings(findings)
        missing = form.missing.step if form.missing else "" if is_complete else "Correct what is marked"
        blocks = is_complete and any(each.is_blocking for each in findings)
        self._card.show_step("Go to the first block" if blocks else missing, is_complete=is_complete)

    def jump(self, title: str) -> None:
        """Go to the first finding of a severity, as its `title` has it."""
        first = next((each for each in self.latest if each.title == title), None)
        if first is not None:
            field = field_of(first)
            self._fields.focus(field)
            self.lines[field].focus(title)

    def _repair(self, repair: Repair) -> None:
        self._fields.fill(repair.apply(self._fields.value))
        self._changed()

    def _reason(self, code: str, typed: str) -> None:
        self._fields.reasons[code] = typed
        self._changed()
