# mypy: allow-untyped-calls
"""Runs every notebook on a fresh embedded workspace and keeps its outputs: `make notebooks`.

`.build.py 04 06` runs those that begin so.

What is kept reads without a kernel and holds nothing of this machine: no widget state, no execution times.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import jupytext  # type: ignore[import-untyped]
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from toolkit.sandbox import Sandbox
from toolkit.settings import Settings

HERE = Path(__file__).parent
_MADE_AT = datetime(2026, 3, 2, 15, tzinfo=UTC)  # fixed, so that the numbers in the notebooks stay true
_WIDGET = "application/vnd.jupyter.widget-view+json"


def make_workspace(home: Path) -> None:
    """An embedded workspace in this home that is the same whenever it is made."""
    Sandbox(Settings(home=home).sandbox_path, now=lambda: _MADE_AT).close()


def execute(notebook: NotebookNode, home: Path, dialect: str = "guide") -> None:
    """Run it from top to bottom in a kernel with this home; CellExecutionError if a cell fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEAX_")}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", store_widget_state=False)
    with tempfile.TemporaryDirectory() as folder:
        client.resources = {"metadata": {"path": folder}}
        client.execute(
            env=environment | {"SEAX_HOME": str(home), "SEAX_DIALECT": dialect, "PYTHONPATH": str(HERE.parent)}
        )


def clean(notebook: NotebookNode) -> None:
    """Leave only what reads everywhere and does not change from run to run."""
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata.pop("execution", None)
        if "outputs" in cell:  # what programs say on the side is of this machine
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(_WIDGET, None)
    notebook.metadata.pop("widgets", None)


def main() -> None:
    """Build all notebooks, or those that are named."""
    for source in sorted(HERE.glob("*.py")):
        if source.name.startswith(".") or not source.name.startswith(tuple(sys.argv[1:]) or ""):
            continue
        with tempfile.TemporaryDirectory() as home:
            make_workspace(Path(home))
            notebook = jupytext.read(source)
            execute(notebook, Path(home))
        clean(notebook)
        nbformat.write(notebook, source.with_suffix(".ipynb"))


if __name__ == "__main__":
    main()
