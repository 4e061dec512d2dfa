"""What a long read shows where somebody is looking, and that it shows nothing elsewhere."""

from __future__ import annotations

import io
import re
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from toolkit.api.progress import progressing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 120) -> Terminal:
    """A terminal in the place of stderr; a fixture's would be taken back by pytest."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    return terminal


def read(rows: int, what: str = "contacts") -> None:
    with progressing(what) as progress:
        for done in range(0, rows + 1, rows // 10):
            if progress:
                progress(done, rows)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("what", ["contacts", "log of campaign_12345678-abcd-efgh-ijkl-123456789012"])
def test_a_terminal_shows_rows_rate_and_time_left(what: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch, columns)
    read(100_000, what)

    shown = re.sub(r"\x1b\[[0-9;?]*\w", "", terminal.getvalue())
    assert what[:15] in shown
    assert re.search(r" 100,000 of 100,000, [\d,]+ rows/s \d:\d\d:\d\d left", shown)


def test_a_short_read_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    read(10_000)

    assert terminal.getvalue() == ""


def test_a_pipe_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    read(100_000)

    assert capfd.readouterr() == ("", "")


def test_whoever_brings_a_callback_is_told_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    told: list[tuple[int, int]] = []

    with progressing("contacts", lambda read, total: told.append((read, total))) as progress:
        assert progress
        progress(50_000, 100_000)

    assert told == [(50_000, 100_000)]
    assert terminal.getvalue() == ""


@pytest.mark.filterwarnings("ignore")  # of the notebook's own machinery
def test_a_notebook_shows_the_last_state() -> None:
    code = """
from toolkit.api.progress import progressing
with progressing("contacts") as progress:
    for done in range(0, 100_001, 20_000):
        progress(done, 100_000)
"""
    client = NotebookClient(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), kernel_name="python3", timeout=60
    )
    client.execute()

    shown = str([widget.get("outputs") for widget in client.widget_state.values()])
    assert "100,000 of 100,000, " in shown
