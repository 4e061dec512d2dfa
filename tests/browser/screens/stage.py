"""One set of pictures: shows a widget in a host, and takes its picture at every width."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Locator

import toolkit.widgets
from tests.browser.screens.hosts import Host
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

WIDTHS = (1440, 900, 700)
HEIGHT = 900
_CELL = """
from pathlib import Path
import toolkit
from toolkit.widgets import {names}
ws = toolkit.connect(toolkit.Settings(home=Path({home!r})))
shown = {widget}
shown
"""
# What no picture shall show: a scrollbar where nothing is wide by nature, words that are cut, parts beyond the widget.
_FAULTS = """() => [...document.querySelectorAll('.seax')].flatMap(widget => {
  const edge = widget.getBoundingClientRect().right + 1;
  return [...widget.querySelectorAll('*')].flatMap(each => {
    const {overflowX, textOverflow} = getComputedStyle(each), box = each.getBoundingClientRect();
    const name = each.className || each.tagName;
    if (!box.width || each.closest('.seax-scroll, .seax-scroller, option, .seax-style')) return [];
    if (each.scrollWidth > each.clientWidth + 1 && each.clientWidth && !each.matches('select, textarea, input, tr')) {
      if (['auto', 'scroll'].includes(overflowX)) return [`scrolls: ${name}`];
      if (['hidden', 'clip'].includes(overflowX) && textOverflow !== 'ellipsis') return [`is cut: ${name}`];
    }
    return box.right > edge && !each.closest('.seax-grid') ? [`sticks out: ${name}`] : [];
  });
}).slice(0, 5)"""


def made_home(folder: Path) -> Path:
    """A workspace with the contacts that a demo has, whose copies each host gets."""
    folder.mkdir()
    settings = Settings(home=folder)
    sandbox = Sandbox(settings.sandbox_path)
    connect(settings, sandbox=sandbox).close()
    sandbox.close()
    return folder


class Stage:
    """What scenes are shown on; `themes` are those of this set."""

    def __init__(self, host: Host, folder: Path, themes: Sequence[str], template: Path) -> None:
        self.host = host
        self.page = host.page
        self._folder = folder
        self._themes = themes
        self._template = template
        self._home = template
        self._homes = 0
        folder.mkdir(parents=True, exist_ok=True)

    def begin(self) -> None:
        """Begin with a new workspace."""
        self._homes += 1
        self._home = self._template.parent / f"{self._folder.name}-{self._themes[0]}-{self._homes}"
        shutil.copytree(self._template, self._home)

    @contextmanager
    def assistant(self) -> Iterator[Workspace]:
        """The same workspace as an assistant's server has it open."""
        with connect(Settings(home=self._home), face="mcp:assistant") as workspace:
            yield workspace

    def opt_out(self, people: int) -> None:
        """Let the first contacts opt out, behind whatever is planned."""
        with closing(sqlite3.connect(Settings(home=self._home).sandbox_path)) as db, db:
            rows = [(seq, int(time.time() * 1e6) - 1) for seq in range(people)]
            db.executemany("INSERT OR IGNORE INTO opt_outs VALUES (?, ?, 0)", rows)

    def show(self, widget: str) -> None:
        """Show what an expression gives."""
        self.page.set_viewport_size({"width": 1440, "height": HEIGHT})
        self.host.paint(self._themes[0])
        self.host.show(_CELL.format(names=", ".join(toolkit.widgets.__all__), home=str(self._home), widget=widget))

    def see(self, control: str, part: str = "") -> Locator:
        """A control on the page by its class, and something within."""
        return self.page.locator(f".seax-{control}:visible {part}".strip())

    def take(self, name: str, place: Locator) -> None:
        """A picture of a part of the page, in each theme of this set and at every width."""
        for theme in self._themes:
            self.host.paint(theme)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": HEIGHT})
                self.page.wait_for_timeout(100)
                box = place.first.bounding_box() or {"height": 0}
                self.page.set_viewport_size({"width": width, "height": max(HEIGHT, int(box["height"]) + 300)})
                self.page.wait_for_timeout(300)
                place.first.screenshot(path=self._folder / f"{name}-{width}-{theme}.png")
                if faults := self.page.evaluate(_FAULTS):
                    print(f"{self._folder.name}: {name} at {width} px: {'; '.join(faults)}")  # noqa: T201 — to look at
        self.page.set_viewport_size({"width": 1440, "height": HEIGHT})

    def window(self, name: str) -> None:
        """A picture of what a person sees in a window, as far down as the page stands."""
        for theme in self._themes:
            self.host.paint(theme)
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=self._folder / f"{name}-window-{theme}.png")
