# One file: everything that a person does in the explorer, with one page.
"""The explorer as a person uses it, on the embedded service; the page is played by messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from tests.builders import Clock
from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, Wire, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.display import plain
from toolkit.errors import SegmentError
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.widgets import SegmentExplorer, segment_explorer
from toolkit.widgets.views.log_pages import campaign_name
from toolkit.workspace import Workspace


@pytest.fixture
def explorer(ws: Workspace, browser: Browser) -> SegmentExplorer:
    return SegmentExplorer(ws)


def press(browser: Browser, explorer: SegmentExplorer, place: str, words: str) -> None:
    """Press the first button of a place whose description has these words."""
    browser.click(next(button for button in controls(explorer)[place].shown if words in button.description))


def pick(browser: Browser, explorer: SegmentExplorer, place: str, column: str, **picked: object) -> None:
    """Look at a column, pick something and want only that."""
    page = controls(controls(explorer)[place])
    browser.edit(page["seax-column"], index=[value for _, value in page["seax-column"].options].index(column))
    page = controls(controls(explorer)[place])
    for name, value in picked.items():
        if name == "values":
            browser.click(page["seax-values-offered"].shown[0])
        else:
            browser.edit(page[f"seax-{name}"], value=value)
    browser.click(page["seax-only"])


def test_it_opens_on_everyone_with_the_waterfall(ws: Workspace, explorer: SegmentExplorer) -> None:
    page = controls(explorer)

    assert explorer.value == Segment.everyone()
    assert '<b class="seax-people">400</b> of 400 contacts' in page["seax-count-of"].value
    audience = ws.audience(Segment.everyone())
    shown = page_html(page["seax-waterfall"])
    assert all(f"{step.count:,}</td>" in shown for step in audience.waterfall)
    assert all(step.reason in shown for step in audience.waterfall if "," not in step.reason)
    assert f"<b>{len(audience):,}</b> of them would receive" in page["seax-count-of"].value


def test_who_is_selected_shows_at_once_and_who_can_be_texted_after_the_cell(
    ws: Workspace, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_explorer, "_AT_ONCE", 399)  # of 400 contacts
    monkeypatch.setattr(segment_explorer, "_SOON", 0)
    segment = Segment.any_of("vip_customers")

    async def in_a_kernel() -> SegmentExplorer:
        explorer = SegmentExplorer(ws)
        page = controls(explorer)
        press(browser, explorer, "seax-labels", "vip_customers")
        browser.edit(explorer._tabs, selected_index=3)
        assert f"{len(ws.contacts(segment)):,}</b> of 400 contacts" in page["seax-count-of"].value
        assert "reading who can be texted…" in page["seax-count-of"].value
        assert page["seax-waterfall"].value == ""
        assert "would receive" not in explorer._repr_mimebundle_()["text/plain"]
        await asyncio.sleep(0)
        return explorer

    explorer = asyncio.run(in_a_kernel())

    assert explorer.value == segment
    receive = len(ws.audience(segment))
    assert f"<b>{receive:,}</b> of them would receive" in controls(explorer)["seax-count-of"].value
    assert "receive it" in controls(explorer)["seax-waterfall"].value
    assert len(explorer._people.places) == receive
    assert "would receive" in explorer._repr_mimebundle_()["text/plain"]


def test_a_rule_that_cannot_be_read_stays_refused_when_the_numbers_are_there(
    ws: Workspace, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_explorer, "_AT_ONCE", 0)
    monkeypatch.setattr(segment_explorer, "_SOON", 0)

    async def in_a_kernel() -> SegmentExplorer:
        explorer = SegmentExplorer(ws)
        browser.edit(controls(explorer)["seax-rule"], value="labels:")
        await asyncio.sleep(0)
        return explorer

    explorer = asyncio.run(in_a_kernel())
    assert explorer.exploration.has_numbers
    assert controls(explorer)["seax-count-of"].value == ""

    browser.edit(controls(explorer)["seax-rule"], value="labels:vip_customers")
    assert "would receive" in controls(explorer)["seax-count-of"].value


def test_without_a_kernel_many_contacts_are_counted_at_once(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_explorer, "_AT_ONCE", 0)

    assert "would receive" in controls(SegmentExplorer(ws))["seax-count-of"].value


def test_clicked_labels_make_the_rule_and_move_the_counts(
    ws: Workspace, browser: Browser, explorer: SegmentExplorer
) -> None:
    press(browser, explorer, "seax-labels", "vip_customers")
    browser.edit(controls(explorer)["seax-how"], index=2)
    press(browser, explorer, "seax-labels", "location_nyc")

    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    assert explorer.value == segment
    assert controls(explorer)["seax-rule"].value == str(segment)
    assert f"{len(ws.contacts(segment)):,}</b> of 400" in controls(explorer)["seax-count-of"].value
    press(browser, explorer, "seax-parts", "location_nyc")
    assert explorer.value == Segment.any_of("vip_customers")


def test_a_label_shows_how_many_of_the_audience_have_it(
    ws: Workspace, browser: Browser, explorer: SegmentExplorer
) -> None:
    press(browser, explorer, "seax-labels", "vip_customers")

    both = len(ws.contacts(Segment.all_of("vip_customers", "interest_shoes")))
    shown = [button.description for button in controls(explorer)["seax-labels"].shown]
    assert f"interest_shoes {both:,}" in shown


def test_labels_without_a_button_are_found_by_typing(browser: Browser, explorer: SegmentExplorer) -> None:
    browser.edit(controls(explorer)["seax-find-labels"], value="CHICAGO")
    press(browser, explorer, "seax-labels", "location_chicago")

    assert explorer.value == Segment.any_of("location_chicago")


def test_a_field_is_looked_at_in_the_audience_and_picked_from(
    ws: Workspace, browser: Browser, explorer: SegmentExplorer
) -> None:
    browser.edit(explorer._tabs, selected_index=1)
    pick(browser, explorer, "seax-fields", "field.customer_tier", values="the first")

    assert explorer.value is not None
    assert str(explorer.value).startswith("field.customer_tier = ")
    assert f"{len(ws.contacts(explorer.value)):,}</b> of 400" in controls(explorer)["seax-count-of"].value
    browser.click(controls(controls(explorer)["seax-fields"])["seax-without"])
    assert " of 400" in controls(explorer)["seax-count-of"].value


def test_nothing_picked_is_said_beside_the_field(browser: Browser, explorer: SegmentExplorer) -> None:
    browser.edit(explorer._tabs, selected_index=1)
    pick(browser, explorer, "seax-fields", "created")

    assert "type a day such as 2026-03-01" in controls(controls(explorer)["seax-fields"])["seax-picker-said"].value
    assert explorer.value == Segment.everyone()


def test_no_field_is_read_before_it_is_looked_at(browser: Browser, explorer: SegmentExplorer) -> None:
    assert explorer.exploration.contacts._columns == {}
    assert "field_names" not in explorer.exploration.contacts.__dict__


def test_logs_are_read_when_asked_for_and_then_behaviour_can_be_picked(
    ws: Workspace, browser: Browser, explorer: SegmentExplorer
) -> None:
    press(browser, explorer, "seax-labels", "vip_customers")
    browser.edit(explorer._tabs, selected_index=2)
    browser.click(controls(explorer)["seax-read"])
    explorer._tabs.children[2].children[1].wait(30)

    pick(browser, explorer, "seax-messages", "received", values="the first")

    assert explorer.value is not None
    assert str(explorer.value).startswith("labels:vip_customers and received ")
    assert (
        f"{explorer.value.count(ws.snapshot(explorer.value)):,}</b> of 400" in controls(explorer)["seax-count-of"].value
    )


def test_campaigns_are_offered_by_name_and_told_apart_while_the_rule_keeps_their_ids(
    ws: Workspace, browser: Browser, explorer: SegmentExplorer
) -> None:
    for text in ("One. Reply STOP to opt out.", "Two. Reply STOP to opt out."):
        draft = CampaignDraft(name=HOSTILE, message=text, segment=Segment.any_of("lapsed"), senders=("Marketing Line",))
        plan = ws.plan(draft)
        ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    browser.edit(explorer._tabs, selected_index=2)
    browser.click(controls(explorer)["seax-read"])
    known = {campaign.id: campaign for campaign in ws.campaigns()}

    pick(browser, explorer, "seax-messages", "received", values="the first")

    names = [campaign_name(each, known) for each in known.values()]
    page = controls(controls(explorer)["seax-messages"])
    assert len({*names}) == len(names)
    assert sum(name.startswith(f"{HOSTILE} (") for name in names) == 2
    assert {bar.label for bar in explorer.exploration.profile("received", Segment.everyone()).bars} == {*names}
    assert not [each for each in known if each in page["seax-picture"].value and known[each].name != HOSTILE]
    [chosen] = [each for each in known if f"received {each}" in str(explorer.value)]
    [line] = [button.description for button in explorer._tree._lines.values()]
    assert line.startswith(f"✕ received “{campaign_name(known[chosen], known)}”")
    assert plain(campaign_name(known[chosen], known)) in unescape(controls(explorer)["seax-said"].value)
    assert tags(page_html(explorer)) <= SAFE_TAGS


def test_a_long_read_is_stopped_and_what_came_is_not_used(
    browser: Browser, explorer: SegmentExplorer, wire: Wire
) -> None:
    read = explorer._tabs.children[2].children[1]
    wire.meanwhile = lambda: browser.click(controls(explorer)["seax-read-stop"])

    browser.click(controls(explorer)["seax-read"])
    read.wait(30)

    assert "Stopped after" in controls(explorer)["seax-read-said"].value
    assert explorer.exploration.contacts.logs is None
    assert not controls(explorer)["seax-read"].disabled


def test_a_typed_rule_is_the_value_or_is_refused_and_there_is_none(browser: Browser, explorer: SegmentExplorer) -> None:
    rule = controls(explorer)["seax-rule"]

    browser.edit(rule, value="labels:vip_customers or field.customer_tier = gold")
    assert str(explorer.value) == "labels:vip_customers or field.customer_tier = gold"
    for wrong, said in (("labels:vip_custmers", "did you mean vip_customers?"), ("labels", "cannot be read")):
        browser.edit(rule, value=wrong)
        assert explorer.value is None
        assert said in controls(explorer)["seax-said"].value
    browser.edit(rule, value="")
    assert explorer.value == Segment.everyone()


def test_a_slip_in_the_rule_is_said_beneath_it(browser: Browser, explorer: SegmentExplorer) -> None:
    browser.edit(controls(explorer)["seax-rule"], value="field.customer_tier = Gold")

    assert "did you mean gold?" in controls(explorer)["seax-said"].value
    assert "did you mean gold?" in explorer._repr_mimebundle_()["text/plain"]

    browser.edit(controls(explorer)["seax-rule"], value="field.customer_tier = gold")

    assert "did you mean" not in controls(explorer)["seax-said"].value


def test_overlap_with_another_segment_is_counted(ws: Workspace, browser: Browser, explorer: SegmentExplorer) -> None:
    press(browser, explorer, "seax-labels", "vip_customers")
    browser.edit(explorer._tabs, selected_index=4)
    browser.edit(controls(explorer)["seax-other"], value="labels:interest_shoes")

    both = len(ws.contacts(Segment.all_of("vip_customers", "interest_shoes")))
    assert f">{both:,}<" in controls(explorer)["seax-overlap"].value
    browser.edit(controls(explorer)["seax-other"], value="labels:interest_shoos")
    assert "did you mean interest_shoes" in controls(explorer)["seax-overlap"].value


def test_the_code_makes_the_segment_again(browser: Browser, explorer: SegmentExplorer) -> None:
    browser.edit(controls(explorer)["seax-rule"], value='name contains "o\'hara" and labels:vip_customers')
    browser.edit(explorer._tabs, selected_index=5)

    code = controls(explorer)["seax-code"].value.partition(">")[2].removesuffix("</pre>")
    made = eval(code.replace("&quot;", '"').replace("&#x27;", "'"), {"Segment": Segment})
    assert made == explorer.value


def test_a_segment_handed_in_is_shown_and_handed_back(ws: Workspace, browser: Browser) -> None:
    segment = Segment.parse("labels any of (vip_customers, lapsed) and not labels:DNC and tier = engaged")

    explorer = SegmentExplorer(ws, segment)

    assert explorer.value == segment
    assert SegmentExplorer(ws, explorer.value, contacts=ws.snapshot(segment)).value == segment
    with pytest.raises(SegmentError, match="did you mean vip_customers"):
        SegmentExplorer(ws, Segment.any_of("vip_custmers"))


def test_nothing_hostile_becomes_markup(
    ws: Workspace, browser: Browser, csv_of: Callable[..., Any], clock: Clock
) -> None:
    csv = f'name,phone,labels,customer_tier\n"{HOSTILE}",+19992000002,"{HOSTILE}","{HOSTILE}"\n'
    ws.send(ws.plan(ImportDraft(name="hostile", path=csv_of(csv))).approve(recipients=1, by="test"))
    clock.move(minutes=5)
    explorer = SegmentExplorer(ws)

    browser.edit(controls(explorer)["seax-find-labels"], value="onerror")
    press(browser, explorer, "seax-labels", HOSTILE)
    for tab in range(5):
        browser.edit(explorer._tabs, selected_index=tab)
    pick(browser, explorer, "seax-fields", "field.customer_tier")
    browser.edit(controls(explorer)["seax-other"], value=f"labels:{HOSTILE}")

    assert explorer.value == Segment.any_of(HOSTILE)
    assert tags(page_html(explorer)) <= SAFE_TAGS
    assert tags(explorer._repr_mimebundle_()["text/html"]) <= SAFE_TAGS


def test_a_stored_notebook_reads_without_a_kernel(ws: Workspace, browser: Browser) -> None:
    bundle = SegmentExplorer(ws, Segment.any_of("vip_customers"))._repr_mimebundle_()

    assert "application/vnd.jupyter.widget-view+json" in bundle
    for twin in (bundle["text/plain"], bundle["text/html"]):
        assert "labels:vip_customers" in twin
        assert " of 400" in twin


def test_every_control_has_a_label(explorer: SegmentExplorer) -> None:
    shown = {name: control for name, control in controls(explorer).items() if hasattr(control, "description")}
    unlabelled = {name for name, control in shown.items() if not control.description}

    assert {name for name in unlabelled if shown[name]._model_name != "HTMLModel"} == set()


def test_a_chip_of_the_explorer_that_is_pressed_late_does_what_its_text_said(
    browser: Browser, explorer: SegmentExplorer
) -> None:
    labels, parts = controls(explorer)["seax-labels"], controls(explorer)["seax-parts"]
    vip = next(button for button in labels.shown if button.description.startswith("vip_customers"))
    browser.edit(controls(explorer)["seax-find-labels"], value="CHICAGO")

    browser.click(vip)
    browser.click(vip)
    assert explorer.value == Segment.any_of("vip_customers")

    browser.edit(controls(explorer)["seax-rule"], value="labels:vip_customers and field.customer_tier = gold")
    (part,), (tier,) = parts.shown, controls(explorer)["seax-conditions"].children
    browser.click(part)
    browser.click(part)
    assert str(explorer.value) == "field.customer_tier = gold"
    browser.click(tier)
    browser.click(tier)
    assert explorer.value == Segment.everyone()
