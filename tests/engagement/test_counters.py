from __future__ import annotations

import math

import pytest

from tests.builders import START
from tests.engagement.engagement_logs import log_frame
from toolkit.engagement.counters import click_rates, compare_counters
from toolkit.models import Campaign, Statistics

COUNTED = Statistics(total=5, sent=4, failed=1, delivered=2, bounced=1, opened=2, clicked=1)
LOG = log_frame(*({"status": status} for status in ("delivered", "delivered", "undelivered", "sent", "failed")))


def campaign(statistics: Statistics | None) -> Campaign:
    return Campaign(
        id="c1",
        name="Spring",
        type="SMS",
        status="finished",
        message="Hello",
        created_time=START,
        updated_time=START,
        statistics=statistics,
    )


def disagreeing(**changes: int) -> list[str]:
    checks = compare_counters(COUNTED.model_copy(update=changes), LOG)
    names: list[str] = checks[~checks["agrees"]]["check"].tolist()
    return names


def test_counters_that_match_the_log_agree() -> None:
    assert disagreeing() == []


@pytest.mark.parametrize(
    ("changes", "flagged"),
    [
        ({"total": 6}, ["total = messages in the log"]),
        ({"total": 4}, ["total = messages in the log", "sent + failed ≤ total"]),
        ({"sent": 3}, ["sent = sent in the log"]),
        ({"failed": 0}, ["failed = failed in the log"]),
        ({"delivered": 3}, ["delivered = delivered in the log"]),
        ({"bounced": 3}, ["bounced = bounced in the log", "delivered + bounced ≤ sent"]),
        ({"opened": 3}, ["opened ≤ delivered"]),
        ({"clicked": 3}, ["clicked ≤ delivered"]),
    ],
)
def test_each_counter_that_does_not_agree_is_flagged(changes: dict[str, int], flagged: list[str]) -> None:
    assert disagreeing(**changes) == flagged


def test_an_empty_log_agrees_with_counters_of_nothing() -> None:
    nothing = Statistics(total=0, sent=0, failed=0, delivered=0, bounced=0, opened=0, clicked=0)

    assert compare_counters(nothing, log_frame())["agrees"].all()


def test_clicks_are_a_share_of_deliveries() -> None:
    (row,) = click_rates([campaign(COUNTED), campaign(None)]).to_dict("records")

    assert (row["campaign_id"], row["clicked"], row["delivered"], row["click_rate"]) == ("c1", 1, 2, 0.5)
    assert row["click_low"] < 0.5 < row["click_high"]


def test_more_clicks_than_deliveries_are_no_rate() -> None:
    (row,) = click_rates([campaign(COUNTED.model_copy(update={"clicked": 3}))]).to_dict("records")

    assert all(math.isnan(row[name]) for name in ("click_rate", "click_low", "click_high"))


def test_no_campaigns_give_the_same_columns() -> None:
    assert click_rates([]).dtypes.to_dict() == click_rates([campaign(COUNTED)]).dtypes.to_dict()


@pytest.mark.parametrize(("shortens_links", "clicks"), [(None, None), (False, None), (True, 0)])
def test_no_click_is_a_rate_of_zero_only_where_clicks_are_counted(
    shortens_links: bool | None, clicks: int | None
) -> None:
    without = campaign(COUNTED.model_copy(update={"clicked": 0})).model_copy(update={"shortens_links": shortens_links})

    (row,) = click_rates([without]).to_dict("records")

    assert without.clicks == clicks
    assert math.isnan(row["click_rate"]) == (clicks is None)
    assert math.isnan(row["click_high"]) == (clicks is None)
    assert ("no clicks are counted" in str(without.describe())) == (clicks is None)
