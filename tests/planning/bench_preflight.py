"""Measures preflight of a large plan, check by check: `python tests/planning/bench_preflight.py [recipients…]`.

100,000 and 1,000,000 recipients unless told otherwise, in fictional numbers of all area codes, with names and fields,
made in columns without a service: reading contacts is measured in `tests/data/bench_reading.py`. Twice: a text that is
the same for all, and one filled for everybody. Seconds are of the processor.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from tests.measured import figure
from tests.texting.bench_texting import NAMES, fictional
from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.caps import Sent
from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.segment import Segment
from toolkit.audience.targets.targeting import compile_targeting
from toolkit.audience.waterfall import build_audience
from toolkit.data.contacts import Contacts
from toolkit.models import Label, Phone
from toolkit.planning.preflight import Outgoing, Past, check
from toolkit.planning.preflight.checks import ALL_CHECKS
from toolkit.planning.read import DraftReading
from toolkit.planning.wording import word
from toolkit.plans.draft import CampaignDraft

NOW = datetime(2026, 3, 3, 17, tzinfo=UTC)
LABELS = ("vip", "newsletter", "DNC", "unreachable")
SENDER = Phone(id="p", phone="+15550100001", name="Line", country="US", sms=True)
SAME = "Spring sale at Example Shop: 20% off until Sunday, https://example.com/sale. Reply STOP to opt out."
FILLED = "Hi {name}! Spring sale at Example Shop: 20% off {tier} until Sunday. Reply STOP to opt out."


def main(recipients: int) -> None:
    people = crowd(recipients)
    for what, text, is_filled in (("the same text for all", SAME, False), ("a text of their own", FILLED, True)):
        say(f"{recipients:,} recipients, {what}")
        spent = run(people, text, is_filled)
        limit = f"<= {30 * max(recipients / 1_000_000, 0.1):g}"
        figure(f"checks of a plan, {what}", spent, "s", rows=recipients, limit=limit)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure("peak memory of that", peak, "MB", rows=recipients)


def run(people: Contacts, text: str, is_filled: bool) -> float:
    """Seconds of the processor."""
    draft = CampaignDraft(name="Sale", message=text, segment=Segment.any_of("vip"), senders=("p",))
    audience = build_audience(draft.segment, people, live=False)
    targeting = compile_targeting(people, audience.recipients, suppressed=suppressed_codes(people))
    past = Past(sent=[Sent(NOW - timedelta(hours=1), lambda: people.ids[:50_000].tolist())])
    began = time.process_time()
    wording = word(text, audience, is_filled=is_filled)
    out = Outgoing(DraftReading(draft, people, (SENDER,), NOW, past=past), draft, audience, wording, targeting)
    wording.cost(out.policy)
    wording.previews()
    say(f"    {'wording, cost and previews':40}{time.process_time() - began:8.2f}")
    for look in ALL_CHECKS:
        at = time.process_time()
        list(look(out))
        say(f"    {look.__module__.rpartition('.')[2]:40}{time.process_time() - at:8.2f}")
    whole = time.process_time() - began
    say(f"    {', '.join(sorted({finding.code for finding in check(out)}))}")
    return whole


def crowd(recipients: int) -> Contacts:
    """Contacts of which all can be texted; many share a number with nobody, as the fictional ones are few."""
    draw = np.random.default_rng(7)
    phones = fictional(draw, min(recipients, 20_000)).to_pylist()
    more = (f"+1999{number:07}" for number in range(recipients - len(phones)))
    numbers = pa.array([*dict.fromkeys(phones), *more], pa.string())
    size = len(numbers)
    fields = [f'{{"tier":"{tier}","timezone":"{zone}"}}' for tier, zone in zip(*_fields(draw, size), strict=True)]
    columns = {
        "id": pa.array([f"contact-{row:08}" for row in range(size)]),
        "name": pa.array(NAMES).take(pa.array(draw.integers(0, len(NAMES), size))),
        "phone": numbers,
        "labels": pa.array([[0, 1][: 1 + row % 2] for row in range(size)], CONTACTS.field("labels").type),
        "fields": pa.array(fields),
        "created_time": pa.array([NOW] * size, CONTACTS.field("created_time").type),
        "updated_time": pa.array([NOW] * size, CONTACTS.field("updated_time").type),
    }
    table = pa.table([columns.get(field.name, pa.nulls(size, field.type)) for field in CONTACTS], schema=CONTACTS)
    return Contacts(table, tuple(Label(id=f"id-of-{name}", name=name) for name in LABELS), NOW)


def _fields(draw: np.random.Generator, size: int) -> Iterator[list[str]]:
    for values in (("gold", "silver", "[new]"), ("America/New_York", "America/Chicago", "")):
        yield np.array(values)[draw.integers(0, len(values), size)].tolist()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [100_000, 1_000_000]:
        main(size)
