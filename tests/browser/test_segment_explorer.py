"""The explorer in a real browser, on the embedded service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE
from tests.browser.notebook_page import Interface, NotebookPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("interface", ["lab", pytest.param("notebook", marks=pytest.mark.soak)])
def test_a_person_finds_whom_to_mean_by_clicking_and_hands_the_segment_over(
    notebook: NotebookPage, interface: Interface, showing: Callable[[str], str], tmp_path: Path
) -> None:
    notebook.open(showing("SegmentExplorer(ws)"), interface=interface)
    notebook.run_all()
    expect(notebook.see("count-of")).to_contain_text("401 of 401 contacts (100.0%)")

    notebook.see("labels", "button").filter(has_text="vip_customers").click()
    expect(notebook.see("labels", "button").filter(has_text="any: vip_customers")).to_be_visible()
    notebook.see("how").get_by_label("none of").check()
    notebook.see("labels", "button").filter(has_text="location_nyc").click()
    expect(notebook.see("rule", "input")).to_have_value("labels:vip_customers and not labels:location_nyc")
    expect(notebook.see("waterfall")).to_contain_text("opted out")
    notebook.page.screenshot(path=tmp_path / "labels.png")

    notebook.page.get_by_role("tab", name="Fields").click()
    notebook.see("fields", ".seax-column select").select_option("field.customer_tier")
    expect(notebook.see("fields", ".seax-picture")).to_contain_text("gold")
    notebook.see("fields", ".seax-values-offered button").filter(has_text="gold").click()
    notebook.see("fields", ".seax-only").click()
    expect(notebook.see("rule", "input")).to_have_value(
        "labels:vip_customers and not labels:location_nyc and field.customer_tier = gold"
    )
    notebook.page.screenshot(path=tmp_path / "fields.png")

    notebook.page.get_by_role("tab", name="Messages").click()
    notebook.see("read").click()
    expect(notebook.see("read-said")).to_contain_text("Read.")
    notebook.see("messages", ".seax-column select").select_option("tier")
    expect(notebook.see("messages", ".seax-picture")).to_contain_text("opted_out")
    notebook.page.screenshot(path=tmp_path / "messages.png")

    notebook.page.get_by_role("tab", name="Overlap").click()
    notebook.see("other", "input").fill("labels:interest_shoes")
    notebook.see("other", "input").press("Enter")
    expect(notebook.see("overlap")).to_contain_text("only this segment")
    notebook.page.get_by_role("tab", name="Code").click()
    expect(notebook.see("code")).to_contain_text("Segment.parse('labels:vip_customers and not labels:location_nyc")
    counted = notebook.see("count-of", "b").first.text_content()
    assert notebook.run("print(shown.value.count(ws.snapshot()))").strip() == counted
    notebook.page.screenshot(path=tmp_path / "code.png")


def test_a_typed_rule_is_read_or_refused_with_what_was_meant(
    notebook: NotebookPage, showing: Callable[[str], str], tmp_path: Path
) -> None:
    notebook.open(showing("SegmentExplorer(ws)"), interface="lab")
    notebook.run_all()

    notebook.see("rule", "input").fill("labels:vip_custmers")
    notebook.see("rule", "input").press("Enter")
    expect(notebook.see("said")).to_contain_text("did you mean vip_customers?")
    assert notebook.run("print(shown.value)").strip() == "None"
    notebook.page.screenshot(path=tmp_path / "refused.png")

    notebook.see("rule", "input").fill("labels:vip_customers or labels:location_nyc")
    notebook.see("rule", "input").press("Enter")
    expect(notebook.see("said")).to_contain_text("Contacts either with the label vip_customers")
    expect(notebook.see("within", "button").first).to_contain_text("labels:vip_customers")
    notebook.see("remove-group").click()
    expect(notebook.see("rule", "input")).to_have_value("everyone")


def test_hostile_labels_and_fields_are_text(
    notebook: NotebookPage, showing: Callable[[str], str], tmp_path: Path
) -> None:
    notebook.open(showing("SegmentExplorer(ws)"), interface="lab")
    notebook.run_all()

    notebook.see("find-labels", "input").fill("onerror")
    notebook.see("labels", "button").filter(has_text="onerror").click()
    expect(notebook.see("count-of")).to_contain_text("1 of 401 contacts")
    notebook.page.get_by_role("tab", name="Fields").click()
    notebook.see("fields", ".seax-column select").select_option("field.customer_tier")
    expect(notebook.see("fields", ".seax-picture")).to_contain_text(HOSTILE)
    notebook.see("rule", "input").fill(f"labels:{HOSTILE}")
    notebook.see("rule", "input").press("Enter")
    expect(notebook.see("said")).to_contain_text("The rule cannot be read")
    notebook.page.screenshot(path=tmp_path / "hostile.png")

    assert notebook.see("explorer", "img").count() == 0
    assert notebook.page.title() != "owned"
    box = notebook.see("explorer").bounding_box()
    assert box
    assert box["width"] <= 1280
