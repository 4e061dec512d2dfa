"""What the page does by itself: keys stay in our controls, and a field is put where the cursor is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import NotebookPage

pytestmark = pytest.mark.browser

CELL = """
from ipywidgets import Button, RadioButtons, VBox
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.views.markup import look

message = MessageField("Hello , come in")
message.offer(["name"], is_filled=True)
ways = RadioButtons(options=["one", "two"]).add_class("seax-ways")
press = Button(description="Press").add_class("seax-press")
VBox([look(), message, ways, press]).add_class("seax")
"""


def test_keys_pressed_on_a_control_reach_no_notebook_and_a_field_is_put_at_the_cursor(notebook: NotebookPage) -> None:
    notebook.open(CELL, "1", interface="lab")
    notebook.run_all()
    keyboard = notebook.page.keyboard

    notebook.see("ways", "input").first.focus()
    keyboard.press("ArrowDown")
    expect(notebook.see("ways", "input").last).to_be_checked()
    notebook.see("press").focus()
    for key in ("m", "d", "d"):
        keyboard.press(key)
    expect(notebook.see("press")).to_be_focused()
    assert notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell").count() == 2

    notebook.see("message", "textarea").evaluate("each => each.setSelectionRange(6, 6)")
    notebook.see("insert").get_by_role("button", name="{name}").click()
    expect(notebook.see("message", "textarea")).to_have_value("Hello {name}, come in")
    expect(notebook.see("message", "textarea")).to_be_focused()
    assert notebook.run("print(message.value)").strip() == "Hello {name}, come in"


PRESSED_AFTER_A_LETTER = """([press, text]) => {
  window.presses = 0;
  press.addEventListener('click', () => window.presses++);
  text.value = 'Ana';
  text.dispatchEvent(new Event('input', {bubbles: true}));
  press.click();
  return window.presses;
}"""


def test_a_button_waits_for_what_was_just_typed_and_is_then_pressed_once(notebook: NotebookPage) -> None:
    notebook.open(CELL, interface="lab")
    notebook.run_all()
    parts = [notebook.see("press").element_handle(), notebook.see("message", "textarea").element_handle()]

    assert notebook.page.evaluate(PRESSED_AFTER_A_LETTER, parts) == 0
    notebook.page.wait_for_function("window.presses > 0")
    assert notebook.run("print(message.value)").strip() == "Ana"
    assert notebook.page.evaluate("window.presses") == 1


SLOW = f"""
import time
from ipywidgets import HTML
{CELL.rsplit("VBox(", 1)[0]}
told = HTML().add_class("seax-told")

def tell(_):
    told.value += f"[{{message.value}}]"

message.text.observe(lambda c: time.sleep(1), "value")
press.on_click(tell)
VBox([look(), message, press, told]).add_class("seax")
"""


def test_a_button_acts_on_all_that_was_typed_however_busy_the_kernel_is(notebook: NotebookPage) -> None:
    notebook.open(SLOW, interface="lab")
    notebook.run_all()
    shown = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    notebook.page.wait_for_function(f"window.seaxKernels?.some(each => each.el.closest('{shown}'))")
    text = notebook.see("message", "textarea")

    text.fill("")
    text.press_sequentially("Ana Lopez", delay=20)
    notebook.see("press").click()
    notebook.see("press").click()

    expect(notebook.see("told")).to_have_text("[Ana Lopez][Ana Lopez]")


def test_a_page_that_lacks_the_extension_of_anywidget_shows_and_does_all_but_that(browser_page: NotebookPage) -> None:
    page = browser_page.page.context.new_page()
    blocked: list[str] = []
    page.on("requestfailed", lambda request: blocked.append(request.url))
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    notebook = NotebookPage(page, browser_page.server, browser_page.folder, opened=1000)
    notebook.open(CELL, interface="notebook")
    notebook.run_all()

    notebook.see("insert").get_by_role("button", name="{name}").click()
    expect(notebook.see("message", "textarea")).to_have_value("Hello , come in {name}")
    expect(page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea")).not_to_contain_text("Error")
    assert any("anywidget" in url for url in blocked)
    notebook.close()
    page.close()
