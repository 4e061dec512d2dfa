"""The table of a frame in a real browser: sorted, searched and paged by keys and clicks, hostile names as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE
from tests.browser.notebook_page import NotebookPage

pytestmark = pytest.mark.browser


def test_a_table_of_contacts_is_sorted_searched_and_paged_as_a_person_does(
    notebook: NotebookPage, showing: Callable[[str], str]
) -> None:
    notebook.open(showing("FrameTable(ws.contacts(), what='contacts')"), interface="lab")
    notebook.run_all()
    see, keyboard = notebook.see, notebook.page.keyboard
    expect(see("table-count")).to_have_text("401 of 401 contacts")

    see("people-next").click()
    expect(see("people-said")).to_have_text("Rows 26 to 50 of 401")
    see("people-table").get_by_label("Page", exact=True).click(click_count=3)
    keyboard.type("17")
    keyboard.press("Enter")
    expect(see("people-said")).to_have_text("Rows 401 to 401 of 401")
    expect(see("people-next")).to_have_attribute("aria-disabled", "true")

    sort = see("people-grid").get_by_role("button", name="name", exact=True)
    sort.focus()
    keyboard.press("Enter")
    expect(see("people-grid").get_by_role("columnheader", name="name", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(see("people-grid", "tbody td").first).to_have_text(HOSTILE)
    expect(see("people-said")).to_have_text("Rows 1 to 25 of 401")
    assert notebook.page.title() != "owned"

    see("people-grid").get_by_label("Filter labels", exact=True).click()
    keyboard.type("vip_customers")
    expect(see("people-said")).not_to_contain_text("of 401")
    expect(see("people-grid").get_by_label("Filter labels", exact=True)).to_be_focused()
    expect(see("people-grid").get_by_label("Filter labels", exact=True)).to_have_value("vip_customers")
    found = notebook.run("print(len(shown.places))").strip()
    expect(see("table-count")).to_have_text(f"{found} of 401 contacts")

    see("people-grid").get_by_label("Filter created_time", exact=True).fill("soon")
    expect(see("people-table").get_by_role("alert")).to_contain_text("cannot be read here")
    see("people-table").get_by_role("button", name="Clear all").click()
    expect(see("table-count")).to_have_text("401 of 401 contacts")
    expect(see("people-table").get_by_role("alert")).to_be_empty()


def test_the_people_of_each_step_are_shown_in_the_builder_and_the_explorer(
    notebook: NotebookPage, showing: Callable[[str], str]
) -> None:
    notebook.open(
        showing("SegmentExplorer(ws, toolkit.Segment.any_of('vip_customers'))"),
        "ws.table(ws.logs([]))",
        interface="lab",
    )
    notebook.run_all()
    notebook.page.get_by_role("tab", name="People").click()
    table = notebook.see("explorer", ".seax-people-table")
    step = table.get_by_label("Show")
    expect(step).to_have_value("recipient")
    count = step.locator("option").first.inner_text().split()[0]
    expect(table.locator(".seax-table-count")).to_have_text(f"{count} of {count} people")
    step.select_option("selected")
    expect(table.locator(".seax-table-count")).not_to_have_text(f"{count} of {count} people")
    notebook.see("rule", "input").fill("labels:newsletter")
    notebook.see("rule", "input").press("Enter")
    newsletter = notebook.run("print(len(shown.exploration.audience(shown.value)))").strip()
    expect(step.locator("option").first).to_contain_text(f"{int(newsletter):,} receive it")
    expect(step).to_have_value("selected")
    expect(notebook.see("people-grid", "tbody").last).to_contain_text("There are no rows.")
