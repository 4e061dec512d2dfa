"""Contacts whose numbers are the same, though they are written otherwise."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.builders import START, Row, make_contacts
from toolkit.audience.caps import Cap
from toolkit.audience.contact_history import contact_history
from toolkit.audience.eligibility import Outcome
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.data.contacts import Contacts
from toolkit.data.logs import logs_frame
from toolkit.errors import SettingsError
from toolkit.plans.policy import load_policy

ANN, BEN = "+12025550175", "+447700900147"


def people(*rows: Row) -> Contacts:
    return make_contacts(rows).in_countries(("US", "GB"))


def audience(*rows: Row, live: bool = False, caps: tuple[Cap, ...] = ()) -> Audience:
    return build_audience(Segment.everyone(), people(*rows), live=live, caps=caps)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("+1 202 555 2010", "(202) 555-2010"),
        ("+1 202 555 2011", "202-555-2011"),
        ("+1 202 555 2015", "2025552015"),
        ("+44 7911 123456", "+44 (0)7911 123456"),
        ("+1 202 555 2019", "+1 2025552019x5"),
    ],
)
def test_who_opted_out_under_another_writing_is_left_out(first: str, second: str) -> None:
    texted = first.replace(" ", "")

    found = audience(
        {"id": "a", "phone": texted, "labels": ["vip"]}, {"id": "b", "phone": second, "labels": ["DNC"]}, live=True
    )

    assert found.ids(Outcome.OPTED_OUT) == ("a",)
    assert len(audience({"id": "a", "phone": texted, "labels": ["vip"]}, live=True)) == 1


def test_a_number_that_may_be_two_suppresses_both() -> None:
    found = audience(
        {"id": "a", "phone": "+1 2079460123".replace(" ", ""), "labels": ["vip"]},
        {"id": "b", "phone": "+442079460123", "labels": ["vip"]},
        {"id": "c", "phone": "2079460123", "labels": ["unreachable"]},
    )

    assert found.ids(Outcome.UNREACHABLE) == ("b",)
    assert found.ids(Outcome.LOCKED) == ("a",)


def test_messages_to_a_number_count_for_every_writing_of_it() -> None:
    rows = ({"id": "a", "phone": BEN, "labels": ["vip"]}, {"id": "b", "phone": "07700 900147", "labels": ["vip"]})

    assert audience(*rows, caps=(Cap(1, "24h", {"b": 1}),)).ids(Outcome.CAPPED) == ("a",)
    assert audience(*rows, caps=(Cap(1, "24h", {"07700 900147": 1}),)).ids(Outcome.CAPPED) == ("a",)
    assert audience(*rows, caps=(Cap(2, "24h", {"b": 1, "0044 7700 900147": 1}),)).ids(Outcome.CAPPED) == ("a",)
    assert audience(*rows, caps=(Cap(1, "24h", {"07700 900148": 1}),)).ids(Outcome.CAPPED) == ()


def test_one_person_with_two_forms_of_a_number_is_texted_once() -> None:
    mobiles = ("+54 9 11 2345 6789", "+54 11 2345 6789", "+52 1 55 1234 5678", "+52 55 1234 5678")
    rows = [{"id": f"c{at}", "phone": x.replace(" ", ""), "labels": ["vip"]} for at, x in enumerate(mobiles)]

    found = audience(*rows, live=True)

    assert found.ids(Outcome.DUPLICATE) == ("c1", "c3")
    assert "another contact with the same number is counted instead: c0" in found.why("c1")
    assert found.namesakes == {"c0": ("c1",), "c2": ("c3",)}


def test_who_is_texted_has_a_number_that_is_written_as_it_is_texted() -> None:
    assert audience({"id": "a", "phone": "(202) 555-0175", "labels": ["vip"]}).ids(Outcome.MALFORMED) == ("a",)


@pytest.mark.parametrize("written", ["(202) 555-0175", "202.555.0175", "1 202 555 0175", "tel:+1-202-555-0175"])
def test_a_contact_is_found_by_its_number_however_it_is_written(written: str) -> None:
    contacts = people({"id": "a", "phone": ANN, "labels": ["vip"]}, {"id": "b", "phone": "07700 900147"})

    assert build_audience(Segment.everyone(), contacts, live=False).why(written).startswith("a ")
    assert contact_history(contacts, written, logs_frame({}, START), live=False).contact_id == "a"
    assert Segment.parse(f'phone = "{written}"').mask(contacts).tolist() == [True, False]
    assert Segment.parse(f'phone = "{BEN}"').mask(contacts).tolist() == [False, True]


def test_a_policy_names_its_country_by_its_code(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('country = "GB"', encoding="utf-8")
    assert load_policy(tmp_path / "policy.toml").country == "GB"

    (tmp_path / "policy.toml").write_text('country = "UK"', encoding="utf-8")
    with pytest.raises(SettingsError, match="'UK' is not a country: write its ISO 3166 code"):
        load_policy(tmp_path / "policy.toml")


def test_an_empty_list_has_no_numbers() -> None:
    assert (
        len(build_audience(Segment.everyone(), people(), live=False, caps=[Cap(1, "24h", pd.Series(dtype="int64"))]))
        == 0
    )
