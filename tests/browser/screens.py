"""Pictures of the widgets in their states, widths and themes: `python -m tests.browser.screens FOLDER light builder`.

They are for people to look at; nothing is compared.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.jupyter import browsing, serving
from tests.browser.notebook_page import NotebookPage

WIDTHS = (1440, 900, 700)
CELL = """
from pathlib import Path
import toolkit
from toolkit.widgets import *

ws = toolkit.connect(toolkit.Settings(home=Path({home!r})))
shown = {widget}
shown
"""
FILLED = """CampaignBuilder(ws, toolkit.CampaignDraft(
    name="Autumn gold", message="Hi {name} 🌸 early access to autumn gold is on: http://shop.example/gold",
    senders=["Marketing Line"],
    segment=toolkit.Segment.parse("labels any of (vip_customers, interest_shoes) and not labels:location_nyc"
                                  " and field.customer_tier = gold")))"""
GOOD = """CampaignBuilder(ws, toolkit.CampaignDraft(
    name="Autumn gold", message="Example Shop: early access to autumn gold is on. Reply STOP to opt out.",
    senders=["Marketing Line"], by_zone=True,
    segment=toolkit.Segment.any_of("vip_customers") & ~toolkit.Segment.any_of("location_nyc")))"""


REFUSED_ROWS = """[Path("people.csv").write_text(
    "name;phone;labels;shoe size\\nAna;+12025550147;vip_customers;38\\nBo;(202) 555-0148;vip_custmers;44\\n"
    "Cy;12;newsletter;\\n", encoding="utf-8"), ContactImport(ws, "people.csv")][1]"""


class Screens:
    """Takes each picture at every width."""

    def __init__(self, notebook: NotebookPage, folder: Path, theme: str, home: Path) -> None:
        self.notebook = notebook
        self._folder = folder
        self._theme = theme
        self._home = home

    def show(self, widget: str) -> None:
        """Show a widget in a new notebook."""
        self.notebook.page.set_viewport_size({"width": 1440, "height": 900})
        self.notebook.open(CELL.format(home=str(self._home), widget=widget), interface="notebook")
        self.notebook.page.evaluate(_THEME, "JupyterLab Dark" if self._theme == "dark" else "JupyterLab Light")
        self.notebook.run_all()
        self.notebook.page.evaluate(_HIDE)

    def take(self, name: str, place: Locator) -> None:
        """A picture of a part of the page at every width."""
        for width in WIDTHS:
            self.notebook.page.set_viewport_size({"width": width, "height": 1700})
            self.notebook.page.wait_for_timeout(400)
            place.first.screenshot(path=self._folder / f"{name}-{width}-{self._theme}.png")
            if wide := self.notebook.page.evaluate(_WIDE):
                print(f"{name} at {width} px scrolls sideways: {', '.join(wide)}")  # noqa: T201 — for whoever looks
        self.notebook.page.set_viewport_size({"width": 1440, "height": 900})


_WIDE = """() => [...document.querySelectorAll('.seax, .seax *')].filter(each => each.scrollWidth > each.clientWidth + 1
  && ['auto', 'scroll'].includes(getComputedStyle(each).overflowX) && !each.matches('.seax-scroll, select, textarea')
  && each.clientWidth).map(each => each.className)"""
_THEME = "async theme => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }"
_HIDE = "() => document.querySelectorAll('.jp-InputArea').forEach(each => each.style.display = 'none')"


def builder(screens: Screens) -> None:
    """Empty, filled with findings, the plan, after sending."""
    see = screens.notebook.see
    screens.show("CampaignBuilder(ws)")
    expect(see("contacts-said")).to_contain_text("contacts, read at")
    screens.take("builder-1-empty", see("builder"))
    screens.show(FILLED)
    expect(see("findings")).to_contain_text("block")
    screens.take("builder-2-filled", see("builder"))
    screens.show(GOOD)
    expect(see("timetable")).to_contain_text("Their clock")
    screens.take("builder-3-by-zone", see("builder"))
    see("see-plan").click()
    expect(see("plan")).to_contain_text("Autumn gold")
    count = screens.notebook.run("print(ws.plans()[0].plan.recipients)").strip()
    see("count", "input").fill(count)
    see("by", "input").fill("Ana")
    screens.take("builder-4-plan", see("builder"))
    see("send").click()
    expect(see("outcome")).to_contain_text("campaign_")
    screens.notebook.page.wait_for_timeout(2500)
    screens.take("builder-5-sent", see("builder"))


def tables(screens: Screens) -> None:
    """The table of contacts, of an audience's steps, of a filter that cannot be read, of nothing."""
    see = screens.notebook.see
    screens.show("ws.table(ws.contacts())")
    screens.take("table-1-contacts", see("people-table"))
    see("people-grid").get_by_label("Filter labels").fill("vip_customers")
    see("people-grid").get_by_role("button", name="name").first.click()
    expect(see("people-said")).not_to_contain_text("of 5,000")
    screens.take("table-2-filtered", see("people-table"))
    see("people-grid").get_by_label("Filter created_time").fill("soon")
    expect(see("people-table").get_by_role("alert")).to_contain_text("cannot be read")
    screens.take("table-3-refused", see("people-table"))
    screens.show("ws.table(ws.audience(toolkit.Segment.any_of('vip_customers')))")
    screens.take("table-4-audience", see("people-table"))
    screens.show("ws.table(ws.logs(ws.campaign_ids()[:1]))")
    screens.take("table-5-logs", see("people-table"))
    screens.show("ws.table(ws.logs([]))")
    screens.take("table-6-empty", see("people-table"))


def others(screens: Screens) -> None:
    """The other widgets."""
    see = screens.notebook.see
    screens.show("SegmentExplorer(ws, toolkit.Segment.any_of('vip_customers'))")
    screens.take("explorer", see("explorer"))
    screens.notebook.page.get_by_role("tab", name="People").click()
    expect(see("people-grid", "tbody td").first).to_be_visible()
    screens.take("explorer-people", see("explorer"))
    screens.show("MessageComposer(ws, ws.contacts().iloc[0])")
    screens.take("composer", see("composer"))
    screens.show("Inbox(ws)")
    screens.take("inbox", see("inbox"))
    screens.show("ContactImport(ws)")
    screens.take("import", see("import"))
    screens.show(REFUSED_ROWS)
    expect(see("file")).to_contain_text("shoe size")
    screens.take("import-refused", see("import"))
    screens.show("LogExplorer(ws)")
    see("read").click()
    expect(see("said")).to_contain_text(" messages.")
    screens.take("logs", see("log-explorer"))
    screens.show("CampaignMonitor(ws, ws.campaign_ids()[0])")
    see("follow").click()
    expect(see("figures")).to_contain_text("finished")
    screens.take("monitor", see("monitor"))


SETS = {"builder": builder, "tables": tables, "others": others}


@contextmanager
def _page(folder: Path) -> Iterator[NotebookPage]:
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    with serving(notebooks, home=folder) as server, browsing(server, notebooks) as notebook:
        yield notebook


def main(folder: str, *wanted: str) -> None:
    """Take all pictures, or those of some themes and sets."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    themes = [each for each in ("light", "dark") if each in wanted or not {"light", "dark"} & {*wanted}]
    sets = [take for name, take in SETS.items() if name in wanted or not SETS.keys() & {*wanted}]
    with tempfile.TemporaryDirectory() as scratch, _page(Path(scratch)) as notebook:
        for theme in themes:
            home = Path(scratch) / f"home-{theme}"
            home.mkdir()
            for take in sets:
                take(Screens(notebook, place, theme, home))
                notebook.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
