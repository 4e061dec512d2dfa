"""Where seeded contacts live, compared with what is known of their area codes."""

import tomllib
from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from phonenumbers.timezone import time_zones_for_number

from toolkit.sandbox.numbers import is_fictional
from toolkit.sandbox.world.places import PLACES, Place, capacity, number

# The client's own table, which a test of `toolkit.texting` compares with phonenumbers.
STATES = tomllib.loads((files("toolkit.texting") / "area_codes.toml").read_text("utf-8"))["states"]
AMERICAN = [(place, template[2:5]) for place in PLACES if place.state for template in place.numbers]


def clock(zone: str) -> tuple[object, ...]:
    return tuple(datetime(2026, month, 15, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7))


@pytest.mark.parametrize(("place", "code"), AMERICAN, ids=lambda one: one if isinstance(one, str) else one.state)
def test_an_area_code_lies_in_its_state_and_time_zone(place: Place, code: str) -> None:
    fictional = phonenumbers.parse(f"+1{code}5550142")
    zones = time_zones_for_number(fictional)

    assert code in STATES[f"{place.country}-{place.state}"].split()
    assert phonenumbers.region_code_for_number(fictional) == place.country
    assert clock(place.timezone) in [clock(zone) for zone in zones]


def test_all_states_are_there_and_no_area_code_twice() -> None:
    codes = [code for _, code in AMERICAN]

    assert {place.state for place in PLACES if place.country == "US"} == {
        key.removeprefix("US-") for key in STATES if key.startswith("US-")
    }
    assert len(codes) == len(set(codes)) > 250


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.country} {place.state or ''} {place.timezone}")
def test_every_number_of_a_place_is_fictional_and_its_own(place: Place) -> None:
    numbers = [number(place, nth) for nth in range(min(capacity(place), 20_000))]

    assert all(map(is_fictional, numbers))
    assert len(numbers) == len(set(numbers))
    with pytest.raises(IndexError):
        number(place, capacity(place))
