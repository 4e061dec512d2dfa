"""What tests in a real browser share: one Jupyter server and one page, and a workspace with an attack in it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.browser.jupyter import browsing, serving
from tests.browser.notebook_page import NotebookPage
from toolkit.plans.draft import ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture(scope="package")
def notebooks_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebooks")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, notebooks_folder: Path) -> Iterator[str]:
    with serving(notebooks_folder, home=tmp_path_factory.mktemp("jupyter")) as address:
        yield address


@pytest.fixture(scope="package")
def browser_page(server: str, notebooks_folder: Path) -> Iterator[NotebookPage]:
    """One page for all tests of this folder; playwright's loop must not outlive it, or no other test could run one."""
    with browsing(server, notebooks_folder) as notebook:
        yield notebook


@pytest.fixture
def notebook(browser_page: NotebookPage) -> Iterator[NotebookPage]:
    browser_page.outside.clear()
    yield browser_page
    browser_page.close()
    assert not browser_page.outside, "the page asked for something outside this machine"


HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded workspace of 400 contacts and one whose name, label and field are an attack, made once."""
    home = tmp_path_factory.mktemp("made")
    csv = home / "hostile.csv"
    quoted = HOSTILE.replace('"', '""')
    csv.write_text(
        f'name,phone,labels,customer_tier\n"{quoted}",+19992000002,"vip_customers,{quoted}","{quoted}"\n',
        encoding="utf-8",
    )
    settings = Settings(home=home)
    sandbox = Sandbox(settings.sandbox_path, contacts=400)
    with connect(settings, sandbox=sandbox) as ws:
        ws.send(ws.plan(ImportDraft(name="hostile", path=csv)).approve(recipients=1, by="test"))
        sandbox.clock.advance(timedelta(minutes=15))
    sandbox.close()
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """That workspace, for one test."""
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def assistant(home: Path) -> Iterator[Workspace]:
    """The same workspace as an assistant's server, another process, has it open."""
    with connect(Settings(home=home), face="mcp:assistant") as workspace:
        yield workspace


def campaigns_named(name: str, home: Path) -> int:
    """How many campaigns of this name the service has received."""
    with closing(sqlite3.connect(Settings(home=home).sandbox_path)) as db:
        count: int = db.execute("SELECT count(*) FROM campaigns WHERE name = ?", (name,)).fetchone()[0]
    return count


@pytest.fixture
def showing(home: Path) -> Callable[[str], str]:
    """The code of a cell that connects to that workspace and shows a widget, which is called `shown`."""

    def code(widget: str) -> str:
        name = widget.partition("(")[0]
        return f"""
from pathlib import Path
import toolkit
from toolkit.widgets import {name}

ws = toolkit.connect(toolkit.Settings(home=Path({str(home)!r})))
shown = {widget}
shown
"""

    return code
