"""Campaigns beside each other: rates, pairs and what cannot be compared."""

from __future__ import annotations

import pytest

from toolkit.errors import ToolkitError
from toolkit.experiments.comparison import compare_campaigns
from toolkit.experiments.significance import rates_differ
from toolkit.workspace import Workspace


@pytest.mark.parametrize("measure", ["delivery", "failure", "click"])
def test_campaigns_are_ranked_and_compared_pair_by_pair(ws: Workspace, measure: str) -> None:
    comparison = ws.compare(ws.campaign_ids()[:4], measure)  # type: ignore[arg-type]

    rates = [campaign.rate for campaign in comparison.campaigns]
    assert rates == sorted(rates, reverse=True)
    assert len(comparison.pairs) == len(rates) * (len(rates) - 1) / 2
    assert all(pair.low <= pair.difference <= pair.high for pair in comparison.pairs)


def test_p_values_are_adjusted_for_being_several(ws: Workspace) -> None:
    comparison = ws.compare(ws.campaign_ids()[:3])
    by_id = {campaign.campaign_id: campaign for campaign in comparison.campaigns}

    for pair in comparison.pairs:
        a, b = by_id[pair.arm], by_id[pair.other]
        assert pair.p >= rates_differ(b.count, b.whole, a.count, a.whole)


def test_clicks_that_people_cannot_have_made_are_left_out(ws: Workspace) -> None:
    reports = [ws.report(campaign_id) for campaign_id in ws.campaign_ids()[:3]]
    doubted = reports[0].model_copy(update={"clicks": None})

    comparison = compare_campaigns([doubted, *reports[1:]], "click")

    assert [x.campaign_id for x in comparison.campaigns].count(doubted.campaign.id) == 0
    assert comparison.left_out[0].startswith(doubted.campaign.id)


@pytest.mark.parametrize("many", [0, 1])
def test_a_comparison_takes_two(ws: Workspace, many: int) -> None:
    with pytest.raises(ToolkitError, match="from two to twenty"):
        ws.compare(ws.campaign_ids()[:1] * (many + 1))
