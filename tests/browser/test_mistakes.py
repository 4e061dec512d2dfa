"""Mistakes that people make, made in a real browser, and the words with which they are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.notebook_page import NotebookPage
from tests.browser.test_walk import Newcomer, wait_until_wednesday_night
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft, ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace

pytestmark = pytest.mark.browser

SIDEWAYS = """() => [...document.querySelectorAll('.seax, .seax *')].filter(each => each.offsetParent
  && each.clientWidth && each.scrollWidth > each.clientWidth + 1
  && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX) && !each.matches('.seax-scroll, select, textarea'))
  .map(each => each.className)"""


def test_wrong_times_rules_and_links_are_told_beside_them_and_an_old_plan_is_withdrawn(
    notebook: NotebookPage, showing: Callable[[str], str], home: Path, assistant: Workspace
) -> None:
    wait_until_wednesday_night(home)
    notebook.open(showing("CampaignBuilder(ws)"), interface="lab")
    notebook.run_all()
    see = notebook.see
    expect(see("contacts-said")).to_contain_text("contacts, read at")

    see("name", "input").fill("Gold")
    see("any-of-offered").get_by_role("button", name="+ vip_customers").click()
    see("message", "textarea").fill("Gold is here: https://bit.ly/gold Reply STOP to opt out.")
    expect(see("found-links")).to_contain_text("MSG009")
    see("repair-MSG009").click()
    expect(see("found-links")).not_to_contain_text("MSG009")
    expect(see("findings")).not_to_contain_text("block")

    see("when").get_by_label("At a time").check()
    echo = see("echo")
    for zone, start, end, words in (
        ("Nowhere", "2031-01-15T10:00", "", "Unknown time zone 'Nowhere'"),
        ("New Yrok", "2031-01-15T10:00", "", "did you mean New York"),
        ("New York", "2031-03-09T02:30", "", "skip 02:30 on 2031-03-09"),
        ("New York", "2020-01-15T10:00", "", "is in the past: choose a later time"),
        ("New York", "2031-01-15T10:00", "2031-01-15T09:00", "The end is not after the start"),
    ):
        see("zone", "input").fill(zone)
        for name, at in (("start", start), ("end", end)):
            see(name, "input").fill(at)
            see(name, "input").press("Tab")
        expect(echo).to_contain_text(words, ignore_case=True)
        expect(echo).not_to_contain_text(" UTC")
        expect(see("see-plan-said")).not_to_contain_text("Complete")
    see("end", "input").fill("")
    see("end", "input").press("Tab")
    expect(echo).to_contain_text("2031-01-15 10:00 America/New_York = 2031-01-15 15:00 UTC")

    see("as-text").click()
    rule = see("rule", "textarea")
    expect(rule).to_have_value("labels:vip_customers")
    rule.fill("labels:fresh_faces")
    rule.press("Tab")
    expect(see("rule-said")).to_contain_text("fresh_faces")
    expect(see("any-of-chosen")).not_to_be_visible()
    people = home / "fresh.csv"
    people.write_text("name,phone,labels\nNew,+12125550190,fresh_faces\n", encoding="utf-8")
    assistant.send(assistant.plan(ImportDraft(name="fresh", path=people)).approve(recipients=1, by="test"))
    sandbox = Sandbox(Settings(home=home).sandbox_path)
    sandbox.clock.advance(timedelta(minutes=15))
    sandbox.close()
    see("contacts").click()
    expect(see("contacts-said")).to_contain_text("402 contacts")
    expect(see("rule-said")).not_to_contain_text("fresh_faces")
    rule.fill("labels:vip_customers")
    rule.press("Tab")
    see("when").get_by_label("By day in each zone").check()
    see("start", "input").fill("")
    see("start", "input").press("Tab")
    see("see-plan").click()
    expect(see("plan", ".seax-table").first).to_contain_text("Their clock")
    expect(see("edit")).to_be_focused()
    table, send = see("plan", ".seax-table").first.bounding_box(), see("send").bounding_box()
    assert table
    assert send
    assert table["y"] < send["y"] + 200, "the timetable is where one decides"
    see("edit").click()
    see("name", "input").fill("Gold, again")
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Gold, again")
    states = notebook.run("print([entry.state for entry in ws.plans()])")
    assert states.count("'planned'") == 1
    assert "'withdrawn'" in states

    newcomer = Newcomer(notebook)
    newcomer.write("count", newcomer.exact_count())
    newcomer.write("by", "Ana")
    see("send").click()
    expect(see("plan-monitor")).to_contain_text("Nothing was sent yet")
    see("edit").click()
    see("name", "input").fill("Gold, third")
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Gold, third")
    expect(see("by", "input")).to_have_value("Ana")

    notebook.page.set_viewport_size({"width": 700, "height": 1500})
    assert notebook.page.evaluate(SIDEWAYS) == []
    see("edit").click()
    assert notebook.page.evaluate(SIDEWAYS) == []
    notebook.page.set_viewport_size({"width": 1280, "height": 1500})
    notebook.open("from toolkit.widgets import LogExplorer\n" + showing("LogExplorer(ws)"), interface="lab")
    notebook.run_all()
    see("campaigns-find", "input").fill("Gold, again")
    named = see("campaigns-offered", "button").filter(has_text="Gold, again").all_inner_texts()
    assert len(named) == len({*named}) > 1, "campaigns of one name are told apart by their start"
    expect(see("order", "option")).to_have_count(4)


def test_a_bad_rule_leaves_nothing_live_and_a_bound_builder_follows_and_cannot_be_edited(
    notebook: NotebookPage, showing: Callable[[str], str], home: Path, assistant: Workspace
) -> None:
    bound = "from toolkit.widgets import CampaignBuilder, ContactImport, Inbox\nCampaignBuilder(ws, explorer=shown)"
    notebook.open(
        showing("SegmentExplorer(ws, toolkit.Segment.any_of('vip_customers'))"), bound, "Inbox(ws)", interface="lab"
    )
    notebook.run_all()
    see = notebook.see
    expect(see("builder", ".seax-rule textarea")).to_be_disabled()
    expect(see("builder", ".seax-rule textarea")).to_have_value("labels:vip_customers")
    expect(see("builder", ".seax-any-of-offered")).not_to_be_visible()

    typed = see("explorer", ".seax-rule input")
    typed.fill("labels:vip_customers and")
    typed.press("Enter")
    expect(see("explorer", ".seax-said")).to_contain_text("The rule cannot be read")
    for button in see("explorer", ".seax-parts button").all() + see("labels", "button:visible").all():
        expect(button).to_be_disabled()
    typed.fill("labels:newsletter")
    typed.press("Enter")
    expect(see("builder", ".seax-rule textarea")).to_have_value("labels:newsletter")

    notebook.page.get_by_role("tab", name="Fields").click()
    see("fields", ".seax-column select").select_option("field.orders")
    expect(see("fields", ".seax-low")).to_be_visible()
    see("fields", ".seax-low input").fill("3")
    see("fields", ".seax-only").click()
    expect(typed).to_have_value("labels:newsletter and field.orders >= 3")
    see("fields", ".seax-column select").select_option("created")
    expect(see("fields", ".seax-picture")).to_contain_text("from Jan")
    spans = see("fields", ".seax-picture td:first-child").all_inner_texts()
    assert all(re.fullmatch(r"quarter from (Jan|Apr|Jul|Oct) \d{4}", each) for each in spans), spans

    text = "20% off until Sunday. Reply STOP to opt out."
    segment = Segment.any_of("vip_customers")
    assistant.plan(CampaignDraft(name="Blocked", message="See bit.ly/x", segment=segment, senders=("Marketing Line",)))
    assistant.plan(CampaignDraft(name="Asked", message=text, segment=segment, senders=("Marketing Line",)))
    expect(see("plan-card")).to_have_count(1)
    notebook.run(
        f"ws.plan(toolkit.CampaignDraft(name='Own', message={text!r}, segment=shown.value, senders=['Marketing Line']))"
    )
    expect(see("plan-card")).to_have_count(2)
    expect(see("plan-card").first).to_contain_text("(mcp:assistant)")

    said = notebook.run(
        "CampaignBuilder(ws, toolkit.CampaignDraft(name='x', message='y', segment=shown.value,"
        " senders=['Marketing Line']).as_test())"
    )
    assert "DraftError" in said
    assert "AttributeError" not in said


def test_rows_that_cannot_be_texted_are_named_and_national_numbers_masked(
    notebook: NotebookPage, showing: Callable[[str], str], home: Path
) -> None:
    path = home / "people.csv"
    path.write_text("Nom;Mobile;shoe size\nAna;(202) 555-0147;38\nBo;12;44\n", encoding="utf-8")
    notebook.open(showing(f"ContactImport(ws, {str(path)!r})"), interface="lab")
    notebook.run_all()
    see = notebook.see

    expect(see("column-2", "select")).to_have_value("phone")
    expect(see("file")).to_contain_text("•••")
    expect(see("import")).not_to_contain_text("555-0147")
    see("see-plan").click()
    expect(see("plan")).to_contain_text("row 3")
    expect(see("import")).not_to_contain_text("555-0147")
