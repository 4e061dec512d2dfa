"""The monitor of a plan of several campaigns, on the embedded service; the page is played by messages."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.builders import Clock
from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, Wire, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.experiments.metric import OPT_OUTS
from toolkit.experiments.registration import Registration
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.widgets import SendPanel
from toolkit.workspace import Workspace

DRAFT = CampaignDraft(
    name=f"Where it is day {HOSTILE}",
    message="20% off until Sunday. Reply STOP to opt out.",
    segment=Segment.any_of("vip_customers"),
    senders=("Marketing Line",),
    by_zone=True,
)


@pytest.fixture
def plan(ws: Workspace) -> Plan:
    plan = ws.plan(DRAFT)
    assert len(plan.steps) > 1
    return plan


def test_all_campaigns_of_a_plan_are_followed_and_added_up(
    ws: Workspace, browser: Browser, clock: Clock, plan: Plan
) -> None:
    panel = SendPanel(ws, plan)
    browser.edit(controls(panel)["seax-count"], value=str(plan.recipients))
    browser.edit(controls(panel)["seax-by"], value="ana")

    browser.click(controls(panel)["seax-send"])
    assert "The service starts it by itself" in controls(panel)["seax-outcome"].value
    clock.move(days=7)
    monitor = controls(panel)["seax-plan-monitor"]
    monitor.wait(30)

    steps = len(plan.steps)
    assert [look.campaign.id for look in monitor.value] == list(ws.plans()[0].receipt.campaign_ids)  # type: ignore[union-attr]
    assert f"{steps} of {steps} campaigns have finished sending." in controls(panel)["seax-sum"].value
    assert f"Exactly the {plan.recipients} contacts of the plan, one message each." in controls(panel)["seax-sum"].value
    assert tags(page_html(panel)) <= SAFE_TAGS


def test_what_is_scheduled_says_that_nothing_was_sent_yet(ws: Workspace, browser: Browser, plan: Plan) -> None:
    panel = SendPanel(ws, plan)
    browser.edit(controls(panel)["seax-count"], value=str(plan.recipients))
    browser.edit(controls(panel)["seax-by"], value="ana")
    seen = threading.Event()

    browser.click(controls(panel)["seax-send"])
    page = controls(panel)
    page["seax-steps"].observe(lambda change: seen.set() if "scheduled" in change["new"].lower() else None, "value")
    assert "scheduled" in page["seax-steps"].value.lower() or seen.wait(20)

    assert f"Nothing was sent yet. The first {plan.steps[0].recipients:,} start" in page["seax-sum"].value
    assert 'class="seax-well"' not in page["seax-sum"].value
    assert "not sent yet" in page["seax-sum"].value
    assert "seax sandbox --speed 3600" in page["seax-sum"].value


def test_an_edit_stops_following_all_of_them(ws: Workspace, browser: Browser, plan: Plan) -> None:
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    panel = SendPanel(ws, plan)

    panel.retire()
    controls(panel)["seax-plan-monitor"].wait(30)

    assert not any(monitor._watch.is_following for monitor in controls(panel)["seax-plan-monitor"]._monitors)


def test_a_plan_made_here_shows_who_gets_what_and_one_of_the_ledger_has_no_contacts(
    ws: Workspace, browser: Browser, plan: Plan
) -> None:
    panel = SendPanel(ws, plan)
    browser.click(controls(panel)["seax-who-gets-what"])

    assert controls(panel)["seax-people-table"].shown["found"] == plan.recipients
    assert "seax-who-gets-what" not in controls(SendPanel(ws, ws.get_plan(plan.id).plan))


def test_arms_are_shown_with_rates_and_the_verdict_of_the_read_out_when_asked(
    ws: Workspace, browser: Browser, wire: Wire, clock: Clock
) -> None:
    experiment = Experiment(name=HOSTILE, arms={"A": 0.5, "B": 0.5}, registration=Registration(
        metric=OPT_OUTS, control="A", least_lift=0.3, baseline=0.4))  # fmt: skip
    texts = {"B": "Shoes are 20% off. Reply STOP to opt out."}
    plan = ws.plan(DRAFT.model_copy(update={"by_zone": False, "experiment": experiment, "messages": texts}))
    panel = SendPanel(ws, plan)
    browser.edit(controls(panel)["seax-count"], value=str(plan.recipients))
    browser.edit(controls(panel)["seax-by"], value="ana")
    browser.click(controls(panel)["seax-send"])
    page = controls(panel)
    clock.move(hours=1)
    page["seax-plan-monitor"].wait(30)
    assert "all" not in [cell.strip() for cell in page["seax-steps"].value.replace("<", ">").split(">")]
    assert not page["seax-read-arms"].disabled
    wire.meanwhile = page["seax-arms-table"].offer  # news of the campaigns stop no read

    browser.click(page["seax-read-arms"])
    assert f"A {plan.steps[0].recipients:,}, B {plan.steps[1].recipients:,}. Each person" in page["seax-plan"].value
    early = page["seax-arm-counts"].value
    clock.move(days=7)
    browser.click(page["seax-read-arms"])

    assert "Too early: arms are compared from" in early
    arms = ws.experiments.arms(plan.id)
    shown = page["seax-arm-counts"].value
    assert page["seax-arms-table"].value == arms
    assert str(ws.experiments.read_out(plan.id).verdict).split(":")[0] in shown
    assert all(cell in shown for row in arms.rows for cell in row)
    assert "Each person is drawn on their own" in page_html(page["seax-arms-table"])
    assert tags(page_html(panel)) <= SAFE_TAGS


def test_arms_of_a_plan_that_starts_later_cannot_be_read_yet(ws: Workspace, browser: Browser, clock: Clock) -> None:
    experiment = Experiment(name="later", arms={"A": 0.5, "B": 0.5})
    later = {"by_zone": False, "start_at": clock() + timedelta(hours=30), "experiment": experiment}
    plan = ws.plan(DRAFT.model_copy(update=later | {"messages": {"B": "Shoes. Reply STOP to opt out."}}))
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))

    page = controls(SendPanel(ws, plan))

    assert page["seax-read-arms"].disabled
    assert "once something was sent" in page["seax-read-arms-said"].value
    browser.click(page["seax-read-arms"])
    assert page["seax-arms-table"].value is None
