"""Every widget used with nothing but a keyboard, in a real browser, and every control named for a screen reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.notebook_page import NotebookPage
from tests.browser.test_accessibility import violations
from tests.browser.test_walk import Newcomer
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.workspace import Workspace

pytestmark = pytest.mark.browser

CONTROLS = {
    *("button", "textbox", "combobox", "listbox", "checkbox", "radio", "tab", "spinbutton", "link", "searchbox"),
    *("Date", "DateTime", "InputTime", "radiogroup", "slider", "switch", "option", "img", "region", "progressbar"),
}
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden) .seax"


class Keyboard(Newcomer):
    """Somebody without a mouse."""

    def begin(self, place: Locator) -> None:
        """Come to a widget, as Tab does from what is above it."""
        place.first.focus()

    def back_to(self, name: str) -> None:
        """Press Shift+Tab until the focus is on the control of this name."""
        self.tab_to(name, key="Shift+Tab")

    def tab(self, current: str, name: str) -> None:
        """From the open tab to another one, by the arrows."""
        self.back_to(current)
        for _ in range(6):
            if self.focused() == name:
                break
            self.press("ArrowRight")
        self.press("Enter")


def unnamed(notebook: NotebookPage) -> list[str]:
    """The controls in the accessibility tree that say nothing of themselves."""
    session = notebook.page.context.new_cdp_session(notebook.page)
    try:
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        found = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": SHOWN})["nodeIds"]
        trees = [session.send("Accessibility.queryAXTree", {"nodeId": each})["nodes"] for each in found]
    finally:
        session.detach()
    nodes = [node for tree in trees for node in tree]
    controls = [each for each in nodes if not each.get("ignored") and each["role"]["value"] in CONTROLS]
    assert controls, "there is nothing to name"
    return [str(each["role"]["value"]) for each in controls if not each.get("name", {}).get("value", "").strip()]


@pytest.fixture
def keyboard(notebook: NotebookPage) -> Keyboard:
    return Keyboard(notebook)


def test_a_segment_is_explored(keyboard: Keyboard, showing: Callable[[str], str]) -> None:
    notebook, see = keyboard.notebook, keyboard.notebook.see
    notebook.open(showing("SegmentExplorer(ws)"), interface="lab")
    notebook.run_all()
    expect(see("count-of")).to_contain_text("401 of 401 contacts")

    keyboard.begin(see("rule", "input"))
    keyboard.tab_to("any of")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowRight")
    keyboard.type_at("Find labels", "vip")
    keyboard.choose("vip_customers")
    expect(see("rule", "input")).to_have_value("not labels:vip_customers")
    assert unnamed(notebook) == []
    keyboard.tab("Labels", "Fields")
    expect(see("fields", ".seax-column option")).not_to_have_count(0)
    keyboard.type_at("Look at", "field.customer_tier")
    expect(see("fields", ".seax-values-offered button").filter(has_text="+ gold")).to_be_visible()
    keyboard.choose("+ gold")
    expect(see("fields", ".seax-values-chosen button").filter(has_text="gold")).to_be_visible()
    keyboard.choose("Only these")
    expect(see("rule", "input")).to_have_value("not labels:vip_customers and field.customer_tier = gold")
    assert unnamed(notebook) == []
    keyboard.tab("Fields", "Messages")
    keyboard.choose("Read delivery logs")
    expect(see("read-said")).to_contain_text("Read.")
    expect(see("messages", ".seax-column option")).not_to_have_count(0)
    keyboard.type_at("Look at", "tier")
    expect(see("messages", ".seax-picture")).to_contain_text("%")
    keyboard.tab("Messages", "Overlap")
    keyboard.type_at("Other rule", "labels:newsletter")
    keyboard.press("Tab")
    expect(see("overlap")).to_contain_text("only this segment")
    keyboard.tab("Overlap", "People")
    expect(see("people-grid", "tbody td").first).to_be_visible()
    assert unnamed(notebook) == []
    keyboard.begin(see("rule", "input"))
    keyboard.choose("✕ not labels:vip_customers")
    expect(see("rule", "input")).to_have_value("field.customer_tier = gold")
    assert unnamed(notebook) == []


def test_logs_are_read_grouped_and_saved_and_a_table_is_sorted_filtered_and_paged(
    keyboard: Keyboard, showing: Callable[[str], str]
) -> None:
    notebook, see = keyboard.notebook, keyboard.notebook.see
    notebook.open(showing("LogExplorer(ws)"), interface="lab")
    notebook.run_all()

    keyboard.begin(see("campaigns-find", "input"))
    keyboard.choose("Read the logs")
    expect(see("said")).to_contain_text(" messages.")
    keyboard.back_to("Group by")
    notebook.page.keyboard.type("failure")
    expect(see("groups")).to_contain_text("unreachable")
    assert unnamed(notebook) == []
    keyboard.tab_to("Groups")
    keyboard.tab("Groups", "Messages")
    keyboard.choose("campaign ↕")
    expect(see("people-grid").get_by_role("columnheader", name="campaign", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    keyboard.type_at("Filter status", "delivered")
    expect(see("table-count")).to_contain_text(" of ")
    keyboard.choose("Next page")
    expect(see("people-said")).to_contain_text("Rows 26 to 50")
    assert unnamed(notebook) == []
    keyboard.tab("Messages", "Export")
    keyboard.tab_to("File name")
    keyboard.press("Control+a")
    notebook.page.keyboard.type("by-keyboard")
    keyboard.choose("Save CSV")
    expect(see("saved")).to_contain_text("were saved to by-keyboard.csv.")
    assert unnamed(notebook) == []


def test_a_file_is_mapped_checked_and_imported(keyboard: Keyboard, showing: Callable[[str], str], home: Path) -> None:
    notebook, see = keyboard.notebook, keyboard.notebook.see
    path = home / "people.csv"
    path.write_text("name;phone;labels;shoe size\nAna;+12025550147;vip_customers;38\nBo;+12025550148;;41\n", "utf-8")
    notebook.open(showing(f"ContactImport(ws, {str(path)!r})"), interface="lab")
    notebook.run_all()
    expect(see("file")).to_contain_text("shoe size")
    assert unnamed(notebook) == []

    keyboard.begin(see("name", "input"))
    keyboard.type_at("shoe size", "ignore")
    expect(see("file")).not_to_contain_text("38")
    keyboard.choose("Check the rows")
    expect(see("plan")).to_contain_text("people")
    assert unnamed(notebook) == []
    keyboard.type_at("Type the number of rows", "2")
    keyboard.type_at("Your name", "Ana")
    keyboard.choose("Import")
    expect(see("figures")).to_contain_text("2 of 2 rows read, 0 refused")
    assert unnamed(notebook) == []


def test_a_message_is_written_sent_and_its_campaign_followed(
    keyboard: Keyboard, showing: Callable[[str], str], assistant: Workspace
) -> None:
    notebook, see = keyboard.notebook, keyboard.notebook.see
    notebook.open(showing("MessageComposer(ws, ws.contacts().iloc[3])"), interface="lab")
    notebook.run_all()
    expect(see("to")).to_contain_text("To ")

    keyboard.begin(see("name", "input"))
    keyboard.tab_to("Sent from")
    keyboard.press("ArrowDown")
    keyboard.type_at("Message", "Your order is on its way.")
    expect(see("see-plan")).to_be_enabled()
    keyboard.choose("See the plan")
    expect(see("plan")).to_contain_text("Your order is on its way.")
    assert unnamed(notebook) == []
    keyboard.type_at("Type the number", "1")
    keyboard.type_at("Your name", "Ana")
    keyboard.choose("Send")
    expect(see("outcome")).to_contain_text("sent: ")
    assert unnamed(notebook) == []
    assert violations(notebook) == []


def test_plans_of_an_assistant_are_reviewed_sent_and_withdrawn_and_a_campaign_followed(
    keyboard: Keyboard, showing: Callable[[str], str], assistant: Workspace
) -> None:
    notebook, see = keyboard.notebook, keyboard.notebook.see
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    for name in ("Unwanted", "Spring Sale"):
        message = "20% off until Sunday. Reply STOP to opt out."
        assistant.plan(CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",)))
    notebook.open(showing("Inbox(ws)"), "from toolkit.widgets import CampaignMonitor", interface="lab")
    notebook.run_all()
    expect(see("plan-card")).to_have_count(2)
    assert unnamed(notebook) == []

    keyboard.begin(see("plan-card").filter(has_text="Unwanted").get_by_role("button"))
    keyboard.press("Enter")
    expect(see("plan")).to_contain_text("Unwanted")
    keyboard.type_at("Your name", "Ana")
    keyboard.choose("Withdraw")
    expect(see("said")).to_contain_text("was withdrawn by Ana")
    keyboard.begin(see("plan-card").get_by_role("button"))
    keyboard.press("Enter")
    expect(see("plan")).to_contain_text("Spring Sale")
    assert unnamed(notebook) == []
    keyboard.type_at("Type the number", keyboard.exact_count())
    keyboard.type_at("Your name", "Ana")
    keyboard.choose("Send")
    expect(see("outcome")).to_contain_text("sent: campaign_")
    expect(see("figures")).to_contain_text("Spring Sale")
    keyboard.back_to("Stop following")
    keyboard.press("Enter")
    keyboard.choose("Follow")
    assert unnamed(notebook) == []
