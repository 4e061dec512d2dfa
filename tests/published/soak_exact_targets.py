"""Arbitrary contacts by labels made for them, each arm of an experiment its own, proven by the log.

`soak_exact_targets.py [contacts [recipients]]`: 60,000 and 50,000 unless said. The status is 1 if the logs have
anybody else.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from tests.builders import Clock
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft, Draft
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def send(ws: Workspace, draft: Draft) -> Receipt:
    plan = ws.plan(draft)
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def soak(home: Path, contacts: int, recipients: int) -> bool:
    """Whether the logs of both arms have exactly those who were drawn."""
    clock, begun = Clock(), time.monotonic()
    box = Sandbox(home / "sandbox.sqlite3", contacts=contacts, now=clock)
    box.clock.advance(timedelta(minutes=15))
    ws = connect(Settings(home=home, dialect="published"), sandbox=box, now=clock)
    audience = build_audience(Segment.everyone(), ws.snapshot(), live=False, by_label=False)
    everybody = sorted(audience.contacts.ids[audience.recipients].tolist())
    ids = np.random.default_rng(7).permutation(everybody)[:recipients].tolist()
    draft = CampaignDraft(
        name="Two texts",
        message="Hello. Reply STOP to opt out.",
        segment=Segment.from_contacts(ids),
        senders=("Marketing Line",),
        experiment=Experiment(name="two texts", arms={"a": 0.5, "b": 0.5}),
        messages={arm: f"Hello {arm}. Reply STOP to opt out." for arm in ("a", "b")},
    )
    job = str(send(ws, ws.imports.label(draft)).job_id)
    for _ in ws.imports.follow(job, sleep=lambda _: box.clock.advance(timedelta(seconds=10))):
        pass  # in pieces, each of which the embedded service takes in within a request's time
    plan = ws.plan(draft)
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    box.clock.advance(timedelta(hours=12))
    logs = [set(ws.logs(campaign_id)["contact_id"]) for campaign_id in receipt.campaign_ids]
    planned = [set(plan.recipients_of(step.number)) for step in plan.steps]
    gone = len(ids) - plan.recipients  # who opted out meanwhile
    sys.stdout.write(
        f"{len(ids):,} drawn, {plan.recipients:,} planned, {[len(log) for log in logs]} logged, {gone:,} opted out "
        f"meanwhile, {time.monotonic() - begun:.0f} s; {'; '.join(plan.addressing)}\n"
    )
    return logs == planned and not logs[0] & logs[1] and set().union(*logs) <= set(ids)


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:3]] + [60_000, 50_000][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory(prefix="seax-soak-") as name:
        sys.exit(not soak(Path(name), *numbers))
