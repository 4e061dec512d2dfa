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
message.offer(["name"])
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
    assert notebook.page.locator(".jp-CodeCell").count() == 2

    notebook.see("message", "textarea").evaluate("each => each.setSelectionRange(6, 6)")
    notebook.see("insert").get_by_role("button", name="{name}").click()
    expect(notebook.see("message", "textarea")).to_have_value("Hello {name}, come in")
    expect(notebook.see("message", "textarea")).to_be_focused()
    assert notebook.run("print(message.value)").strip() == "Hello {name}, come in"
