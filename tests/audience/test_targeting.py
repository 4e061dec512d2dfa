# One file: what is proven of targets is proven on the same drawn workspaces.
from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Clock, make_contacts
from toolkit.audience.contact_numbers import untextable
from toolkit.audience.segment import Segment
from toolkit.audience.targets import cover, targeting
from toolkit.audience.targets.targeting import Targeting, compile_targeting
from toolkit.audience.targets.verification import addressed
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.errors import DraftError, NotAddressable
from toolkit.models import Target
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import connect

LABELS = tuple("abcdefghijkl")
LabelSets = list[frozenset[str]]


@st.composite
def workspaces(draw: st.DrawFn, most_labels: int = len(LABELS), most: int = 14) -> tuple[LabelSets, set[int]]:
    """The labels of each contact, and the places of some who have a label."""
    names = LABELS[: draw(st.integers(1, most_labels))]
    sets = draw(st.lists(st.frozensets(st.sampled_from(names)), min_size=1, max_size=most).filter(any))
    labelled = [i for i, labels in enumerate(sets) if labels]
    return sets, draw(st.sets(st.sampled_from(labelled), min_size=1))


def contacts_of(sets: LabelSets) -> Contacts:
    rows: list[dict[str, Any]] = [{"id": f"c{i:04}", "labels": sorted(labels)} for i, labels in enumerate(sets)]
    return make_contacts(rows, LABELS)


def mask(contacts: Contacts, chosen: set[int]) -> Mask:
    return np.isin(np.arange(len(contacts)), sorted(chosen))


def reached(sets: LabelSets, target: Target) -> list[int]:
    """The service's rule over plain sets, before ids are left out."""
    any_of, all_of, none_of = (
        {label.removeprefix("id-of-") for label in labels} for labels in (target.any_of, target.all_of, target.none_of)
    )
    return [i for i, has in enumerate(sets) if (not any_of or has & any_of) and has >= all_of and not has & none_of]


def targets(labels: tuple[str, ...], all_of: list[tuple[str, ...]], none_of: list[tuple[str, ...]]) -> Iterator[Target]:
    """Every target of labels that says whom it means, and not only whom it does not."""
    some = [chosen for size in range(len(labels) + 1) for chosen in combinations(labels, size)]
    for asked, required, forbidden in product(some, all_of or some, none_of or some):
        if asked or required:
            yield Target(any_of=asked, all_of=required, none_of=forbidden)


def fewest_ids(sets: LabelSets, wanted: set[int], choices: Iterator[Target]) -> int:
    return min(len(found) - len(wanted) for target in choices if wanted <= set(found := reached(sets, target)))


@given(workspaces())
@settings(max_examples=150)
def test_one_campaign_reaches_exactly_the_recipients_with_the_fewest_ids(workspace: tuple[LabelSets, set[int]]) -> None:
    sets, wanted = workspace
    contacts = contacts_of(sets)

    found = compile_targeting(contacts, mask(contacts, wanted))

    target = found.parts[0].target
    ids = {int(contact_id[1:]) for contact_id in target.exclude_contacts}
    assert set(reached(sets, target)) - ids == wanted
    assert ids <= set(reached(sets, target))
    labels = tuple(label for label in LABELS if any(label in sets[i] for i in wanted))
    best = fewest_ids(sets, wanted, targets(labels, [target.all_of], [target.none_of]))
    assert found.ids == found.at_least == best


@given(workspaces(most_labels=4))
@settings(max_examples=60)
def test_no_other_choice_of_required_and_forbidden_labels_needs_fewer_ids(
    workspace: tuple[LabelSets, set[int]],
) -> None:
    sets, wanted = workspace
    contacts = contacts_of(sets)

    found = compile_targeting(contacts, mask(contacts, wanted))

    assert found.ids == fewest_ids(sets, wanted, targets(LABELS[:4], [], []))


@given(workspaces(most=40))
@settings(max_examples=60)
def test_dividing_the_problem_finds_what_trying_every_choice_finds(workspace: tuple[LabelSets, set[int]]) -> None:
    sets, wanted = workspace
    contacts = contacts_of(sets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover, "_ALL_CHOICES", 1)

        divided = compile_targeting(contacts, mask(contacts, wanted))

    assert divided.at_least == divided.ids == compile_targeting(contacts, mask(contacts, wanted)).ids


@given(workspaces(most=40))
@settings(max_examples=60)
def test_without_a_proof_the_result_is_exact_and_says_how_few_ids_there_may_be(
    workspace: tuple[LabelSets, set[int]],
) -> None:
    sets, wanted = workspace
    contacts = contacts_of(sets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cover, "_ALL_CHOICES", 1)
        patch.setattr(cover, "EFFORT", 1)

        quick = compile_targeting(contacts, mask(contacts, wanted))

    assert quick.unavoidable <= quick.at_least <= compile_targeting(contacts, mask(contacts, wanted)).ids <= quick.ids


@given(workspaces(most=40), st.integers(2, 3))
@settings(max_examples=100)
def test_several_campaigns_reach_everybody_once_with_fewer_ids(
    workspace: tuple[LabelSets, set[int]], most: int
) -> None:
    sets, wanted = workspace
    contacts = contacts_of(sets)

    found = compile_targeting(contacts, mask(contacts, wanted), most_campaigns=most)

    times = sum(addressed(contacts, part.target).astype(int) for part in found.parts)
    one = compile_targeting(contacts, mask(contacts, wanted))
    assert np.array_equal(times, mask(contacts, wanted))
    assert len(found.parts) <= most
    assert found.unavoidable <= found.ids
    assert found.ids < one.ids or len(found.parts) == 1


@given(workspaces(), st.sets(st.integers(0, 13)))
def test_the_reading_of_targets_is_the_service_s_rule(
    workspace: tuple[LabelSets, set[int]], left_out: set[int]
) -> None:
    sets, wanted = workspace
    contacts = contacts_of(sets)
    some = sorted({f"id-of-{label}" for i in wanted for label in sets[i]})
    target = Target(
        any_of=tuple(some[:2]),
        all_of=tuple(some[:1]),
        none_of=(*some[3:], "id-of-nobody"),
        exclude_contacts=tuple(f"c{i:04}" for i in left_out),
    )

    assert set(np.flatnonzero(addressed(contacts, target))) == set(reached(sets, target)) - left_out


ALL_SETS: LabelSets = [frozenset(some) for size in range(6) for some in combinations("abcde", size)]
SHAPES = {
    "a and b, or c": lambda has: {"a", "b"} <= has or "c" in has,
    "two of three": lambda has: len(has & {"a", "b", "c"}) >= 2,
    "a or else b": lambda has: len(has & {"a", "b"}) == 1,
    "a or b, and c": lambda has: has & {"a", "b"} and "c" in has,
    "a, b or c, not d": lambda has: has & {"a", "b", "c"} and "d" not in has,
    "not a": lambda has: has and "a" not in has,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rules_over_labels_need_no_ids_within_two_campaigns(shape: str) -> None:
    contacts = contacts_of(ALL_SETS)
    wanted = {i for i, has in enumerate(ALL_SETS) if SHAPES[shape](has)}

    found = compile_targeting(contacts, mask(contacts, wanted), most_campaigns=2)

    assert found.ids == 0


def two_pairs(sets: LabelSets) -> Mask:
    return np.array([{"a", "b"} <= has or {"c", "d"} <= has for has in sets])


def test_two_pairs_need_no_ids_within_two_campaigns_where_nobody_has_all_four() -> None:
    sets = [has for has in ALL_SETS if not {"a", "b", "c", "d"} <= has]

    assert compile_targeting(contacts_of(sets), two_pairs(sets), most_campaigns=2).ids == 0


def test_two_pairs_where_somebody_has_all_four_take_three_campaigns() -> None:
    """As whoever has all four fits both halves and is to be texted once."""
    sets = [has for has in ALL_SETS if "e" not in has]
    wanted = frozenset(np.flatnonzero(two_pairs(sets)))
    exact = {frozenset(reached(sets, target)) for target in targets(tuple("abcd"), [], [])}

    found = compile_targeting(contacts_of(sets), two_pairs(sets), most_campaigns=3)

    assert found.ids == 0
    assert len(found.parts) == 3
    assert not any(wanted - one in exact for one in exact if one <= wanted)


def crowd() -> tuple[Contacts, Mask]:
    """Three recipients: one like 4 outsiders, one like nobody, one whose only label 20 others have besides."""
    sets = [*"aaaaabc", *["cd"] * 20]
    return contacts_of([frozenset(labels) for labels in sets]), mask(contacts_of([frozenset("a")] * 27), {0, 5, 6})


def test_it_says_what_it_costs_and_how_much_of_that_is_unavoidable() -> None:
    contacts, wanted = crowd()

    found = compile_targeting(contacts, wanted)

    assert repr(found) == "<Targeting: 1 campaign, 4 ids excluded, of which 4 unavoidable (proven minimal)>"
    assert found.parts[0].target.none_of == tuple(f"id-of-{label}" for label in LABELS[3:])
    assert str(compile_targeting(contacts, ~wanted & mask(contacts, set(range(7, 27))))) == (
        "1 campaign, nobody excluded by id"
    )


def test_what_was_not_proven_is_not_called_minimal() -> None:
    contacts, wanted = crowd()
    part = compile_targeting(contacts, wanted).parts[0]

    assert str(Targeting((part,), 1, 3)) == "1 campaign, 4 ids excluded, of which 1 unavoidable (3 at least)"


def test_too_many_ids_are_refused_with_the_nearest_sets_that_can_be_reached() -> None:
    sets = [*[frozenset("ab")] * 3, *[frozenset("c")] * 5, frozenset("d"), *[frozenset("a"), frozenset("b")] * 4]
    sets += [frozenset("d")] * 2
    contacts = contacts_of(sets)
    wanted = mask(contacts, {0, 1, 2, *range(3, 8), 8})  # all with a and b, all with c, one of three with d

    with pytest.raises(NotAddressable, match="takes 1 campaign, 6 ids excluded") as refused:
        compile_targeting(contacts, wanted, most_bytes=2 * 8)

    divided, more, fewer = refused.value.alternatives
    assert str(divided) == "exactly these with 2 campaigns and 2 ids"
    assert str(more) == "6 contacts more with 1 campaign and 0 ids"
    assert str(fewer) == "4 contacts fewer with 1 campaign and 0 ids"
    for change, changed in ((set(more.adds), ~wanted), (set(fewer.drops), wanted)):
        assert change <= set(contacts.ids[changed])
        near = compile_targeting(contacts, wanted ^ np.isin(contacts.ids, list(change)), most_bytes=2 * 8)
        assert near.ids == 0


def test_nobody_is_left_out_by_id_whom_no_service_can_text() -> None:
    contacts = make_contacts(
        [
            {"id": "wanted", "phone": "+12025550101", "labels": ["vip"]},
            {"id": "no number", "labels": ["vip"]},
            {"id": "words", "phone": "n/a", "labels": ["vip"]},
            {"id": "too short", "phone": "+1202555010", "labels": ["vip"]},
            {"id": "other reading", "phone": "(202) 555-0102", "labels": ["vip"]},
            {"id": "WhatsApp alone", "whatsapp_phone": "+12025550103", "labels": ["vip"]},
            {"id": "not wanted", "phone": "+12025550104", "labels": ["vip"]},
        ]
    ).in_countries(("US",))

    found = compile_targeting(contacts, mask(contacts, {0}), untextable=untextable(contacts))

    assert found.parts[0].target.exclude_contacts == ("WhatsApp alone", "not wanted", "other reading")
    assert found.untextable == 3
    assert found.at_least == found.ids == 3


def test_a_rule_over_labels_is_told_by_labels() -> None:
    sets = [frozenset(labels) for labels in ({"a"}, {"a", "b"}, {"b"}, set())]
    contacts = make_contacts([{"id": str(i), "labels": sorted(labels)} for i, labels in enumerate(sets)])

    target = compile_targeting(contacts, mask(contacts, {0})).parts[0].target

    assert target == Target(all_of=("id-of-a",), none_of=("id-of-b",))


def test_labels_by_the_hundred_are_told_apart() -> None:
    names = [f"label_{i:03}" for i in range(150)]
    contacts = make_contacts([{"id": name, "labels": [name, names[-1]]} for name in names], names)
    wanted = mask(contacts, {3, 70, 149})

    target = compile_targeting(contacts, wanted).parts[0].target

    assert np.array_equal(addressed(contacts, target), wanted)
    assert target.exclude_contacts == ()
    assert len(target.none_of) == 147


def test_suppressed_labels_are_forbidden_at_the_service_too() -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}, {"id": "b", "labels": ["vip", "DNC"]}])

    found = compile_targeting(contacts, np.array([True, False]), suppressed=[1])

    assert "id-of-DNC" in found.parts[0].target.none_of
    with pytest.raises(DraftError, match=r"1 recipient \('b' first\) with a label of people who are never texted"):
        compile_targeting(contacts, np.array([True, True]), suppressed=[1])


def test_people_without_a_label_are_reported() -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}, {"id": "b"}])

    with pytest.raises(DraftError, match=r"1 recipient \('b' first\) with no label"):
        compile_targeting(contacts, np.array([True, True]))


def test_nobody_cannot_be_addressed() -> None:
    with pytest.raises(DraftError, match="There are no recipients"):
        compile_targeting(make_contacts([{"id": "a", "labels": ["vip"]}]), np.array([False]))


def test_a_target_that_would_reach_others_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}, {"id": "b", "labels": ["vip"]}])
    monkeypatch.setattr(targeting, "addressed", lambda contacts, target: np.array([True, True]))

    with pytest.raises(DraftError, match="report this bug, and send nothing"):
        compile_targeting(contacts, np.array([True, False]))


def test_an_arbitrary_frame_of_500_contacts_is_planned_approved_and_sent_to_exactly_those(
    tmp_path: Path, clock: Clock
) -> None:
    box = Sandbox(tmp_path / "sandbox.sqlite3", contacts=1_500, now=clock)
    box.clock.advance(timedelta(minutes=15))
    with closing(box), connect(Settings(home=tmp_path), sandbox=box, now=clock) as ws:
        rows = ws.audience(Segment.everyone()).frame.sample(500, random_state=1)
        draft = CampaignDraft(
            name="Any 500",
            message="Hello. Reply STOP to opt out.",
            segment=Segment.from_contacts(rows),
            senders=("Marketing Line",),
        )

        plan = ws.plan(draft)
        receipt = ws.send(plan.approve(recipients=500, by="ana"))

        box.clock.advance(timedelta(hours=2))
        log = ws.logs(receipt.campaign_id)
        assert receipt.accepted == 500
        assert sorted(log["contact_id"]) == sorted(rows["id"])
        assert "AUD011" in {finding.code for finding in plan.findings}
