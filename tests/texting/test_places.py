from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from zoneinfo import ZoneInfo

import pandas as pd
import phonenumbers
import pyarrow as pa
import pytest
from phonenumbers import PhoneNumberType, geocoder
from phonenumbers.tzdata import TIMEZONE_DATA

from toolkit.texting.numbering.line_types import classify
from toolkit.texting.places import Place, locate, places, zones_of

EAST, CENTRAL = "America/New_York", "America/Chicago"
TABLE = tomllib.loads(files("toolkit.texting").joinpath("area_codes.toml").read_text(encoding="utf-8"))


def place_of(phone: str, *, zone: str | None = None, state: str | None = None) -> Place:
    (place,) = places(
        locate(classify([phone]), zones=pa.array([zone], pa.string()), states=pa.array([state], pa.string()))
    )
    return place


@pytest.mark.parametrize(
    ("phone", "state", "zones"),
    [
        ("+12125550147", "NY", (EAST,)),
        ("+18505550147", "FL", (CENTRAL, EAST)),
        ("+14485550147", "FL", (CENTRAL, EAST)),  # an overlay of 850, of which the library knows no exchange
        ("+13645550147", "KY", (CENTRAL, EAST)),
        ("+19305550147", "IN", (CENTRAL, EAST)),
        ("+14585550147", "OR", ("America/Denver", "America/Los_Angeles")),
        ("+19865550147", "ID", ("America/Boise", "America/Denver", "America/Los_Angeles")),
        ("+19075550147", "AK", ("America/Adak", "America/Anchorage", "America/Juneau", "Pacific/Honolulu")),
    ],
)
def test_an_area_code_lies_in_every_zone_of_its_territory(phone: str, state: str, zones: tuple[str, ...]) -> None:
    assert place_of(phone) == Place("US", state, zones)


def test_codes_on_one_territory_share_their_zones() -> None:
    for overlay in TABLE["overlays"]:
        together = {zones_of(int(f"1{code}")) for code in overlay["codes"].split()}
        assert len(together) == 1
        assert len(together.pop()) > 1


def test_numbers_without_a_place_may_be_anywhere_in_their_country() -> None:
    assert len(place_of("+18005550199").zones) == 42
    assert place_of("+61491570156").zones == zones_of(61)
    assert len(zones_of(61)) == 8
    assert (len(zones_of(7)), len(zones_of(44))) == (16, 4)
    assert place_of("+447700900123").zones == (
        "Europe/Guernsey",
        "Europe/Isle_of_Man",
        "Europe/Jersey",
        "Europe/London",
    )
    assert place_of("nonsense") == Place("", "", ())


def test_what_a_contact_says_goes_before_its_number() -> None:
    assert place_of("+12125550147", zone=" europe/paris ") == Place("US", "NY", ("Europe/Paris",))
    assert place_of("+12125550147", state="tx") == Place("US", "TX", (CENTRAL, "America/Denver"))
    assert place_of("+12125550147", state="ON").region == "CA"


def test_what_is_no_state_or_zone_or_of_another_country_is_passed_over() -> None:
    assert place_of("+12125550147", zone="Mars/Olympus", state="Bavaria") == place_of("+12125550147")
    assert place_of("+447700900123", state="CA") == place_of("+447700900123")


def test_places_are_counted_most_people_first_and_rows_keep_their_index() -> None:
    numbers = classify(["+12125550147", "+12125550148", "+13105550147"]).set_axis([7, 8, 9])

    located = locate(numbers)

    assert [(place.state, place.people) for place in places(located)] == [("NY", 2), ("CA", 1)]
    assert located.index.tolist() == [7, 8, 9]
    assert located["state"].tolist() == ["NY", "NY", "CA"]


def test_an_empty_audience_is_nowhere() -> None:
    located = locate(classify([]), zones=[], states=[])

    assert places(located) == ()
    assert all(isinstance(dtype, pd.CategoricalDtype) for dtype in located.dtypes)


def test_every_zone_is_known_to_the_clock() -> None:
    for zone in {zone for zones in TIMEZONE_DATA.values() for zone in zones}:
        assert ZoneInfo(zone)


def test_the_states_of_area_codes_are_those_of_the_library() -> None:
    state_of = {code: key for key, codes in TABLE["states"].items() for code in codes.split()}
    assert sum(len(codes.split()) for codes in TABLE["states"].values()) == len(state_of)

    for area in range(200, 1000):
        number = phonenumbers.parse(f"+1{area}5550147")
        region = phonenumbers.region_code_for_number(number)
        if region not in {"US", "CA"} or phonenumbers.number_type(number) != PhoneNumberType.FIXED_LINE_OR_MOBILE:
            assert str(area) not in state_of
            continue
        said = geocoder.description_for_number(number, "en")
        if "/" in said:  # one area code of several provinces
            assert str(area) not in state_of
            continue
        key = state_of[str(area)]
        city_of = re.search(r", ([A-Z]{2})$", said)
        assert key[:2] == region
        assert key[3:] == (city_of[1] if city_of else NAMES[said.removesuffix(" State")]), area


NAMES = {
    "Alabama": "AL",
    "Alaska": "AK",
    "Arizona": "AZ",
    "Arkansas": "AR",
    "California": "CA",
    "Colorado": "CO",
    "Connecticut": "CT",
    "Delaware": "DE",
    "Florida": "FL",
    "Georgia": "GA",
    "Hawaii": "HI",
    "Idaho": "ID",
    "Illinois": "IL",
    "Indiana": "IN",
    "Iowa": "IA",
    "Kansas": "KS",
    "Kentucky": "KY",
    "Louisiana": "LA",
    "Maine": "ME",
    "Maryland": "MD",
    "Massachusetts": "MA",
    "Michigan": "MI",
    "Minnesota": "MN",
    "Mississippi": "MS",
    "Missouri": "MO",
    "Montana": "MT",
    "Nebraska": "NE",
    "Nevada": "NV",
    "New Hampshire": "NH",
    "New Jersey": "NJ",
    "New Mexico": "NM",
    "New York": "NY",
    "North Carolina": "NC",
    "North Dakota": "ND",
    "Ohio": "OH",
    "Oklahoma": "OK",
    "Oregon": "OR",
    "Pennsylvania": "PA",
    "Rhode Island": "RI",
    "South Carolina": "SC",
    "South Dakota": "SD",
    "Tennessee": "TN",
    "Texas": "TX",
    "Utah": "UT",
    "Vermont": "VT",
    "Virginia": "VA",
    "Washington": "WA",
    "Washington D.C.": "DC",
    "West Virginia": "WV",
    "Wisconsin": "WI",
    "Wyoming": "WY",
    "Alberta": "AB",
    "British Columbia": "BC",
    "British Colombia": "BC",
    "Manitoba": "MB",
    "New Brunswick": "NB",
    "Newfoundland and Labrador": "NL",
    "Nova Scotia": "NS",
    "Ontario": "ON",
    "Quebec": "QC",
    "Saskatchewan": "SK",
}
