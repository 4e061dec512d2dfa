"""What the gate samples, at length: `soak_sending.py [share of all]`.

Kills at every statement of a send, at statements while each fault is being dealt with, every fault alone, 16 processes
that race for one approval 200 times, and every guard broken in turn. The status is 1 if anything was sent twice, the
ledger was untrue, or a broken guard went unnoticed.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.sending import killed_sends, mutations
from tests.sending.killed_sends import NETWORK, SERVICE, After, Fault
from tests.sending.races import race, racers, received

LANES = os.cpu_count() or 2
RACERS, RACES = 16, 200
LAST = 600  # statements of a send that deal with what came back
EACH = 40  # kills while a fault is dealt with
MEMORY = Path("/dev/shm")  # nothing here outlives the machine anyway
Run = tuple[Fault | None, int]


def main(share: float) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        at_every_statement(Path(folder), share)
        races(Path(folder), max(1, round(RACES * share)))
    if share == 1:
        assert mutations.main([]) == 0


def at_every_statement(folder: Path, share: float) -> None:
    plan_id = killed_sends.prepare(folder / "stage")
    whole = killed_sends.copy(folder / "stage", folder / "whole")
    _, statements = killed_sends.in_child(killed_sends.send, whole, plan_id, None, -1)
    runs: list[Run] = [(None, at) for at in range(1, statements + 1)]
    runs += [(fault, 0) for fault in (*NETWORK, *SERVICE)]
    runs += [(fault, statements - LAST + step * LAST // EACH) for fault in (*NETWORK, *SERVICE) for step in range(EACH)]
    runs = runs[:: max(1, round(1 / share))]
    began = time.monotonic()
    lanes = [runs[lane::LANES] for lane in range(LANES)]
    fork = multiprocessing.get_context("fork")
    results: multiprocessing.Queue[list[tuple[Run, After]]] = fork.Queue()
    for lane, some in enumerate(lanes):
        fork.Process(target=_run_all, args=(folder, lane, plan_id, some, results)).start()
    found = [each for _ in lanes for each in results.get()]
    for run, after in found:
        try:
            killed_sends.check(after)
        except AssertionError:
            sys.stderr.write(f"{run}: {after}\n")
            raise
    states = Counter(after.state for _, after in found)
    received_once = sum(after.received for _, after in found)
    tell(
        f"{len(found):,} sends of {statements:,} statements cut off: {received_once:,} received once, none twice; left "
        f"{', '.join(f'{count:,} {state}' for state, count in sorted(states.items()))}; all settled in truth "
        f"({time.monotonic() - began:.0f} s)"
    )


def _run_all(folder: Path, lane: int, plan_id: str, runs: Sequence[Run], results: object) -> None:
    results.put(list(_each(folder, lane, plan_id, runs)))  # type: ignore[attr-defined]


def _each(folder: Path, lane: int, plan_id: str, runs: Sequence[Run]) -> Iterable[tuple[Run, After]]:
    for run in runs:
        fault, at = run
        yield run, killed_sends.run(folder / "stage", folder / f"lane-{lane}", plan_id, fault=fault, die_at=at)


def races(folder: Path, turns: int) -> None:
    stage = folder / "race"
    killed_sends.prepare(stage)
    began = time.monotonic()
    with racers(stage, RACERS) as lanes:
        for turn in range(turns):
            name = f"race {turn}"
            outcomes = race(stage, lanes, name)
            assert (outcomes["posts"], outcomes["sent"], received(stage, name)) == (1, 1, 1), outcomes
    tell(f"{RACERS} processes raced {turns:,} times: one post each time ({time.monotonic() - began:.0f} s)")


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
