"""Measures what a claim costs: `python -m tests.ledger.bench_claims [recipients]`, 100 unless said otherwise.

200 plans of one day are claimed with both limits, which count all those before: in a file, and on a PostgreSQL of this
machine, whose commits are flushed to disk. Ends with an error if the median on PostgreSQL is above ten milliseconds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from tests.builders import START
from tests.ledger.team import TeamLedger
from tests.ledger.test_ledger import approved, plan_of, receipt_of
from tests.postgres_server import PostgresServer
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.limits import Limits
from toolkit.plans.plan import Plan

CLAIMS = 200
MOST_SECONDS = 0.010
LIMITS = Limits(daily=1_000_000_000, per_person=2)


def main(recipients: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="seax-pg-"))
    server = PostgresServer(folder, is_durable=True)
    try:
        server.start()
        run("file", Ledger(folder / "ledger.sqlite3"), recipients)
        middle = run("PostgreSQL", Ledger(TeamLedger(server).address()), recipients)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if middle <= MOST_SECONDS else 1


def run(name: str, ledger: Ledger, recipients: int) -> float:
    """The median of all claims, in seconds."""
    approvals = [approved(ledger, plan_for(number, recipients)) for number in range(CLAIMS)]
    took = []
    for number, approval in enumerate(approvals):
        began = time.perf_counter()
        assert ledger.claim(approval, 1, at=START + timedelta(seconds=number), limits=LIMITS)
        took.append(time.perf_counter() - began)
        ledger.settle(approval.plan_id, receipt_of("sent"), who="ana")
    for what, some in (("first 20", took[:20]), ("last 20", took[-20:]), ("all", took)):
        p95 = sorted(some)[len(some) * 95 // 100]
        sys.stdout.write(
            f"{name}, claims of {recipients:,} recipients, {what} of {CLAIMS}: "
            f"median {median(some) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms\n"
        )
    return median(took)


def plan_for(number: int, recipients: int) -> Plan:
    """A plan for people whom no other plan reaches."""
    plan = plan_of(number, intent=str(number))
    steps = tuple(step.model_copy(update={"recipients": recipients}) for step in plan.steps)
    ids = tuple(f"contact_{number * recipients + each:012d}" for each in range(recipients))
    return plan.model_copy(update={"recipients": recipients, "steps": steps, "recipient_ids": ids})


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1].replace("_", "")) if sys.argv[1:] else 100))
