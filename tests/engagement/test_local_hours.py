"""Hours are those of the clocks where people are."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

import toolkit.data.accessor  # noqa: F401 — registers df.seax
from tests.engagement.engagement_logs import log_frame
from tests.engagement.test_engagement import sent
from toolkit.engagement.hour_of_day import by_hour
from toolkit.errors import ToolkitError


def test_hours_are_those_of_local_clocks_in_winter_and_in_summer() -> None:
    winter = datetime(2026, 1, 4, 4, 30, tzinfo=UTC)  # Saturday 23:30 in New York
    summer = datetime(2026, 7, 5, 3, 30, tzinfo=UTC)  # the same hour on the clocks of July
    logs = log_frame(
        {"status": "delivered", "sent_time": winter},
        {"status": "sent", "sent_time": summer},
        {"status": "queued"},
    )

    hours = by_hour(logs, zone="America/New_York")

    assert hours[["weekday", "hour", "sent", "delivered"]].values.tolist() == [[6, 23, 2, 1]]


@pytest.mark.parametrize(
    ("utc", "hour"),
    [
        (datetime(2026, 3, 8, 6, 59, 59, 999_999, tzinfo=UTC), 1),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), 3),
        (datetime(2026, 11, 1, 5, 59, tzinfo=UTC), 1),
        (datetime(2026, 11, 1, 6, 0, tzinfo=UTC), 1),
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 2),
    ],
)
def test_the_hour_that_summer_time_skips_or_repeats_is_told_right(utc: datetime, hour: int) -> None:
    hours = by_hour(log_frame({"status": "sent", "sent_time": utc}), zone="America/New_York")

    assert hours["hour"].tolist() == [hour]


def test_zones_that_are_half_an_hour_off_and_a_week_that_wraps() -> None:
    sunday = datetime(2026, 3, 1, 18, 45, tzinfo=UTC)

    hours = by_hour(log_frame({"status": "sent", "sent_time": sunday}), zone="Asia/Kolkata")

    assert hours[["weekday", "hour"]].values.tolist() == [[1, 0]]


def test_each_recipients_own_clock_goes_before_the_one_for_all() -> None:
    june, january = (datetime(2026, month, 3, 12, 30, tzinfo=UTC) for month in (6, 1))
    clocks = {"America/New_York": (8, 7), "Asia/Kolkata Asia/Tokyo": (18, 18), "nowhere": (14, 13), None: (14, 13)}
    logs = log_frame(*({"status": "sent", "sent_time": time} for _ in clocks for time in (june, january)))
    logs["zones"] = pd.Series([zone for zone in clocks for _ in range(2)], dtype="category")

    hours = by_hour(logs, zone="Europe/Paris", own="zones")

    told = {weekday: [] for weekday in (3, 6)}
    for weekday, hour, count in hours[["weekday", "hour", "sent"]].values.tolist():
        told[weekday] += [hour] * count
    assert told == {weekday: sorted(hours[at] for hours in clocks.values()) for at, weekday in enumerate((3, 6))}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc", ""])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(ToolkitError, match="Unknown time zone"):
        by_hour(log_frame(sent("ana")), zone=zone)
