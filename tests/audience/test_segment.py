from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import make_contacts
from toolkit.audience.segment import Segment
from toolkit.errors import SegmentError
from toolkit.models import Label

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


def test_a_contact_of_another_workspace_is_an_error() -> None:
    with pytest.raises(SegmentError, match="1 of 2 contacts are not in this workspace, 'zz'"):
        chosen(Segment.from_contacts(["a", "zz"]))


def test_a_mistyped_label_gets_a_suggestion() -> None:
    with pytest.raises(SegmentError, match="did you mean vip"):
        chosen(Segment.any_of("vpi"))


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
        "Contacts either with one of the labels gold or vip and without the label nyc or among 1 named ones."
    )
    assert repr(segment) == f"<Segment: {segment.explain()}>"


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


def test_a_name_that_two_labels_have_is_refused() -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}])
    twins = replace(contacts, labels=(*contacts.labels, Label(id="another", name="vip")))

    with pytest.raises(SegmentError, match="id-of-vip and another"):
        Segment.any_of("vip").mask(twins)


def test_what_is_no_segment_is_refused() -> None:
    with pytest.raises(SegmentError, match="is no segment"):
        Segment.any_of("vip") & "nyc"  # type: ignore[operator]
    with pytest.raises(SegmentError, match="one text"):
        Segment.from_contacts("abc")


def test_the_order_in_which_a_rule_is_said_does_not_matter() -> None:
    assert Segment.any_of("a", "b") == Segment.any_of("b", "a", "b")
    assert Segment.from_contacts(["a", "b"]) == Segment.from_contacts(["b", "a"])
