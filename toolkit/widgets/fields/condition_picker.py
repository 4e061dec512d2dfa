"""Where one column is profiled, and a condition on it is picked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ipywidgets import HTML, Button, Dropdown, HBox, Text, VBox

from toolkit.audience.column_profile import Profile
from toolkit.audience.rules.combined_rules import Rule
from toolkit.widgets.fields.choice_field import ChoiceField
from toolkit.widgets.forms.condition_form import ConditionForm
from toolkit.widgets.views.markup import bars, hint, refusals_in

_SHOWN = 12  # bars


class ConditionPicker(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A column, its values in the current audience, and the condition to add.

    `look` profiles a column; `add` receives each condition that is picked.
    """

    def __init__(self, look: Callable[[str], Profile], add: Callable[[Rule], None]) -> None:
        self._look = look
        self._add = add
        self._profile: Profile | None = None
        self._column = Dropdown(description="Look at").add_class("seax-column")
        self._picture = HTML().add_class("seax-picture")
        self._values = ChoiceField("Values", called="values", offered=_SHOWN)
        self._low = Text(description="From").add_class("seax-low")
        self._high = Text(description="Up to").add_class("seax-high")
        self._text = Text(description="Containing").add_class("seax-text")
        only = Button(description="Only these", button_style="primary").add_class("seax-only")
        without = Button(description="Without these").add_class("seax-without")
        self._said = HTML().add_class("seax-picker-said")
        self._column.observe(lambda _: self.refresh(), "value")
        only.on_click(lambda _: self._pick(negated=False))
        without.on_click(lambda _: self._pick(negated=True))
        self._inputs = VBox().add_class("seax-lines")
        self._buttons = HBox([only, without]).add_class("seax-row")
        super().__init__([self._column, self._picture, self._inputs, self._said])
        self.add_class("seax-lines")

    def focus(self) -> None:
        """Put the page's focus on the choice of a column."""
        self._column.focus()

    def offer(self, columns: Sequence[str]) -> None:
        """Offer these columns; none is profiled before it is chosen."""
        self._column.options = [("choose…", ""), *((column, column) for column in columns)]

    def refresh(self) -> None:
        """Profile the chosen column again."""
        column = self._column.value
        if not column:
            self._profile, self._picture.value, self._inputs.children = None, "", ()
            return
        self._said.value = hint(f"Reading {column}…") if not self._profile or self._profile.column != column else ""
        with refusals_in(self._said):
            is_other = self._profile is None or self._profile.column != column
            self._profile = self._look(column)
            self._said.value = ""
            self._show(self._profile, is_other=is_other)

    def _show(self, profile: Profile, *, is_other: bool) -> None:
        whole = sum(bar.contacts for bar in profile.bars) + profile.missing + profile.others
        rows = [(bar.label, bar.contacts) for bar in profile.bars[:_SHOWN]]
        others = profile.others + sum(bar.contacts for bar in profile.bars[_SHOWN:])
        rows += [("(other values)", others)] if others else []
        rows += [("(no value)", profile.missing)] if profile.missing else []
        self._picture.value = bars(rows, whole) if rows else hint("Nobody is in this audience.")
        offered = [(f"{bar.label} ({bar.contacts:,})", bar.value) for bar in profile.bars if bar.value is not None]
        self._values.offer(offered, () if is_other else self._values.value)
        if is_other:
            self._low.value = self._high.value = self._text.value = ""
            self._low.placeholder = "2026-03-01, or 30d for the last 30 days" if profile.kind == "times" else ""
            is_numeric = bool(offered) and all(isinstance(value, float) for _, value in offered)
            by_kind = {
                "values": [self._values, self._low, self._high] if is_numeric else [self._values],
                "texts": [self._values, self._text],
                "numbers": [self._low, self._high],
                "times": [self._low, self._high],
            }
            self._inputs.children = (*by_kind[profile.kind], self._buttons)

    def _pick(self, *, negated: bool) -> None:
        if self._profile is None:
            return
        with refusals_in(self._said):
            form = ConditionForm(
                self._profile.column,
                self._profile.kind,
                values=self._values.value,
                low=self._low.value,
                high=self._high.value,
                text=self._text.value,
            )
            self._add(form.rule(negated=negated))
            self._said.value = hint(f"Added a condition on {form.column}.")
