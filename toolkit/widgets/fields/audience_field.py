"""Who gets a campaign: labels as chips, conditions, or a typed rule: one segment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipywidgets import HTML, Button, Dropdown, HBox, Text, Textarea, VBox

from toolkit.audience.rules.contact_rules import LabelRule
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError, SegmentError
from toolkit.groups.saved_segments import SavedSegments
from toolkit.widgets.fields.choice_field import ChoiceField
from toolkit.widgets.fields.rule_tree import RuleTree
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.choices import label_choices
from toolkit.widgets.forms.exploration import Exploration
from toolkit.widgets.forms.segment_form import SegmentForm
from toolkit.widgets.views.markup import escaped, refusal, refusals_in


class AudienceField(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The people of a campaign; `changed` is called after each edit. One that `is_bound` shows another's segment."""

    def __init__(
        self, form: CampaignForm, segments: SavedSegments, *, changed: Callable[[], None], is_bound: bool
    ) -> None:
        self._segments = segments
        self.unknown = ""  # why a kept segment that the rule names cannot be used
        self._changed = changed
        self._is_bound = is_bound
        self._exploration: Exploration | None = None
        self.any_of = ChoiceField("Any of these labels", called="any-of")
        self.none_of = ChoiceField("None of these labels", called="none-of", prefix="not ", offered=3)
        self._tree = RuleTree(chosen=self._chosen, changed=self._changed)
        title = HTML(f'<span class="seax-label">{escaped("And all of these conditions")}</span>')
        self._rule = Textarea(rows=2, description="Rule", continuous_update=False).add_class("seax-rule")
        self._said = HTML().add_class("seax-rule-said")
        self._way = Button(description="Edit as text").add_class("seax-btn--link").add_class("seax-as-text")
        self._way.on_click(lambda _: self._other_way())
        labels = VBox([self.any_of, self.none_of]).add_class("seax-pair")
        self._clicked = VBox([labels, title, self._tree]).add_class("seax-lines")
        self._saved = Dropdown(description="Saved segment").add_class("seax-saved-segment")
        self._segment_name = Text(description="Save these people as", placeholder="A name for this segment")
        self._save = Button(description="Save").add_class("seax-save-segment")
        self._save.on_click(lambda _: self._save_segment())
        self._note = HTML().add_class("seax-segment-said").add_class("seax-small").add_class("seax-quiet")
        naming = VBox([self._segment_name.add_class("seax-segment-name"), self._save]).add_class("seax-naming")
        self._buttons = VBox(
            [HBox([self._way]).add_class("seax-row"), VBox([self._saved, naming]).add_class("seax-pair")]
        ).add_class("seax-lines")
        self._offer_segments()
        super().__init__([self._clicked, self._rule, self._said, *([] if is_bound else [self._buttons, self._note])])
        self.add_class("seax-lines").add_class("seax-whom")
        self.fill(form)
        for field in (self.any_of, self.none_of):
            field.observe(lambda _: self._changed(), "value")
        self._rule.observe(lambda _: self._typed(), "value")
        self._saved.observe(lambda _: self._use(), "value")

    @property
    def choices(self) -> dict[str, Any]:
        """The fields of a `CampaignForm` that are chosen here."""
        if self._is_typed:
            return {"any_of": (), "none_of": (), "conditions": (), "rule": self._expanded}
        return {
            "any_of": self.any_of.value,
            "none_of": self.none_of.value,
            "conditions": self._tree.value,
            "rule": None,
        }

    def fill(self, form: CampaignForm) -> None:
        """Show the people of a form."""
        labels = [*((name, name) for name in form.any_of), *((name, name) for name in form.none_of)]
        if self._exploration is None:
            self.any_of.offer(labels[: len(form.any_of)], form.any_of)
            self.none_of.offer(labels[len(form.any_of) :], form.none_of)
        else:
            self.any_of.choose(form.any_of)
            self.none_of.choose(form.none_of)
        self._tree.fill(form.conditions)
        self._rule.value = form.rule or ""
        self._show_way(is_typed=form.rule is not None or self._is_bound)

    def explore(self, exploration: Exploration, labels: Any) -> None:
        """Offer the labels and fields of the contacts."""
        self._exploration = exploration
        self._tree.explore(exploration)
        for field in (self.any_of, self.none_of):
            field.offer(label_choices(labels, field.value), field.value)

    def show_error(self, words: str) -> None:
        """Show why the people cannot be counted; nothing if they can."""
        self._said.value = refusal(words) if words else ""

    def focus(self) -> None:
        """Put the page's focus on where one chooses."""
        (self._rule if self._is_typed else self.any_of).focus()

    @property
    def is_explored(self) -> bool:
        """Labels of contacts are offered."""
        return self._exploration is not None

    @property
    def _expanded(self) -> str:
        """The typed rule, with the rules of the kept segments that it names, as they are now."""
        typed: str = self._rule.value
        self.unknown = ""
        if "segment:" in typed:
            try:
                return str(self._segments.parse(typed))
            except SegmentError as error:
                self.unknown = str(error)
        return typed

    @property
    def _is_typed(self) -> bool:
        return bool(self._clicked.layout.display == "none")

    def _show_way(self, *, is_typed: bool) -> None:
        self._clicked.layout.display = "none" if is_typed else None
        self._rule.layout.display = None if is_typed else "none"
        self._rule.disabled = self._is_bound
        self._rule.description = "As in the explorer" if self._is_bound else "Rule"
        self._way.description = "Edit by clicking" if is_typed else "Edit as text"

    def _other_way(self) -> None:
        """From clicks to the text of the same rule, and back where it can be clicked."""
        if not self._is_typed:
            form = CampaignForm(**self.choices)
            try:
                self._rule.value = str(form.segment)
            except DraftError:
                self._rule.value = ""
            self._show_way(is_typed=True)
        else:
            try:
                who = (
                    SegmentForm.from_segment(self._segments.parse(self._rule.value))
                    if self._rule.value.strip()
                    else SegmentForm()
                )
            except SegmentError as error:
                self.show_error(str(error))
                return
            all_of = [LabelRule(match="all", labels=who.all_of)] if who.all_of else []
            self.any_of.choose(who.any_of)
            self.none_of.choose(who.none_of)
            self._tree.fill([*all_of, *who.conditions])
            self._show_way(is_typed=False)
        self._changed()

    def _typed(self) -> None:
        """Take a typed rule; a kept segment that it names becomes its rule."""
        if (rule := self._expanded) != self._rule.value:
            self._rule.value = rule  # which is an edit of its own
        else:
            self._changed()

    def _offer_segments(self) -> None:
        names = [*self._segments]
        self._saved.options = [("choose…", ""), *((name, name) for name in names)]
        self._saved.layout.display = None if names else "none"

    def _use(self) -> None:
        """Put a kept segment on the page."""
        if self._saved.value:
            with refusals_in(self._said):
                self._rule.value = str(self._segments[self._saved.value])
                self._show_way(is_typed=True)
                self._other_way()
                self._saved.value = ""

    def _save_segment(self) -> None:
        """Keep the people on the page under a name."""
        with refusals_in(self._note):
            name = self._segment_name.value.strip()
            was, author = name in self._segments, self._segments.author(name)
            self._segments[name] = CampaignForm(**self.choices).segment
            self._offer_segments()
            self._segment_name.value = ""
            done = f"Replaced what {author or 'somebody'} saved" if was else "Saved"
            self._note.value = escaped(f"{done}: rules may name it as segment:{name!r}.")

    def _chosen(self) -> Segment:
        """Who is chosen so far, everyone if nobody is."""
        try:
            return CampaignForm(**self.choices).segment
        except DraftError:
            return Segment.everyone()
