"""The log explorer in a real browser, as a person uses it: read, filter, group, compare, look at failures, export."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import Interface, NotebookPage
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect

pytestmark = pytest.mark.browser

HOSTILE = "=<img src=x onerror=\"document.title='owned'\">" + "W" * 120


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An embedded workspace of 400 contacts, a campaign of which and its one recipient are an attack."""
    settings = Settings(home=tmp_path)
    people = tmp_path / "people.csv"
    quoted = HOSTILE.replace('"', '""')
    people.write_text(f'name,phone,labels\n"{quoted}",+12025550142,"attack"\n', encoding="utf-8")
    sandbox = Sandbox(settings.sandbox_path, contacts=400)
    with connect(settings, sandbox=sandbox) as ws:
        ws.send(ws.plan(ImportDraft(name="people", path=people)).approve(recipients=1, by="test"))
        sandbox.clock.advance(timedelta(minutes=15))
        draft = CampaignDraft(
            name=HOSTILE, message="Hello", segment=Segment.any_of("attack"), senders=("Marketing Line",)
        )
        ws.send(ws.plan(draft).approve(recipients=1, by="test"))
        sandbox.clock.advance(timedelta(days=4))
    sandbox.close()
    return tmp_path


@pytest.mark.parametrize("interface", ["lab", pytest.param("notebook", marks=pytest.mark.soak)])
def test_a_person_reads_filters_compares_and_exports_logs(
    notebook: NotebookPage, interface: Interface, home: Path, tmp_path: Path
) -> None:
    notebook.open(
        f"""
from pathlib import Path
import toolkit
from toolkit.widgets import LogExplorer

ws = toolkit.connect(toolkit.Settings(home=Path({str(home)!r})))
explorer = LogExplorer(ws)
explorer""",
        interface=interface,
    )
    notebook.run_all()
    notebook.see("read").click()
    expect(notebook.see("said")).to_contain_text(" messages.")
    expect(notebook.see("groups")).to_contain_text("Autumn offer A")
    notebook.see("by", "select").select_option(label="failure")
    expect(notebook.see("groups")).to_contain_text("unreachable")
    notebook.page.screenshot(path=tmp_path / "groups.png")

    tabs = notebook.see("tabs", ".lm-TabBar-tab")
    tabs.nth(1).click()
    expect(notebook.see("compared", "img")).to_have_count(2, timeout=30_000)  # the first picture loads matplotlib
    notebook.page.screenshot(path=tmp_path / "compared.png")
    tabs.nth(2).click()
    expect(notebook.see("failures")).to_contain_text("never text the number again")
    notebook.page.screenshot(path=tmp_path / "failures.png")
    notebook.see("contact", "input").fill("=<img")
    tabs.nth(3).click()
    expect(notebook.see("messages")).to_contain_text("+1202•••0142")
    notebook.page.screenshot(path=tmp_path / "hostile.png")
    tabs.nth(4).click()
    name = f"one-{interface}"
    notebook.see("path", "input").fill(name)
    notebook.see("csv").click()
    expect(notebook.see("saved")).to_contain_text(f"1 messages were saved to {name}.csv.")
    notebook.page.screenshot(path=tmp_path / "export.png")

    assert notebook.see("messages", "img").count() == 0
    assert notebook.page.title() != "owned"
    assert notebook.run("print(explorer.value)").startswith("campaigns=()")
    with (notebook.folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["phone"] == "'+12025550142"
    assert row["contact_name"] == f"'{HOSTILE}"
