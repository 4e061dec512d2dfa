"""Conditions as lines and groups, with how many contacts fit each: added, grouped and removed by clicks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from ipywidgets import HTML, Button, Dropdown, HBox, VBox

from toolkit.audience.column_profile import Profile
from toolkit.audience.rules.combined_rules import Rule
from toolkit.audience.segment import Segment
from toolkit.errors import ToolkitError
from toolkit.widgets.fields.condition_picker import ConditionPicker
from toolkit.widgets.forms.condition_form import LABELS
from toolkit.widgets.forms.exploration import Exploration
from toolkit.widgets.forms.rule_groups import DEEPEST, RuleGroup, RuleLine
from toolkit.widgets.views.markup import hint

_HOW = (("all of these", "all"), ("any of these", "any"), ("none of these", "none"))


class RuleTree(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The conditions that all have to hold, each a line or a group; `changed` is called after each edit.

    `chosen` is the segment on the page, in which the first level's columns are looked at; a group's are looked at among
    all contacts, as one of several ways to fit.
    """

    def __init__(self, *, chosen: Callable[[], Segment], changed: Callable[[], None]) -> None:
        self._chosen = chosen
        self._changed = changed
        self._keys = count()
        self._exploration: Exploration | None = None
        self._fitting: dict[Rule, int] = {}  # of this exploration
        self._tree = RuleGroup(next(self._keys))
        self._adding_to: int | None = None  # the group to which the open picker adds
        self._picker = ConditionPicker(self._look, self._pick).add_class("seax-picker").add_class("seax-box")
        self._lines: dict[int, Button] = {}
        self._groups: dict[int, _Group] = {}
        self.is_enabled = True
        super().__init__()
        self.add_class("seax-lines").add_class("seax-rule-tree")
        self._show()

    @property
    def value(self) -> tuple[Rule, ...]:
        """The rules that all have to hold; without empty groups."""
        return self._tree.rules

    def fill(self, rules: Sequence[Rule]) -> None:
        """Show these rules; the same as before leave the page as it is, with its empty groups."""
        if self.value != tuple(rules):
            self._tree = RuleGroup.of(rules, self._keys)
            self._adding_to = None
            self._show()

    def explore(self, exploration: Exploration) -> None:
        """Offer the labels and columns of these contacts, and count on them."""
        self._exploration, self._fitting = exploration, {}
        self._show()

    def enable(self, *, is_enabled: bool) -> None:
        """Let it be edited, or not while what is shown is not what is typed."""
        if self.is_enabled != is_enabled:
            self.is_enabled = is_enabled
            self._show()

    def open_picker(self, key: int) -> None:
        """Open the picker for the group of this key, or close it where it is open."""
        self._adding_to = None if key == self._adding_to else key
        if self._adding_to is not None and self._exploration is not None:
            self._picker.offer([LABELS, *self._exploration.columns, *self._exploration.behaviour])
        self._show()
        if self._adding_to is not None:
            self._picker.focus()

    def add_group(self, key: int) -> None:
        """Add an empty group to the group of this key, any of whose lines is enough, and open its picker."""
        inner = RuleGroup(next(self._keys), "any")
        self._tree = self._tree.add(inner, to=key)
        self.open_picker(inner.key)

    def remove(self, key: int) -> None:
        """Remove a line, or a group with all its lines; nothing if it is gone already."""
        at = self._order.index(key) if key in self._order else 0
        self._edit(self._tree.remove(key))
        rest = [each for each in self._order if each in self._lines]
        (self._lines[rest[min(at, len(rest) - 1)]] if rest else self._groups[self._tree.key].add).focus()

    def set_how(self, key: int, how: str) -> None:
        """Let a group ask for all, any or none of its lines."""
        if how in ("all", "any", "none"):
            self._edit(self._tree.set_how(key, how))  # type: ignore[arg-type]  # it is one of them

    @property
    def _order(self) -> list[int]:
        """The keys of lines and groups, as on the page."""
        return list(_keys(self._tree))[1:]

    def _edit(self, tree: RuleGroup) -> None:
        before, self._tree = self.value, tree
        self._show()
        if self.value != before:
            self._changed()

    def _look(self, column: str) -> Profile:
        assert self._exploration is not None
        is_first = self._adding_to == self._tree.key
        return self._exploration.profile(column, self._chosen() if is_first else Segment.everyone())

    def _pick(self, rule: Rule) -> None:
        """Add a condition where the picker is open."""
        key, self._adding_to = self._adding_to, None
        group = self._tree.find(key) if key is not None else None
        if isinstance(group, RuleGroup):
            known = [item.rule for item in group.items if isinstance(item, RuleLine)]
            line = RuleLine(next(self._keys), rule)
            self._edit(self._tree if rule in known else self._tree.add(line, to=group.key))
            self._groups[group.key].add.focus()

    def _show(self) -> None:
        """Show the tree; what is there already stays the same widget."""
        kept = {*_keys(self._tree)}
        gone = [self._lines.pop(key) for key in [*self._lines] if key not in kept]
        gone += [self._groups.pop(key) for key in [*self._groups] if key not in kept]
        self.children = (self._group(self._tree, 0),)
        for each in gone:
            each.close()

    def _group(self, group: RuleGroup, depth: int) -> _Group:
        shown = self._groups.get(group.key)
        if shown is None:
            shown = self._groups[group.key] = _Group(self, group.key, depth)
        lines = [
            self._group(item, depth + 1) if isinstance(item, RuleGroup) else self._line(item) for item in group.items
        ]
        is_open = self._adding_to == group.key
        picker: list[VBox] = []
        if is_open and self._exploration is None:
            shown.said.value = hint("The contacts are still being read.")
        else:
            shown.said.value = ""
            picker = [self._picker] if is_open else []
        shown.show(group, [*lines, *picker], is_open=is_open)
        return shown

    def _line(self, line: RuleLine) -> Button:
        button = self._lines.get(line.key)
        if button is None:
            button = self._lines[line.key] = Button(tooltip="Remove this condition").add_class("seax-chip")
            button.add_class("seax-condition").on_click(lambda _: self.remove(line.key))
        fitting = self._count(line.rule)
        words = str(Segment(rule=line.rule))
        words = self._exploration.with_names(words) if self._exploration else words
        button.description = f"✕ {words}" + (f" ({fitting:,})" if fitting is not None else "")
        button.disabled = not self.is_enabled
        return button

    def _count(self, rule: Rule) -> int | None:
        """How many contacts fit a rule; None while that is not known."""
        if self._exploration is None:
            return None
        if rule not in self._fitting:
            try:
                self._fitting[rule] = Segment(rule=rule).count(self._exploration.contacts)
            except ToolkitError:  # its refusal stands beside the count of the whole
                return None
        return self._fitting[rule]


class _Group(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One group: how many of its lines have to hold, the lines, and what can be added."""

    def __init__(self, tree: RuleTree, key: int, depth: int) -> None:
        self._tree = tree
        self._is_first = depth == 0
        self._how = Dropdown(options=_HOW, description="Whoever fits").add_class("seax-group-how")
        self._remove = Button(description="Remove this group").add_class("seax-btn--link")
        self._remove.add_class("seax-remove-group")
        self._within = VBox().add_class("seax-lines").add_class("seax-conditions" if self._is_first else "seax-within")
        self.said = HTML()
        self.add = Button(description="+ Condition").add_class("seax-add-condition")
        self._more = Button(description="+ Group").add_class("seax-add-group")
        self._is_filling = False
        self._how.observe(lambda _: self._choose(key), "value")
        self._remove.on_click(lambda _: tree.remove(key))
        self.add.on_click(lambda _: tree.open_picker(key))
        self._more.on_click(lambda _: tree.add_group(key))
        head = [] if self._is_first else [HBox([self._how, self._remove]).add_class("seax-apart")]
        adding = [self.add] if depth >= DEEPEST else [self.add, self._more]
        super().__init__([*head, self._within, self.said, HBox(adding).add_class("seax-row")])
        self.add_class("seax-lines")
        if not self._is_first:
            self.add_class("seax-group")

    def show(self, group: RuleGroup, within: Sequence[Button | VBox], *, is_open: bool) -> None:
        """Show its lines, with the picker where it is open."""
        self._is_filling = True
        self._how.value = group.how
        self._is_filling = False
        self._within.children = tuple(within)
        self.add.description = "Close" if is_open else "+ Condition"
        for control in (self._how, self._remove, self.add, self._more):
            control.disabled = not self._tree.is_enabled

    def _choose(self, key: int) -> None:
        if not self._is_filling:
            self._tree.set_how(key, self._how.value)


def _keys(group: RuleGroup) -> Sequence[int]:
    """The keys of a group and of all that is in it, as on the page."""
    found = [group.key]
    for item in group.items:
        found += _keys(item) if isinstance(item, RuleGroup) else [item.key]
    return found
