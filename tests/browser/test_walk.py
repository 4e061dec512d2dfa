"""A whole campaign in a real browser, as somebody new builds it: in few clicks, and with nothing but a keyboard."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import campaigns_named
from tests.browser.notebook_page import NotebookPage
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings

pytestmark = pytest.mark.browser

CELL = """
from pathlib import Path
import toolkit
from toolkit.widgets import CampaignBuilder

ws = toolkit.connect(toolkit.Settings(home=Path({home!r}), dialect="published"))
shown = CampaignBuilder(ws)
shown
"""
FOCUSED = """() => {
  const at = document.activeElement;
  const words = at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent || '';
  return at.closest('.seax') === null ? '' : words.trim();
}"""
UNNAMED = """() => [...document.querySelectorAll('.seax :is(button, input, select, textarea, [tabindex="0"])')]
  .filter(each => each.offsetParent && !(each.labels?.[0]?.textContent || each.textContent ||
    each.getAttribute('aria-label') || each.title).trim()).map(each => each.outerHTML.slice(0, 120))"""


class Newcomer:
    """Somebody at the page; `acts` counts clicks and strokes of keys beyond the texts themselves."""

    def __init__(self, notebook: NotebookPage) -> None:
        self.notebook = notebook
        self.acts = 0

    def click(self, place: Locator) -> None:
        place.click()
        self.acts += 1

    def write(self, control: str, text: str) -> None:
        """Click into a field and type a text."""
        self.click(self.notebook.see(control, ":is(input, textarea)"))
        self.notebook.page.keyboard.insert_text(text)

    def press(self, key: str) -> None:
        self.notebook.page.keyboard.press(key)
        self.acts += 1

    def focused(self) -> str:
        """The name of the control that has the focus; empty outside of a widget."""
        name: str = self.notebook.page.evaluate(FOCUSED)
        return name

    def tab_to(self, name: str, *, key: str = "Tab") -> None:
        """Press Tab until the focus is on the control of this name."""
        for _ in range(60):
            if name in self.focused():
                return
            self.press(key)
        raise AssertionError(f"{key} never came to {name!r}")

    def type_at(self, name: str, text: str) -> None:
        """Tab to a field and type."""
        self.tab_to(name)
        self.notebook.page.keyboard.type(text)

    def choose(self, name: str, *, key: str = "Enter") -> None:
        """Tab to a control and press it."""
        self.tab_to(name)
        self.press(key)

    def exact_count(self) -> str:
        """What the plan on the page says, without separators."""
        return (self.notebook.see("send-panel", ".seax-people").first.text_content() or "").replace(",", "")


@pytest.fixture
def newcomer(notebook: NotebookPage, home: Path) -> Newcomer:
    wait_until_wednesday_night(home)
    notebook.open(CELL.format(home=str(home)), interface="lab")
    notebook.run_all()
    expect(notebook.see("contacts-said")).to_contain_text("contacts, read at")
    return Newcomer(notebook)


def wait_until_wednesday_night(home: Path) -> None:
    """Let the service's clock go on to Wednesday, 03:00 UTC: where some may be texted now, and some later."""
    sandbox = Sandbox(Settings(home=home).sandbox_path)
    now = sandbox.clock.now()
    night = now.replace(hour=3, minute=0, second=0, microsecond=0) + timedelta(days=(2 - now.weekday()) % 7 or 7)
    sandbox.clock.advance(night - now)
    sandbox.close()


def days_later(home: Path, days: int) -> None:
    """Let the embedded service's clock, which is in its file, go on."""
    sandbox = Sandbox(Settings(home=home).sandbox_path)
    sandbox.clock.advance(timedelta(days=days))
    sandbox.close()


def test_a_personal_two_arm_campaign_by_zone_is_sent_and_measured_in_forty_clicks_and_strokes(
    newcomer: Newcomer, home: Path, tmp_path: Path
) -> None:
    see = newcomer.notebook.see

    newcomer.write("name", "Gold")
    newcomer.click(see("any-of-offered").get_by_role("button", name="+ vip_customers"))
    newcomer.write("message", "Early access to gold is on. Reply STOP to opt out. For you,")
    newcomer.click(see("insert").get_by_role("button", name="{name}"))
    expect(see("message", "textarea")).to_have_value(re.compile("For you, {name}$"))
    newcomer.click(see("add-arm").get_by_role("button", name="Test another text"))
    newcomer.click(see("message-b", "textarea"))
    newcomer.press("Control+a")
    newcomer.notebook.page.keyboard.insert_text("{name}, gold is here. Reply STOP to opt out.")
    newcomer.click(see("when").get_by_label("By day in each zone"))
    expect(see("timetable")).to_contain_text("Their clock")
    newcomer.click(see("see-plan"))
    expect(see("plan")).to_contain_text("gold is here")
    newcomer.write("count", newcomer.exact_count())
    newcomer.write("by", "Ana")
    newcomer.click(see("send"))
    expect(see("plan-monitor")).to_contain_text("starts them without this notebook")
    newcomer.notebook.page.screenshot(path=tmp_path / "scheduled.png", full_page=True)
    days_later(home, 4)
    expect(see("plan-monitor", ".seax-sum")).to_contain_text("campaigns have finished sending")
    newcomer.notebook.page.screenshot(path=tmp_path / "measured.png", full_page=True)

    assert newcomer.acts <= 40
    sent = newcomer.notebook.run("print(*(x.campaign_id for x in shown._planning.panel.value.steps))").split()
    assert len(sent) == len({*sent}) > 2


def test_a_campaign_is_built_grouped_planned_and_sent_with_a_keyboard_alone_and_every_control_has_a_name(
    newcomer: Newcomer, home: Path, tmp_path: Path
) -> None:
    page, see = newcomer.notebook.page, newcomer.notebook.see
    page.evaluate("() => document.querySelector('.seax-name input').focus()")

    newcomer.type_at("Campaign name", "By keyboard")
    newcomer.type_at("Any of these labels", "vip")
    expect(see("any-of-offered").get_by_role("button", name="+ newsletter")).not_to_be_visible()
    newcomer.choose("+ vip_customers")
    expect(see("any-of-chosen", "button")).to_have_count(1)
    newcomer.choose("+ Group")
    expect(see("picker")).to_be_visible()
    newcomer.tab_to("Look at")
    page.keyboard.type("field.customer_tier")
    expect(see("values-offered", "button").filter(has_text="+ gold")).to_be_visible()
    newcomer.choose("+ gold")
    expect(see("values-chosen", "button")).to_have_count(1)
    newcomer.choose("Only these")
    expect(see("condition")).to_contain_text("field.customer_tier = gold")
    expect(see("group", ".seax-add-condition")).to_be_focused()
    assert page.evaluate(UNNAMED) == []
    newcomer.type_at("Message", "Gold is here. Reply STOP to opt out.")
    newcomer.tab_to("Now")
    for _ in range(3):
        newcomer.press("ArrowDown")
    expect(see("local-time")).to_be_visible()
    newcomer.tab_to("On their clocks, at")
    page.keyboard.type("1000AM")
    expect(see("echo")).to_contain_text("starts at 10:00 on the clocks there")
    expect(see("timetable")).to_contain_text("10:00")
    newcomer.choose("See the plan")
    expect(see("plan")).to_contain_text("Gold is here")
    assert page.evaluate(UNNAMED) == []
    newcomer.type_at("Type the number", newcomer.exact_count())
    newcomer.press("Enter")
    newcomer.type_at("Your name", "Ana")
    newcomer.press("Enter")
    newcomer.press("Control+Enter")
    assert campaigns_named("By keyboard", home) == 0, "only the button sends"
    newcomer.choose("Send")
    expect(see("outcome")).to_contain_text("steps handed to the service")
    page.screenshot(path=tmp_path / "sent.png", full_page=True)
    assert newcomer.notebook.run("print(shown.value.segment)").strip() == (
        "labels:vip_customers and field.customer_tier = gold"
    )
