"""Time zones, states and countries are read as people write them where that is certain, and else not at all."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from toolkit.texting.numbering.line_types import classify
from toolkit.texting.place_names import region_named, state_named, zones_named
from toolkit.texting.places import locate

EAST = ("America/New_York",)


@pytest.mark.parametrize(
    ("text", "zones"),
    [
        *((text, EAST) for text in ("Eastern Time", "eastern", "ET", "EDT", "America/New York", "New York")),
        ("(UTC-05:00) Eastern Time (US & Canada)", EAST),
        ("EST", ("America/New_York", "America/Panama")),  # where clocks never change it is standard time all year
        ("M.S.T.", ("America/Denver", "America/Phoenix")),
        ("Pacific Standard Time", ("America/Los_Angeles",)),
        ("UTC-5", ("Etc/GMT+5",)),
        ("utc −05:00", ("Etc/GMT+5",)),
        ("-0500", ("Etc/GMT+5",)),
        ("GMT+1", ("Etc/GMT-1",)),
        ("Etc/GMT+5", ("Etc/GMT+5",)),
        ("UTC+5:30", ("Asia/Kolkata",)),
        ("UTC", ("UTC",)),
        (" europe/london ", ("Europe/London",)),
    ],
)
def test_a_time_zone_is_read_as_people_write_it(text: str, zones: tuple[str, ...]) -> None:
    assert zones_named(text, in_north_america=True) == zones
    assert all(ZoneInfo(zone) for zone in zones)


@pytest.mark.parametrize(
    "text", ["Mars Time", "5", "-300", "UTC+15", "UTC-3:30", "IST", "", "Factory", "noon", "12:00"]
)
def test_what_is_not_certain_is_no_time_zone(text: str) -> None:
    assert zones_named(text, in_north_america=True) == ()


@pytest.mark.parametrize("text", ["EST", "CST", "Eastern Time", "Pacific", "MST", "AST"])
def test_letters_of_north_america_mean_nothing_elsewhere(text: str) -> None:
    assert zones_named(text, in_north_america=True)
    assert zones_named(text, in_north_america=False) == ()


def test_states_and_countries_are_read_by_name_and_abbreviation() -> None:
    states = {"Texas": "TX", "tx ": "TX", "Tex.": "TX", "US-TX": "TX", "N.Y.": "NY", "Québec": "QC", "Bavaria": ""}
    regions = {"USA": "US", "u.s.": "US", "UK": "GB", "England": "GB", "germany": "DE", "GBR": "GB", "Narnia": ""}

    assert {text: state_named(text) for text in states} == states
    assert {text: region_named(text) for text in regions} == regions


def test_what_is_not_read_falls_back_to_the_number_and_is_counted() -> None:
    zones = ["Eastern Time", "Mars Time", "EST", None, " ", "UTC-5"]
    numbers = ["+13105550101", "+13105550102", "+447700900001", "+13105550103", "+13105550104", "+447700900002"]

    located = locate(
        classify(numbers), zones=pa.array(zones, pa.string()), states=pa.array(["Tex."] + ["?"] * 2 + [None] * 3)
    )

    assert located["unread"].tolist() == [False, True, True, False, False, False]
    assert located["zones"].tolist()[0] == "America/New_York"
    assert located["zones"].tolist()[1] == located["zones"].tolist()[3] == "America/Los_Angeles"
    assert "Europe/London" in located["zones"].tolist()[2].split()
    assert located["zones"].tolist()[5] == "Etc/GMT+5"
    assert located["state"].tolist()[:2] == ["TX", "CA"]
