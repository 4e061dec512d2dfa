"""Whether any segment can be planned at full size: `python -m tests.planning.soak_segments [segments [contacts]]`.

200 random rules of labels, contact fields, names, numbers, ages and behaviour, up to three of them joined, on a million
contacts of the embedded workspace unless said otherwise. Of the numbers that one contact has, each plan reaches exactly
those that the segment selects and a plan for everyone reaches; of a number that several have, who is reached may depend
on whom of them the segment selects. The status is 1 if one cannot be planned, or has others.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from toolkit.audience.segment import Segment
from toolkit.contact_reading import Reader
from toolkit.errors import NotAddressable
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

TEXT = "Spring sale at Example Shop until Sunday. Reply STOP to opt out."


def main(segments: int, contacts: int) -> int:
    draw = random.Random(7)
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        box = Sandbox(Path(folder) / "sandbox.sqlite3", contacts=contacts)
        with connect(Settings(home=Path(folder)), sandbox=box) as ws:
            campaign_id = ws.campaign_ids()[0]
            people = replace(ws.snapshot(), logs=ws.logs([campaign_id]))
            senders = tuple(phone.name for phone in ws.phones().itertuples() if phone.sms)[:1]
            phones = np.array(people.table["phone"].to_pylist(), dtype=object)
            phone_of = dict(zip(people.ids, phones, strict=True))
            with patch.object(Reader, "contacts", lambda *a, **k: people):
                once = frozenset(number for number, count in Counter(phones).items() if count == 1)
                everybody = once & planned(ws, "everyone", senders, phone_of)
                for at in range(segments):
                    rule = random_rule(draw, [f'"{label.name}"' for label in people.labels], campaign_id)
                    wanted = everybody.intersection(phones[Segment.parse(rule).mask(people)])
                    try:
                        found = once & planned(ws, rule, senders, phone_of)
                    except NotAddressable as error:
                        missed += 1
                        sys.stdout.write(f"{rule}: {error}\n")
                        continue
                    if found != wanted:
                        missed += 1
                        sys.stdout.write(
                            f"{rule}: {len(found):,} recipients, and not the {len(wanted):,} of the rule\n"
                        )
                    if at % 20 == 19:
                        sys.stdout.write(f"{at + 1} of {segments} planned\n")
                        sys.stdout.flush()
    sys.stdout.write(f"{segments} segments of {contacts:,} contacts, {missed} not planned as they should\n")
    return 1 if missed else 0


def planned(ws: Workspace, rule: str, senders: tuple[str, ...], phone_of: Mapping[str, str]) -> frozenset[str]:
    """The numbers that a plan reaches."""
    plan = ws.plan(CampaignDraft(name="Sale", message=TEXT, segment=Segment.parse(rule), senders=senders))
    return frozenset(phone_of[each] for each in plan.recipient_ids)


def random_rule(draw: random.Random, labels: list[str], campaign_id: str) -> str:
    one = (
        lambda: f"labels:{draw.choice(labels)}",
        lambda: f"labels any of ({', '.join(draw.sample(labels, 3))})",
        lambda: f"labels none of ({', '.join(draw.sample(labels, 2))})",
        lambda: f"field.customer_tier = {draw.choice(('gold', 'silver', 'bronze'))}",
        lambda: f"field.orders {draw.choice(('>', '<='))} {draw.randint(0, 12)}",
        lambda: f"field.last_purchase >= 2025-{draw.randint(1, 12):02}-01",
        lambda: f"state in ({', '.join(draw.sample(('NY', 'CA', 'TX', 'FL', 'IL', 'MA'), 2))})",
        lambda: f"name contains {draw.choice(('an', 'el', 'mi', 'z'))}",
        lambda: f"created in {draw.randint(5, 400)}d",
        lambda: f"phone starts with +1{draw.randint(2, 9)}",
        lambda: f"received {campaign_id}",
    )
    rules = [f"{draw.choice(('', '', 'not '))}{draw.choice(one)()}" for _ in range(draw.randint(1, 3))]
    return f" {draw.choice(('and', 'or'))} ".join(rules)


if __name__ == "__main__":
    sys.exit(
        main(*map(int, sys.argv[1:3])) if len(sys.argv) > 2 else main(int((sys.argv[1:] or ["200"])[0]), 1_000_000)
    )
