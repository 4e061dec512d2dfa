"""What one writes in a builder is kept, and offered to the next; the page is played by messages."""

from __future__ import annotations

import pytest

from tests.builders import Clock
from tests.widgets.page import Browser, Wire, chips, controls
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets import CampaignBuilder, SegmentExplorer
from toolkit.workspace import Workspace

DRAFT = CampaignDraft(
    name="Spring Sale",
    message="20% off until Sunday. Reply STOP to opt out.",
    segment=Segment.any_of("vip_customers"),
    senders=("Marketing Line",),
)


def choose(browser: Browser, builder: CampaignBuilder, start: str) -> None:
    """Start from what is called so."""
    field = controls(builder)["seax-start-from"]
    texts = [text for text, _ in field.options]
    browser.edit(field, index=next(at for at, text in enumerate(texts) if start in text))
    browser.wait()


def test_a_half_written_campaign_is_offered_when_the_cell_runs_again(ws: Workspace, browser: Browser) -> None:
    contacts = ws.snapshot()
    first = CampaignBuilder(ws, contacts=contacts)
    browser.edit(controls(first)["seax-name"], value="Spr")
    browser.wait()
    browser.edit(controls(first)["seax-name"], value="Spring Sale")
    browser.click(chips(first, "any-of")["vip_customers"])

    assert "Draft kept" in controls(first)["seax-kept"].value
    assert [*ws.drafts] == ["Spring Sale"], "the name that was typed halfway is not kept"
    again = CampaignBuilder(ws, contacts=contacts)
    assert controls(again)["seax-name"].value == ""
    choose(browser, again, "Draft: Spring Sale")
    assert controls(again)["seax-name"].value == "Spring Sale"
    assert again.form.any_of == ("vip_customers",)


def test_a_second_page_that_writes_the_same_draft_is_told(ws: Workspace, browser: Browser, clock: Clock) -> None:
    contacts = ws.snapshot()
    one, other = (CampaignBuilder(ws, DRAFT, contacts=contacts) for _ in range(2))
    browser.edit(controls(one)["seax-message"], value="One")
    browser.wait()
    clock.move(minutes=1)

    browser.edit(controls(other)["seax-message"], value="Other")
    browser.wait()
    clock.move(minutes=1)
    browser.edit(controls(one)["seax-message"], value="One again")
    browser.wait()

    assert "It replaces what" in controls(other)["seax-kept"].value
    assert "It replaces what" in controls(one)["seax-kept"].value
    assert ws.drafts["Spring Sale"].message == "One again"


def test_a_sent_campaign_is_copied_under_another_name(ws: Workspace, browser: Browser) -> None:
    plan = ws.plan(DRAFT)
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    builder = CampaignBuilder(ws, contacts=ws.snapshot())

    choose(browser, builder, "Copy of: Spring Sale")

    assert builder.value == DRAFT.model_copy(update={"name": "Spring Sale, copy"})


def test_opening_a_builder_keeps_nothing(ws: Workspace, browser: Browser) -> None:
    CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    browser.wait()

    assert [*ws.drafts] == []


def test_people_are_saved_as_a_segment_and_used_by_name(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)
    browser.edit(page["seax-segment-name"], value="my vips")
    browser.click(page["seax-save-segment"])
    assert ws.segments["my vips"] == DRAFT.segment

    again = CampaignBuilder(ws, contacts=ws.snapshot())
    browser.edit(controls(again)["seax-saved-segment"], index=1)
    browser.wait()
    assert again.form.any_of == ("vip_customers",)

    browser.click(controls(again)["seax-as-text"])
    browser.edit(controls(again)["seax-rule"], value='segment:"my vips" and not labels:location_nyc')
    assert controls(again)["seax-rule"].value == "labels:vip_customers and not labels:location_nyc"
    browser.edit(controls(again)["seax-rule"], value="segment:nobody")
    assert "No segment" in controls(again)["seax-rule-said"].value


def test_a_rule_may_name_a_segment_that_is_kept_after_it_was_typed(ws: Workspace, browser: Browser) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    page = controls(builder)
    browser.click(page["seax-as-text"])
    browser.edit(page["seax-rule"], value="segment:later")
    assert builder.value is None

    ws.segments["later"] = Segment.any_of("newsletter")
    browser.edit(page["seax-name"], value="After it was kept")

    assert builder.value is not None
    assert builder.value.segment == Segment.any_of("newsletter")
    browser.click(page["seax-as-text"])
    assert builder.form.any_of == ("newsletter",)


@pytest.mark.parametrize("is_bound", [False, True])
def test_after_a_send_the_receipt_takes_the_place_of_send_and_a_new_campaign_begins_empty(
    ws: Workspace, browser: Browser, wire: Wire, is_bound: bool
) -> None:
    explorer = SegmentExplorer(ws, DRAFT.segment) if is_bound else None
    builder = CampaignBuilder(ws, explorer=explorer, contacts=ws.snapshot())
    page = controls(builder)
    for name in ("name", "message"):
        browser.edit(page[f"seax-{name}"], value=getattr(DRAFT, name))
    if not is_bound:
        browser.click(chips(builder, "any-of")["vip_customers"])
    browser.wait()
    browser.click(page["seax-see-plan"])
    page = controls(builder)
    assert page["seax-new-campaign"].layout.display == "none"
    browser.edit(page["seax-count"], value=str(ws.plans()[0].plan.recipients))
    browser.edit(page["seax-by"], value="ana")
    browser.click(page["seax-send"])
    assert (page["seax-send"].layout.display, page["seax-new-campaign"].layout.display) == ("none", None)
    assert "sent: campaign_" in page["seax-outcome"].value

    browser.click(page["seax-new-campaign"])
    browser.edit(page["seax-name"], value="Autumn")
    browser.wait()

    assert builder.form.message == ""
    assert builder.form.segment == DRAFT.segment if is_bound else builder.form.any_of == ()
    assert builder._form.layout.display is None
    assert "sent: campaign_" in controls(builder)["seax-outcome"].value, "the receipt stays until the next plan"
    assert sorted(ws.drafts) == ["Autumn", "Spring Sale"], "the new name is no new name of the one that was sent"
    assert wire.posts == 1


def test_a_new_campaign_is_begun_only_after_one_that_was_sent(ws: Workspace, browser: Browser, wire: Wire) -> None:
    builder = CampaignBuilder(ws, DRAFT, contacts=ws.snapshot())
    browser.click(controls(builder)["seax-see-plan"])
    page = controls(builder)
    browser.edit(page["seax-count"], value=str(ws.plans()[0].plan.recipients))
    browser.edit(page["seax-by"], value="ana")
    wire.lost = {"POST"}

    browser.click(page["seax-send"])

    assert "no definite answer came" in page["seax-outcome"].value
    assert page["seax-new-campaign"].layout.display == "none"
