from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from ipywidgets import Widget

from tests.builders import Clock
from tests.widgets.page import SAFE_TAGS, Browser, Wire, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.display import as_text
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.widgets.campaign_watch import CampaignLook
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.inbox import Inbox
from toolkit.widgets.job_monitor import JobMonitor
from toolkit.widgets.plan_monitor import PlanMonitor
from toolkit.workspace import Workspace

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def sent(ws: Workspace, name: str) -> str:
    """The id of a campaign that has just started."""
    draft = CampaignDraft(
        name=name, message="Hello", segment=Segment.any_of("vip_customers"), senders=("Marketing Line",)
    )
    plan = ws.plan(draft)
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="test"))
    assert receipt.campaign_id is not None
    return receipt.campaign_id


@pytest.fixture
def monitor(ws: Workspace, browser: Browser) -> Iterator[CampaignMonitor]:
    monitor = CampaignMonitor(ws, sent(ws, "Sale"), every=0.01)
    yield monitor
    monitor.stop()
    monitor.wait(10)


@pytest.mark.parametrize("kind", [CampaignMonitor, Inbox, JobMonitor, LongRead, PlanMonitor])
def test_a_constructor_that_failed_leaves_nothing_to_say_later(kind: type[Widget]) -> None:
    with pytest.raises(TypeError):
        kind(no_such_option=1)

    gc.collect()  # what is not raised in __del__ is told as a warning, which fails a test


def test_it_follows_a_campaign_to_its_end(monitor: CampaignMonitor, clock: Clock) -> None:
    page, moved = controls(monitor), threading.Event()
    page["seax-progress"].observe(lambda _: moved.set(), "value")

    monitor.start()
    assert moved.wait(10)
    assert "nothing was sent yet" not in page["seax-figures"].value
    assert "not sent yet" in page["seax-progress"].value
    clock.move(minutes=1)
    monitor.wait(10)

    assert "not sent yet" not in page["seax-progress"].value
    assert "Sale is finished" in page["seax-figures"].value


def test_the_sentence_and_the_bar_count_the_same_failures(monitor: CampaignMonitor, clock: Clock) -> None:
    clock.move(days=4)

    monitor.start()
    monitor.wait(20)

    page, x = controls(monitor), monitor.value.campaign.statistics
    assert x.bounced
    assert f"{x.failed + x.bounced:,} failed." in page["seax-figures"].value
    assert f"<b>{x.failed + x.bounced:,}</b> failed" in page["seax-progress"].value


def test_it_goes_on_after_the_end_until_the_reports_are_in(monitor: CampaignMonitor, clock: Clock) -> None:
    page, seen, has_read = controls(monitor), [], threading.Event()
    page["seax-figures"].observe(lambda change: seen.append(change.new), "value")
    page["seax-details"].observe(lambda _: has_read.set(), "value")
    clock.move(seconds=8)

    monitor.start()
    assert has_read.wait(10)
    clock.move(days=4)
    monitor.wait(20)

    assert any("without a report yet" in words for words in seen)
    assert "without a report yet" not in seen[-1]
    assert monitor.value is not None
    assert monitor.value.waiting == 0


def test_it_shows_the_funnel_the_causes_and_that_it_went_to_those_planned(
    monitor: CampaignMonitor, ws: Workspace, clock: Clock
) -> None:
    clock.move(days=4)

    monitor.start()
    monitor.wait(10)

    details = controls(monitor)["seax-details"].value
    planned = ws.plans()[0].plan.recipients
    assert f"{planned:,} of {planned:,} messages" in details
    assert "time to deliver" in details
    assert f"Exactly the {planned:,} contacts of the plan, one message each." in details
    assert "Why messages did not arrive" in details
    assert monitor.value is not None
    assert monitor.value.recipient_check == ws.ledger.check_campaign_recipients(monitor.campaign_id)
    assert monitor.value.report == ws.report(monitor.campaign_id)


def test_counters_and_log_are_held_against_each_other_only_when_messages_rest(
    monitor: CampaignMonitor, clock: Clock
) -> None:
    clock.move(days=4)
    monitor.start()
    monitor.wait(10)
    assert monitor.value is not None
    assert monitor.value.report is not None
    counters = monitor.value.campaign.statistics
    assert counters is not None
    report = monitor.value.report.model_copy(update={"problems": ("Expected 1 = 2.",)})
    moving = monitor.value.campaign.model_copy(update={"statistics": counters.model_copy(update={"delivered": 0})})

    resting = CampaignLook(campaign=monitor.value.campaign, report=report)
    assert "Expected 1 = 2." in as_text(resting.describe())
    assert "Expected 1 = 2." not in as_text(CampaignLook(campaign=moving, report=report).describe())


def test_a_campaign_of_somewhere_else_has_no_plan_to_compare(ws: Workspace, browser: Browser) -> None:
    monitor = CampaignMonitor(ws, ws.campaign_ids()[0], every=0.01)

    monitor.start()
    monitor.wait(10)

    assert "messages" in controls(monitor)["seax-details"].value
    assert "planned" not in controls(monitor)["seax-details"].value


def test_it_stops_when_told_and_follows_again(monitor: CampaignMonitor, browser: Browser, clock: Clock) -> None:
    page = controls(monitor)
    monitor.start()
    browser.click(page["seax-stop"])
    monitor.wait(10)
    assert not page["seax-follow"].disabled
    assert page["seax-stop"].disabled

    clock.move(days=4)
    browser.click(page["seax-follow"])
    monitor.wait(10)

    assert "Sale is finished" in page["seax-figures"].value


def test_stopping_in_the_middle_of_a_reading_ends_it(
    monitor: CampaignMonitor, wire: Wire, browser: Browser, clock: Clock
) -> None:
    clock.move(days=4)
    looks = []
    wire.meanwhile = lambda: looks.append(1) or (monitor.stop() if len(looks) == 3 else None)

    monitor.start()
    monitor.wait(10)

    assert monitor.value is not None
    assert monitor.value.report is None
    assert not controls(monitor)["seax-follow"].disabled


def test_a_lost_connection_is_shown_and_can_be_taken_up_again(
    monitor: CampaignMonitor, browser: Browser, wire: Wire, clock: Clock
) -> None:
    page = controls(monitor)
    clock.move(days=4)
    wire.lost = {"GET"}
    monitor.start()
    monitor.wait(10)
    assert 'role="alert"' in page["seax-figures"].value

    wire.lost = set()
    browser.click(page["seax-follow"])
    monitor.wait(10)

    assert "Sale is finished" in page["seax-figures"].value


def test_starting_twice_follows_once(monitor: CampaignMonitor) -> None:
    before = {*threading.enumerate()}

    monitor.start()
    monitor.start()

    new = {*threading.enumerate()} - before
    assert sum(thread.name.startswith("follow ") for thread in new) == 1


def test_nothing_is_read_before_it_is_started(ws: Workspace, browser: Browser, wire: Wire) -> None:
    asked: list[int] = []
    wire.meanwhile = lambda: asked.append(1)

    monitor = CampaignMonitor(ws, "campaign_1")

    assert asked == []
    assert "run the cell to follow it" in monitor._repr_mimebundle_()["text/html"]


def test_hostile_names_stay_text_on_the_page_and_in_the_copy_without_a_kernel(
    ws: Workspace, browser: Browser, clock: Clock
) -> None:
    monitor = CampaignMonitor(ws, sent(ws, HOSTILE), every=0.01)
    clock.move(days=4)

    monitor.start()
    monitor.wait(10)

    bundle = monitor._repr_mimebundle_()
    for html in (page_html(monitor), bundle["text/html"]):
        assert "is finished" in html
        assert tags(html) <= SAFE_TAGS
    assert "\u202e" not in bundle["text/plain"]


def test_every_control_says_what_it_is(monitor: CampaignMonitor) -> None:
    for name in ("follow", "stop"):
        control = controls(monitor)[f"seax-{name}"]
        assert control.description
        assert control.tooltip


def test_it_says_that_it_is_not_followed_before_and_after(
    monitor: CampaignMonitor, browser: Browser, clock: Clock
) -> None:
    page = controls(monitor)
    assert "Not followed: press Follow." in page["seax-figures"].value

    monitor.start()
    browser.click(page["seax-stop"])
    monitor.wait(10)

    assert "not followed any more" in page["seax-reading"].value or monitor.value is None


def test_no_rate_or_interval_is_shown_before_all_have_a_report(monitor: CampaignMonitor, clock: Clock) -> None:
    has_read = threading.Event()
    controls(monitor)["seax-details"].observe(lambda _: has_read.set(), "value")
    clock.move(seconds=8)

    monitor.start()
    assert has_read.wait(10)
    before = controls(monitor)["seax-details"].value
    clock.move(days=4)
    monitor.wait(20)

    assert "Rates and intervals are shown when all have a report" in before
    assert "%" not in before
    assert "%" in controls(monitor)["seax-details"].value
