"""The inbox in a real browser, with a plan that another process made on the same embedded workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, campaigns_named
from tests.browser.notebook_page import Interface, NotebookPage
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.workspace import Workspace

pytestmark = pytest.mark.browser


def draft(name: str, message: str = "20% off until Sunday. Reply STOP to opt out.") -> CampaignDraft:
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    return CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",))


@pytest.mark.parametrize("interface", ["lab", pytest.param("notebook", marks=pytest.mark.soak)])
def test_what_an_assistant_planned_arrives_by_itself_and_leaves_when_a_person_says_yes(
    notebook: NotebookPage,
    interface: Interface,
    showing: Callable[[str], str],
    assistant: Workspace,
    home: Path,
    tmp_path: Path,
) -> None:
    notebook.open(showing("Inbox(ws)"), interface=interface)
    notebook.run_all()
    expect(notebook.see("said")).to_contain_text("No plan waits for you.")

    plan = assistant.plan(draft("Spring Sale"))
    unwanted = assistant.plan(draft("Unwanted"))
    cards = notebook.see("plan-card")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("(mcp:assistant)")
    cards.filter(has_text="Unwanted").get_by_role("button", name="Review").click()
    expect(notebook.see("plan")).to_contain_text("Unwanted")
    notebook.see("withdrawn-by", "input").fill("ana")
    notebook.see("withdraw").click()
    expect(notebook.see("said")).to_contain_text("was withdrawn by ana")

    notebook.see("review").click()
    expect(notebook.see("plan")).to_contain_text("Spring Sale")
    notebook.see("count", "input").fill(f"{plan.recipients:,}")
    notebook.see("by", "input").fill("ana")
    notebook.page.screenshot(path=tmp_path / "review.png")
    notebook.see("send").dblclick()
    expect(notebook.see("outcome")).to_contain_text("sent: campaign_")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("sent · ")
    notebook.page.screenshot(path=tmp_path / "sent.png")

    assert campaigns_named("Spring Sale", home) == 1
    assert campaigns_named("Unwanted", home) == 0
    assert assistant.get_plan(unwanted.id).state == "withdrawn"


def test_a_hostile_plan_is_text(
    notebook: NotebookPage, showing: Callable[[str], str], assistant: Workspace, tmp_path: Path
) -> None:
    assistant.plan(draft(HOSTILE, message=f"{HOSTILE} Reply STOP to opt out."))
    notebook.open(showing("Inbox(ws)"), interface="lab")
    notebook.run_all()

    notebook.see("review").click()
    expect(notebook.see("plan")).to_contain_text(HOSTILE)
    notebook.page.screenshot(path=tmp_path / "hostile.png")

    assert notebook.see("inbox", "img").count() == 0
    assert notebook.page.title() != "owned"
