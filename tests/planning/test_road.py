"""The road of a draft on values alone: after the reading each step is a function, and no service is asked anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import START, make_contacts
from tests.planning.preflight.cases import NIGHT, NOBODYS, SENDER, TEXT, person
from toolkit.audience.segment import Segment
from toolkit.errors import AudienceChanged, PlanBlocked, PlanChanged
from toolkit.experiments.split import Experiment
from toolkit.models import CampaignRequest, MessageRequest
from toolkit.planning.address import address
from toolkit.planning.batches import Recipients, SendBatch, split
from toolkit.planning.freeze import Prepared, freeze
from toolkit.planning.preflight import check_all
from toolkit.planning.read import DraftReading
from toolkit.planning.texts import word_all
from toolkit.plans.draft import CampaignDraft, Draft, MessagesDraft
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy
from toolkit.sending.plan_difference import compare_with_approved

EXPERIMENT = Experiment(name="e", arms={"plain": 0.5, "kind": 0.5})
ARMS = {"experiment": EXPERIMENT, "messages": {"kind": f"Dear all. {TEXT}"}}
EAST = [str(i) for i in range(10)]
PEOPLE = [person(each, phone=f"+120255501{each:0>2}", name=f"N{each}", labels=["vip"]) for each in EAST]
COASTS = [
    person("e", phone=f"{NOBODYS}1", fields='{"timezone": "America/New_York"}'),
    person("w", phone=f"{NOBODYS}2", fields='{"timezone": "America/Los_Angeles"}'),
]


def reading(draft: Draft | None = None, people: Sequence[dict[str, Any]] = PEOPLE, **changes: Any) -> DraftReading:
    return DraftReading(draft or campaign(), make_contacts(people, labels=["vip"]), (SENDER,), START, **changes)


def campaign(**changes: Any) -> CampaignDraft:
    usual = {"name": "n", "message": TEXT, "segment": Segment.any_of("vip"), "senders": ("p",)}
    return CampaignDraft.model_validate(usual | changes)


def planned(given: DraftReading, recipients: Recipients | None = None) -> Prepared:
    recipients = recipients or split(given)
    texts = word_all(given, recipients)
    steps = address(given, recipients, texts)
    return freeze(given, recipients, texts, steps, check_all(given, recipients, texts, steps), plan_id="p", at=START)


def members(batches: Sequence[SendBatch], ids: Sequence[str] = EAST) -> list[set[str]]:
    return [{each for each, is_in in zip(ids, batch.members, strict=True) if is_in} for batch in batches]


def codes(prepared: Prepared) -> set[str]:
    return {finding.code for finding in prepared.plan.findings}


def test_everybody_is_one_batch_unless_the_draft_or_the_policy_says_otherwise() -> None:
    recipients = split(reading())

    assert members(recipients.batches) == [set(EAST)]
    assert [batch.text for batch in recipients.batches] == [TEXT]


def test_arms_and_canaries_divide_the_recipients_and_canaries_come_first() -> None:
    policy = SendPolicy(canary_above=5, canary_size=1)

    batches = split(reading(campaign(**ARMS), policy=policy)).batches

    assert [(batch.arm, batch.is_canary) for batch in batches] == [
        ("plain", True),
        ("kind", True),
        ("plain", False),
        ("kind", False),
    ]
    assert sorted(each for some in members(batches) for each in some) == EAST
    assert {batch.arm: batch.text for batch in batches} == {"plain": TEXT, "kind": ARMS["messages"]["kind"]}


def test_each_text_is_worded_once_for_all_batches_that_read_it() -> None:
    given = reading(campaign(**ARMS), policy=SendPolicy(canary_above=5, canary_size=1))

    texts = word_all(given, split(given))

    assert list(texts.by_arm) == ["plain", "kind"]
    assert sum(len(wording.rows) for wording in texts.by_arm.values()) == len(EAST)
    assert texts.whole is not None
    assert len(texts.whole.rows) == len(EAST)


def test_each_step_is_one_request_to_exactly_its_people() -> None:
    prepared = planned(reading(campaign(**ARMS)))

    requests = [request for request in prepared.requests.values() if isinstance(request, CampaignRequest)]
    assert [request.message for request in requests] == [TEXT, ARMS["messages"]["kind"]]
    assert sorted(prepared.plan.recipient_ids) == EAST
    assert set(requests[0].target.exclude_contacts) == set(prepared.plan.recipients_of(2))


def test_personal_messages_are_a_step_each_in_the_order_of_the_list() -> None:
    draft = MessagesDraft(name="t", message="Hi {name}. STOP", contact_ids=("3", "1"), sender="Line")

    prepared = planned(reading(draft))

    requests = [request for request in prepared.requests.values() if isinstance(request, MessageRequest)]
    assert [request.text for request in requests] == ["Hi N3. STOP", "Hi N1. STOP"]
    assert prepared.plan.recipient_ids == ("3", "1")


def test_a_test_is_a_step_for_each_number_and_text() -> None:
    own = SendPolicy(test_numbers=("+12025550188", "+12025550189"))

    prepared = planned(reading(campaign(**ARMS).as_test(), people=[], policy=own))

    assert (len(prepared.requests), prepared.plan.recipient_ids) == (4, ())


def test_the_same_reading_makes_the_same_plan() -> None:
    digest = planned(reading()).plan.digest
    renumbered = SENDER.model_copy(update={"phone": "+15550100009"})

    assert planned(reading()).plan.digest == digest
    assert planned(replace(reading(), phones=(renumbered,))).plan.digest != digest
    assert planned(reading(people=PEOPLE[1:])).plan.digest != digest


# By zone


def test_by_zone_no_finding_on_hours_is_raised_and_all_at_once_one_is() -> None:
    night = {"people": COASTS, "live": True}

    by_zone = replace(reading(campaign(by_zone=True), **night), now=NIGHT)
    at_once = replace(reading(campaign(), **night), now=NIGHT)

    assert "TIM001" not in codes(planned(by_zone))
    assert "TIM001" in codes(planned(at_once))
    starts = [step.start_at for step in planned(by_zone).plan.steps]
    assert starts == [datetime(2026, 3, 3, 13, tzinfo=UTC), datetime(2026, 3, 3, 16, tzinfo=UTC)]


@pytest.mark.parametrize(("later", "is_asleep"), [(timedelta(), False), (timedelta(hours=14), True)])
def test_each_batch_is_held_against_the_hours_at_its_own_start(later: timedelta, is_asleep: bool) -> None:
    given = replace(reading(campaign(by_zone=True), people=COASTS, live=True), now=NIGHT)
    recipients = split(given)
    moved = [replace(batch, start_at=batch.start_at and batch.start_at + later) for batch in recipients.batches]

    starts = replace(recipients.starts, others=[(batch.start_at, batch.members) for batch in moved if batch.start_at])

    prepared = planned(given, Recipients(recipients.audience, tuple(moved), starts))

    told = [finding for finding in prepared.plan.findings if finding.code == "TIM001"]
    assert [finding.contact_ids for finding in told] == ([("e",), ("w",)] if is_asleep else [])


def test_a_batch_whose_start_has_passed_blocks() -> None:
    given = replace(reading(campaign(by_zone=True), people=COASTS, live=True), now=NIGHT)
    approved = planned(given).plan

    late = replace(given, now=NIGHT + timedelta(hours=6), approved=approved)

    (told,) = [finding for finding in planned(late).plan.findings if finding.code == "TIM002"]
    assert told.is_blocking
    assert told.message.startswith("1 of 2 steps")


# As approved

CANARY = SendPolicy(canary_above=5, canary_size=3)


def approved() -> Plan:
    """A plan of a canary and the rest."""
    return planned(reading(policy=CANARY)).plan


def rest(plan: Plan, *, draft: CampaignDraft | None = None, people: Sequence[dict[str, Any]] = PEOPLE) -> DraftReading:
    """What is read once the canary was sent."""
    return reading(draft, people=people, policy=CANARY, approved=plan, waiting=frozenset([2]))


def test_what_waits_is_planned_without_whoever_is_done() -> None:
    plan = approved()

    now = planned(rest(plan))

    assert list(compare_with_approved(plan, now, [2])) == [2]
    assert now.plan.recipient_ids == plan.recipients_of(2)


def test_whoever_is_done_may_have_changed() -> None:
    plan = approved()
    opted_out = [each | ({"labels": ["vip", "DNC"]} if each["id"] in plan.recipients_of(1) else {}) for each in PEOPLE]

    assert compare_with_approved(plan, planned(rest(plan, people=opted_out)), [2])


def test_whoever_waits_may_not_have_changed() -> None:
    plan = approved()
    fewer = [each for each in PEOPLE if each["id"] != plan.recipients_of(2)[0]]
    more = [*PEOPLE, person("new", phone="+12025550199")]

    with pytest.raises(AudienceChanged, match="1 dropped out"):
        compare_with_approved(plan, planned(rest(plan, people=fewer)), [2])
    with pytest.raises(AudienceChanged, match="1 contacts joined"):
        compare_with_approved(plan, planned(rest(plan, people=more)), [2])


def test_what_waits_has_the_same_text_and_is_not_blocked() -> None:
    plan = approved()
    barred = SENDER.model_copy(update={"enabled": False})

    with pytest.raises(PlanChanged, match="step 2"):
        compare_with_approved(plan, planned(rest(plan, draft=campaign(message=f"Other. {TEXT}"))), [2])
    with pytest.raises(PlanBlocked, match="the rest was blocked"):
        compare_with_approved(plan, planned(replace(rest(plan), phones=(barred,))), [2])
