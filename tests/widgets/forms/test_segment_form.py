from __future__ import annotations

import pytest

from toolkit.audience.rules.rule_text import read_rule
from toolkit.audience.segment import Segment
from toolkit.widgets.forms.segment_form import SegmentForm

RULES = (
    "everyone",
    "labels:a",
    "labels:a and labels:b",
    "labels:a and labels any of (b, c) and labels all of (d, e)",
    "labels all of (d, e) and labels any of (b, c)",
    "labels any of (a, b) and labels all of (c, d) and not labels:e",
    "labels any of (a, b) and labels any of (c, d)",
    "labels none of (a, b) and field.x = 1 and created in 30d",
    "labels:a or labels:b",
    "not (labels:a and labels:b)",
)


@pytest.mark.parametrize("text", RULES)
def test_a_form_made_of_a_segment_means_the_same(text: str) -> None:
    segment = Segment.parse(text)

    assert SegmentForm.from_segment(segment).segment == segment


def test_a_single_label_is_one_of_those_that_another_click_adds_to() -> None:
    form = SegmentForm.from_segment(Segment.any_of("a")).with_label("b", "any")

    assert form.segment == Segment.any_of("a", "b")


def test_a_label_is_used_in_one_way_or_in_none() -> None:
    form = SegmentForm().with_label("a", "any").with_label("b", "any").with_label("c", "none")

    assert str(form.segment) == "labels any of (a, b) and not labels:c"
    assert str(form.with_label("a", "all").segment) == "labels:b and labels:a and not labels:c"
    assert form.with_label("a", "any") == form
    assert str(form.with_label("a", None).with_label("b", None).with_label("c", None).segment) == "everyone"
    assert (form.how("a"), form.how("c"), form.how("d")) == ("any", "none", None)


@pytest.mark.parametrize(("part", "left"), [(0, "not labels:c and field.x = 1"), (2, "labels:a and not labels:c")])
def test_each_part_can_be_let_go(part: int, left: str) -> None:
    form = SegmentForm(any_of=("a",), none_of=("c",), conditions=(read_rule("field.x = 1"),))

    first, second, third = form.parts
    assert str(form.without(form.parts[part]).segment) == left
    assert str(form.without(third).without(second).without(first).segment) == "everyone"
    assert form.without(third).without(third) == form.without(third)


def test_the_same_condition_is_wanted_once() -> None:
    form = SegmentForm().with_conditions([read_rule("field.x = 1")]).with_conditions([read_rule("field.x = 1")])

    assert len(form.parts) == 1
