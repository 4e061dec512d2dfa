"""The builder as axe-core sees it, in a real browser: nothing that keeps somebody from using it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import NotebookPage

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
