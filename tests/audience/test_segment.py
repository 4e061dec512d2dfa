from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.builders import make_contacts
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.errors import SegmentError
from toolkit.models import Label
from toolkit.suggest import suggest

CONTACTS = make_contacts(
    [
        {"id": "a", "labels": ["vip", "nyc"]},
        {"id": "b", "labels": ["vip"]},
        {"id": "c", "labels": ["nyc", "and"]},
        {"id": "d"},
    ]
)


def chosen(segment: Segment) -> str:
    return "".join(CONTACTS.ids[segment.mask(CONTACTS)])


def test_rules_combine_as_sets() -> None:
    vip, nyc = Segment.any_of("vip"), Segment.any_of("nyc")

    assert chosen(vip & ~nyc) == "b"
    assert chosen(vip | nyc) == "abc"
    assert chosen(~(vip | nyc)) == "d"
    assert chosen(Segment.any_of("vip", "nyc")) == "abc"
    assert chosen(Segment.all_of("vip", "nyc")) == "a"
    assert chosen(Segment.everyone()) == "abcd"


def test_labels_are_named_by_name_or_id() -> None:
    assert chosen(Segment.any_of("id-of-vip")) == "ab"
    assert chosen(Segment.any_of("and")) == "c"


def test_named_contacts_come_from_a_frame_or_ids() -> None:
    frame = CONTACTS.frame

    assert chosen(Segment.from_contacts(frame[frame["id"] > "b"])) == "cd"
    assert chosen(Segment.from_contacts(["a", "a", "d"])) == "ad"
    assert chosen(Segment.from_contacts([])) == ""


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
@pytest.mark.parametrize("column", ["id", "contact_id"])
def test_named_contacts_come_from_a_frame_of_any_engine(make: Any, column: str) -> None:
    assert chosen(Segment.from_contacts(make({"order_time": ["2026-03-01"] * 2, column: ["b", "d"]}))) == "bd"


def test_a_log_names_the_contacts_and_not_its_messages() -> None:
    log = pd.DataFrame({"id": ["message"], "contact_id": ["a"]})

    assert chosen(Segment.from_contacts(log)) == "a"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (pd.DataFrame({"name": ["Ann"]}), "no column 'id' or 'contact_id'"),
        (pd.DataFrame({"id": ["a", None]}), "without missing values"),
        ([1, 2], "1 is not a contact id"),
        (7, "7 is not a list of contact ids"),
    ],
)
def test_what_names_no_contacts_is_refused(given: Any, problem: str) -> None:
    with pytest.raises(SegmentError, match=problem):
        Segment.from_contacts(given)


def test_values_are_given_as_in_pandas_and_numpy() -> None:
    tier, points = Segment.where("field.tier"), Segment.where("field.points")

    assert tier.is_in(["gold", "silver"]) == tier.is_in("gold", "silver")
    assert (points > np.int64(3)) == (points > 3)
    assert points.between(3, 5) == (points >= 3) & (points <= 5)
    assert Segment.where("created").older_than("30d") == Segment.parse("created older than 30d")


def test_a_contact_of_another_workspace_is_an_error() -> None:
    with pytest.raises(SegmentError, match="1 of 2 contacts are not in this workspace, 'zz'"):
        chosen(Segment.from_contacts(["a", "zz"]))


def test_a_mistyped_label_gets_a_suggestion() -> None:
    with pytest.raises(SegmentError, match="did you mean vip"):
        chosen(Segment.any_of("vpi"))
    with pytest.raises(SegmentError, match="did you mean vip"):
        chosen(Segment.any_of("VIP"))


def test_a_part_of_a_name_gets_the_whole_and_fields_are_likened_without_their_prefix() -> None:
    names = ["vip_customers", "field.country", "field.customer_tier", "nyc"]

    assert suggest("vip", names) == "did you mean vip_customers?"
    assert suggest("field.TIER", names) == "did you mean field.customer_tier?"
    assert suggest("field.birthday", names) == "there are field.country, field.customer_tier."


def test_a_value_that_no_contact_has_is_told_with_the_nearest() -> None:
    fields = ['{"tier": "gold", "points": 1}', '{"tier": "silver"}']
    contacts = make_contacts(
        [{"id": str(at), "fields": each, "phone": "+12025550101"} for at, each in enumerate(fields)]
    )

    assert Segment.parse("not (field.tier in (Gold, silver) and field.points = 7)").doubts(contacts) == [
        "No contact has the field.tier Gold: did you mean gold?"
    ]
    audience = build_audience(Segment.parse("field.tier = Gold"), contacts, live=False)
    assert "did you mean gold?" in audience._repr_html_()


def test_an_unknown_label_gets_the_list() -> None:
    with pytest.raises(SegmentError, match="there are and, nyc, vip"):
        chosen(Segment.any_of("gold customers"))


def test_a_segment_survives_json_and_compares_by_content() -> None:
    segment = Segment.any_of("vip") & ~Segment.all_of("nyc", "and") | Segment.from_contacts(["d"])

    again = Segment.model_validate_json(segment.model_dump_json())

    assert again == segment
    assert again != ~segment
    assert chosen(again) == chosen(segment)


def test_a_segment_prints_as_people_type_it_and_explains_itself() -> None:
    segment = (Segment.any_of("vip", "gold") & ~Segment.any_of("nyc")) | Segment.from_contacts(["a"])

    assert str(segment) == "(labels any of (gold, vip) and not labels:nyc) or contacts (a)"
    assert segment.explain() == (
        "Contacts either (with one of the labels gold or vip and without the label nyc) or among 1 listed by id."
    )
    assert repr(segment) == f"<Segment: {segment.explain()}>"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("not (labels:a or labels:b)", "without the label a and without the label b."),
        ("not (labels:a and name is missing)", "either without the label a or with a name."),
        (
            "labels:a or name contains x or (labels:b and not (labels:c and labels:d))",
            "either with the label a, with name containing x or (with the label b and (without the label c or without "
            "the label d)).",
        ),
        ("field.points between 10 and 100", "with points at least 10 and with points at most 100."),
        (
            "field.seen older than 90d and delivered older than 1d",
            ("with seen more than 90 days ago and last reached more than one day ago."),
        ),
        (
            "not delivered in 7d and field.seen before 2026-03-01",
            ("not reached in the last 7 days and with seen before 2026-03-01."),
        ),
    ],
)
def test_a_combined_rule_explains_what_belongs_together(rule: str, sentence: str) -> None:
    assert Segment.parse(rule).explain() == f"Contacts {sentence}"


def test_rules_of_one_kind_are_one_list_and_twice_not_is_nothing() -> None:
    a, b, c = (Segment.any_of(label) for label in "abc")

    assert (a & b) & c == a & (b & c)
    assert (a | b) | c == a | (b | c)
    assert a & a == a
    assert ~~a == a


def test_and_or_and_not_are_refused_because_they_would_be_wrong() -> None:
    with pytest.raises(SegmentError, match="Combine segments with &"):
        Segment.any_of("vip") and Segment.any_of("nyc")


def test_a_segment_needs_a_label() -> None:
    with pytest.raises(SegmentError, match="Name at least one label"):
        Segment.any_of()
    with pytest.raises(SegmentError, match="Give label names as texts"):
        Segment.any_of(["vip"])  # type: ignore[arg-type]
    with pytest.raises(SegmentError, match="Name at least one campaign"):
        Segment.received()


def test_a_name_that_two_labels_have_is_refused() -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}])
    twins = replace(contacts, labels=(*contacts.labels, Label(id="another", name="vip")))

    with pytest.raises(SegmentError, match="id-of-vip and another"):
        Segment.any_of("vip").mask(twins)


def test_what_is_no_segment_is_refused() -> None:
    with pytest.raises(SegmentError, match="is not a segment"):
        Segment.any_of("vip") & "nyc"  # type: ignore[operator]
    with pytest.raises(SegmentError, match="a single text"):
        Segment.from_contacts("abc")


def test_the_order_in_which_a_rule_is_said_does_not_matter() -> None:
    assert Segment.any_of("a", "b") == Segment.any_of("b", "a", "b")
    assert Segment.from_contacts(["a", "b"]) == Segment.from_contacts(["b", "a"])
