from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ToolkitError
from toolkit.texting.numbering.line_types import classify
from toolkit.texting.places import Place, locate, places, zones_of
from toolkit.texting.quiet_hours import HORIZON, HoursCheck, check_hours, hours_of
from toolkit.texting.quiet_hours_rules import load_hours

TABLE = load_hours()
NEW_YORK = Place("US", "NY", ("America/New_York",), 5)
CHICAGO = Place("US", "WI", ("America/Chicago",), 4)
LOS_ANGELES = Place("US", "", ("America/Los_Angeles",), 3)
PANHANDLE = Place("US", "FL", zones_of(1850), 2)  # 850 lies on both sides of a zone's border


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def check(*where: Place, start: str, minutes: int = 0) -> HoursCheck:
    return check_hours(where, start=at(start), end=at(start) + timedelta(minutes=minutes), table=TABLE)


@pytest.mark.parametrize(
    ("place", "start", "allowed"),
    [
        (NEW_YORK, "2026-01-14 12:59", False),
        (NEW_YORK, "2026-01-14 13:00", True),  # 08:00 in winter
        (NEW_YORK, "2026-01-15 01:59", True),
        (NEW_YORK, "2026-01-15 02:00", False),  # 21:00
        (NEW_YORK, "2026-07-14 12:00", True),  # 08:00 in summer
        (NEW_YORK, "2026-07-15 01:00", False),
        (NEW_YORK, "2026-03-07 12:30", False),  # the day before clocks go forward
        (NEW_YORK, "2026-03-08 12:30", True),  # and the day on which they do
        (NEW_YORK, "2026-10-31 12:30", True),
        (NEW_YORK, "2026-11-01 12:30", False),  # clocks went back
        (PANHANDLE, "2026-01-14 13:30", False),  # 08:30 in the east of it, 07:30 in the west
        (PANHANDLE, "2026-01-14 14:00", True),
        (PANHANDLE, "2026-01-15 00:59", True),
        (PANHANDLE, "2026-01-15 01:00", False),  # 20:00 in the east of it, by Florida's rule
        (Place("AU", "", ("Australia/Lord_Howe",)), "2026-01-13 21:00", True),  # its summer time is half an hour
        (Place("AU", "", ("Australia/Lord_Howe",)), "2026-07-13 21:00", False),
        (Place("ZZ", "", ("Asia/Kathmandu",)), "2026-01-14 02:15", True),  # no rule of its own: from 08:00
        (Place("ZZ", "", ("Asia/Kathmandu",)), "2026-01-14 02:14", False),
    ],
)
def test_a_time_is_allowed_by_the_clocks_of_those_who_receive_it(place: Place, start: str, allowed: bool) -> None:
    assert check(place, start=start).is_allowed is allowed


def test_a_send_that_would_run_into_the_night_is_not_allowed() -> None:
    assert check(NEW_YORK, start="2026-01-15 01:00", minutes=60).is_allowed
    assert not check(NEW_YORK, start="2026-01-15 01:00", minutes=61).is_allowed


def test_open_at_both_ends_but_not_between_is_not_allowed() -> None:
    assert not check(NEW_YORK, start="2026-01-14 20:00", minutes=24 * 60).is_allowed


@pytest.mark.parametrize(
    ("state", "zone", "start", "allowed"),
    [
        ("TX", "America/Chicago", "2026-01-11 17:30", False),  # a Sunday, 11:30
        ("TX", "America/Chicago", "2026-01-11 18:00", True),
        ("TX", "America/Chicago", "2026-01-12 15:00", True),  # Monday, 09:00
        ("AL", "America/Chicago", "2026-01-11 18:00", False),  # no Sundays
        ("AL", "America/Chicago", "2026-04-27 18:00", False),  # Confederate Memorial Day
        ("GA", "America/New_York", "2026-04-27 18:00", True),
        ("LA", "America/Chicago", "2026-02-17 18:00", False),  # Mardi Gras
        ("RI", "America/New_York", "2026-01-10 14:30", False),  # a Saturday, 09:30
        ("RI", "America/New_York", "2026-01-10 15:00", True),
        ("RI", "America/New_York", "2026-08-10 17:00", False),  # Victory Day
        ("KY", "America/New_York", "2026-01-12 14:59", False),
    ],
)
def test_a_state_has_its_own_hours_sundays_and_holidays(state: str, zone: str, start: str, allowed: bool) -> None:
    assert check(Place("US", state, (zone,)), start=start).is_allowed is allowed


def test_sunday_begins_where_the_reader_is_not_where_the_sender_is() -> None:
    texas, paris = Place("US", "TX", ("America/Chicago",)), Place("FR", "", ("Europe/Paris",))

    assert check(texas, start="2026-01-12 02:59").is_allowed  # Monday in London, Sunday 20:59 in Texas
    assert not check(texas, start="2026-01-11 15:00").is_allowed  # nothing before noon on that Sunday
    assert check(paris, start="2026-01-12 07:00").is_allowed
    assert not check(paris, start="2026-01-11 12:00").is_allowed
    assert not check(paris, start="2026-07-14 12:00").is_allowed  # a public holiday


def test_both_sides_of_the_date_line_are_open_at_one_instant_on_two_dates() -> None:
    pacific = Place("US", "", ("Pacific/Guam", "Pacific/Pago_Pago"))

    hours = hours_of(pacific, at("2026-01-14 00:00"), TABLE)

    assert (hours.windows[0].opens, hours.windows[0].closes) == (at("2026-01-13 22:00"), at("2026-01-14 08:00"))
    assert check(pacific, start="2026-01-14 07:59").is_allowed  # 17:59 on the 14th and 20:59 on the 13th
    assert not check(pacific, start="2026-01-14 08:00").is_allowed


def test_a_toll_free_number_may_be_anywhere_so_hours_are_few() -> None:
    (anywhere,) = places(locate(classify(["+18005550199"])))

    check_ = check(anywhere, start="2026-01-14 17:00")

    assert check_.next_start == at("2026-01-14 22:00")  # 17:00 in New York
    assert not check(anywhere, start="2026-01-14 22:00", minutes=151).is_allowed
    assert check(anywhere, start="2026-01-14 22:00", minutes=150).is_allowed


def test_where_zones_are_never_open_together_the_countrys_main_zone_is_guessed(tmp_path: Path) -> None:
    own = tmp_path / "hours.toml"
    own.write_text(rule("US", windows='{ mon-sun = "10:00-16:00" }'), encoding="utf-8")
    (anywhere,) = places(locate(classify(["+18005550199"])))

    found = check_hours([anywhere], start=at("2026-01-14 15:00"), end=at("2026-01-14 15:00"), table=load_hours(own))

    assert [hours.guessed_zone for hours in found.guessed] == ["America/New_York"]
    assert found.is_allowed
    assert check(anywhere, start="2026-01-14 22:00").guessed == ()


def test_the_next_time_that_suits_everybody_is_offered() -> None:
    found = check(NEW_YORK, CHICAGO, LOS_ANGELES, start="2026-01-14 12:00", minutes=30)

    assert [hours.place for hours in found.closed] == [NEW_YORK, CHICAGO, LOS_ANGELES]
    assert found.next_start == at("2026-01-14 16:00")  # 08:00 in Los Angeles
    assert check(NEW_YORK, CHICAGO, LOS_ANGELES, start="2026-01-14 16:00", minutes=30).is_allowed


def test_the_next_time_leaves_room_for_the_whole_send() -> None:
    together = check(NEW_YORK, LOS_ANGELES, start="2026-01-14 23:00", minutes=240)

    assert [hours.place for hours in together.closed] == [NEW_YORK]
    assert together.next_start == at("2026-01-15 16:00")


def test_a_split_offers_each_zone_its_own_start() -> None:
    found = check(NEW_YORK, CHICAGO, LOS_ANGELES, PANHANDLE, start="2026-01-14 13:30", minutes=10)

    assert [(batch.start, batch.places, batch.people) for batch in found.batches] == [
        (at("2026-01-14 13:30"), (NEW_YORK,), 5),
        (at("2026-01-14 14:00"), (CHICAGO, PANHANDLE), 6),
        (at("2026-01-14 16:00"), (LOS_ANGELES,), 3),
    ]


def test_a_place_without_any_open_time_is_in_no_batch() -> None:
    nowhere = Place("", "", ())

    too_long = check(NEW_YORK, nowhere, start="2026-01-14 14:00", minutes=14 * 60)

    assert too_long.never == (NEW_YORK, nowhere)
    assert (too_long.batches, too_long.next_start, too_long.is_allowed) == ((), None, False)


def test_a_rule_that_never_closes_allows_a_send_through_midnight(tmp_path: Path) -> None:
    own = tmp_path / "hours.toml"
    own.write_text(rule("GB", windows='{ mon-sun = "00:00-24:00" }'), encoding="utf-8")
    london = Place("GB", "", ("Europe/London",))

    found = check_hours([london], start=at("2026-01-14 20:00"), end=at("2026-01-16 08:00"), table=load_hours(own))

    assert found.is_allowed


def test_no_time_is_offered_later_than_the_service_schedules(tmp_path: Path) -> None:
    own = tmp_path / "hours.toml"
    own.write_text(rule("US", windows='{ sun = "09:00-10:00" }'), encoding="utf-8")
    start = at("2026-10-25 13:01")  # 09:01 in New York; a week later clocks have gone back, so 09:00 is over 7 days off

    found = check_hours([NEW_YORK], start=start, end=start + timedelta(hours=1), table=load_hours(own))

    assert found.never == (NEW_YORK,)
    assert check_hours(
        [NEW_YORK], start=start + timedelta(hours=2), end=start + timedelta(hours=3), table=load_hours(own)
    ).next_start == at("2026-11-01 14:00")


def test_nobody_may_be_texted_at_any_time() -> None:
    assert check(start="2026-01-14 03:00").is_allowed


@pytest.mark.parametrize(
    ("start", "end"), [(datetime(2026, 1, 14), at("2026-01-14")), (at("2026-01-15"), at("2026-01-14"))]
)
def test_times_that_mean_no_stretch_are_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(ToolkitError, match=r"without a time zone|is before the start"):
        check_hours([NEW_YORK], start=start, end=end, table=TABLE)


@given(
    st.sampled_from([1, 1212, 1850, 1907, 1401, 7, 61, 33, 44, 686, 64]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 600),
)
def test_what_is_offered_is_allowed_and_nothing_earlier_is(prefix: int, start: datetime, minutes: int) -> None:
    place = Place("US" if str(prefix)[0] == "1" else "FR", "RI" if prefix == 1401 else "", zones_of(prefix))
    length = timedelta(minutes=minutes)

    found = check_hours([place], start=start, end=start + length, table=TABLE)

    if found.next_start is None:
        assert found.never == (place,)
        return
    assert start <= found.next_start <= start + HORIZON
    assert check_hours([place], start=found.next_start, end=found.next_start + length, table=TABLE).is_allowed
    assert found.is_allowed is (found.next_start == start)
    earlier = found.next_start - timedelta(minutes=1)
    assert earlier < start or not check_hours([place], start=earlier, end=earlier + length, table=TABLE).is_allowed


def rule(code: str, *, windows: str = '{ mon-sun = "09:00-18:00" }', holidays: str = "true", more: str = "") -> str:
    return f"""
        [[jurisdiction]]
        code = "{code}"
        windows = {windows}
        open_on_holidays = {holidays}
        basis = "practice"
        applies_to = "texts"
        source = "our lawyers"
        read_on = 2026-11-24
        confidence = "high"
        {more}
    """


def test_every_rule_says_where_it_comes_from_and_states_are_no_looser_than_their_country() -> None:
    for found in TABLE.rows:
        assert found.source
        assert found.url.startswith("https://")
        assert found.read_on >= date(2026, 11, 24)
        place = Place(found.code[:2], found.code[3:], ())
        for day in (date(2026, 12, 1) + timedelta(days=days) for days in range(7)):
            here, there = TABLE.window_on(place, day), TABLE.window_on(Place(place.region, "", ()), day)
            assert here is None or (there is not None and there[0] <= here[0] < here[1] <= there[1])


def test_caps_hold_where_the_law_has_them() -> None:
    capped = {found.code for found in TABLE.rows if found.most_in_24_hours == 3}

    assert capped == {"US-FL", "US-MD", "US-OK", "US-OR"}
    assert TABLE.most_in_24_hours(NEW_YORK, at("2026-01-14 17:00")) is None


def test_territories_follow_the_federal_rule_and_islands_their_kingdom() -> None:
    assert [found.code for found in TABLE.of(Place("PR", "", ("America/Puerto_Rico",)))] == ["US"]
    assert [found.code for found in TABLE.of(Place("JE", "", ("Europe/Jersey",)))] == ["GB"]
    assert [found.code for found in TABLE.of(Place("", "", ()))] == ["*"]
