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
CSV = (
    "Nombre;Teléfono;Grupos;shoe size;Do not text;note\n"
    "Ana;+1 (999) 555-0001;vip_custmers;39;;x\n"
    f'"{QUOTED}";+19995550002;;;;y\n'
    "Ben;+19995550003;fair_2026;44;yes;zebra\n"
)


@pytest.mark.parametrize("interface", ["lab", pytest.param("notebook", marks=pytest.mark.soak)])
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
    expect(notebook.see("separator", "select")).to_contain_text("detected: semicolon")
    expect(notebook.see("encoding", "select")).to_contain_text("detected: UTF-8")
    expect(notebook.see("column-2", "select")).to_have_value("phone")
    notebook.see("column-6", "select").select_option(label="ignore")
    expect(notebook.see("file")).not_to_contain_text("zebra")
    notebook.page.screenshot(path=tmp_path / "mapped.png", full_page=True)

    notebook.see("strategy", "select").select_option(label="skip their rows")
    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("did you mean vip_customers?")
    notebook.see("count", "input").fill("3")
    notebook.see("by", "input").fill("ana")
    notebook.page.screenshot(path=tmp_path / "checked.png")
    notebook.see("send").dblclick()
    expect(notebook.see("figures")).to_contain_text("3 of 3 rows read, 0 refused")
    notebook.page.screenshot(path=tmp_path / "imported.png")

    assert notebook.run("print(len(ws.contacts(toolkit.Segment.where('field.shoe size').is_present())))").strip() == "2"
    assert notebook.run("print(shown._upload.value)").strip() == "()"
    assert notebook.see("import", "img").count() == 0
    assert notebook.page.title() != "owned"
