"""Conditions and groups as a person adds them, in the builder and in the explorer; the page is played by messages."""

from __future__ import annotations

from typing import Any

import pytest
from ipywidgets import Button

from tests.widgets.page import Browser, chips, controls
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets import CampaignBuilder, SegmentExplorer
from toolkit.widgets.fields.rule_tree import RuleTree
from toolkit.workspace import Workspace


def pick(browser: Browser, tree: RuleTree, column: str, *, called: str) -> None:
    """Want one value of a column, in the picker that is open."""
    page = controls(tree)
    browser.edit(page["seax-column"], index=[value for _, value in page["seax-column"].options].index(column))
    browser.click(chips(tree, "values")[called])
    browser.click(controls(tree)["seax-only"])


def either_gold_or_a_label(browser: Browser, tree: RuleTree) -> Any:
    """Add a group of two alternatives by clicking; the group's part of the page."""
    browser.click(controls(tree)["seax-add-group"])
    pick(browser, tree, "field.customer_tier", called="gold")
    group = tree._groups[max(tree._groups)]
    browser.click(group.add)
    pick(browser, tree, "labels", called="interest_shoes")
    return group


@pytest.mark.parametrize("face", ["builder", "explorer"])
def test_a_group_of_alternatives_is_built_by_clicking_and_is_the_value(
    ws: Workspace, browser: Browser, face: str
) -> None:
    draft = CampaignDraft(name="x", message="x", senders=["Marketing Line"], segment=Segment.any_of("vip_customers"))
    contacts = ws.snapshot()
    shown: Any = (
        CampaignBuilder(ws, draft, contacts=contacts)
        if face == "builder"
        else SegmentExplorer(ws, draft.segment, contacts=contacts)
    )
    tree = controls(shown)["seax-rule-tree"]

    def segment() -> str:
        return str(shown.value.segment if face == "builder" else shown.value)

    group = either_gold_or_a_label(browser, tree)
    assert segment() == "labels:vip_customers and (field.customer_tier = gold or labels:interest_shoes)"
    lines = [each.description for each in group._within.children]
    assert lines[1] == f"✕ labels:interest_shoes ({Segment.any_of('interest_shoes').count(contacts)})"

    browser.edit(group._how, index=2)
    assert segment() == "labels:vip_customers and not (field.customer_tier = gold or labels:interest_shoes)"
    browser.click(group._within.children[0])
    assert segment() == "labels:vip_customers and not labels:interest_shoes"
    browser.click(group._remove)
    browser.click(group._remove)
    assert segment() == "labels:vip_customers"


def test_a_condition_is_there_once_and_groups_are_three_deep_at_most(ws: Workspace, browser: Browser) -> None:
    explorer = SegmentExplorer(ws)
    tree = controls(explorer)["seax-rule-tree"]

    for _ in range(2):
        browser.click(controls(tree)["seax-add-condition"])
        pick(browser, tree, "field.customer_tier", called="gold")
    assert str(explorer.value) == "field.customer_tier = gold"

    for _ in range(2):
        group = tree._groups[max(tree._groups)]
        browser.click(next(each for each in controls_of(group) if each.description == "+ Group"))
    assert [each.description for each in controls_of(tree._groups[max(tree._groups)])].count("+ Group") == 0


def test_conditions_of_a_rule_that_cannot_be_read_cannot_be_clicked(ws: Workspace, browser: Browser) -> None:
    explorer = SegmentExplorer(ws, Segment.parse("field.customer_tier = gold"))

    browser.edit(controls(explorer)["seax-rule"], value="labels:")
    assert all(each.disabled for each in controls_of(controls(explorer)["seax-rule-tree"]))
    browser.edit(controls(explorer)["seax-rule"], value="field.customer_tier = silver or labels:vip_customers")
    assert not any(each.disabled for each in controls_of(controls(explorer)["seax-rule-tree"]))


def controls_of(widget: Any) -> list[Button]:
    """Every button of a part of the page."""
    own = [widget] if isinstance(widget, Button) else []
    return own + [each for child in getattr(widget, "children", ()) for each in controls_of(child)]
