"""Findings beside their field: one line each, the button that repairs it, a reason where that lifts a block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ipywidgets import HTML, Button, HBox, Text, VBox

from toolkit.plans.finding import Finding
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.repairs import Repair, ordered, repair_of
from toolkit.widgets.views.finding_view import finding_line


class FindingLines(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The findings on one field. `repair` receives the repair whose button was pressed, `reason` the code and the
    reason that a person typed."""

    def __init__(self, field: str, *, repair: Callable[[Repair], None], reason: Callable[[str, str], None]) -> None:
        self._repair = repair
        self._reason = reason
        self._reasons: dict[str, Text] = {}
        self._shown: object = None
        super().__init__()
        self.add_class(f"seax-found-{field}").add_class("seax-lines")

    def show(self, findings: Sequence[Finding], form: CampaignForm, reasons: Mapping[str, str]) -> None:
        """Show these, the most severe first; those that are already shown keep their place on the page."""
        lines: list[tuple[Finding, Repair | None]] = []
        for each in ordered(findings):
            repair = repair_of(each, form)
            is_offered = repair is not None and repair.words in {other.words for _, other in lines if other}
            lines.append((each, None if is_offered else repair))
        shown = [(each, repair and repair.words) for each, repair in lines]
        if shown == self._shown:
            return
        self._shown = shown
        rows: list[HBox | Text] = []
        asked = set()
        for each, repair in lines:
            rows.append(self._line(each, repair))
            if each.severity == "block" and not each.is_final and each.code not in asked:
                asked.add(each.code)
                rows.append(self._reason_for(each.code, reasons.get(each.code, "")))
        self.children = rows

    def focus(self, title: str) -> None:
        """Put the page's focus on the repair or reason of the first finding of a severity, if it has one."""
        at = next(place for place, row in enumerate(self.children) if f"seax-find--{title}" in row._dom_classes)
        after = self.children[at + 1 : at + 2] if title == "block" else ()
        parts = (*self.children[at].children, *after)
        first = next((part for part in parts if isinstance(part, Button | Text)), None)
        if first is not None:
            first.focus()

    def _line(self, finding: Finding, repair: Repair | None) -> HBox:
        parts: list[HTML | Button] = [HTML(finding_line(finding))]
        if repair is not None:
            button = Button(description=repair.words).add_class(f"seax-repair-{finding.code}")
            button.on_click(lambda _: self._repair(repair))
            parts.append(button)
        return HBox(parts).add_class("seax-find").add_class(f"seax-find--{finding.title}")

    def _reason_for(self, code: str, typed: str) -> Text:
        if code not in self._reasons:
            reason = Text(
                typed,
                description=f"Why {code} does not hold here",
                placeholder="A reason lifts the block, and whoever approves reads it",
                continuous_update=False,
            ).add_class(f"seax-reason-{code}")
            reason.observe(lambda change: self._reason(code, change["new"]), "value")
            self._reasons[code] = reason
        return self._reasons[code]
