"""Where the widgets are looked at: JupyterLab, Notebook 7, Voilà and marimo, each in the light or dark theme."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import nbformat
from playwright.sync_api import Page

from tests.browser.jupyter import ROOT, browsing, serving, serving_marimo, serving_page
from tests.browser.notebook_page import Interface, NotebookPage

MARIMO = Path(os.environ.get("MARIMO", ROOT / ".venv-marimo" / "bin" / "python"))
NO_MARIMO = f"""marimo is not installed, so it gets no pictures. To have them:
    python -m venv .venv-marimo
    .venv-marimo/bin/python -m pip install marimo -e '.[notebook]'
or name another interpreter that has both in MARIMO; {MARIMO} is not there."""

_THEME = "async theme => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }"
_BARE = """() => {
  document.querySelectorAll('.jp-InputArea').forEach(each => each.style.display = 'none');
  const {shell} = window.jupyterapp;
  if (shell.collapseLeft) shell.collapseLeft();
}"""
_MARIMO_PAGE = """# /// script
# [tool.marimo.display]
# theme = "{theme}"
# ///
import marimo

app = marimo.App(width="full")


@app.cell
def _():
{cell}
    return
"""


class Host(Protocol):
    """A place that shows a cell; `restyles` if its theme changes without showing the cell again.

    `output` is where the cell's output is on the page.
    """

    page: Page
    restyles: bool
    output: str

    def show(self, cell: str) -> None:
        """Show what a cell gives, on a page of its own."""

    def paint(self, theme: str) -> None:
        """Make it light or dark; at once, or for what is shown next."""


class Jupyter:
    """JupyterLab or Notebook 7."""

    restyles = True
    output = ".jp-OutputArea-output:visible"

    def __init__(self, notebook: NotebookPage, interface: Interface) -> None:
        self.page = notebook.page
        self._notebook = notebook
        self._interface: Interface = interface
        self._theme = "light"

    def show(self, cell: str) -> None:
        """Run the cell in a new notebook, its code hidden."""
        if self._notebook.opened:
            self._notebook.close()
        self._notebook.open(cell, interface=self._interface)
        self._notebook.run_all()
        self.page.evaluate(_BARE)
        self.paint(self._theme)

    def paint(self, theme: str) -> None:
        """Change the theme of the page, and of the next."""
        self._theme = theme
        if self._notebook.opened:
            self.page.evaluate(_THEME, f"JupyterLab {theme.title()}")


class Voila:
    """A page without code; loading it runs its notebook."""

    restyles = False
    output = ".jp-OutputArea-output:visible"

    def __init__(self, page: Page, server: str, folder: Path) -> None:
        self.page = page
        self._server = server
        self._folder = folder
        self._theme = "light"

    def show(self, cell: str) -> None:
        """Serve a notebook of that cell."""
        notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            cells=[nbformat.v4.new_code_cell(cell)],  # type: ignore[no-untyped-call]
        )
        nbformat.write(notebook, self._folder / "page.ipynb")  # type: ignore[no-untyped-call]
        self.page.goto(f"{self._server}/voila/render/page.ipynb?theme={self._theme}")

    def paint(self, theme: str) -> None:
        """Have the next page in this theme."""
        self._theme = theme


class Marimo:
    """A notebook of marimo, served as an app."""

    restyles = False
    output = ".output-area:visible"

    def __init__(self, page: Page, folder: Path, servers: ExitStack) -> None:
        self.page = page
        self._folder = folder
        self._servers = servers
        self._theme = "light"

    def show(self, cell: str) -> None:
        """Serve an app of that cell: a server knows only the apps that were there when it started."""
        app = self._folder / "app.py"
        lines = "\n".join(f"    {line}".rstrip() for line in cell.strip().splitlines())
        app.write_text(_MARIMO_PAGE.format(theme=self._theme, cell=lines), encoding="utf-8")
        self._servers.close()
        self.page.goto(self._servers.enter_context(serving_marimo(app, python=MARIMO, home=self._folder)))

    def paint(self, theme: str) -> None:
        """Have the next page in this theme."""
        self._theme = theme


@contextmanager
def jupyter(folder: Path, interface: Interface) -> Iterator[Host]:
    """JupyterLab or Notebook 7, of a server whose files are in an empty folder."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    with serving(notebooks, home=folder) as server, browsing(server, notebooks) as notebook:
        yield Jupyter(notebook, interface)


@contextmanager
def voila(folder: Path) -> Iterator[Host]:
    """Voilà, with the template of `make page`."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    shutil.copytree(ROOT / "notebooks" / ".jupyter", notebooks / ".jupyter")
    with (
        serving_page(notebooks, home=folder, log=folder / "voila.log") as server,
        browsing(server, notebooks) as notebook,
    ):
        yield Voila(notebook.page, server, notebooks)


@contextmanager
def marimo(folder: Path) -> Iterator[Host]:
    """marimo, of an environment of its own."""
    with ExitStack() as servers, browsing("", folder) as notebook:
        yield Marimo(notebook.page, folder, servers)


HOSTS: dict[str, Callable[[Path], AbstractContextManager[Host]]] = {
    "lab": partial(jupyter, interface="lab"),
    "notebook": partial(jupyter, interface="notebook"),
    "voila": voila,
    "marimo": marimo,
}
