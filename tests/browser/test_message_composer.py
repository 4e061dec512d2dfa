"""The composer in a real browser, on the embedded service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import Interface, NotebookPage

pytestmark = pytest.mark.browser

HOSTILE_ROW = "ws.contacts(toolkit.Segment.where('phone') == '+19992000002').iloc[0]"


@pytest.mark.parametrize("interface", ["lab", pytest.param("notebook", marks=pytest.mark.soak)])
def test_a_message_to_one_contact_leaves_once_when_a_person_says_yes(
    notebook: NotebookPage, interface: Interface, showing: Callable[[str], str], tmp_path: Path
) -> None:
    notebook.open(showing(f"MessageComposer(ws, {HOSTILE_ROW})"), interface=interface)
    notebook.run_all()
    expect(notebook.see("to")).to_contain_text("To <img src=x")
    notebook.see("sender", "select").select_option(index=0)
    notebook.see("message", "textarea").press_sequentially("Your order is on its way 🌸", delay=1)
    expect(notebook.see("counter")).to_contain_text("because of 🌸 (cherry blossom)")

    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("1 recipient")
    notebook.see("count", "input").fill("1")
    notebook.see("by", "input").fill("ana")
    notebook.page.screenshot(path=tmp_path / "ready.png")
    notebook.see("send").dblclick()
    expect(notebook.see("outcome")).to_contain_text("sent: ")
    notebook.page.screenshot(path=tmp_path / "sent.png")

    assert notebook.run("print([entry.state for entry in ws.plans()][:1])").strip() == "['sent']"
    assert notebook.see("composer", "img").count() == 0
    assert notebook.page.title() != "owned"
