"""What the first keystroke costs: `python tests/cli/bench_start.py [turns]`.

Processor seconds of whole processes, one after another in turns, each beside a process that only imports what it has
to have; the ratio of the medians is held against a limit. Modules are compiled to bytecode before, as installers do.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.measured import figure

ROOT = Path(__file__).parents[2]
VALUES, FRAMES = "import httpx, pydantic", "import httpx, pandas, pydantic"
CASES = {  # what is measured, beside what, and the largest ratio
    "seax --help": (["-m", "toolkit.cli", "--help"], VALUES, 1.0),
    "seax plans": (["-m", "toolkit.cli", "plans"], VALUES, 1.5),
    "connect() with a key": (["-c", "import toolkit; toolkit.connect()"], FRAMES, 1.3),
}


def main(turns: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (command, beside, limit) in CASES.items():
            live = {"SEAX_API_KEY": "0" * 64, "SEAX_WORKSPACE_ID": "w"} if "key" in name else {}
            environment = {**os.environ, **live, "SEAX_HOME": folder, "PYTHONPATH": str(ROOT)}
            environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": f"{folder}/compiled"}
            both = [(spent(command, environment), spent(["-c", beside], environment)) for _ in range(turns + 1)][1:]
            ours, theirs = (statistics.median(column) for column in zip(*both, strict=True))
            figure(f"{name}, beside {beside}", ours, "s", expert=theirs, limit=f"<= {limit}")


def spent(command: list[str], environment: dict[str, str]) -> float:
    """Processor seconds of one process, from its start to its end."""
    before = os.times()
    subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
