from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import make_contacts
from toolkit.audience.targeting import addressed, compile_target
from toolkit.data.contacts import Contacts, Mask
from toolkit.errors import DraftError
from toolkit.models import Target

LABELS = ["a", "b", "c", "d", "e"]


@st.composite
def workspaces(draw: st.DrawFn) -> tuple[Contacts, Mask]:
    sets = draw(st.lists(st.sets(st.sampled_from(LABELS)), min_size=1, max_size=14))
    rows: list[dict[str, Any]] = [{"id": f"c{i:02}", "labels": sorted(labels)} for i, labels in enumerate(sets)]
    labelled = [i for i, labels in enumerate(sets) if labels]
    chosen = draw(st.sets(st.sampled_from(labelled), min_size=1)) if labelled else set()
    return make_contacts(rows, LABELS), np.isin(np.arange(len(rows)), sorted(chosen))


def matched(contacts: Contacts, target: Target) -> set[str]:
    """The service's rule, written a second time over plain sets."""
    found = set()
    for row in contacts.frame.itertuples():
        has = {f"id-of-{name}" for name in row.labels}
        any_of = not target.any_of or has & set(target.any_of)
        if any_of and has >= set(target.all_of) and not has & set(target.none_of):
            found.add(row.id)
    return found - set(target.exclude_contacts)


@given(workspaces())
@settings(max_examples=200)
def test_the_target_addresses_exactly_the_recipients(workspace: tuple[Contacts, Mask]) -> None:
    contacts, recipients = workspace
    if not recipients.any():
        return

    target = compile_target(contacts, recipients)

    assert matched(contacts, target) == set(contacts.ids[recipients])
    assert set(contacts.ids[addressed(contacts, target)]) == set(contacts.ids[recipients])


@given(workspaces())
@settings(max_examples=100)
def test_choosing_labels_greedily_excludes_few_more_than_the_best_choice(workspace: tuple[Contacts, Mask]) -> None:
    contacts, recipients = workspace
    if not recipients.any():
        return

    target = compile_target(contacts, recipients)

    best = min(
        len(matched(contacts, Target(any_of=some, all_of=target.all_of, none_of=target.none_of)) - wanted)
        for n in range(len(LABELS) + 1)
        for some in combinations([f"id-of-{name}" for name in LABELS], n)
        for wanted in [set(contacts.ids[recipients])]
        if matched(contacts, Target(any_of=some, all_of=target.all_of, none_of=target.none_of)) >= wanted
        if some or target.all_of
    )
    assert best <= len(target.exclude_contacts) <= best + 4


def test_a_rule_over_labels_needs_no_excluded_ids() -> None:
    rows = [{"id": str(i), "labels": labels} for i, labels in enumerate([["vip"], ["vip", "nyc"], ["nyc"], []])]
    contacts = make_contacts(rows)

    target = compile_target(contacts, np.array([True, False, False, False]))

    assert target == Target(all_of=("id-of-vip",), none_of=("id-of-nyc",))


def test_suppressed_labels_are_excluded_at_the_service_too() -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}, {"id": "b", "labels": ["vip", "DNC"]}])

    assert "id-of-DNC" in compile_target(contacts, np.array([True, False]), suppressed=[1]).none_of


def test_people_without_a_label_cannot_be_addressed() -> None:
    contacts = make_contacts([{"id": "a", "labels": ["vip"]}, {"id": "b"}])

    with pytest.raises(DraftError, match="no label"):
        compile_target(contacts, np.array([True, True]))


def test_nobody_cannot_be_addressed() -> None:
    with pytest.raises(DraftError, match="Nobody"):
        compile_target(make_contacts([{"id": "a", "labels": ["vip"]}]), np.array([False]))
