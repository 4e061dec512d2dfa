"""What each recipient reads, what it costs, and which three of them tell most."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.builders import make_contacts
from tests.planning.preflight.cases import NOBODYS, Draft, person
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.planning.wording import Wording, word
from toolkit.plans.policy import SendPolicy

NAMES = ("Al", "Anna", "Alexandra", "Łukasz", "Ł", "x" * 200)


def worded(text: str, names: tuple[str, ...] = NAMES, *, is_filled: bool = True, **row: Any) -> Wording:
    rows = [
        {"id": f"{i}", "phone": f"+1202555010{i}", "name": name, "labels": ["vip"]} | row
        for i, name in enumerate(names)
    ]
    return word(text, build_audience(Segment.any_of("vip"), make_contacts(rows), live=False), is_filled=is_filled)


def test_parts_are_counted_over_the_people_there_are() -> None:
    cost = worded("Hi {name}!").cost(SendPolicy())

    assert cost.by_parts == {1: 5, 2: 1}
    assert (cost.total_parts, cost.wide, cost.encoding, cost.parts) == (7, 2, "GSM-7", 1)


def test_a_text_that_nobody_fills_is_counted_with_its_braces() -> None:
    wording = worded("Hi {name}!", is_filled=False)

    assert wording.cost(SendPolicy()).by_parts == {1: 6}
    assert {preview.text for preview in wording.previews()} == {"Hi {name}!"}
    assert wording.filled is not None
    assert wording.filled.by_parts == {1: 5, 2: 1}


def test_three_previews_are_chosen_to_tell() -> None:
    previews = worded("Hi {name}!").previews()

    assert [(preview.kind, preview.name, preview.parts, preview.encoding) for preview in previews] == [
        ("typical", "Anna", 1, "GSM-7"),
        ("longest", "x" * 200, 2, "GSM-7"),
        ("flipped", "Łukasz", 1, "UCS-2"),
    ]
    assert previews[2].text == "Hi Łukasz!"
    assert previews[2].phone == "+1202•••0103"


def test_one_person_is_shown_once() -> None:
    assert [preview.kind for preview in worded("Hi {name}!", ("Ann",)).previews()] == ["typical"]


def test_fields_are_filled_without_regard_to_case_as_people_read_them() -> None:
    wording = worded("{TIER}, {orders} orders, {Phone}", ("Ann",), fields='{"Tier": "gold", "orders": 3}')

    assert wording.text_of(0) == "gold, 3 orders, +12025550100"


@pytest.mark.parametrize(("is_mms", "low", "high"), [(False, "0.14", "0.14"), (True, "0.30", "0.30")])
def test_a_price_makes_an_estimate(is_mms: bool, low: str, high: str) -> None:
    policy = SendPolicy(price_per_part=Decimal("0.02"), price_per_mms=Decimal("0.05"), currency="EUR")

    price = worded("Hi {name}!").cost(policy, is_mms=is_mms).price

    assert price is not None
    assert (price.low, price.high, price.currency) == (Decimal(low), Decimal(high), "EUR")


def test_an_estimate_has_a_range_where_gateways_differ() -> None:
    flags = "🇫🇷" * 33  # each a pair of pairs, which some gateways cut and others do not

    price = worded(flags, ("Ann",)).cost(SendPolicy(price_per_part=Decimal("0.01"))).price

    assert str(price) == "0.02 to 0.03 USD"


def test_a_plan_says_who_has_nothing_to_fill_in() -> None:
    people = [
        person("a", name="Ann"),
        person("b", phone="+12025550103", name=None),
        person("c", phone=NOBODYS, name=" "),
    ]

    found = Draft(people=people, is_filled=True, fields={"message": "Hi {name}, {nane}! STOP"}).findings()

    (empty,) = [finding for finding in found if finding.code == "MSG005"]
    assert empty.contact_ids == ("b",)
    assert "{nane} is not a contact field: did you mean {name}?" in empty.evidence
    assert "{name} is empty for 1 recipient" in empty.evidence


def test_a_text_of_their_own_is_looked_at_person_by_person() -> None:
    people = [
        person("a", name="Ann"),
        person("b", phone="+12025550103", name="x" * 1601),
        person("c", phone="+12025550104", name="4111 1111 1111 1111"),
        person("d", phone="+12025550105", name="A\u202eb"),
    ]

    found = Draft(people=people, is_filled=True, fields={"message": "Hi {name}! Reply STOP"}).findings()

    ids = {(finding.code, finding.contact_ids) for finding in found}
    assert {("MSG001", ("b",)), ("MSG014", ("c",)), ("MSG003", ("d",))} <= ids
    (long,) = [finding for finding in found if finding.code == "MSG002"]
    assert (long.contacts, long.contact_ids) == (1, ("b",))
    assert any(line.startswith("messages by parts: 3 of 1") for line in long.evidence)
