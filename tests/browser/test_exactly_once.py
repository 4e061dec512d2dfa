"""However a notebook is run, reloaded or looked at twice, a campaign leaves once and after a person's click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import campaigns_named
from tests.browser.notebook_page import NotebookPage

pytestmark = pytest.mark.browser

BUILDER = """CampaignBuilder(ws, toolkit.CampaignDraft(
    name="Spring Sale", message="20% off. Reply STOP to opt out.", senders=["Marketing Line"],
    segment=toolkit.Segment.any_of("vip_customers") & ~toolkit.Segment.any_of("location_nyc")))"""


@pytest.fixture
def cell(showing: Callable[[str], str]) -> str:
    return showing(BUILDER)


def see_plan(notebook: NotebookPage) -> None:
    """Look at the plan and type its number and a name."""
    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("Spring Sale")
    count = notebook.run("print(ws.plans()[0].plan.recipients)").strip()
    notebook.see("count", "input").fill(count)
    notebook.see("by", "input").fill("ana")
    expect(notebook.see("send")).to_be_enabled()


def test_two_tabs_on_one_kernel_send_once(notebook: NotebookPage, cell: str, home: Path, tmp_path: Path) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    see_plan(notebook)

    with notebook.second_tab() as other:
        expect(other.see("send")).to_be_enabled()
        expect(other.see("count", "input")).to_have_value(notebook.see("count", "input").input_value())
        other.see("send").evaluate("button => button.click()")
        notebook.see("send").evaluate("button => button.click()")
        expect(other.see("outcome")).to_contain_text("sent: campaign_")
        expect(notebook.see("outcome")).to_contain_text("sent: campaign_")
        other.page.screenshot(path=tmp_path / "second.png")

    assert campaigns_named("Spring Sale", home) == 1


def test_a_restart_and_a_run_of_all_cells_send_nothing_and_remember(
    notebook: NotebookPage, cell: str, home: Path
) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    see_plan(notebook)
    notebook.restart()
    notebook.run_all()
    assert campaigns_named("Spring Sale", home) == 0

    see_plan(notebook)
    notebook.see("send").click()
    expect(notebook.see("outcome")).to_contain_text("sent: campaign_")
    notebook.restart()
    notebook.run_all()
    notebook.see("see-plan").click()
    expect(notebook.see("outcome")).to_contain_text("sent earlier; nothing was sent now")

    assert campaigns_named("Spring Sale", home) == 1


def test_typing_and_clicking_while_the_kernel_is_busy_counts_in_the_end(
    notebook: NotebookPage, cell: str, home: Path
) -> None:
    notebook.open(cell, interface="lab")
    notebook.run_all()
    see_plan(notebook)

    notebook.begin("import time; time.sleep(3)")
    notebook.see("by", "input").fill("ana maria")
    notebook.see("send").dblclick()

    expect(notebook.see("outcome")).to_contain_text("sent: campaign_")
    approved = "[e.who for e in ws.ledger.events(ws.plans()[0].plan.id) if e.event == 'approved']"
    assert notebook.run(f"print({approved})").strip() == "['ana maria']"
    assert campaigns_named("Spring Sale", home) == 1
