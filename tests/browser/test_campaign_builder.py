"""The builder in a real browser, on the embedded service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, campaigns_named
from tests.browser.notebook_page import Interface, NotebookPage

pytestmark = pytest.mark.browser


@pytest.fixture
def cell(showing: Callable[[str], str]) -> str:
    return showing("CampaignBuilder(ws)")


def fill_in(notebook: NotebookPage) -> None:
    """Everything but the plan's number."""
    notebook.see("name", "input").fill("Spring Sale")
    expect(notebook.see("contacts-said")).to_contain_text("contacts, read at")
    notebook.see("any-of-find", "input").fill("vip")
    notebook.see("any-of-offered", "button").filter(has_text="vip_customers").click()
    expect(notebook.see("any-of-chosen", "button")).to_have_count(1)
    notebook.see("message", "textarea").press_sequentially("Spring is here 🌸 Reply STOP to opt out.", delay=1)


@pytest.mark.parametrize("interface", ["lab", "notebook"])
def test_a_person_builds_plans_and_sends_once_and_running_all_again_sends_nothing(
    notebook: NotebookPage, interface: Interface, cell: str, home: Path, tmp_path: Path
) -> None:
    notebook.open(cell, interface=interface)
    notebook.run_all()
    fill_in(notebook)
    expect(notebook.see("counter")).to_contain_text("UCS-2 · 40 units · 1 part, because of 🌸 (cherry blossom)")

    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("Campaign plan: Spring Sale")
    expect(notebook.see("send")).to_be_disabled()
    recipients = int(notebook.run("print(ws.plans()[0].plan.recipients)"))
    notebook.see("count", "input").fill(str(recipients))
    notebook.see("by", "input").fill("ana")
    notebook.page.screenshot(path=tmp_path / "ready.png")
    notebook.see("send").dblclick()
    expect(notebook.see("figures")).to_contain_text("Spring Sale is finished")
    notebook.page.screenshot(path=tmp_path / "sent.png")
    assert campaigns_named("Spring Sale", home) == 1

    notebook.run_all()
    expect(notebook.see("name", "input")).to_have_value("")
    fill_in(notebook)
    notebook.see("see-plan").click()
    expect(notebook.see("outcome")).to_contain_text("sent earlier; nothing was sent now")
    expect(notebook.see("send")).to_be_hidden()
    notebook.see("new-campaign").click()
    expect(notebook.see("name", "input")).to_have_value("")
    notebook.page.screenshot(path=tmp_path / "again.png")
    assert campaigns_named("Spring Sale", home) == 1


def test_a_choice_that_a_busy_kernel_answers_late_takes_no_focus_from_who_types(
    notebook: NotebookPage, cell: str
) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    expect(notebook.see("contacts-said")).to_contain_text("contacts, read at")

    notebook.begin("import time; time.sleep(2)")
    notebook.see("any-of-offered", "button").first.click()
    notebook.see("message", "textarea").press_sequentially("It is here. Reply STOP to opt out.", delay=100)

    expect(notebook.see("message", "textarea")).to_have_value("It is here. Reply STOP to opt out.")
    expect(notebook.see("any-of-chosen", "button")).to_have_count(1)
    assert "message='It is here. Reply STOP to opt out.'" in notebook.run("print(shown.form)")


def test_who_chooses_by_the_keyboard_goes_on_from_there(notebook: NotebookPage, cell: str) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    expect(notebook.see("contacts-said")).to_contain_text("contacts, read at")
    offered = notebook.see("any-of-offered", "button")
    second = offered.nth(1).inner_text()

    offered.first.focus()
    notebook.page.keyboard.press("Space")
    expect(notebook.see("any-of-chosen", "button")).to_have_count(1)
    notebook.page.keyboard.press("Tab")

    assert notebook.page.evaluate("document.activeElement.textContent").strip() == second.strip()


def test_code_in_a_cell_cannot_send_what_a_person_has_filled_in(notebook: NotebookPage, cell: str, home: Path) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    fill_in(notebook)
    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("Campaign plan: Spring Sale")
    recipients = int(notebook.run("print(ws.plans()[0].plan.recipients)"))
    notebook.see("count", "input").fill(str(recipients))
    notebook.see("by", "input").fill("ana")
    expect(notebook.see("send")).to_be_enabled()

    button = "shown._planning.panel._button"
    pressed = notebook.run(f"{button}.click()")
    approved = notebook.run(
        f"ws.approvals.approve(ws.plans()[0].plan.id, recipients={recipients}, by='x', via='panel')"
    )
    played = notebook.run(f"{button}._handle_button_msg(None, {{'event': 'click'}}, [])")

    assert "ApprovalRefused: 'Send' can only be pressed by a person" in pressed
    assert "ApprovalRefused: A campaign is approved by clicking" in approved
    assert played == ""
    expect(notebook.see("outcome")).to_contain_text("not by running code")
    assert campaigns_named("Spring Sale", home) == 0


def test_a_hostile_label_and_contact_name_are_shown_and_do_not_run(
    notebook: NotebookPage, cell: str, tmp_path: Path
) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    fill_in(notebook)
    notebook.see("name", "input").fill(HOSTILE)
    notebook.see("any-of-find", "input").fill("onerror")
    notebook.see("any-of-offered", "button").filter(has_text="onerror").click()
    expect(notebook.see("any-of-chosen", "button")).to_have_count(2)
    notebook.see("see-plan").click()

    expect(notebook.see("plan")).to_contain_text(f"Campaign plan: {HOSTILE}")
    expect(notebook.see("plan")).to_contain_text("+1999•••0002")
    notebook.page.screenshot(path=tmp_path / "hostile.png")
    assert notebook.see("builder", "img").count() == 0
    assert notebook.page.title() != "owned"


def test_a_person_schedules_for_a_rule_and_sees_findings_beside_their_fields(
    notebook: NotebookPage, cell: str, home: Path, tmp_path: Path
) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    fill_in(notebook)
    notebook.see("as-text").click()
    notebook.see("rule", "textarea").fill("labels:vip_customers and field.customer_tier = gold")
    notebook.see("message", "textarea").fill("Hi {name} 🌸 http://bit.ly/x")
    expect(notebook.see("read")).to_contain_text("Hi {name} 🌸")
    notebook.see("when").get_by_label("At a time").check()
    notebook.see("zone", "input").fill("New York")
    notebook.see("start", "input").fill("2030-01-15T10:00")
    notebook.see("start", "input").press("Tab")
    expect(notebook.see("echo")).to_contain_text("2030-01-15 10:00 America/New_York = 2030-01-15 15:00 UTC")

    expect(notebook.see("found-message")).to_contain_text("MSG005")
    expect(notebook.see("found-when")).to_contain_text("TIM002")
    notebook.see("next").click()
    expect(notebook.see("form", ":focus")).to_have_count(1)
    notebook.see("see-plan").click()
    expect(notebook.see("outcome")).to_contain_text("This plan is blocked")
    notebook.page.screenshot(path=tmp_path / "findings.png", full_page=True)
    notebook.see("send-panel").scroll_into_view_if_needed()
    notebook.page.screenshot(path=tmp_path / "plan.png")
    assert notebook.run("print(shown.value.start_at)").strip() == "2030-01-15 10:00:00-05:00"
    assert campaigns_named("Spring Sale", home) == 0


def test_a_person_compares_two_texts_with_people_held_out_and_sends_the_arms_once(
    notebook: NotebookPage, cell: str, home: Path, tmp_path: Path
) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    fill_in(notebook)
    notebook.see("add-arm").get_by_role("button", name="Test another text").dblclick()
    expect(notebook.see("arms").get_by_role("tab")).to_have_count(3)
    notebook.see("message-b", "textarea").fill("Shoes are here. Reply STOP to opt out.")
    notebook.see("arms").get_by_role("tab", name="Held out").click()
    notebook.see("held-out", "select").select_option("10%")
    expect(notebook.see("arms").get_by_role("tab", name="A · 45%")).to_be_visible()
    expect(notebook.see("arm-size")).to_contain_text("people an arm can show a rise from 5.0% to")
    expect(notebook.see("found-message")).to_contain_text("EXP005")
    notebook.page.screenshot(path=tmp_path / "arms.png")

    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("Shoes are here.")
    recipients = int(notebook.run("print(ws.plans()[0].plan.recipients)"))
    notebook.see("count", "input").fill(str(recipients))
    notebook.see("by", "input").fill("ana")
    notebook.see("send").dblclick()
    expect(notebook.see("figures")).to_have_count(2)
    expect(notebook.see("read-arms")).to_be_enabled()
    notebook.see("read-arms").dblclick()
    expect(notebook.see("arm-counts")).to_contain_text("Nothing was registered before sending")
    expect(notebook.see("arm-counts", "tr")).to_have_count(4)
    expect(notebook.see("arms-table")).to_contain_text("Each person is drawn on their own")
    expect(notebook.see("send")).to_be_hidden()
    notebook.page.screenshot(path=tmp_path / "arms-sent.png")
    assert campaigns_named("Spring Sale, A", home) == campaigns_named("Spring Sale, B", home) == 1
