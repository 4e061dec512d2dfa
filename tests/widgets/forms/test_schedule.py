from __future__ import annotations

from datetime import UTC, datetime

import pytest

from toolkit.errors import DraftError
from toolkit.widgets.forms.schedule import echo, in_utc

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)


def test_a_typed_time_is_echoed_in_its_zone_and_in_utc() -> None:
    assert echo(datetime(2026, 3, 6, 10), "America/New_York", NOW) == (
        "2026-03-06 10:00 America/New_York = 2026-03-06 15:00 UTC, in 3 h 0 m"
    )
    assert echo(datetime(2026, 3, 8, 13, 30), "UTC", NOW).endswith("in 2 d 1 h 30 m")
    assert echo(datetime(2026, 3, 6, 10), "UTC", NOW).endswith("which is in the past")


def test_a_time_that_clocks_skip_is_refused() -> None:
    with pytest.raises(DraftError, match="skip 02:30 on 2026-03-08"):
        in_utc(datetime(2026, 3, 8, 2, 30), "America/New_York")


def test_a_time_that_clocks_show_twice_is_the_first() -> None:
    twice = datetime(2026, 11, 1, 1, 30)

    assert in_utc(twice, "America/New_York").astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert "twice that night" in echo(twice, "America/New_York", NOW)


def test_an_unknown_zone_is_refused_with_the_nearest() -> None:
    with pytest.raises(DraftError, match="did you mean America/New_York"):
        in_utc(datetime(2026, 3, 8), "America/NewYork")
