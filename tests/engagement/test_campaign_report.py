"""A campaign's report: rates from its log, causes with what to do, and every disagreement in words."""

from __future__ import annotations

import pytest

from toolkit.engagement.campaign_report import ADVICE, campaign_report
from toolkit.engagement.delays import time_to_deliver
from toolkit.engagement.engagement import funnel
from toolkit.engagement.failures import by_failure
from toolkit.engagement.rates import wilson
from toolkit.workspace import Workspace


def test_a_report_counts_what_the_log_holds(ws: Workspace) -> None:
    campaign_id = ws.campaign_ids()[1]
    logs = ws.logs(campaign_id)

    report = ws.report(campaign_id)

    delivered = int((logs["status"] == "delivered").sum())
    last = report.funnel[-1]
    assert [stage.stage for stage in report.funnel] == ["attempted", "sent", "delivered"]
    assert (report.messages, last.count) == (len(logs), delivered)
    assert (last.low, last.high) == pytest.approx(wilson(delivered, last.whole))
    assert sum(cause.messages for cause in report.causes) == int(logs["status"].isin(["failed", "undelivered"]).sum())
    assert report.problems == ()


def test_every_cause_says_what_to_do(ws: Workspace) -> None:
    causes = [cause for campaign_id in ws.campaign_ids() for cause in ws.report(campaign_id).causes]

    assert causes
    assert all(cause.advice == ADVICE[cause.action] for cause in causes)


def test_counters_that_disagree_with_the_log_are_told(ws: Workspace) -> None:
    campaign_id = ws.campaign_ids()[1]
    campaign, logs = ws.campaign(campaign_id), ws.logs(campaign_id)
    assert campaign.statistics
    wrong = campaign.statistics.model_copy(update={"delivered": campaign.statistics.delivered - 1})

    report = campaign_report(campaign.model_copy(update={"statistics": wrong}), logs)

    assert any("delivered = delivered in the log" in problem for problem in report.problems)


def test_missing_counters_are_told_and_no_clicks_invented(ws: Workspace) -> None:
    campaign_id = ws.campaign_ids()[1]

    report = campaign_report(ws.campaign(campaign_id).model_copy(update={"statistics": None}), ws.logs(campaign_id))

    assert "cannot be checked" in report.problems[0]
    assert report.clicks is None


def test_a_log_without_messages_has_no_rates(ws: Workspace) -> None:
    campaign_id = ws.campaign_ids()[1]

    report = campaign_report(ws.campaign(campaign_id), ws.logs(campaign_id).iloc[:0])

    assert {stage.rate for stage in report.funnel} == {None}
    assert (report.causes, report.seconds_p50) == ((), None)


def test_a_report_says_what_the_frames_say(ws: Workspace) -> None:
    for campaign_id in ws.campaign_ids():
        logs, report = ws.logs(campaign_id), ws.report(campaign_id)

        steps = funnel(logs).drop(columns="step").to_dict("records")
        assert [stage.model_dump() for stage in report.funnel] == [pytest.approx(step) for step in steps]
        lost = by_failure(logs).sort_values(["messages", "failure_class"], ascending=[False, True])
        names = {"failure_rate": "rate", "failure_low": "low", "failure_high": "high"}
        rows = lost.drop(columns="attempted").rename(columns=names).to_dict("records")
        assert [cause.model_dump(exclude={"advice"}) for cause in report.causes] == [pytest.approx(row) for row in rows]
        delays = time_to_deliver(logs).iloc[0]
        assert (report.seconds_p50, report.seconds_p95) == pytest.approx((delays["seconds_p50"], delays["seconds_p95"]))


def test_clicks_that_nobody_counts_have_a_dash_and_no_rate(ws: Workspace) -> None:
    campaign_id = ws.campaign_ids()[1]
    campaign, logs = ws.campaign(campaign_id), ws.logs(campaign_id)
    assert campaign.statistics
    none = campaign.model_copy(update={"statistics": campaign.statistics.model_copy(update={"clicked": 0})})

    uncounted = campaign_report(none.model_copy(update={"shortens_links": False}), logs)
    counted = campaign_report(none.model_copy(update={"shortens_links": True}), logs)

    assert uncounted.clicks is None
    assert ["clicked", "no clicks are counted", "–"] in uncounted.describe()[0].rows
    assert counted.clicks is not None
    assert (counted.clicks.count, counted.clicks.rate) == (0, 0.0)
