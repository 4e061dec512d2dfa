from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.builders import Clock
from tests.widgets.page import Browser, Wire, controls
from toolkit.audience.segment import Segment
from toolkit.sending.draft import CampaignDraft
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.workspace import Workspace


@pytest.fixture
def monitor(ws: Workspace, browser: Browser) -> Iterator[CampaignMonitor]:
    """A monitor on a campaign that has just started."""
    draft = CampaignDraft(
        name="Sale", message="Hello", segment=Segment.any_of("vip_customers"), senders=("Marketing Line",)
    )
    plan = ws.plan(draft)
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="test"))
    assert receipt.campaign_id is not None
    monitor = CampaignMonitor(ws, receipt.campaign_id, every=0.01)
    yield monitor
    monitor.stop()
    monitor.wait(10)


def test_it_follows_a_campaign_to_its_end(monitor: CampaignMonitor, clock: Clock) -> None:
    page, moved = controls(monitor), threading.Event()
    page["seax-figures"].observe(lambda _: moved.set(), "value")

    monitor.start()
    assert moved.wait(10)
    begun = page["seax-progress"].value
    clock.move(minutes=1)
    monitor.wait(10)

    assert begun < page["seax-progress"].value == page["seax-progress"].max
    assert "Sale is finished" in page["seax-figures"].value


def test_it_stops_when_told_and_follows_again(monitor: CampaignMonitor, browser: Browser, clock: Clock) -> None:
    again = controls(monitor)["seax-follow"]
    monitor.start()
    monitor.stop()
    monitor.wait(10)
    assert not again.disabled

    clock.move(minutes=1)
    browser.click(again)
    monitor.wait(10)

    assert "Sale is finished" in controls(monitor)["seax-figures"].value


def test_a_lost_connection_is_shown_and_can_be_taken_up_again(
    monitor: CampaignMonitor, browser: Browser, wire: Wire, clock: Clock
) -> None:
    page = controls(monitor)
    clock.move(minutes=1)
    wire.lost = {"GET"}
    monitor.start()
    monitor.wait(10)
    assert 'role="alert"' in page["seax-figures"].value

    wire.lost = set()
    browser.click(page["seax-follow"])
    monitor.wait(10)

    assert "Sale is finished" in page["seax-figures"].value


def test_starting_twice_follows_once(monitor: CampaignMonitor) -> None:
    before = threading.active_count()

    monitor.start()
    monitor.start()

    assert threading.active_count() == before + 1
