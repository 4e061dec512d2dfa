# mypy: allow-untyped-calls
"""A notebook that fills a builder in and tries every way to press its button sends nothing where no person is."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from toolkit.sandbox import Sandbox
from toolkit.settings import Settings

ROOT = Path(__file__).parents[2]
CELLS = (
    """
import toolkit
from toolkit.widgets import CampaignBuilder
ws = toolkit.connect()
segment = toolkit.Segment.any_of("vip_customers")
draft = toolkit.CampaignDraft(name="Headless", message="Hi. Reply STOP.", segment=segment, senders=["Marketing Line"])
builder = CampaignBuilder(ws, draft)
builder
""",
    """
builder._planning.start(); builder._planning.wait(60)
panel = builder._planning.panel
panel._count.value, panel._by.value = str(ws.plans()[0].plan.recipients), "a cell"
assert not panel._button.disabled
plan = ws.plans()[0].plan
ways = {
    "click": lambda: panel._button.click(),
    "message": lambda: panel._button._handle_button_msg(None, {"event": "click"}, []),
    "handler": lambda: panel._dispatch(),
    "approve": lambda: ws.approvals.approve(plan.id, recipients=plan.recipients, by="a cell", via="panel"),
    "send": lambda: ws.send(plan),
}
said = {}
for name, way in ways.items():
    try:
        said[name] = repr(way())
    except Exception as error:
        said[name] = type(error).__name__
said["outcome"] = panel._outcome.value
print(said)
""",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    Sandbox(Settings(home=home).sandbox_path, contacts=400).close()
    return home


def campaigns_at(home: Path) -> int:
    with closing(sqlite3.connect(Settings(home=home).sandbox_path)) as db:
        count: int = db.execute("SELECT count(*) FROM campaigns WHERE name = 'Headless'").fetchone()[0]
    return count


@pytest.mark.parametrize("runner", ["nbclient", "papermill"])
def test_a_run_without_a_person_sends_nothing(home: Path, tmp_path: Path, runner: str) -> None:
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel}, cells=cells)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEAX_")}
    environment |= {"SEAX_HOME": str(home), "PYTHONPATH": str(ROOT)}

    if runner == "nbclient":
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute(env=environment)
    else:
        source, out = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
        nbformat.write(notebook, source)
        command = [sys.executable, "-m", "papermill", str(source), str(out)]
        subprocess.run(command, env=environment, check=True, capture_output=True, cwd=tmp_path)
        notebook = nbformat.read(out, as_version=4)

    said = "".join(output.get("text", "") for output in notebook.cells[1].outputs)
    assert "'click': 'ApprovalRefused'" in said
    assert "'approve': 'ApprovalRefused'" in said
    assert "'send': 'ApprovalInvalid'" in said
    assert "not by running code" in said
    assert campaigns_at(home) == 0
