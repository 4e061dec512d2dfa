"""Conditions in groups, any, all or none of which have to hold, while they are edited. Independent of widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from toolkit.audience.rules.combined_rules import AndRule, NotRule, OrRule, Rule, both, either, opposite
from toolkit.widgets.forms.segment_form import How

DEEPEST = 2  # groups in groups that are offered; a typed rule may have more


@dataclass(frozen=True)
class RuleLine:
    """One condition; its `key` is its own for as long as it is there."""

    key: int
    rule: Rule


@dataclass(frozen=True)
class RuleGroup:
    """Lines and groups of which all, any or none have to hold; an empty one asks for nothing."""

    key: int
    how: How = "all"
    items: tuple[RuleLine | RuleGroup, ...] = ()

    @classmethod
    def of(cls, rules: Sequence[Rule], keys: Iterator[int]) -> RuleGroup:
        """The group of these rules, which all have to hold."""
        return cls(next(keys), "all", tuple(_item(rule, keys) for rule in rules))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of its items, each once, without those of empty groups."""
        found = (item.rule for item in self.items)
        return tuple(dict.fromkeys(rule for rule in found if rule is not None))

    @property
    def rule(self) -> Rule | None:
        """What it asks for, None if it is empty."""
        if not self.rules:
            return None
        if self.how == "all":
            return both(*self.rules)
        return opposite(either(*self.rules)) if self.how == "none" else either(*self.rules)

    def find(self, key: int) -> RuleLine | RuleGroup | None:
        """The item of this key, the group itself included; None if it is gone."""
        if key == self.key:
            return self
        within = (item.find(key) if isinstance(item, RuleGroup) else item for item in self.items)
        return next((each for each in within if each is not None and each.key == key), None)

    def add(self, item: RuleLine | RuleGroup, *, to: int) -> RuleGroup:
        """With an item more at the end of the group of this key."""
        if to == self.key:
            return replace(self, items=(*self.items, item))
        return self._each(lambda group: group.add(item, to=to))

    def remove(self, key: int) -> RuleGroup:
        """Without the item of this key."""
        kept = replace(self, items=tuple(item for item in self.items if item.key != key))
        return kept._each(lambda group: group.remove(key))

    def set_how(self, key: int, how: How) -> RuleGroup:
        """With the group of this key asking for all, any or none."""
        if key == self.key:
            return replace(self, how=how)
        return self._each(lambda group: group.set_how(key, how))

    def _each(self, change: Callable[[RuleGroup], RuleGroup]) -> RuleGroup:
        return replace(self, items=tuple(change(item) if isinstance(item, RuleGroup) else item for item in self.items))


def _item(rule: Rule, keys: Iterator[int]) -> RuleLine | RuleGroup:
    match rule:
        case AndRule() | OrRule():
            how: How = "all" if isinstance(rule, AndRule) else "any"
            return RuleGroup(next(keys), how, tuple(_item(each, keys) for each in rule.rules))
        case NotRule(inner=OrRule(rules=rules)):
            return RuleGroup(next(keys), "none", tuple(_item(each, keys) for each in rules))
        case NotRule(inner=AndRule() as inner):
            return RuleGroup(next(keys), "none", (_item(inner, keys),))
        case _:
            return RuleLine(next(keys), rule)
