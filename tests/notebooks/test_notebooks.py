# mypy: allow-untyped-calls
"""Every notebook runs, sends once however often it runs, and is kept in a form that reads anywhere."""

from __future__ import annotations

import os
import re
import runpy
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
import pytest
from nbformat import NotebookNode

from toolkit.settings import Settings
from toolkit.workspace import connect

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(path for path in NOTEBOOKS.glob("*.py") if not path.name.startswith("."))
BUILD = runpy.run_path(str(NOTEBOOKS / ".build.py"))
IDS = [source.stem for source in SOURCES]
SAMPLE = [source for source in SOURCES if source.stem == "04_building_and_sending"]  # in the published dialect


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    BUILD["make_workspace"](folder)
    return folder


def campaigns_at(home: Path) -> int:
    """How many campaigns the embedded service has received."""
    with closing(sqlite3.connect(Settings(home=home).sandbox_path)) as db:
        count: int = db.execute("SELECT count(*) FROM campaigns").fetchone()[0]
    return count


def read_impatient(source: Path) -> NotebookNode:
    """The notebook with a parameter set as papermill sets it: in a cell after the one tagged `parameters`."""
    notebook: NotebookNode = jupytext.read(source)
    at = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    notebook.cells.insert(at + 1, nbformat.v4.new_code_cell("REPORT_SECONDS = 0"))
    return notebook


def judge_in(notebook: NotebookNode) -> None:
    """Have each request of a notebook, and its reply, held against what the vendor publishes; it ends with how many."""
    cells = [nbformat.v4.new_code_cell(source) for source in (JUDGE, "sum(one.judged.total() for one in judges)")]
    notebook.cells[:] = [cells[0], *notebook.cells, cells[1]]


JUDGE = """
from tests.judge import Judged
from toolkit.sandbox import Sandbox

judges, transport = [], Sandbox.transport

def judged(box):
    judges.append(Judged(transport(box)))
    return judges[-1]

Sandbox.transport = judged
"""
SENDS = {  # campaigns that leave the workspace of this home when a notebook is run
    "01_quickstart": 1,
    "02_exploring_engagement": 0,
    "03_segments_and_audiences": 0,
    "04_building_and_sending": 1,
    "05_experiment": 0,
    "06_assistant": 1,
    "07_failures_and_hygiene": 0,
    "08_scaling_up": 0,
    "09_campaign_page": 0,
    "10_outcomes_and_lift": 0,
    "11_weekly_look": 0,
}


@pytest.mark.parametrize(
    ("source", "dialect"),
    [
        *((source, "guide") for source in SOURCES),
        *(pytest.param(source, "published", marks=() if source in SAMPLE else pytest.mark.soak) for source in SOURCES),
    ],
    ids=lambda one: one.stem if isinstance(one, Path) else one,
)
def test_a_notebook_run_twice_sends_at_most_once(source: Path, home: Path, dialect: str) -> None:
    before = campaigns_at(home)

    for _ in range(1 + SENDS[source.stem]):  # again, where something could leave twice
        notebook = read_impatient(source)
        if dialect == "published":
            judge_in(notebook)
        BUILD["execute"](notebook, home, dialect)
        if dialect == "published":
            assert int(notebook.cells[-1].outputs[-1].data["text/plain"]) > 0

    assert campaigns_at(home) == before + SENDS[source.stem]


def test_papermill_runs_a_notebook_with_parameters_of_its_own(home: Path, tmp_path: Path) -> None:
    source, out = NOTEBOOKS / "04_building_and_sending.ipynb", tmp_path / "out.ipynb"
    parameters = ("-p", "APPROVED_BY", "pat", "-p", "REPORT_SECONDS", "0")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEAX_")}
    command = [sys.executable, "-m", "papermill", str(source), str(out), *parameters, "--cwd", str(tmp_path)]

    subprocess.run(
        command,
        env=environment | {"SEAX_HOME": str(home), "PYTHONPATH": str(NOTEBOOKS.parent)},
        check=True,
        capture_output=True,
    )

    with connect(Settings(home=home)) as ws:
        (entry,) = ws.plans(states=("sent",))
        assert ws.approvals.latest(entry.plan.id).by == "pat"


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_a_notebook_and_its_script_say_the_same(source: Path) -> None:
    script, notebook = jupytext.read(source), nbformat.read(source.with_suffix(".ipynb"), as_version=4)

    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in script.cells
    ]
    assert notebook.metadata["jupytext"]["formats"] == "ipynb,py:percent"


@pytest.mark.parametrize("source", SOURCES, ids=IDS)
def test_kept_outputs_are_complete_and_hold_nothing_of_the_machine(source: Path) -> None:
    text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    cells = [cell for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]

    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not re.search(r"[0-9a-fA-F]{64}|Traceback|widget-(view|state)|/(tmp|root|home|work|Users)/", text)


def test_a_notebook_without_a_browser_cannot_send_through_the_builder(home: Path) -> None:
    before = campaigns_at(home)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(PRESS_EVERYTHING)])

    BUILD["execute"](notebook, home)

    assert "refused: 3" in notebook.cells[0].outputs[-1].data["text/plain"]
    assert campaigns_at(home) == before


PRESS_EVERYTHING = """
import toolkit
from toolkit.widgets import CampaignBuilder
from toolkit.widgets.send_panel import SendPanel

ws = toolkit.connect()
draft = toolkit.CampaignDraft(
    name="VIP preview", message="Hello. Reply STOP to opt out.",
    segment=toolkit.Segment.any_of("vip_customers"), senders=["Marketing Line"],
)
plan = ws.plan(draft)
panel = SendPanel(ws, plan)
panel._count.value, panel._by.value = str(plan.recipients), "a script"
refused = 0
for press in (
    panel._button.click,
    lambda: ws.approvals.approve(plan.id, recipients=plan.recipients, by="a script", via="panel"),
):
    try:
        press()
    except toolkit.ToolkitError:
        refused += 1
assert not panel._button.disabled
panel._button._handle_button_msg(panel._button, {"event": "click"}, [])
refused += "not by running code" in panel._outcome.value
f"refused: {refused}"
"""
