"""Who opted out is not texted under another writing of their number, through the public door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.audience.opt_out_duplicates import COUNTRIES, DNC, VIP, WRITINGS, Twins, check, person


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    made = Twins(tmp_path_factory.mktemp("twins"))
    yield made
    made.close()


@pytest.mark.parametrize("region", COUNTRIES)
def test_nobody_who_opted_out_is_texted_however_their_number_is_written(twins: Twins, region: str) -> None:
    country, size = COUNTRIES[region], COUNTRIES[region].numbers
    cases = [(name, channel) for name in WRITINGS for channel in ("phone", "whatsapp_phone")]
    for first in range(0, len(cases), size):
        some = {f"{name}, {channel}": (name, channel) for name, channel in cases[first : first + size]}
        numbers = dict(zip(some, map(country.number, range(size)), strict=False))
        people = [person(each, VIP, phone=f"+{country.code}{number}") for each, number in numbers.items()]
        gone = [
            person(f"twin of {each}", DNC, **{channel: WRITINGS[name](country, numbers[each])})
            for each, (name, channel) in some.items()
        ]

        assert twins.plan([*people, *gone, person("other", VIP, phone="+15551234567")], sender=region) == ("other",)
        assert twins.plan(people, sender=region) == tuple(sorted(some))


def test_random_workspaces_text_nobody_who_opted_out_and_everybody_else(twins: Twins) -> None:
    assert check(twins, seed=1, count=6) > 3


def test_the_policy_s_country_goes_before_the_senders(twins: Twins) -> None:
    ann = person("ann", VIP, phone="+447700900147")
    twin = person("twin", DNC, phone="7700900147")

    assert twins.plan([ann, twin], sender="US", policy="GB") == ()


def test_a_number_that_no_sender_s_country_has_is_read_in_the_countries_of_the_contacts(twins: Twins) -> None:
    ann = person("ann", VIP, phone="+447700900147")

    assert twins.plan([ann, person("twin", DNC, phone="07700 900147")], sender="US") == ()
    assert twins.plan([ann, person("twin", DNC, phone="07700 900148")], sender="US") == ("ann",)


def test_one_person_is_texted_once_though_their_number_has_two_forms(twins: Twins) -> None:
    ann, twin = (person(name, VIP, phone=phone) for name, phone in (("ann", "+447700900147"), ("bo", "+4407700900147")))

    assert len(twins.plan([ann, twin], sender="GB")) == 1
