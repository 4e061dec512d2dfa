"""A service that reports no delivery times: whatever asks "was it delivered" goes by status."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from tests.builders import START, campaign_draft
from tests.engagement.engagement_logs import log_frame
from toolkit.audience.caps import Cap, messages_within
from toolkit.audience.eligibility import Outcome
from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.engagement.counters import compare_counters
from toolkit.engagement.engagement import by_campaign, by_contact, funnel
from toolkit.engagement.fatigue import fatigue
from toolkit.engagement.outcomes import totals
from toolkit.engagement.weekly.cohorts import rfm
from toolkit.models import Statistics
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

Both = tuple[Contacts, Contacts]


@pytest.fixture
def both(ws: Workspace, sandbox: Sandbox) -> Both:
    """The workspace's contacts, with the whole log of all campaigns, and with one that lacks every delivery time."""
    plan = ws.plan(campaign_draft())
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(hours=8))
    full = ws.snapshot(Segment.where("tier").is_present())
    assert full.logs is not None
    lacking = full.logs.assign(delivered_time=pd.Series(pd.NaT, full.logs.index, dtype="datetime64[us, UTC]"))
    return full, replace(full, logs=lacking)


def test_who_received_a_campaign_and_who_did_not_are_the_same(both: Both, ws: Workspace) -> None:
    full, lacking = both

    for campaign_id in ws.campaign_ids():
        received = Segment.received(campaign_id)
        assert received.count(full) == received.count(lacking) > 0
        assert (received.mask(full) == received.mask(lacking)).all()
        assert ((~received).mask(full) == (~received).mask(lacking)).all()


def test_tiers_and_rules_on_deliveries_are_the_same(both: Both) -> None:
    full, lacking = both

    for rule in ("tier = engaged", "tier = at_risk", "tier = dormant", "delivered in 1d"):
        segment = Segment.parse(rule)
        assert segment.count(full) > 0
        assert (segment.mask(full) == segment.mask(lacking)).all()


def test_fatigue_and_caps_are_the_same(both: Both, ws: Workspace) -> None:
    (full, lacking), as_of = both, START + timedelta(hours=9)
    assert full.logs is not None
    assert lacking.logs is not None

    each = [
        fatigue(logs, as_of=as_of).sort_values("contact_id", ignore_index=True) for logs in (full.logs, lacking.logs)
    ]
    caps = [[Cap(1, "7d", messages_within(logs, "7d", as_of=as_of))] for logs in (full.logs, lacking.logs)]

    pd.testing.assert_frame_equal(*each)
    everyone = [ws.audience(Segment.everyone(), contacts=full, caps=cap) for cap in caps]
    assert everyone[0].ids(Outcome.CAPPED) == everyone[1].ids(Outcome.CAPPED) != ()


def test_rates_and_scores_are_the_same(both: Both) -> None:
    full, lacking = both
    assert full.logs is not None
    assert lacking.logs is not None

    pd.testing.assert_frame_equal(funnel(full.logs), funnel(lacking.logs))
    campaigns = [by_campaign(logs).drop(columns=["seconds_p50", "seconds_p95"]) for logs in (full.logs, lacking.logs)]
    pd.testing.assert_frame_equal(*campaigns)
    contacts = [by_contact(logs).set_index("contact_id").sort_index() for logs in (full.logs, lacking.logs)]
    assert contacts[0]["last_delivered_time"].notna().equals(contacts[1]["last_delivered_time"].notna())
    scores = [
        rfm(logs, as_of=START + timedelta(days=1)).set_index("contact_id")["rfm"].sort_index()
        for logs in (full.logs, lacking.logs)
    ]
    pd.testing.assert_series_equal(*scores)


def test_what_was_canceled_is_in_no_denominator() -> None:
    sent = {"contact_id": "ana", "sent_time": START}
    log = log_frame(*[sent | {"status": status} for status in ("delivered", "undelivered", "failed", "canceled")])

    counts = totals(log)

    assert (counts["messages"], counts["attempted"], counts["sent"], counts["pending"]) == (4, 3, 2, 0)
    assert (counts["canceled"], counts["unknown"]) == (1, 0)
    (row,) = by_campaign(log).to_dict("records")
    assert (row["canceled"], row["delivery_rate"], row["failure_rate"]) == (1, 1 / 2, 2 / 3)
    assert row["unknown_statuses"] == ""


def test_canceled_messages_do_not_wait_and_agree_with_the_counters() -> None:
    log = log_frame({"status": "delivered"}, {"status": "canceled"})
    counted = Statistics(total=2, sent=1, failed=0, delivered=1, bounced=0, opened=None, clicked=0, canceled=1)

    assert counted.pending == 0
    assert compare_counters(counted, log)["agrees"].all()
