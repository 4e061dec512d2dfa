from __future__ import annotations

from itertools import count

import pytest

from toolkit.audience.rules.combined_rules import both
from toolkit.audience.rules.rule_text import read_rule
from toolkit.audience.segment import Segment
from toolkit.widgets.forms.rule_groups import RuleGroup, RuleLine

RULES = (
    "field.x = 1 or field.y = 2",
    "labels:a and (field.x = 1 or (field.y = 2 and not labels:b))",
    "not (field.x = 1 or field.y = 2) and created in 30d",
    "not (field.x = 1 and field.y = 2)",
    "not field.x = 1",
)


def group(text: str) -> RuleGroup:
    return RuleGroup.of([read_rule(text)], count())


@pytest.mark.parametrize("text", RULES)
def test_a_tree_made_of_a_rule_asks_for_the_same(text: str) -> None:
    assert group(text).rule == Segment.parse(text).rule


def test_a_group_asks_for_all_any_or_none_of_its_lines() -> None:
    tree = RuleGroup(0).add(RuleGroup(1, "any"), to=0)
    for key, text in ((2, "field.x = 1"), (3, "field.y = 2")):
        tree = tree.add(RuleLine(key, read_rule(text)), to=1)

    texts = {how: str(Segment(rule=both(*tree.set_how(1, how).rules))) for how in ("any", "all", "none")}

    assert texts == {
        "any": "field.x = 1 or field.y = 2",
        "all": "field.x = 1 and field.y = 2",
        "none": "not (field.x = 1 or field.y = 2)",
    }
    assert str(Segment(rule=both(*tree.remove(2).set_how(1, "none").rules))) == "field.y != 2"


def test_an_empty_group_asks_for_nothing_and_what_is_gone_is_not_removed_twice() -> None:
    tree = RuleGroup(0).add(RuleGroup(1, "none"), to=0)

    assert tree.rules == ()
    assert tree.remove(1).remove(1) == RuleGroup(0)
    assert tree.remove(1).find(1) is None
