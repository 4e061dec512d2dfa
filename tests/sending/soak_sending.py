"""What the gate samples, at length: `soak_sending.py [share of all [part]…]`.

In both dialects: kills at every statement of a send, at statements while each fault is being dealt with, every fault
alone, and 16 processes that race for one approval 200 times; personal texts in bulk and removals of labels are killed
as campaigns are; then damaged ledgers, and every guard broken in turn. With a team's ledger on a PostgreSQL of this
machine: the same kills and faults, the connection cut at every statement of SQL, and the races from four homes. Every
sentence is held against what the service received. The status is 1 if anything was sent twice, the ledger or a sentence
was untrue, or a broken guard went unnoticed.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

from tests.ledger import damage
from tests.ledger.team import TeamLedger
from tests.postgres_server import PostgresServer
from tests.sending import mutations
from tests.sending.interrupted import killed_sends
from tests.sending.interrupted.killed_sends import DISK, NETWORK, SERVICE, After, Fault
from tests.sending.interrupted.races import race, racers, received
from tests.sending.mutations import DIALECTS
from toolkit.api import published
from toolkit.settings import DialectName

TEAM_PARTS = ("team statements", "team cuts", "team races")
PARTS = ("statements", "races", "personal", "removals", *TEAM_PARTS, "ledgers", "mutations")
LANES = os.cpu_count() or 2
RACERS, RACES, HOMES = 16, 200, 4
FLIPS, CUTS = 400, 60
LAST = 600  # statements of a send that deal with what came back
TOLD = 250  # runs between two words on how far it is
EACH = 40  # kills while a fault is dealt with
MEMORY = Path("/dev/shm")  # nothing here outlives the machine anyway
Run = tuple[Fault | None, int]
Results: TypeAlias = "multiprocessing.Queue[tuple[Run, After] | str | None]"


def main(share: float, parts: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for dialect in DIALECTS:
            if "statements" in parts:
                at_every_statement(Path(folder) / dialect, share, dialect)
            if "races" in parts:
                races(Path(folder) / dialect, max(1, round(RACES * share)), dialect)
        if set(TEAM_PARTS) & set(parts):
            with team_server() as server:
                team(Path(folder), share, parts, server)
        if "personal" in parts:
            published.MOST_PERSONAL = killed_sends.PERSONAL // killed_sends.STEPS  # so that they take two requests
            at_every_statement(Path(folder) / "personal", share, "published", what="personal")
        if "removals" in parts:
            at_every_statement(Path(folder) / "removals", share, "published", what="removal")
        if "ledgers" in parts:
            ledgers(Path(folder), max(1, round(FLIPS * share)), max(1, round(CUTS * share)))
    if "mutations" in parts and share == 1:
        assert [dialect for dialect in DIALECTS if mutations.main([], dialect)] == []


@contextmanager
def team_server() -> Iterator[PostgresServer]:
    """A server for teams' ledgers, until the block ends."""
    with ExitStack() as last:
        folder = Path(tempfile.mkdtemp(prefix="seax-pg-"))
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        server = PostgresServer(folder)
        last.callback(server.stop)
        server.start()
        yield server


def team(folder: Path, share: float, parts: Sequence[str], server: PostgresServer) -> None:
    for dialect in DIALECTS:
        if "team statements" in parts:
            address = TeamLedger(server).address()
            at_every_statement(folder / f"team-{dialect}", share, dialect, ledger=address)
        if "team cuts" in parts:
            at_every_query(folder / f"cuts-{dialect}", share, dialect, TeamLedger(server).address())
    if "team races" in parts:
        address = TeamLedger(server).address()
        races(folder / "team-races", max(1, round(RACES * share)), "guide", ledger=address, homes=HOMES)


def at_every_query(folder: Path, share: float, dialect: DialectName, ledger: str) -> None:
    plan_id = killed_sends.prepare(folder / "stage", dialect, ledger)
    whole = killed_sends.copy(folder / "stage", folder / "whole")
    queries = killed_sends.in_child(killed_sends.statements_of, whole, plan_id)
    runs: list[Run] = [((f"cut {at}", when), 0) for at in range(1, queries + 1) for when in ("before", "after")]
    _check_all(folder, plan_id, runs, share, f"{dialect}, {queries:,} statements of SQL whose connection is cut")


def at_every_statement(
    folder: Path,
    share: float,
    dialect: DialectName,
    *,
    what: killed_sends.What = "campaigns",
    ledger: str | None = None,
) -> None:
    plan_id = killed_sends.prepare(folder / "stage", dialect, ledger, what=what)
    whole = killed_sends.copy(folder / "stage", folder / "whole")
    _, _, statements = killed_sends.in_child(killed_sends.send, whole, plan_id, None, -1)
    runs: list[Run] = [(None, at) for at in range(1, statements + 1)]
    runs += [(fault, 0) for fault in (*NETWORK, *SERVICE, *DISK)]
    runs += [(fault, statements - LAST + step * LAST // EACH) for fault in (*NETWORK, *SERVICE) for step in range(EACH)]
    named = f"{dialect if what == 'campaigns' else what}{' on PostgreSQL' if ledger else ''}"
    _check_all(folder, plan_id, runs, share, f"{named}, {statements:,} statements")


def _check_all(folder: Path, plan_id: str, runs: Sequence[Run], share: float, what: str) -> None:
    """Run a share of all, and check what is found after each."""
    runs = [runs[int(at / share)] for at in range(int(len(runs) * share))]
    began = time.monotonic()
    states: Counter[str] = Counter()
    received = sentences = 0
    for done, (run, after) in enumerate(_in_lanes(folder, plan_id, runs), 1):
        try:
            killed_sends.check(after)
        except AssertionError:
            sys.stderr.write(f"{run}: {after}\n")
            raise
        states[after.state] += 1
        received += after.received
        sentences += len(after.said)
        if done % TOLD == 0:
            tell(f"{done:,} of {len(runs):,} sends cut off ({time.monotonic() - began:.0f} s)")
    assert states.total() == len(runs)
    tell(
        f"{what}: {len(runs):,} sends cut off: "
        f"{received:,} requests received, none twice; "
        f"{sentences:,} sentences held against the service, none wrong; left "
        f"{', '.join(f'{count:,} {state}' for state, count in sorted(states.items()))}; all settled in truth "
        f"({time.monotonic() - began:.0f} s)"
    )


def _in_lanes(folder: Path, plan_id: str, runs: Sequence[Run]) -> Iterator[tuple[Run, After]]:
    """Every run and what was found after it, as they end; an error in a lane is raised here."""
    fork = multiprocessing.get_context("fork")
    results: Results = fork.Queue()
    for lane in range(LANES):
        fork.Process(target=_run_lane, args=(folder, lane, plan_id, runs[lane::LANES], results), daemon=True).start()
    open_lanes = LANES
    while open_lanes:
        found = results.get()
        if isinstance(found, str):
            raise AssertionError(found)
        if found is None:
            open_lanes -= 1
        else:
            yield found


def _run_lane(folder: Path, lane: int, plan_id: str, runs: Sequence[Run], results: Results) -> None:
    try:
        for run in runs:
            fault, at = run
            after = killed_sends.run(folder / "stage", folder / f"lane-{lane}", plan_id, fault=fault, die_at=at)
            results.put((run, after))
        results.put(None)
    except BaseException:  # noqa: BLE001 — told to the one who started the lane
        results.put(f"{run}: {traceback.format_exc()}")


def races(folder: Path, turns: int, dialect: DialectName, *, ledger: str | None = None, homes: int = 1) -> None:
    stage = folder / "race"
    killed_sends.prepare(stage, dialect, ledger)
    began = time.monotonic()
    with racers(stage, RACERS, homes=homes) as lanes:
        for turn in range(turns):
            name = f"race {turn}"
            outcomes = race(stage, lanes, name)
            assert (outcomes["posts"], outcomes["sent"], received(stage, name)) == (1, 1, 1), outcomes
            if (turn + 1) % 20 == 0:
                tell(f"{turn + 1:,} of {turns:,} races ({time.monotonic() - began:.0f} s)")
    where = f" in {homes} homes" if homes > 1 else ""
    tell(f"{RACERS} processes{where} raced {turns:,} times: one post each time ({time.monotonic() - began:.0f} s)")


def ledgers(folder: Path, flips: int, cuts: int) -> None:
    here = damage.stage(folder)
    content = (folder / damage.LEDGER).read_bytes()
    began = time.monotonic()
    sentences = 0
    for damaged in (*damage.flips(content, flips), *damage.cuts(content, cuts)):
        sentences += len(damage.check_damaged(here, damaged, folder / "damaged"))
    tell(
        f"{flips:,} ledgers with a flipped bit and {cuts:,} without their end: nothing sent twice, {sentences:,} "
        f"sentences held against the service, none wrong, no other errors ({time.monotonic() - began:.0f} s)"
    )


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0, sys.argv[2:] or PARTS)
