"""A condition on one column as it is picked: values from a list, a range, or a text to search for."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.audience.column_profile import Kind
from toolkit.audience.rules.combined_rules import Rule, both, opposite
from toolkit.audience.rules.conditions import ColumnRule, Test
from toolkit.audience.rules.contact_rules import LabelRule, ReceivedRule
from toolkit.audience.rules.literals import Value, is_span, read_value
from toolkit.errors import SegmentError

LABELS = "labels"  # offered like a column: its values are labels, any of which is enough
RECEIVED = "received"  # offered like a column: its values are campaigns


@dataclass(frozen=True)
class ConditionForm:
    """The choices for a column of one kind; `low` and `high` are both included, `text` is searched in values."""

    column: str
    kind: Kind
    values: tuple[Value, ...] = ()
    low: str = ""
    high: str = ""
    text: str = ""

    def rule(self, *, negated: bool = False) -> Rule:
        """The condition, or its opposite; SegmentError, with what to do, if nothing is picked."""
        rule = self._rule()
        return opposite(rule) if negated else rule

    def _rule(self) -> Rule:
        if self.column == LABELS and self.values:
            return LabelRule(match="any", labels=tuple(str(value) for value in self.values))
        if self.column == RECEIVED and self.values:
            return ReceivedRule(campaigns=tuple(str(value) for value in self.values))
        if self.values:
            return ColumnRule(column=self.column, test="=", values=self.values)
        if self.text.strip():
            return ColumnRule(column=self.column, test="contains", values=(self.text.strip(),))
        ends: list[tuple[Test, str]] = [(">=", self.low.strip()), ("<=", self.high.strip())]
        rules = [self._end(test, typed) for test, typed in ends if typed]
        if not rules:
            raise SegmentError(f"Nothing is picked for {self.column}: {_PICKING[self.kind]}.")
        return both(*rules)

    def _end(self, test: Test, typed: str) -> Rule:
        if self.kind == "times" and test == ">=" and is_span(typed):
            return ColumnRule(column=self.column, test="within", values=(typed,))
        value = read_value(typed)
        if self.kind == "numbers" and not isinstance(value, float):
            raise SegmentError(f"{typed!r} is not a number: write it as 1250 or 12.5.")
        return ColumnRule(column=self.column, test=test, values=(typed if self.kind == "times" else value,))


_PICKING = {
    "values": "choose one or more of its values",
    "numbers": "type the lowest or the highest number wanted",
    "times": "type a day such as 2026-03-01, or 30d for the last thirty days",
    "texts": "type a text to search for",
}
