from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from tests.builders import START
from toolkit.data.logs import STATUSES
from toolkit.engagement.periods import by_period
from toolkit.errors import ToolkitError


def sent_after(*minutes: float | None) -> pd.DataFrame:
    """A log of delivered messages that left so many minutes after the start, or never."""
    times = [None if each is None else START + timedelta(minutes=each) for each in minutes]
    status = pd.Categorical(["delivered"] * len(times), STATUSES)
    return pd.DataFrame({"status": status, "sent_time": pd.Series(times, dtype="datetime64[us, UTC]")})


def test_messages_are_counted_in_the_period_they_left_in_and_those_that_never_left_in_none() -> None:
    periods = by_period(sent_after(0, 1, 59.9, 60, None), every="hour")

    assert periods["period_time"].to_list() == [START, START + timedelta(hours=1)]
    assert periods["delivered"].to_list() == [3, 1]


@pytest.mark.parametrize(
    ("minutes", "periods"), [(0, 1), (3, 181), (4, 5), (120, 121), (60 * 24, 25), (60 * 24 * 365, 366)]
)
def test_unless_it_is_named_a_period_is_as_short_as_200_of_them_allow(minutes: float, periods: int) -> None:
    log = sent_after(*(minutes * i / 1_000 for i in range(1_001)))

    assert len(by_period(log)) == periods


def test_no_messages_make_no_periods() -> None:
    assert by_period(sent_after(None)).empty
    assert by_period(sent_after()).empty


def test_a_length_that_is_none_is_refused() -> None:
    with pytest.raises(ToolkitError, match="Unknown period 'fortnight': use one of second"):
        by_period(sent_after(0), every="fortnight")  # type: ignore[arg-type]
