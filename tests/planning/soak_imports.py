"""What the gate samples, at length: `python -m tests.planning.soak_imports [files]`, 2,000 unless told otherwise.

Each is a random file in a random workspace of its own, in which some people opt out by a label cell or a column. It is
planned, imported, and a campaign to its label planned: the status is 1 if that would text one of them, or leave out
somebody who did not opt out.
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.builders import Clock, campaign_draft
from tests.filling import new_sandbox
from tests.planning.imports.label_cells import BASE, random_file
from toolkit.audience.segment import Segment
from toolkit.plans.draft import ImportDraft
from toolkit.settings import Settings
from toolkit.workspace import connect

_TOLD = 100  # files between two words on how far it is


def is_right(seed: int) -> str:
    """Import the file of a seed; what went wrong, or nothing."""
    draw = random.Random(seed)
    text, out, kept = random_file(draw)
    with TemporaryDirectory() as folder:
        home, clock = Path(folder), Clock()
        box = new_sandbox(home / "sandbox.sqlite3", contacts=draw.choice([5, 20, 60]), now=clock)
        path = home / "people.csv"
        path.write_text(text, encoding="utf-8", newline="")
        with connect(Settings(home=home), sandbox=box, now=clock) as ws:
            on_duplicate = draw.choice(["mark", "update", "skip"])
            plan = ws.plan(ImportDraft(name="people", path=path, on_duplicate=on_duplicate))
            if plan.is_blocked:
                return f"blocked: {[str(finding) for finding in plan.findings if finding.is_blocking]}"
            ws.send(plan.approve(recipients=plan.recipients, by="soak"))
            box.clock.advance(timedelta(minutes=5))
            campaign = ws.plan(campaign_draft().model_copy(update={"segment": Segment.any_of(BASE)}))
            texted = set(ws.contacts().set_index("id").loc[list(campaign.recipient_ids), "phone"])
        box.close()
    if texted & out:
        return f"would text {sorted(texted & out)}"
    return f"would not text {sorted(kept - texted)}" if kept - texted else ""


def main(files: int) -> int:
    """Run so many seeds; the number of those that went wrong."""
    wrong = 0
    for seed in range(files):
        if fault := is_right(seed):
            wrong += 1
            print(f"seed {seed}: {fault}")  # noqa: T201 — a soak prints
        if (seed + 1) % _TOLD == 0:
            print(f"{seed + 1:,} of {files:,} files, {wrong:,} wrong", flush=True)  # noqa: T201
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000) else 0)
