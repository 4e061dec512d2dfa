from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import make_contacts
from toolkit.audience.holdout import buckets
from toolkit.audience.segment import Segment
from toolkit.audience.targets.verification import addressed
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.errors import DraftError, NotAddressable, ToolkitError
from toolkit.experiments.split import Experiment

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
    with pytest.raises(DraftError, match="1 recipient has no stratum, 'c00001' first"):
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
        split.targeting("plain", most_bytes=30)
    with pytest.raises(DraftError, match="no arm 'plian': did you mean plain"):
        split.ids("plian")


def test_it_says_before_sending_what_it_can_show() -> None:
    split = HALVES.split(audience(4_000), strata=pd.Series("all", index=audience(4_000).contacts.ids))

    assert repr(split) == "<Split spring: plain 2,000, emoji 2,000, held out 0.>"
    assert split.promise(0.06) == (
        "With 2,000 contacts in the smallest arm, a rise from 6.0% to 8.3% is detected in four tests of "
        "five, and a smaller one less often."
    )
    assert "too few to show any change" in HALVES.split(audience(2)).promise(0.5)


NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def sent_to(*contact_ids: str, **changes: object) -> pd.DataFrame:
    """The log of a campaign that reached these contacts at noon."""
    row = {"sent_time": pd.Timestamp(NOON), "status": "delivered"} | changes
    return pd.DataFrame({"contact_id": list(contact_ids)}).assign(**row)


def test_a_split_is_read_out_from_logs_and_ones_own_orders_once_the_wait_is_over() -> None:
    split = HALVES.split(audience(1_000))
    plain, emoji = split.ids("plain"), split.ids("emoji")
    lost, waiting = sent_to(emoji[0], status="failed"), sent_to(emoji[1], status="queued", sent_time=pd.NaT)
    log = pd.concat([sent_to(*plain, *emoji[2:]), lost, waiting])
    orders = [*plain[:10], plain[0], *emoji[:40], "somebody else"]

    result = split.read_out(log, orders, now=NOON + timedelta(hours=48))

    assert [(arm.assigned, arm.sent, arm.delivered, arm.successes) for arm in result.arms] == [
        (len(plain), len(plain), len(plain), 10),
        (len(emoji), len(emoji) - 1, len(emoji) - 2, 40),
    ]
    assert result.winner == "emoji"
    early = split.read_out(log, orders, now=NOON + timedelta(hours=47))
    assert (early.winner, early.problems[0][:9]) == (None, "Too early")


def test_clicks_are_read_out_by_arm_as_the_service_tells_them() -> None:
    split = HALVES.split(audience(400))
    log = sent_to(*split.ids("plain"), *split.ids("emoji"))

    result = split.read_out(log, {"plain": 5, "emoji": 60}, now=NOON + timedelta(days=3))

    assert [arm.successes for arm in result.arms] == [5, 60]
    for counts in ({"plain": 5}, {"plain": 5, "emoji": 6, "emojis": 7}):
        with pytest.raises(DraftError, match="a count for each arm and nothing else: plain, emoji"):
            split.read_out(log, counts, now=NOON)
    with pytest.raises(ToolkitError, match="no sent message"):
        split.read_out(log.iloc[:0], {"plain": 5, "emoji": 60}, now=NOON)


def test_uplift_is_everybody_texted_against_the_holdout() -> None:
    split = Experiment(name="spring", arms={"a": 0.5, "b": 0.5}, holdout=0.2).split(audience(2_000))
    texted = [*split.ids("a"), *split.ids("b")]
    log = sent_to(*texted)
    buyers = [*texted[:200], *split.held_out[:10]]

    found = split.uplift(log, buyers, now=NOON + timedelta(days=2))

    assert (found.texted, found.texted_successes) == (len(texted), 200)
    assert (found.held_out, found.held_out_successes) == (len(split.held_out), 10)
    assert found.comparison is not None
    assert found.comparison.is_shown
    assert str(found).splitlines()[2].startswith("texted against held out: +")
    early = split.uplift(log, buyers, now=NOON)
    spoilt = split.uplift(sent_to(*texted, split.held_out[0]), buyers, now=NOON + timedelta(days=2))
    assert (early.comparison, spoilt.comparison) == (None, None)
    assert "Held-out contacts were texted (1 of them)" in str(spoilt)
    with pytest.raises(ToolkitError, match="give the experiment a holdout share"):
        HALVES.split(audience(20)).uplift(sent_to("c00001"), [], now=NOON)


@pytest.mark.parametrize("arms", [{"a": 1.0}, {"a": 0.5, "b": 0.4}, {"a": 1.2, "b": -0.2}])
def test_shares_have_to_add_up(arms: dict[str, float]) -> None:
    with pytest.raises(DraftError, match="add up to 1"):
        Experiment(name="x", arms=arms)
