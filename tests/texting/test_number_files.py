"""The phone columns of files that people and programs wrote, each read as what was meant."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from toolkit.texting.numbering.number_readings import read_phones

FILES = Path(__file__).parent / "field_cases"
US = "+1202555"


@pytest.mark.parametrize(
    ("name", "region", "numbers"),
    [
        ("dup_formats", "US", [f"{US}0175"] * 4 + [f"{US}0176"]),
        ("ph_arabic", "US", [f"{US}0193"]),
        ("ph_au", "AU", [f"+61491570{end}" for end in ("006", "156", "157", "158", "159")]),
        ("ph_de", "DE", [f"+4917139200{end}" for end in range(12, 16)]),
        ("ph_ext", "US", [f"{US}0{end}" for end in range(177, 182)]),
        ("ph_fr", "FR", [f"+33639980{end}" for end in range(123, 129)]),
        ("ph_invisible", "US", [f"{US}0{end}" for end in range(187, 193)]),
        ("ph_short", "US", [None] * 5),
        ("xl_apostrophe", "US", [f"{US}0137", f"{US}0138"]),
        ("xl_dotzero", "US", [f"{US}0141", f"{US}0142"]),
        ("xl_dotzero_gb", "GB", ["+447700900141", "+447700900142"]),
        ("xl_errors", "US", [None] * 5),
        ("xl_formula", "US", [f"{US}0139", f"{US}0140"]),
        ("xl_lostzero_gb", "GB", [f"+447700900{end}" for end in range(143, 151)]),
        ("xl_sci", "US", [None] * 3),
    ],
)
def test_a_phone_column_is_read_as_it_was_meant(name: str, region: str, numbers: list[str | None]) -> None:
    readings = read_phones(_phones(name), region=region)

    assert readings.e164.to_pylist() == numbers


def test_numbers_of_countries_that_changed_theirs_are_read_in_the_new_form() -> None:
    regions = ["MX", "MX", "BR", "BR", "AR", "AR", "IN", "JP"]

    read = [
        read_phones([phone], region=region).e164[0].as_py()
        for phone, region in zip(_phones("ph_world"), regions, strict=True)
    ]

    assert [_spaced(number) for number in read] == [
        "+52 5512345678",
        "+52 5512345678",
        "+55 11987654321",
        "+55 11987654321",
        "+54 91123456789",
        "+54 91123456789",
        "+91 9876543210",
        "+81 9012345678",
    ]


def _phones(name: str) -> list[str]:
    with (FILES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row["phone"] for row in csv.DictReader(file)]


def _spaced(number: str) -> str:
    return f"{number[:3]} {number[3:]}"
