"""Rules begin and end on their days where the message is received, and some do not hold with consent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from toolkit.texting.notice_rules import load_notices, notices
from toolkit.texting.places import Place
from toolkit.texting.quiet_hours import check_hours, hours_of
from toolkit.texting.quiet_hours_rules import HoursTable, load_hours

TABLE = load_hours()
PORTLAND = Place("US", "OR", ("America/Los_Angeles",))
ONTARIO_OREGON = Place("US", "OR", ("America/Boise",))
SALT_LAKE = Place("US", "UT", ("America/Denver",))
LONDON, SYDNEY = Place("GB", "", ("Europe/London",)), Place("AU", "", ("Australia/Sydney",))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_open(place: Place, start: str, table: HoursTable = TABLE) -> bool:
    return check_hours([place], start=at(start), end=at(start), table=table).is_allowed


def own(folder: Path, *rows: str) -> HoursTable:
    form = """
        [[jurisdiction]]
        code = "{}"
        windows = {}
        open_on_holidays = true
        basis = "law"
        applies_to = "texts"
        source = "an act"
        read_on = 2026-12-01
        confidence = "high"
        {}
    """
    (folder / "hours.toml").write_text("".join(form.format(*row.split("|")) for row in rows), encoding="utf-8")
    return load_hours(folder / "hours.toml")


@pytest.mark.parametrize(
    ("place", "start", "allowed"),
    [
        (PORTLAND, "2026-01-01 04:30", True),  # New Year's Eve there, 20:30
        (PORTLAND, "2026-01-02 04:30", False),  # the day after, 20:30
        (PORTLAND, "2026-01-02 03:59", True),
        (ONTARIO_OREGON, "2026-01-01 03:30", True),  # an hour ahead of Portland
        (ONTARIO_OREGON, "2026-01-02 03:30", False),
        (SALT_LAKE, "2026-12-06 20:00", False),  # a Sunday
        (SALT_LAKE, "2026-12-07 20:00", True),
        (SALT_LAKE, "2026-07-24 20:00", False),  # Pioneer Day
        (SALT_LAKE, "2026-12-08 04:00", False),  # 21:00
        (SALT_LAKE, "2026-12-07 06:59", False),  # still Sunday there, 23:59
    ],
)
def test_oregon_has_hours_since_2026_and_utah_rests(place: Place, start: str, allowed: bool) -> None:
    assert is_open(place, start) is allowed


def test_prior_express_consent_lifts_utahs_rule_but_not_the_federal_one() -> None:
    consented = TABLE.without(["express"])

    assert is_open(SALT_LAKE, "2026-12-06 20:00", consented)
    assert not is_open(SALT_LAKE, "2026-12-07 04:00", consented)
    assert not is_open(SALT_LAKE, "2026-12-06 20:00", TABLE.without(["relationship"]))


def test_a_rule_that_begins_tomorrow_begins_at_midnight_where_it_is_received(tmp_path: Path) -> None:
    rows = ("GB|{ mon-sun = '00:00-24:00' }|until = 2026-12-02", "GB|{ mon-sun = '10:00-12:00' }|from = 2026-12-02")
    in_sydney = [row.replace("GB", "AU") for row in rows]
    table = own(tmp_path, *rows, *in_sydney)

    assert is_open(LONDON, "2026-12-01 23:59", table)
    assert not is_open(LONDON, "2026-12-02 00:00", table)
    assert is_open(LONDON, "2026-12-02 11:00", table)
    assert is_open(SYDNEY, "2026-12-01 12:59", table)  # 23:59 there
    assert not is_open(SYDNEY, "2026-12-01 13:00", table)
    (first, second, *_) = hours_of(LONDON, at("2026-12-01 20:00"), table).windows
    assert (first.closes, second.opens) == (at("2026-12-02 00:00"), at("2026-12-02 10:00"))


def test_a_rule_that_ended_yesterday_no_longer_holds(tmp_path: Path) -> None:
    table = own(tmp_path, "US-OR|{ mon-sun = '12:00-13:00' }|until = 2026-12-01")

    assert not is_open(PORTLAND, "2026-12-01 07:30", table)  # the last evening of November, 23:30
    assert not is_open(PORTLAND, "2026-12-01 00:30", table)
    assert is_open(PORTLAND, "2026-12-02 04:30", table)  # the federal rule remains


def test_a_country_whose_rule_has_ended_has_that_of_countries_without_one(tmp_path: Path) -> None:
    table = own(tmp_path, "GB|{ mon-sun = '00:00-24:00' }|until = 2026-12-02")

    assert is_open(LONDON, "2026-12-01 22:00", table)
    assert not is_open(LONDON, "2026-12-02 22:00", table)
    assert [row.code for row in table.of(LONDON, date(2026, 12, 2))] == ["*"]


def test_a_send_across_the_midnight_on_which_a_rule_begins_needs_both_days_open(tmp_path: Path) -> None:
    table = own(tmp_path, "GB|{ mon-sun = '00:00-24:00' }|", "GB|{ mon-sun = '00:00-22:00' }|from = 2026-12-02")

    def may_last(hours: float) -> bool:
        start = at("2026-12-01 23:00")
        return check_hours([LONDON], start=start, end=start + timedelta(hours=hours), table=table).is_allowed

    assert may_last(23)
    assert not may_last(23.1)


def test_oregons_cap_begins_on_its_day_and_is_lifted_by_a_relationship() -> None:
    assert TABLE.most_in_24_hours(PORTLAND, at("2026-01-01 07:59")) is None
    assert TABLE.most_in_24_hours(PORTLAND, at("2026-01-01 08:00")) == 3
    assert TABLE.without(["relationship"]).most_in_24_hours(PORTLAND, at("2026-06-01 20:00")) is None
    assert TABLE.without(["relationship"]).window_on(PORTLAND, date(2026, 6, 1)) == (480, 1200)


def test_what_is_not_sure_says_so() -> None:
    unsure = {row.code for row in TABLE.rows if not row.is_sure}

    assert {"US-PA", "US-CA", "US-IL"} <= unsure
    assert not unsure & {"US", "US-OR", "US-UT", "US-FL", "*"}


def test_sundays_are_sourced_by_statutes() -> None:
    resting = [row for row in TABLE.rows if None in row.windows and row.code.startswith("US-") and row.is_sure]

    assert {row.code for row in resting} == {"US-AL", "US-LA", "US-MS", "US-RI", "US-UT"}
    assert all("Code" in row.source or "R.S." in row.source or "Laws" in row.source for row in resting)


def test_one_to_one_consent_is_no_rule_and_the_others_have_a_source() -> None:
    texts = [row.what for row in load_notices()]

    assert not [text for text in texts if "one-to-one" in text]
    assert all(row.url.startswith("https://") and row.source for row in load_notices())
    assert [row.code for row in notices("sender name", on=date(2026, 6, 30))] == ["IE"]
    assert [row.code for row in notices("sender name", on=date(2026, 7, 1))] == ["AU", "IE"]
