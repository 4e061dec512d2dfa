"""The builder as axe-core sees it, in a real browser: nothing that keeps somebody from using it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import NotebookPage
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.workspace import Workspace

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "mcp/node/node_modules/axe-core/axe.min.js"
FILLED = """CampaignBuilder(ws, toolkit.CampaignDraft(
    name="Gold", message="Hi {name} 🌸 http://shop.example/gold", messages={"B": "Gold is here."},
    senders=["Marketing Line"],
    experiment=toolkit.Experiment(name="Gold", arms={"A": 0.5, "B": 0.5}, holdout=0.1),
    segment=toolkit.Segment.parse("labels:vip_customers and field.customer_tier = gold")))"""
SEAX = ".jp-NotebookPanel:not(.lm-mod-hidden) .seax"
RUN = """async place => (await axe.run(place, {resultTypes: ['violations']}))
  .violations.filter(each => ['serious', 'critical'].includes(each.impact))
  .map(each => [each.id, ...each.nodes.map(node => node.html.slice(0, 200) + ' ' + node.any.map(x => x.message))])"""


def violations(notebook: NotebookPage) -> list[list[Any]]:
    """What is serious or critical, with the elements."""
    notebook.page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[list[Any]] = notebook.page.evaluate(RUN, SEAX)
    return found


def test_a_table_a_filter_it_cannot_read_and_the_people_of_an_audience_have_no_serious_violation(
    notebook: NotebookPage, showing: Callable[[str], str]
) -> None:
    audience = "ws.table(ws.audience(toolkit.Segment.any_of('vip_customers')))"
    notebook.open(showing("FrameTable(ws.contacts())"), audience, "ws.table(ws.logs([]))", interface="lab")
    notebook.run_all()
    expect(notebook.see("people-grid", "tbody td").first).to_be_visible()
    assert violations(notebook) == []

    notebook.see("people-grid").first.get_by_label("Filter created_time").fill("soon")
    expect(notebook.see("people-table").first.get_by_role("alert")).to_contain_text("cannot be read")
    assert violations(notebook) == []


OTHERS = {
    "SegmentExplorer(ws, toolkit.Segment.parse('labels:vip_customers and field.customer_tier = gold'))": "waterfall",
    "MessageComposer(ws, ws.contacts().iloc[0])": "composer",
    "Inbox(ws)": "inbox",
    "ContactImport(ws)": "import",
    "LogExplorer(ws)": "log-explorer",
}


@pytest.mark.parametrize("widget", OTHERS, ids=[*OTHERS.values()])
def test_the_other_widgets_have_no_serious_violation(
    notebook: NotebookPage, showing: Callable[[str], str], widget: str
) -> None:
    notebook.open(showing(widget), interface="lab")
    notebook.run_all()
    expect(notebook.see(OTHERS[widget]).first).to_be_visible()
    notebook.page.wait_for_timeout(500)
    assert violations(notebook) == []


def test_an_inbox_with_plans_one_reviewed_and_one_sent_have_no_serious_violation(
    notebook: NotebookPage, showing: Callable[[str], str], assistant: Workspace
) -> None:
    segment = Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")
    message = "20% off until Sunday. Reply STOP to opt out."
    for name in ("Spring Sale", "Summer Sale"):
        assistant.plan(CampaignDraft(name=name, message=message, segment=segment, senders=("Marketing Line",)))
    notebook.open(showing("Inbox(ws)"), interface="lab")
    notebook.run_all()
    see = notebook.see
    expect(see("plan-card")).to_have_count(2)
    assert violations(notebook) == []

    see("review").first.click()
    expect(see("plan")).to_contain_text("Sale")
    assert violations(notebook) == []

    see("count", "input").fill("1")
    see("by", "input").fill("Ana")
    expect(see("send-panel")).to_contain_text("is not the number of recipients")
    assert violations(notebook) == []

    see("count", "input").fill((see("send-panel", ".seax-people").first.text_content() or "").replace(",", ""))
    see("send").click()
    expect(see("outcome")).to_contain_text("campaign_")
    assert violations(notebook) == []


def test_a_monitor_before_and_after_its_campaign_and_a_file_with_refused_rows_have_no_serious_violation(
    notebook: NotebookPage, showing: Callable[[str], str], home: Path
) -> None:
    see = notebook.see
    notebook.open(showing("CampaignMonitor(ws, ws.campaign_ids()[0])"), interface="lab")
    notebook.run_all()
    expect(see("figures")).to_contain_text("press Follow")
    assert violations(notebook) == []
    see("follow").click()
    expect(see("details")).to_contain_text("Why messages did not arrive")
    assert violations(notebook) == []

    path = home / "people.csv"
    path.write_text("name;phone;labels;shoe size\nAna;+12025550147;vip_customers;38\nCy;12;vip_custmers;\n", "utf-8")
    notebook.open(showing(f"ContactImport(ws, {str(path)!r})"), interface="lab")
    notebook.run_all()
    expect(see("file")).to_contain_text("Findings")
    assert violations(notebook) == []


def test_an_empty_builder_and_one_with_findings_arms_and_a_plan_have_no_serious_violation(
    notebook: NotebookPage, showing: Callable[[str], str]
) -> None:
    notebook.open(showing("CampaignBuilder(ws)"), interface="lab")
    notebook.run_all()
    expect(notebook.see("contacts-said")).to_contain_text("contacts, read at")
    assert violations(notebook) == []

    notebook.open(showing(FILLED), interface="lab")
    notebook.run_all()
    expect(notebook.see("findings")).to_contain_text("block")
    notebook.see("add-group").first.click()
    notebook.see("column", "select").select_option("field.customer_tier")
    expect(notebook.see("values-offered", "button").first).to_be_visible()
    assert violations(notebook) == []
    notebook.see("group", ".seax-remove-group").click()
    notebook.see("show-people").click()
    expect(notebook.see("people-grid", "tbody td").first).to_be_visible()
    assert violations(notebook) == []

    notebook.see("see-plan").click()
    expect(notebook.see("plan")).to_contain_text("Campaign plan: Gold")
    assert violations(notebook) == []

    notebook.page.evaluate(f"() => document.querySelector('{SEAX}').append(new Image())")
    assert [each[0] for each in violations(notebook)] == ["image-alt"]  # it would have been seen


def test_a_sent_campaign_groups_read_logs_and_a_refused_file_have_no_serious_violation(
    notebook: NotebookPage, showing: Callable[[str], str], home: Path
) -> None:
    see = notebook.see
    sale = """CampaignBuilder(ws, toolkit.CampaignDraft(
        name="Sale", message="The sale is on. Reply STOP to opt out.", senders=["Marketing Line"], by_zone=True,
        local_time="10:00", segment=toolkit.Segment.any_of("vip_customers")))"""
    notebook.open(showing(sale), interface="lab")
    notebook.run_all()
    expect(see("timetable")).to_contain_text("Their clock")
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Their clock")
    see("count", "input").fill((see("send-panel", ".seax-people").first.text_content() or "").replace(",", ""))
    see("by", "input").fill("Ana")
    see("send").click()
    expect(see("outcome")).to_contain_text("campaign_")
    expect(see("steps")).to_contain_text("no report yet")
    assert violations(notebook) == []

    groups = "labels:vip_customers or (labels:newsletter and not labels:lapsed)"
    path = home / "nobody.csv"
    path.write_text("shoe size\n38\n", "utf-8")
    notebook.open(
        showing(f"SegmentExplorer(ws, toolkit.Segment.parse({groups!r}))"),
        "from toolkit.widgets import ContactImport, LogExplorer\nLogExplorer(ws)",
        f"ContactImport(ws, {str(path)!r})",
        interface="lab",
    )
    notebook.run_all()
    expect(see("within", "button").first).to_be_visible()
    see("log-explorer", "button.seax-read").click()
    expect(see("log-explorer", ".seax-groups")).to_contain_text("Autumn offer A")
    expect(see("file")).to_contain_text("phone")
    assert violations(notebook) == []
