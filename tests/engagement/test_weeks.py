"""A week is held against the eight before it: what is worse by more than weeks differ is named, and little else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.builders import START
from tests.engines import TIME, Engine, pandas_engine, rows_of
from tests.experiments import simulations as sim
from toolkit.engagement.weekly.cohorts import list_growth, monday, retention, rfm
from toolkit.engagement.weekly.survival import kaplan_meier, opt_outs_after
from toolkit.engagement.weekly.weeks import CLICKED, NOT_SENT, week_of, weekly_report
from toolkit.errors import ToolkitError
from toolkit.models import Campaign, Statistics
from toolkit.pages.weekly import weekly_page

WEEK = timedelta(days=7)
BEGINS = monday(START)


def logs(*, failed_last: int, campaign: str = "camp") -> pd.DataFrame:
    """A thousand messages a week over nine weeks; so many of the last week failed."""
    frames = []
    for week in range(9):
        lost = failed_last if week == 8 else 20 + week % 3
        status = ["failed"] * lost + ["delivered"] * (1_000 - lost)
        at = pd.Timestamp(BEGINS - (8 - week) * WEEK + timedelta(hours=10))
        frames.append(
            pd.DataFrame(
                {
                    "campaign_id": f"{campaign}{week}",
                    "contact_id": [f"c{each}" for each in range(1_000)],
                    "status": status,
                    "error": ["30007: filtered" if each == "failed" else None for each in status],
                    "sent_time": [pd.NaT if each == "failed" else at for each in status],
                    "delivered_time": [pd.NaT if each == "failed" else at for each in status],
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    return frame.assign(
        **{name: pd.to_datetime(frame[name], utc=True).dt.as_unit("us") for name in ("sent_time", "delivered_time")}
    )


def campaign(name: str, *, at: int = 8, clicked: int = 0, delivered: int = 980) -> Campaign:
    counted = dict.fromkeys(Statistics.model_fields, 0) | {"clicked": clicked, "delivered": delivered}
    return Campaign(
        id=f"camp{at}",
        name=name,
        type="SMS",
        status="finished",
        message="",
        created_time=START,
        updated_time=START,
        statistics=Statistics(**counted),
    )


def report(
    frame: pd.DataFrame,
    opted_out: pd.DataFrame | None = None,
    *,
    campaigns: Sequence[Campaign] = (),
    read_at: datetime = START + WEEK,
    **options: Any,
) -> Any:
    contacts = pd.DataFrame({"created_time": pd.DatetimeIndex([BEGINS + timedelta(hours=1)] * 7).as_unit("us")})
    campaigns = campaigns or [campaign("Flash <Friday>")]
    return weekly_report(frame, campaigns, contacts, opted_out, begins=BEGINS, read_at=read_at, **options)


def test_a_campaign_none_of_whose_messages_was_sent_is_in_the_week_in_which_it_failed() -> None:
    frame = logs(failed_last=40)
    unsent = frame[frame["status"] == "failed"].tail(3).assign(campaign_id="none", failed_time=pd.Timestamp(BEGINS))
    (found,) = (each for each in report(pd.concat([frame, unsent], ignore_index=True)).campaigns if each.id == "none")

    assert (found.first, found.attempted, found.delivered) == (BEGINS, 3, 0)


def test_a_bad_week_is_named_with_the_campaign_that_it_comes_from() -> None:
    found = report(logs(failed_last=90))

    assert found.alerts[0].measure == NOT_SENT
    assert found.blame[NOT_SENT] == "90 of 90 are of “Flash <Friday>”."
    assert "things to look at" in found.title or "one thing to look at" in found.title
    assert found.people[-1].gained == 7


def test_a_week_like_the_others_is_calm() -> None:
    found = report(logs(failed_last=22))

    assert found.alerts == ()
    assert found.title.endswith("nothing unusual")
    assert "a mirror that is refreshed every day knows it" in found.notes[0]


def test_the_page_shows_names_as_text_and_loads_nothing() -> None:
    html = weekly_page(report(logs(failed_last=90)), live=True, log="abc").html

    assert "Flash &lt;Friday&gt;" in html
    assert "LIVE" in html
    assert "<script" not in html
    assert html == weekly_page(report(logs(failed_last=90)), live=True, log="abc").html


def test_a_week_in_which_nothing_was_sent_is_not_called_calm() -> None:
    frame = logs(failed_last=22)
    found = report(frame[frame["campaign_id"] != "camp8"])

    html = weekly_page(found, live=True, log="abc").html

    assert found.title.endswith("nothing was sent")
    assert "Nothing was sent in this week, so there is nothing to compare." in html
    assert "within what weeks differ by" not in html


def test_measures_that_are_too_rare_are_not_counted_among_the_calm_ones() -> None:
    html = weekly_page(report(logs(failed_last=90)), live=True, log="abc").html

    assert "1 measure is too rare, or of too few weeks, to judge." in html
    assert "within what weeks differ by" not in html
    assert '<rect class="alarm"' in html


def test_fewer_clicks_than_usual_are_named_once_they_are_in() -> None:
    frame = logs(failed_last=22)
    usual = [campaign(f"Week {at}", at=at, clicked=90 + at) for at in range(8)]
    poor = campaign("Poor", clicked=10)

    found = report(frame, campaigns=[*usual, poor])
    early = report(frame, campaigns=[*usual, poor], read_at=BEGINS + timedelta(hours=57))
    implausible = report(frame, campaigns=[*usual, campaign("Machines", clicked=981)])

    assert [shift.measure for shift in found.alerts] == [CLICKED]
    assert f"{found.alerts[0]}" == "clicked, of delivered: 1.0 % (10 of 980); usual is 9.2 to 9.9 %"
    assert early.alerts == implausible.alerts == ()


def test_the_page_draws_failures_against_their_weeks_and_who_joined() -> None:
    html = weekly_page(report(logs(failed_last=90)), live=True, log="abc").html

    assert "Why messages did not arrive, of 1,000 attempted" in html
    assert 'aria-label="Filtered 90, 9.0 %, usual 2.0 to 2.2 %."' in html
    assert "Week 10: +7." in html
    assert "who opted out" not in html


def test_opt_outs_come_with_bounds_since_the_mirror_began() -> None:
    week = [BEGINS - WEEK, BEGINS, BEGINS + WEEK]
    changes = pd.DataFrame(
        {
            "after_time": pd.DatetimeIndex([week[1] + timedelta(hours=1), week[0] + timedelta(days=6)]),
            "before_time": pd.DatetimeIndex([week[1] + timedelta(hours=2), week[1] + timedelta(hours=1)]),
        }
    )

    found = report(logs(failed_last=22), changes, known_since=week[0])

    assert [(each.opted_out_low, each.opted_out_high) for each in found.people[-3:]] == [(None, None), (0, 1), (1, 2)]
    html = weekly_page(found, live=True, log="abc").html
    assert "Week 9: +0, −1. Week 10: +7, −2." in html
    assert "The list: 7 joined, 1 to 2 opted out, 7 in all" in html


def test_planted_incidents_are_caught_and_calm_weeks_are_calm() -> None:
    random = np.random.default_rng(8)

    assert sim.alarms(100, random, incident=2.5) >= 0.9
    assert sim.alarms(200, random) <= 0.1


@pytest.mark.parametrize("named", ["48", "2026-60", "next", "2027-40"])
def test_what_is_no_week_that_has_begun_is_refused(named: str) -> None:
    with pytest.raises(ToolkitError, match=r"is not a week|has not begun"):
        week_of(named, datetime(2026, 12, 1, tzinfo=UTC))


def test_a_week_is_named_as_iso_does_and_the_last_one_is_taken_by_itself() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)

    assert week_of("2026-48", now) == week_of(None, now) == datetime(2026, 11, 23, tzinfo=UTC)


def test_staying_equals_lifelines() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        from lifelines import KaplanMeierFitter

        random = np.random.default_rng(9)
        watched, left = random.integers(1, 60, 500).astype(float), random.random(500) < 0.3
        fitted = KaplanMeierFitter().fit(watched, left)
    ours = kaplan_meier(watched, left)

    at = ours["hours"].to_numpy()
    bounds = fitted.confidence_interval_.loc[at].to_numpy()
    assert ours["stayed"].to_numpy() == pytest.approx(fitted.survival_function_.loc[at].to_numpy()[:, 0], rel=1e-9)
    assert ours["low"].to_numpy() == pytest.approx(bounds[:, 0], rel=1e-9)
    assert ours["high"].to_numpy() == pytest.approx(bounds[:, 1], rel=1e-9)


def test_who_has_not_opted_out_yet_counts_for_as_long_as_they_were_watched() -> None:
    sent = pd.Timestamp(START)
    rows = pd.DataFrame({"contact_id": ["a", "b", "c", "d"], "sent_time": [sent, sent, sent, pd.NaT]})
    gone = pd.DataFrame({"contact_id": ["a", "z"], "before_time": [sent + pd.Timedelta(hours=5)] * 2})

    found = opt_outs_after(rows, gone, until=START + timedelta(hours=72))

    assert found[["hours", "at_risk", "events"]].to_numpy().tolist() == [[5.0, 3, 1]]
    assert found["stayed"].iloc[0] == pytest.approx(2 / 3)


def test_growth_retention_and_rfm_count_what_is_there() -> None:
    joined = pd.DatetimeIndex(["2026-01-10", "2026-01-20", "2026-02-02"], tz="UTC").as_unit("us")
    contacts = pd.DataFrame({"id": ["a", "b", "c"], "created_time": joined})
    at = pd.DatetimeIndex(["2026-01-15", "2026-02-15", "2026-02-16", "2026-02-17"], tz="UTC").as_unit("us")
    rows = pd.DataFrame(
        {
            "contact_id": ["a", "a", "c", "b"],
            "status": ["delivered", "delivered", "read", "failed"],
            "sent_time": at,
            "delivered_time": at,
        }
    )

    growth = list_growth(contacts, until=datetime(2026, 2, 2, tzinfo=UTC), weeks=4)
    kept = retention(contacts, rows, as_of=START)
    scores = rfm(rows, as_of=START).set_index("contact_id")

    assert growth["gained"].tolist() == [1, 0, 1, 0]
    assert growth["opted_out_high"].isna().all()
    assert kept[["cohort_month", "months", "people", "reached"]].to_numpy().tolist() == [
        [1, 0, 2, 1],
        [1, 1, 2, 1],
        [2, 0, 1, 1],
    ]
    assert scores.loc["a", "rfm"] == "425"
    assert scores.loc["b", "rfm"] == "111"


def test_every_engine_counts_growth_retention_and_rfm_alike(engine: Engine) -> None:
    random = np.random.default_rng(3)
    joined = [START - timedelta(days=int(days)) for days in random.integers(0, 300, 80)]
    contacts = pa.table({"id": [f"c{at}" for at in range(80)], "created_time": pa.array(joined, TIME)})
    sent = [START - timedelta(hours=int(hours)) for hours in random.integers(0, 7_000, 600)]
    status = random.choice(["delivered", "read", "failed", "sent"], 600)
    arrived = [at if each in {"delivered", "read"} else None for at, each in zip(sent, status, strict=True)]
    rows = pa.table(
        {
            "contact_id": [f"c{at}" for at in random.integers(0, 80, 600)],
            "status": status,
            "sent_time": pa.array(sent, TIME),
            "delivered_time": pa.array(arrived, TIME),
        }
    )
    plain = pandas_engine()

    for found, expected in (
        (
            list_growth(engine.frame(contacts), until=START, weeks=20),
            list_growth(plain.frame(contacts), until=START, weeks=20),
        ),
        (
            retention(engine.frame(contacts), engine.frame(rows), as_of=START),
            retention(plain.frame(contacts), plain.frame(rows), as_of=START),
        ),
        (rfm(engine.frame(rows), as_of=START), rfm(plain.frame(rows), as_of=START)),
    ):
        assert rows_of(found) == rows_of(expected)
