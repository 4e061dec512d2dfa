"""How long a file of a million contacts takes to be read, checked, rewritten and planned, and at what peak of memory.

    python -m tests.planning.bench_imports [rows] [plain|mixed]

`mixed` has national phones in several writings, label cells with several separators and accents.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.measured import figure
from toolkit.plans.draft import ImportDraft
from toolkit.settings import Settings
from toolkit.workspace import connect

_LABELS = ("vip_customers", "newsletter", "vip_customers; newsletter", "fair_2026|newsletter", "", "DNC")
_WRITTEN = ("+1999{:07}", "(999) {:03}-{:04}", "1-999-{:03}-{:04}", "999.{:03}.{:04}")


def main(rows: int, kind: str) -> None:
    """Plan a file of so many rows in a new embedded workspace, and print what it took."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("name,phone,labels,city,orders\n")
            for at in range(rows):
                form = _WRITTEN[at % len(_WRITTEN)] if kind == "mixed" else _WRITTEN[0]
                number = 2_000_000 + at
                phone = form.format(number) if form is _WRITTEN[0] else form.format(number // 10_000, number % 10_000)
                file.write(f"Zoë Gärtner {at},{phone},{_LABELS[at % len(_LABELS)]},Köln,{at % 40}\n")
        told: list[tuple[int, int]] = []
        with connect(Settings(home=Path(folder))) as ws:
            ws.contacts()  # the workspace is made at first use
            began, busy = time.perf_counter(), time.process_time()
            draft = ImportDraft(name="bench", path=path)
            plan = ws.plan(draft, progress=lambda done, whole: told.append((done, whole)))
            took, busy = time.perf_counter() - began, time.process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = path.stat().st_size / 1e6
        assert plan.recipients
        assert told
        what = f"a {kind} file of {size:,.0f} MB is planned"
        figure(f"{what}, processor", busy, "s", rows=rows)
        figure(f"{what}, on the clock", took, "s", rows=rows)
        figure(f"{what}, memory at its peak", peak, "MB", rows=rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, sys.argv[2] if len(sys.argv) > 2 else "plain")
