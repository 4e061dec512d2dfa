"""A campaign once more, to those whom it may still reach: a draft that is kept by a click."""

from __future__ import annotations

from tests.builders import Clock
from tests.widgets.page import SAFE_TAGS, Browser, Wire, controls, page_html, tags
from tests.widgets.test_campaign_monitor import HOSTILE, sent
from toolkit.audience.segment import Segment
from toolkit.engagement.failures import failures
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets.campaign_builder import CampaignBuilder
from toolkit.widgets.campaign_monitor import CampaignMonitor
from toolkit.workspace import Workspace


def test_those_whom_it_may_still_reach_are_kept_as_a_draft_by_a_click_and_nothing_is_sent(
    ws: Workspace, browser: Browser, wire: Wire, clock: Clock
) -> None:
    monitor = CampaignMonitor(ws, sent(ws, HOSTILE), every=0.01)
    button = controls(monitor)["seax-once-more"]
    assert button.layout.display == "none"
    clock.move(days=4)
    monitor.start()
    monitor.wait(20)
    lost = failures(ws.logs(monitor.campaign_id))
    people = set(lost[lost["action"] == "retry"]["contact_id"])
    assert people
    assert button.layout.display is None
    assert button.description.startswith(f"Keep a draft to send it once more to {len(people):,} recipient")
    assert [*ws.drafts] == []

    browser.click(button)
    name = f"{HOSTILE}, once more"
    kept = ws.drafts[name]
    changed = kept.model_copy(update={"message": "Hello again"})
    ws.drafts.keep(changed)
    browser.click(button)

    assert (kept.message, kept.start_at) == ("Hello", None)
    assert set(ws.audience(kept.segment).contacts.ids[kept.segment.mask(ws.snapshot())]) == people
    assert ws.drafts[name] == changed, "what was written meanwhile stays"
    assert "choose it under Start from" in controls(monitor)["seax-kept-again"].value
    assert (wire.posts, [entry.state for entry in ws.plans()]) == (1, ["sent"])
    assert tags(page_html(monitor)) <= SAFE_TAGS
    assert CampaignBuilder(ws, kept, contacts=ws.snapshot()).value == kept


def test_no_draft_is_offered_of_a_campaign_of_elsewhere_or_where_nobody_may_still_be_reached(
    ws: Workspace, clock: Clock
) -> None:
    elsewhere = ws.campaign_ids()[0]
    here = sent(ws, "Sale")
    clock.move(days=4)
    logs = ws.logs(here)

    assert ws.drafts.again(elsewhere, ws.logs(elsewhere)) is None
    assert ws.drafts.again(here, logs[logs["status"] == "delivered"]) is None
    assert ws.drafts.again(here, logs) is not None


def test_a_draft_once_more_is_of_the_text_of_its_arm(ws: Workspace, clock: Clock) -> None:
    arms = {"experiment": Experiment(name="two", arms={"A": 0.5, "B": 0.5}), "messages": {"B": "Hello B"}}
    draft = CampaignDraft(name="Sale", message="Hello", segment=Segment.any_of("vip_customers"), senders=(
        "Marketing Line",), **arms)  # fmt: skip
    plan = ws.plan(draft)
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="test"))
    clock.move(days=4)
    second = receipt.campaign_ids[1]
    logs = ws.logs(second).assign(status="failed", error="30003")

    again = ws.drafts.again(second, logs)

    assert again is not None
    assert (again.name, again.message, again.experiment) == ("Sale, B, once more", "Hello B", None)
