from __future__ import annotations

import pytest

from toolkit.audience.column_profile import Kind
from toolkit.audience.segment import Segment
from toolkit.errors import SegmentError
from toolkit.widgets.forms.condition_form import ConditionForm


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (ConditionForm("field.tier", "values", values=("gold", "silver")), "field.tier in (gold, silver)"),
        (ConditionForm("field.n", "values", values=(2.0,)), "field.n = 2"),
        (ConditionForm("field.n", "numbers", low="1", high="2.5"), "field.n >= 1 and field.n <= 2.5"),
        (ConditionForm("created", "times", low="30d"), "created in 30d"),
        (ConditionForm("created", "times", low="2026-03-01"), "created >= 2026-03-01"),
        (ConditionForm("name", "texts", text=" smith "), "name contains smith"),
        (ConditionForm("received", "values", values=("campaign_1",)), "received campaign_1"),
    ],
)
def test_what_is_picked_is_a_rule(form: ConditionForm, text: str) -> None:
    assert Segment(rule=form.rule()) == Segment.parse(text)
    assert Segment(rule=form.rule(negated=True)) == ~Segment.parse(text)


@pytest.mark.parametrize(
    ("kind", "low", "said"),
    [("values", "", "choose one"), ("numbers", "", "lowest"), ("numbers", "ten", "'ten' is not a number")],
)
def test_what_is_missing_or_wrong_is_said(kind: Kind, low: str, said: str) -> None:
    with pytest.raises(SegmentError, match=said):
        ConditionForm("field.n", kind, low=low).rule()
