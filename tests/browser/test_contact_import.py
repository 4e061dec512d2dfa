"""The import in a real browser, on the embedded service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE
from tests.browser.notebook_page import Interface, NotebookPage

pytestmark = pytest.mark.browser

QUOTED = HOSTILE.replace('"', '""')
CSV = f'name,phone,labels,shoe size\nAna,+19995550001,vip_custmers,39\n"{QUOTED}",+19995550002,,\n'


@pytest.mark.parametrize("interface", ["lab", "notebook"])
def test_a_dropped_file_is_checked_approved_and_followed_to_its_counts(
    notebook: NotebookPage, interface: Interface, showing: Callable[[str], str], tmp_path: Path
) -> None:
    notebook.open(showing("ContactImport(ws)"), interface=interface)
    notebook.run_all()
    with notebook.page.expect_file_chooser() as chooser:
        notebook.see("upload").click()
    chooser.value.set_files({"name": "people.csv", "mimeType": "text/csv", "buffer": CSV.encode()})
    expect(notebook.see("file")).to_contain_text("shoe size")
    expect(notebook.see("name", "input")).to_have_value("people")

    notebook.see("strategy", "select").select_option(label="skip their rows")
    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("did you mean vip_customers?")
    notebook.see("count", "input").fill("2")
    notebook.see("by", "input").fill("ana")
    notebook.page.screenshot(path=tmp_path / "checked.png")
    notebook.see("send").dblclick()
    expect(notebook.see("figures")).to_contain_text("2 of 2 rows read, 0 refused")
    notebook.page.screenshot(path=tmp_path / "imported.png")

    assert notebook.run("print(len(ws.contacts(toolkit.Segment.where('field.shoe size').is_present())))").strip() == "1"
    assert notebook.run("print(shown._upload.value)").strip() == "()"
    assert notebook.see("import", "img").count() == 0
    assert notebook.page.title() != "owned"
