"""The monitor in a real browser: it updates by itself, outlives a reload of the page, and stops when told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import Interface, NotebookPage
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect

pytestmark = pytest.mark.browser

HOSTILE = "Sale <img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An embedded workspace whose clock stands still; a campaign has left a moment ago."""
    settings = Settings(home=tmp_path)
    sandbox = Sandbox(settings.sandbox_path, contacts=400)
    sandbox.clock.advance(timedelta(minutes=15))
    sandbox.clock.set_speed(0)
    draft = CampaignDraft(
        name=HOSTILE, message="Hello", segment=Segment.any_of("vip_customers"), senders=("Marketing Line",)
    )
    with connect(settings, sandbox=sandbox) as ws:
        plan = ws.plan(draft)
        ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.close()
    return tmp_path


def advance(home: Path, **by: float) -> None:
    """Move the workspace's clock from outside the notebook."""
    sandbox = Sandbox(Settings(home=home).sandbox_path)
    sandbox.clock.advance(timedelta(**by))
    sandbox.close()


@pytest.mark.parametrize("interface", ["lab", pytest.param("notebook", marks=pytest.mark.soak)])
def test_it_updates_by_itself_outlives_a_reload_and_stops_when_told(
    notebook: NotebookPage, interface: Interface, home: Path, tmp_path: Path
) -> None:
    notebook.open(
        f"""
from pathlib import Path
import toolkit
from toolkit.widgets import CampaignMonitor

ws = toolkit.connect(toolkit.Settings(home=Path({str(home)!r})))
monitor = CampaignMonitor(ws, ws.campaign_ids()[-1], every=1)
monitor.start()
monitor""",
        interface=interface,
    )
    notebook.run_all()
    expect(notebook.see("figures")).to_contain_text(" is sending: 1 of ")
    notebook.see("stop").click()
    expect(notebook.see("follow")).to_be_enabled()
    notebook.see("follow").click()

    advance(home, seconds=8)
    expect(notebook.see("figures")).to_contain_text("without a report yet")
    notebook.reload()
    expect(notebook.see("figures")).to_contain_text("without a report yet")
    notebook.page.screenshot(path=tmp_path / "waiting.png")
    advance(home, days=4)
    expect(notebook.see("details")).to_contain_text("one message each.")
    expect(notebook.see("figures")).to_contain_text(f"{HOSTILE} is finished")
    expect(notebook.see("stop")).to_be_disabled()

    notebook.page.screenshot(path=tmp_path / "finished.png")
    assert notebook.see("monitor", "img").count() == 0
    assert notebook.page.title() != "owned"
