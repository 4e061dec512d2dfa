"""Plays the browser: edits and clicks reach a widget as the messages a page would send."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import comm
import IPython
import pytest
from ipywidgets import Widget

from tests.builders import Clock
from tests.widgets.page import Browser, PageComm, Wire
from toolkit.sandbox import Sandbox
from toolkit.settings import DialectName, Settings
from toolkit.workspace import Workspace, connect


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    page = Browser()
    PageComm.told.clear()
    monkeypatch.setattr(comm, "create_comm", PageComm)
    monkeypatch.setattr(IPython, "get_ipython", lambda: SimpleNamespace(kernel=page))
    yield page
    Widget.close_all()


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    return Wire(sandbox)


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, clock: Clock, wire: Wire, dialect: DialectName) -> Iterator[Workspace]:
    """An embedded workspace of 400 contacts behind a wire that counts."""
    with connect(Settings(home=tmp_path, dialect=dialect), sandbox=sandbox, transport=wire, now=clock) as workspace:
        yield workspace
        Widget.close_all()
        for thread in threading.enumerate():
            if thread.name.startswith(("follow ", "read ")):
                thread.join(10)


@pytest.fixture
def csv_of(tmp_path: Path) -> Callable[[str], Path]:
    """A CSV file with this content."""

    def write(content: str) -> Path:
        path = tmp_path / "contacts.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write
