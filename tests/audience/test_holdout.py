"""Nobody whom the policy holds out is texted, from whatever draft, and everybody sees how many they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.builders import Clock, make_contacts
from toolkit.audience.eligibility import Outcome
from toolkit.audience.holdout import Holdout, drawn_as
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.plans.draft import CampaignDraft, Draft, MessageDraft, MessagesDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

TEXT = "Shoes are here. Reply STOP to opt out."
SENDER = "Marketing Line"


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> Iterator[Workspace]:
    """A workspace whose policy holds out a fifth."""
    (tmp_path / "policy.toml").write_text("holdout = 0.2\n", encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock) as workspace:
        yield workspace


def campaign(segment: Segment, **changes: object) -> CampaignDraft:
    fields = {"name": "x", "message": TEXT, "segment": segment, "senders": (SENDER,)}
    return CampaignDraft(**(fields | changes))  # type: ignore[arg-type]  # of these fields


def held_out(ws: Workspace) -> set[str]:
    contacts = ws.snapshot()
    held = Holdout(0.2).mask(contacts, "phone", np.ones(len(contacts), dtype=bool))
    return set(contacts.ids[held])


def test_nobody_held_out_is_texted_whatever_the_draft(ws: Workspace) -> None:
    held, ids, labels = held_out(ws), list(ws.contacts()["id"]), ["vip_customers", "interest_shoes", "lapsed"]
    chance = random.Random(5)

    for at in range(40):
        some = chance.sample(ids, chance.randint(1, 12))
        drafts: list[Draft] = [
            campaign(Segment.any_of(*chance.sample(labels, 2)), name=f"{at}"),
            campaign(Segment.from_contacts(some), name=f"{at} by id"),
            MessageDraft(name=f"{at}", message=TEXT, contact_id=some[0], sender=SENDER),
            MessagesDraft(name=f"{at}", message=TEXT, contact_ids=tuple(some), sender=SENDER),
        ]
        plan = ws.plan(chance.choice(drafts))
        assert not held & set(plan.recipient_ids)


def test_the_waterfall_counts_them(ws: Workspace) -> None:
    audience = ws.audience(Segment.any_of("vip_customers"))

    steps = {step.outcome: step.count for step in audience.waterfall}
    assert steps["global_holdout"] > 0
    assert set(audience.ids("global_holdout")) <= held_out(ws)
    assert "the policy holds them out of every send" in audience.why(audience.ids("global_holdout")[0])


def test_a_reason_reaches_them_and_is_shown(ws: Workspace) -> None:
    one = sorted(held_out(ws) & set(ws.audience(Segment.any_of("vip_customers")).ids("global_holdout")))[0]
    draft = MessageDraft(name="x", message=TEXT, contact_id=one, sender=SENDER)

    without = ws.plan(draft)
    plan = ws.plan(draft.model_copy(update={"holdout_exempt": "their order is late"}))

    assert without.recipient_ids == ()
    assert plan.recipient_ids == (one,)
    assert "their order is late" in next(each.message for each in plan.findings if each.code == "EXP006")


def test_people_who_share_a_number_are_held_out_together() -> None:
    rows = [{"id": f"c{at:04}", "phone": f"+1999{at // 2:07}", "labels": ["vip"]} for at in range(2_000)]
    contacts = make_contacts(rows)

    held = Holdout(0.3).mask(contacts, "phone", np.ones(2_000, dtype=bool))

    assert (held[::2] == held[1::2]).all()
    assert 0.25 < held.mean() < 0.35
    assert set(drawn_as(contacts, "phone")) == {f"c{at:04}" for at in range(0, 2_000, 2)}


def test_who_joins_moves_nobody() -> None:
    rows = [{"id": f"c{at:04}", "phone": f"+1999{at:07}", "labels": ["vip"]} for at in range(1_000)]
    few, many = make_contacts(rows[:500]), make_contacts(rows)

    some, all_of_them = (
        build_audience(Segment.everyone(), contacts, live=False, holdout=Holdout(0.1)) for contacts in (few, many)
    )

    assert (some.outcomes == all_of_them.outcomes[:500]).all()
    assert (some.outcomes == Outcome.GLOBAL_HOLDOUT).any()
