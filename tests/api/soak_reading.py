"""Reads moving contacts through faults, again and again: `python tests/api/soak_reading.py [runs]`, 200 unless said.

A list that grows and shrinks, every tenth time also over real HTTP, and every fifth time the embedded workspace while
it imports. Each read has to give the contacts of one moment or to end with an error; the status is 1 if one did not.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tests.api.storm import make_template, read_embedded, read_moving


def main(runs: int) -> int:
    with tempfile.TemporaryDirectory(prefix="seax-soak-") as folder:
        template = make_template(Path(folder) / "template.sqlite3")
        wrong = run("a moving list", read_moving, range(runs))
        wrong += run("the same, over HTTP", partial(read_moving, over_http=True), range(0, runs, 10))
        embedded = partial(read_embedded, template=template, folder=Path(folder))
        wrong += run("the embedded workspace", embedded, range(0, runs, 5))
    return 1 if wrong else 0


def run(what: str, read: Callable[[int], str], seeds: Iterable[int]) -> int:
    began = time.perf_counter()
    outcomes = {seed: read(seed) for seed in seeds}
    counts = ", ".join(f"{count} {outcome}" for outcome, count in Counter(outcomes.values()).most_common())
    sys.stdout.write(f"{what}: {len(outcomes)} reads in {time.perf_counter() - began:.0f} s: {counts}\n")
    wrong = [seed for seed, outcome in outcomes.items() if outcome.startswith("WRONG")]
    if wrong:
        sys.stdout.write(f"  wrong with seeds {wrong}\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 200))
