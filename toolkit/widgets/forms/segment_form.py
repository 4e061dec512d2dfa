"""A segment as it is built by clicking: required labels, and conditions that all have to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from toolkit.audience.rules.combined_rules import AndRule, NotRule, Rule, both, opposite
from toolkit.audience.rules.contact_rules import EveryoneRule, LabelRule
from toolkit.audience.segment import Segment

How = Literal["any", "all", "none"]
HOW: tuple[How, ...] = ("any", "all", "none")


@dataclass(frozen=True)
class SegmentForm:
    """The clicks so far; without any it includes everyone.

    `conditions` are the rules that are not about labels alone, as a typed rule may express more than can be clicked.
    """

    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    conditions: tuple[Rule, ...] = ()

    @classmethod
    def from_segment(cls, segment: Segment) -> SegmentForm:
        """The form for this segment."""
        form = cls()
        rules = segment.rule.rules if isinstance(segment.rule, AndRule) else (segment.rule,)
        for rule in rules:  # each has its place as long as the order stays that of `parts`
            is_last = not form.conditions and not form.none_of
            match rule:
                case EveryoneRule():
                    pass
                case LabelRule(match="any", labels=labels) if is_last and not form.any_of and not form.all_of:
                    form = replace(form, any_of=labels)
                case LabelRule(labels=labels) if (
                    is_last and not form.all_of and (len(labels) == 1 or rule.match == "all")
                ):
                    form = replace(form, all_of=labels)
                case NotRule(inner=LabelRule(match="any", labels=labels)) if is_last:
                    form = replace(form, none_of=labels)
                case _:
                    form = replace(form, conditions=(*form.conditions, rule))
        return form

    @property
    def segment(self) -> Segment:
        """The segment."""
        parts = self.parts
        return Segment(rule=both(*(segment.rule for segment in parts))) if parts else Segment.everyone()

    @property
    def parts(self) -> tuple[Segment, ...]:
        """The conditions, one segment each, in the order shown: labels first."""
        labels = [
            *([LabelRule(match="any", labels=self.any_of)] if self.any_of else []),
            *([LabelRule(match="all", labels=self.all_of)] if self.all_of else []),
            *([opposite(LabelRule(match="any", labels=self.none_of))] if self.none_of else []),
        ]
        return tuple(Segment(rule=rule) for rule in (*labels, *self.conditions))

    def how(self, label: str) -> How | None:
        """How a label has been clicked."""
        return next((how for how in HOW if label in self._labels(how)), None)

    def with_label(self, label: str, how: How | None) -> SegmentForm:
        """With a label used in this way, or in none."""
        was = self.how(label)
        if was == how:
            return self
        form = self._with(was, tuple(each for each in self._labels(was) if each != label)) if was else self
        return form._with(how, (*form._labels(how), label)) if how else form

    def with_conditions(self, rules: Sequence[Rule]) -> SegmentForm:
        """With another condition."""
        return replace(self, conditions=tuple(dict.fromkeys((*self.conditions, *rules))))

    def without(self, part: Segment) -> SegmentForm:
        """With one of `parts` removed, if it is there."""
        kept = [segment for segment in self.parts if segment != part]
        if part not in self.parts:
            return self
        if part.rule in self.conditions:
            return replace(self, conditions=tuple(rule for rule in self.conditions if rule != part.rule))
        return SegmentForm.from_segment(Segment(rule=both(*(s.rule for s in kept)))) if kept else SegmentForm()

    def _labels(self, how: How) -> tuple[str, ...]:
        return {"any": self.any_of, "all": self.all_of, "none": self.none_of}[how]

    def _with(self, how: How, labels: tuple[str, ...]) -> SegmentForm:
        match how:
            case "any":
                return replace(self, any_of=labels)
            case "all":
                return replace(self, all_of=labels)
            case "none":
                return replace(self, none_of=labels)
