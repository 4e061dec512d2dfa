"""Kills refreshes of mirrors for as long as wanted, at every step and at random moments, and checks what they leave.

python -m tests.mirror.soak_mirror [--minutes 10] [--seed 1]
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console

from tests.builders import Clock
from tests.mirror.killing import Killing
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw, console, outcomes = random.Random(options.seed), Console(), Counter[str]()
    ends = time.monotonic() + 60 * options.minutes
    steps = [*range(1, 100)]
    while time.monotonic() < ends:
        some = [draw.choice([draw.choice(steps), draw.uniform(0.01, 0.9)]) for _ in range(20)]
        with tempfile.TemporaryDirectory() as folder:
            clock = Clock()
            sandbox = Sandbox(Path(folder) / "sandbox.sqlite3", contacts=400, now=clock)
            ws = connect(Settings(home=Path(folder)), sandbox=sandbox, now=clock)
            killing = Killing(ws, sandbox, Path(folder), clock)
            ended = killing.at(*some)
            killing.check(ended)
            ws.close()
            sandbox.close()
        outcomes.update(ended)
        console.print(dict(outcomes))
    if outcomes["failed"]:
        raise SystemExit("a refresh failed instead of being killed or coming to its end")


if __name__ == "__main__":
    main()
