from __future__ import annotations

from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.builders import make_contacts
from toolkit.audience.segment import Segment
from toolkit.audience.split import Experiment, buckets
from toolkit.audience.verification import addressed
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.errors import DraftError, NotAddressable

HALVES = Experiment(name="spring", arms={"plain": 0.5, "emoji": 0.5})


def audience(size: int) -> Audience:
    rows = [{"id": f"c{i:05}", "phone": f"+1999{i:07}", "labels": ["vip"]} for i in range(size)]
    return build_audience(Segment.everyone(), make_contacts(rows), live=False)


def test_the_arm_of_a_contact_is_its_hash_so_that_others_change_nothing() -> None:
    few, many = HALVES.split(audience(200)), HALVES.split(audience(1_000))

    for contact_id in few.ids("plain"):
        assert int(sha256(f"spring:{contact_id}".encode()).hexdigest()[:16], 16) < 2**63
    assert set(few.ids("plain")) == set(many.ids("plain")) & {f"c{i:05}" for i in range(200)}
    assert 400 < many.counts["plain"] < 600
    assert many.ratio_p > 0.001


def test_arms_share_out_the_recipients_and_experiments_are_independent() -> None:
    everyone = audience(1_000)

    one, other = (Experiment(name=name, arms={"a": 0.5, "b": 0.5}).split(everyone) for name in ("one", "other"))

    assert set(one.ids("a")) | set(one.ids("b")) == set(everyone.contacts.ids)
    assert 200 < len(set(one.ids("a")) & set(other.ids("a"))) < 300


@given(
    st.lists(st.sampled_from(["gold", "silver", None]), min_size=1, max_size=60),
    st.lists(st.integers(1, 9), min_size=2, max_size=4),
)
def test_strata_are_cut_exactly_to_one_contact(tiers: list[str | None], weights: list[int]) -> None:
    people = audience(len(tiers))
    shares = {f"arm {i}": weight / sum(weights) for i, weight in enumerate(weights)}
    strata = pd.Series(tiers, index=people.contacts.ids, dtype=object)

    split = Experiment(name="x", arms=shares).split(people, strata=strata)

    assert sum(split.counts.values()) == len(tiers)
    for tier in set(tiers):
        size = tiers.count(tier)
        for arm, share in shares.items():
            got = sum(tiers[int(contact_id[1:])] == tier for contact_id in split.ids(arm))
            assert abs(got - size * share) < 1 + 1e-9


def test_many_small_strata_do_not_all_favour_one_arm() -> None:
    people = audience(1_000)

    split = HALVES.split(people, strata=pd.Series(people.contacts.ids, index=people.contacts.ids))

    assert 440 < split.counts["plain"] < 560


def test_a_recipient_without_a_stratum_is_reported() -> None:
    with pytest.raises(DraftError, match="1 recipients, 'c00001' first, have no stratum"):
        HALVES.split(audience(2), strata=pd.Series(["gold"], index=["c00000"]))
    with pytest.raises(DraftError, match="name a contact twice"):
        HALVES.split(audience(1), strata=pd.Series(["gold", "silver"], index=["c00000"] * 2))


def test_the_holdout_is_the_same_in_every_experiment() -> None:
    people = audience(2_000)

    one, other = (
        Experiment(name=name, arms={"a": 0.5, "b": 0.5}, holdout=0.05).split(people) for name in ("one", "other")
    )

    assert one.held_out == other.held_out
    assert 60 < len(one.held_out) < 140
    assert set(one.held_out) == set(people.contacts.ids[buckets("holdout", people.contacts.ids) < 500])
    assert len(one.held_out) + sum(one.counts.values()) == 2_000


def test_buckets_are_even_from_0_to_9999() -> None:
    found = buckets("holdout", (f"c{i}" for i in range(20_000)))

    assert (found.min(), found.max()) == (0, 9_999)
    assert abs(float(np.mean(found)) - 4_999.5) < 80


def test_an_arm_is_a_segment_and_an_exact_target() -> None:
    people = audience(60)
    split = HALVES.split(people)

    target = split.targeting("plain").parts[0].target

    assert set(people.contacts.ids[addressed(people.contacts, target)]) == set(split.ids("plain"))
    assert set(target.exclude_contacts) == set(split.ids("emoji"))
    assert split.segment("plain") == Segment.from_contacts(split.ids("plain"))
    with pytest.raises(NotAddressable):
        split.targeting("plain", most_ids=10)
    with pytest.raises(DraftError, match="no arm 'plian': did you mean plain"):
        split.ids("plian")


def test_it_says_before_sending_what_it_can_show() -> None:
    split = HALVES.split(audience(4_000), strata=pd.Series("all", index=audience(4_000).contacts.ids))

    assert repr(split) == "<Split spring: plain 2,000, emoji 2,000, held out 0.>"
    assert split.promise(0.06) == (
        "With 2,000 contacts in the smallest arm, a rise from 6.0% to 8.3% is seen four times in five, and a smaller "
        "one less often."
    )
    assert "too few to show any change" in HALVES.split(audience(2)).promise(0.5)


@pytest.mark.parametrize("arms", [{"a": 1.0}, {"a": 0.5, "b": 0.4}, {"a": 1.2, "b": -0.2}])
def test_shares_have_to_add_up(arms: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="add up to 1"):
        Experiment(name="x", arms=arms)
