"""Building a segment by clicking: labels, fields and behaviour, with counts that follow every click.

The counts are of one snapshot of the contacts, taken when the explorer was created; a plan counts again. Of many
contacts, who can be texted is read once the page shows who is selected.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, RadioButtons, Tab, Text, VBox
from traitlets import Instance

from toolkit.audience.rules.combined_rules import Rule
from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.display import Section, as_html, as_text
from toolkit.errors import ToolkitError
from toolkit.widgets.fields.chips import Chip, Chips
from toolkit.widgets.fields.condition_picker import ConditionPicker
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.fields.rule_tree import RuleTree
from toolkit.widgets.forms.exploration import Exploration, Selection
from toolkit.widgets.forms.segment_form import How, SegmentForm
from toolkit.widgets.frame_table import FrameTable
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.log_pages import CampaignsById, campaign_name
from toolkit.widgets.views.markup import bars, caution, code, hint, look, refusal, refusals_in, waterfall_list
from toolkit.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

_AT_ONCE = 100_000  # contacts whose numbers are read before the page is shown, which takes a tenth of a second
_SOON = 0.2  # seconds until the page shows the rest
_OFFERED = 24  # labels with a button; the others are found by typing
_STYLES: dict[How | None, str] = {
    None: "",
    "any": "seax-chip--chosen",
    "all": "seax-chip--chosen",
    "none": "seax-chip--none",
}
_LABELS, _FIELDS, _MESSAGES, _PEOPLE, _OVERLAP, _CODE = range(6)


class SegmentExplorer(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Builds a segment and counts it at every step.

    `value` is the `Segment` on the page, None while the typed rule cannot be read; it can be observed, printed and
    passed back, as in `SegmentExplorer(ws, segment)`. `contacts` is an earlier `ws.snapshot()`; without
    one the contacts are read now, which raises ReadCancelled if it is interrupted. Of more than 100,000, who can be
    texted is read after the cell, when the page shows who is selected. Raises ServiceError if they cannot be read,
    SegmentError for a segment with unknown names.
    """

    value = Instance(Segment, allow_none=True, read_only=True)
    exploration: Exploration  # the snapshot that is counted

    def __init__(
        self, workspace: Workspace, segment: Segment | None = None, *, contacts: Contacts | None = None
    ) -> None:
        self._workspace = workspace
        self._lock = threading.RLock()  # some kernels handle two events in two threads
        contacts = workspace.snapshot(segment) if contacts is None else contacts
        self.exploration = Exploration(contacts, workspace.live, workspace.policy.held_out)
        self._form = SegmentForm() if segment is None else SegmentForm.from_segment(segment)
        self._selection: Selection | None = None
        self._headline = HTML().add_class("seax-count-of")
        self._rule = Text(description="Rule", continuous_update=False).add_class("seax-rule")
        self._said = HTML().add_class("seax-said")
        self._chips = Chips(self._remove).add_class("seax-parts")
        self._tree = RuleTree(chosen=lambda: self._form.segment, changed=self._edited_tree)
        self._tree.explore(self.exploration)
        self._steps = HTML().add_class("seax-waterfall")
        self._how = RadioButtons(
            options=[("any of", "any"), ("all of", "all"), ("none of", "none")],
            description="A click adds",
            orientation="horizontal",
        ).add_class("seax-how")
        self._find = Text(description="Find labels").add_class("seax-find-labels")
        self._labels = Chips(self._click_label).add_class("seax-labels")
        self._more = HTML()
        self._met: set[str] = set()  # labels that were offered so far
        self._fields = ConditionPicker(self._look, self._add).add_class("seax-fields")
        self._messages = ConditionPicker(self._look, self._add).add_class("seax-messages")
        self._other = Text(description="Other rule", continuous_update=False).add_class("seax-other")
        self._people = FrameTable(what="people")
        self._shared = HTML().add_class("seax-overlap")
        self._code = HTML().add_class("seax-code")
        read = LongRead("Read delivery logs", self._read_logs, self._told)
        self._tabs = Tab(
            [
                _lines(self._how, self._find, self._labels, self._more),
                self._fields,
                _lines(HTML(hint("The outcome of messages is in the delivery logs.")), read, self._messages),
                self._people,
                _lines(self._other, self._shared),
                self._code,
            ],
            titles=("Labels", "Fields", "Messages", "People", "Overlap", "Code"),
        ).add_class("seax-tabs")
        self._rule.observe(lambda _: self._typed(), "value")
        self._find.observe(lambda _: self._offer_labels(), "value")
        self._tabs.observe(lambda _: self._opened(), "selected_index")
        self._other.observe(lambda _: self._show_overlap(), "value")
        card = VBox([VBox([self._headline]).add_class("seax-top"), VBox([self._steps]).add_class("seax-mid")])
        left = (
            VBox([self._rule, self._said, self._chips, self._tree, self._tabs])
            .add_class("seax-lines")
            .add_class("seax-form")
        )
        super().__init__([look(), VBox([left, card.add_class("seax-card")]).add_class("seax-build")])
        self.add_class("seax").add_class("seax-explorer")
        if len(contacts) <= _AT_ONCE or not _do_soon(self._read_numbers):
            self.exploration.read_numbers()
        self._take(self._form)

    def _read_numbers(self) -> None:
        with self._lock, refusals_in(self._said):
            self.exploration.read_numbers()
            if self.value is not None:
                self._show()

    def _changed(self, form: SegmentForm) -> None:
        """Take what is on the page now, or show why it cannot be counted."""
        try:
            self._take(form)
        except ToolkitError as error:
            self._refuse(error)

    def _take(self, form: SegmentForm) -> None:
        with self._lock:
            segment = form.segment
            selection = self.exploration.select(segment)
            self._form, self._selection = form, selection
            self.set_trait("value", segment)
            self._rule.value = str(segment)
            self._said.value = hint(self.exploration.with_names(segment.explain())) + "".join(
                map(caution, selection.doubts)
            )
            self._show()

    def _refuse(self, error: ToolkitError) -> None:
        self._said.value = refusal(str(error))
        self._headline.value = self._steps.value = ""
        for chips in (self._chips, self._labels):  # they are of the rule before
            chips.disable()
        self._tree.enable(is_enabled=False)
        self.set_trait("value", None)

    def _show(self) -> None:
        assert self._selection is not None
        selected, total = self._selection.selected, len(self.exploration.contacts)
        share = f"{selected / total:.1%}" if total else "none"
        receive, steps = "reading who can be texted…", ""
        if self.exploration.has_numbers:
            audience = self.exploration.audience(self._form.segment)
            receive = f"<b>{len(audience):,}</b> of them would receive a campaign"
            steps = waterfall_list(selected, audience.waterfall)
        self._headline.value = (
            f'<div role="status"><b class="seax-people">{selected:,}</b> of {total:,} contacts ({share})'
            f"<br>{receive}</div>"
        )
        self._steps.value = steps
        self._show_chips()
        self._offer_labels()
        self._opened()

    def _show_chips(self) -> None:
        labels = SegmentForm(self._form.any_of, self._form.all_of, self._form.none_of).parts
        self._chips.show([Chip(part, f"✕ {part}", f"Remove: {part}") for part in labels])
        self._tree.fill(self._form.conditions)
        self._tree.enable(is_enabled=True)

    def _offer_labels(self) -> None:
        selection = self._selection
        if selection is None:
            return
        sought = self._find.value.strip().lower()
        known = self.exploration.labels
        found = [name for name in known if sought in name.lower()]
        clicked = [name for name in found[_OFFERED:] if self._form.how(name)]
        offered = {*found[:_OFFERED], *clicked}
        self._met |= offered
        chips = []
        for name in filter(self._met.__contains__, known):
            text, now = f"{name} {selection.by_label[known[name]]:,}", self._form.how(name)
            for how, style in _STYLES.items():
                words = f"{how}: {text}" if how else text
                chips.append(Chip((name, how), words, style=style, is_shown=name in offered and how == now))
        self._labels.show(chips)
        left = len(found) - len(offered)
        self._more.value = hint(f"{left:,} more labels: type a part of the name above.") if left else ""

    def _opened(self) -> None:
        """Show the content of the open tab; the others cost nothing."""
        match self._tabs.selected_index:
            case _ if self.value is None:
                pass
            case index if index == _FIELDS:
                self._fill(self._fields, self.exploration.columns)
            case index if index == _MESSAGES:
                self._messages.layout.display = None if self.exploration.behaviour else "none"
                self._fill(self._messages, self.exploration.behaviour)
            case index if index == _PEOPLE and self.exploration.has_numbers:
                self._people.show(self.exploration.audience(self._form.segment))
            case index if index == _OVERLAP:
                self._show_overlap()
            case index if index == _CODE:
                self._code.value = code(f"Segment.parse({str(self.value)!r})")

    def _fill(self, picker: ConditionPicker, columns: list[str]) -> None:
        picker.offer(columns)
        picker.refresh()

    def _look(self, column: str) -> Any:
        return self.exploration.profile(column, self._form.segment)

    def _add(self, rule: Rule) -> None:
        self._changed(self._form.with_conditions([rule]))

    def _edited_tree(self) -> None:
        self._changed(replace(self._form, conditions=self._tree.value))

    def _click_label(self, clicked: tuple[str, How | None]) -> None:
        """Use a label in the way that is chosen; one that is used so, as its text shows, is removed."""
        (name, was), how = clicked, self._how.value
        if was != how or self._form.how(name) == was:
            self._changed(self._form.with_label(name, None if was == how else how))

    def _remove(self, part: Segment) -> None:
        self._changed(self._form.without(part))

    def _typed(self) -> None:
        typed = self._rule.value.strip()
        if self.value is not None and typed == str(self.value):
            return
        try:
            segment = self._workspace.segments.parse(typed) if typed else Segment.everyone()
        except ToolkitError as error:
            self._refuse(error)
            return
        self._changed(SegmentForm.from_segment(segment))

    def _show_overlap(self) -> None:
        if self.value is None or not self._other.value.strip():
            self._shared.value = hint("Type another rule to see which contacts both include.")
            return
        with refusals_in(self._shared):
            first, both, second = self.exploration.overlap(
                self.value, self._workspace.segments.parse(self._other.value)
            )
            rows = [("only this segment", first), ("both", both), ("only the other", second)]
            self._shared.value = bars(rows, first + both + second)

    def _read_logs(self, progress: Callable[[int, int], None]) -> tuple[pd.DataFrame, CampaignsById]:
        campaigns = {campaign.id: campaign for campaign in self._workspace.campaigns()}
        return self._workspace.logs([*campaigns][::-1], progress=progress), campaigns

    def _told(self, read: tuple[pd.DataFrame, CampaignsById]) -> None:
        logs, campaigns = read
        names = {each.id: campaign_name(each, campaigns) for each in campaigns.values()}
        with self._lock:
            self.exploration.read_numbers()
            self.exploration = self.exploration.with_logs(logs, names)
            self._tree.explore(self.exploration)
            self._opened()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
        selection = self._selection
        rows = [["rule", str(self.value)]] if self.value is not None else [["rule", "cannot be read"]]
        if selection and self.value is not None:
            rows += [["contacts", f"{selection.selected:,} of {len(self.exploration.contacts):,}"]]
            if self.exploration.has_numbers:
                receive = len(self.exploration.audience(self.value))
                rows += [["would receive a campaign", f"{receive:,}"]]
            rows += [["doubtful", doubt] for doubt in selection.doubts]
        twin = [Section(titled("Segment explorer", "use it"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _do_soon(work: Callable[[], None]) -> bool:
    """Have the notebook's kernel do some work when the cell is over, in the thread of its cells; False elsewhere."""
    try:
        asyncio.get_running_loop().call_later(_SOON, work)
    except RuntimeError:  # no kernel
        return False
    return True


def _lines(*parts: Any) -> VBox:
    return VBox(parts).add_class("seax-lines")
