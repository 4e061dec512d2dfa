"""A mirror refreshed after a change, beside the first reading of everything: requests, rows and seconds in one run.

    python tests/mirror/bench_mirror.py [--contacts 1000000]

The service is the embedded one, in this process, so its own work counts on both sides. Most cases change one per cent
of the contacts; the service has done its part of the change before the clock starts. Seconds are of the processor,
because they waver less than the wall's on a machine with other work. The limit is on what the service's ordering by
time of creation allows; of other changes a refresh says itself that it cannot be sure (`exact`), and what it took.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from tests.builders import Clock
from tests.mirror.imports import import_contacts
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    contacts = parser.parse_args().contacts
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), contacts)


def measure(folder: Path, contacts: int) -> None:
    clock = Clock()
    sandbox = Sandbox(folder / "workspace.sqlite3", contacts=contacts, now=clock)
    ws = connect(Settings(home=folder), sandbox=sandbox, now=clock)
    mirror = ws.mirror(folder / "mirror")
    table = Table("refresh", "requests", "rows", "seconds", "% requests", "% rows", "% seconds", "changes", "exact", "")
    first: tuple[float, ...] = ()

    def refresh(what: str, *, full: bool = False, most: float | None = None) -> None:
        nonlocal first
        started = time.process_time()
        report = mirror.refresh([], full=full)
        cost = (report.requests, report.rows, time.process_time() - started)
        first = first or cost
        of_first = [100 * one / whole for one, whole in zip(cost, first, strict=True)]
        shares = [f"{share:.1f}" for share in of_first]
        verdict = "" if most is None else f"ok, <= {most} %" if max(of_first) <= most else f"MISSED, <= {most} %"
        counts = (f"{one:,}" for one in (report.requests, report.rows))
        table.add_row(what, *counts, f"{cost[2]:.2f}", *shares, f"{report.label_changes:,}", str(report.exact), verdict)

    refresh("first")
    refresh("nothing changed", most=10)
    some = contacts // 100
    phones = mirror.contacts(["phone"])["phone"].drop_duplicates().dropna()
    picked = phones.sample(5 * some, random_state=1).tolist()
    groups = [picked[at : at + some] for at in range(0, len(picked), some)]
    header = "name,phone,labels"

    import_contacts(sandbox, clock, header, [f"New {i},+1999{i:07d},vip_customers" for i in range(some)])
    refresh("1 % new, which are first in the order", most=10)
    clock.move(days=1)
    refresh("a day later, some opted out")
    import_contacts(sandbox, clock, header, [f",{phone},location_denver" for phone in groups[0]], update=True)
    refresh("1 % gain a label that 2 % have")
    import_contacts(sandbox, clock, header, [f",{phone},unsubscribed" for phone in groups[1]], update=True)
    refresh("1 % opt out, as 5 % have")
    import_contacts(sandbox, clock, header, [f",{phone},newsletter" for phone in groups[2]], update=True)
    refresh("1 % gain a label that 43 % have")
    import_contacts(sandbox, clock, header, [f"Renamed,{phone}," for phone in groups[3]], update=True)
    refresh("1 % edited, which does not show")
    refresh("1 % edited, read whole", full=True)
    pd.testing.assert_frame_equal(mirror.contacts(), ws.contacts())
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
