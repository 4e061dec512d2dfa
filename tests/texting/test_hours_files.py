"""Rules from a file replace ours or are added to them; one that is not whole is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.texting.test_quiet_hours import NEW_YORK, TABLE, at, rule
from toolkit.errors import SettingsError
from toolkit.texting.places import Place
from toolkit.texting.quiet_hours import check_hours, hours_of
from toolkit.texting.quiet_hours_rules import HoursTable, Jurisdiction, load_hours


def rows(code: str, table: HoursTable = TABLE) -> list[Jurisdiction]:
    return [row for row in table.rows if row.code == code]


def test_a_file_replaces_rules_and_leaves_the_others(tmp_path: Path) -> None:
    own = tmp_path / "hours.toml"
    own.write_text(rule("US-FL", windows='{ mon-fri = "10:00-24:00" }', more="most_in_24_hours = 2"), encoding="utf-8")

    brand = tmp_path / "brand.toml"
    brand.write_text(rule("everywhere", more="most_in_24_hours = 1"), encoding="utf-8")

    table = load_hours(own)

    florida = Place("US", "FL", ("America/New_York",))
    assert [found.source for found in table.of(florida)] == ["47 CFR 64.1200(c)(1)", "our lawyers"]
    assert table.most_in_24_hours(florida, at("2026-01-10 17:00")) == 2
    assert load_hours(brand).most_in_24_hours(florida, at("2026-01-10 17:00")) == 1
    assert rows("US-TX", table) == rows("US-TX") != []
    assert not check_hours([florida], start=at("2026-01-10 17:00"), end=at("2026-01-10 17:00"), table=table).is_allowed


def test_a_brands_own_hours_hold_together_with_all_others(tmp_path: Path) -> None:
    own = tmp_path / "hours.toml"
    own.write_text(rule("everywhere", windows='{ mon-sun = "09:00-24:00" }'), encoding="utf-8")

    hours = hours_of(NEW_YORK, at("2026-01-14 12:00"), load_hours(own))

    assert (hours.windows[0].opens, hours.windows[0].closes) == (at("2026-01-14 14:00"), at("2026-01-15 02:00"))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", r"has no \[\[jurisdiction\]\] tables"),
        ("not toml", r"is not valid TOML \(at"),
        (rule("US", windows='{ mon-sun = "9-18" }'), "not of the form"),
        (rule("US", windows='{ monday = "09:00-18:00" }'), "not of the form"),
        (rule("US", windows='{ mon-sun = "09:00-24:30" }'), "not of the form"),
        (rule("US", windows='{ mon-sun = "18:00-09:00" }'), "ends before it begins"),
        (rule("US", windows='{ sun-mon = "09:00-18:00" }'), "ends before it begins"),
        (rule("XX", holidays="false"), "No public holidays are known for XX"),
        (rule("US", more="colour = 'red'"), "Row 1 of .*: The row has no colour: there are code"),
        (rule("US", more="windo = 'red'"), "did you mean windows"),
        (rule("US", more='as_of = "2026-11"'), "The row has no as_of: there are .*read_on"),
        (rule("US").replace("read_on = 2026-11-24", ""), "The row is missing read_on"),
        (rule("US").replace("2026-11-24", '"soon"'), "read_on cannot be 'soon': give a day, such as 2026-12-01"),
        (rule("US").replace('"high"', '"sure"'), "confidence cannot be 'sure': give high or medium or low"),
        (rule("US", holidays='"no way"'), "open_on_holidays cannot be 'no way'"),
        (rule("US", windows='"09:00-18:00"'), "is not of the form"),
        (rule("US", more="from = 2026-01-02\nuntil = 2026-01-02"), "Until 2026-01-02 is not after from 2026-01-02"),
        ("jurisdiction = 3", r"has no \[\[jurisdiction\]\] tables"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, text: str, refusal: str) -> None:
    own = tmp_path / "hours.toml"
    own.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=refusal):
        load_hours(own)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_hours(tmp_path / "nothing.toml")
