"""Puts a team's ledger under load for a minute: `python -m tests.ledger.soak_load [seconds]`.

50 processes plan and approve as fast as they can, and 5 send what stands approved. Ends with an error if any met
one, if a plan was lost, or if one was claimed twice or without being settled.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from datetime import UTC, datetime
from itertools import count
from multiprocessing.queues import Queue
from pathlib import Path
from typing import NamedTuple

from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, plan_of, receipt_of
from tests.postgres_server import PostgresServer
from toolkit.ledger.ledger import Ledger

PLANNERS, SENDERS = 50, 5
MINUTE = 60.0


class Done(NamedTuple):
    """What a process did: the ids of plans, and its error if it met one."""

    planned: list[str]
    sent: list[str]
    error: str = ""


def main(seconds: float) -> None:
    folder = Path(tempfile.mkdtemp(prefix="seax-pg-"))
    server = PostgresServer(folder, is_durable=True)
    try:
        server.start()
        planned, sent = run(TeamLedger(server), seconds)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(
        f"{PLANNERS} planners and {SENDERS} senders for {seconds:.0f} s: {planned:,} plans made and approved, {sent:,} "
        "sent, none twice; no error, nothing lost, every event sealed\n"
    )


def run(team: TeamLedger, seconds: float, *, planners: int = PLANNERS, senders: int = SENDERS) -> tuple[int, int]:
    """How many plans were made and approved, and how many sent; AssertionError if anything went wrong."""
    fork = multiprocessing.get_context("fork")
    results: Queue[Done] = fork.Queue()
    until = time.monotonic() + seconds
    work = [(_plan, number) for number in range(planners)] + [(_send, number) for number in range(senders)]
    processes = [fork.Process(target=_work, args=(*each, team, until, results), daemon=True) for each in work]
    for process in processes:
        process.start()
    done = [results.get() for _ in processes]
    for process in processes:
        process.join()

    assert [each.error for each in done if each.error] == []
    planned = [plan_id for each in done for plan_id in each.planned]
    sent = Counter(plan_id for each in done for plan_id in each.sent)
    with team.connect() as db:
        states = dict(db.execute("SELECT id, state FROM plans").fetchall())
        claims = db.execute("SELECT count(*) FROM events WHERE event = 'sending'").fetchall()[0][0]
    assert states == {plan_id: "sent" if plan_id in sent else "approved" for plan_id in planned}
    assert (set(sent.values()), claims) == ({1}, len(sent))
    assert Ledger(team.address()).verify().is_whole
    return len(planned), len(sent)


def _work(work: object, number: int, team: TeamLedger, until: float, results: Queue[Done]) -> None:
    done = Done([], [])
    try:
        assert callable(work)
        work(number, team, until, done)
    except BaseException:  # noqa: BLE001 — told to the one who started the process
        done = done._replace(error=traceback.format_exc())
    results.put(done)


def _plan(number: int, team: TeamLedger, until: float, done: Done) -> None:
    ledger = Ledger(team.address("ana"))
    for turn in count():
        plan_number = number * 100_000 + turn
        plan = plan_of(plan_number, intent=str(plan_number))
        approved(ledger, plan)
        done.planned.append(plan.id)
        if time.monotonic() >= until:
            return


def _send(number: int, team: TeamLedger, until: float, done: Done) -> None:
    ledger = Ledger(team.address("assistant"))
    workspace = plan_of().workspace

    def is_over() -> bool:  # where processes start slowly, once anything was sent
        now = time.monotonic()
        return now >= until and (now >= until + MINUTE or bool(ledger.entries(workspace, ("sent",), limit=1)))

    while not is_over():
        for entry in ledger.entries(workspace, ("approved",), limit=10):
            if ledger.claim(ledger.approval_of(entry.plan.id), 1, at=datetime.now(UTC)):
                ledger.settle(entry.plan.id, receipt_of("sent"), who=f"sender {number}")
                done.sent.append(entry.plan.id)


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else MINUTE)
