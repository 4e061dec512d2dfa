"""What is registered is approved with the texts, and what it cannot show is said before anything is sent."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal

import pytest

from tests.builders import Clock
from tests.experiments.studies import SEGMENT, draft, registration, send
from toolkit.errors import DraftError, UnknownColumn
from toolkit.experiments.metric import Metric
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.workspace import Workspace


def codes(ws: Workspace, **changes: Any) -> dict[str, str]:
    return {each.code: each.severity for each in ws.plan(draft(**changes)).findings if each.code.startswith("EXP")}


def test_the_person_who_approves_reads_how_it_will_be_judged(ws: Workspace) -> None:
    shown = str(ws.plan(draft()))

    assert "How it will be judged" in shown
    assert "share of those assigned with an order, higher is better" in shown
    assert "30.0 points over 'plain', which is expected to show 10.0 %" in shown
    assert "an opt-out: at most 10.0 points worse" in shown
    assert "once, 48 hours after the last message" in shown


def test_another_registration_is_another_digest(ws: Workspace) -> None:
    one, other = ws.plan(draft()), ws.plan(draft(registration=registration(least_lift=0.31)))

    assert one.audience_digest == other.audience_digest
    assert one.digest != other.digest


def test_a_metric_changed_after_sending_is_refused(ws: Workspace) -> None:
    send(ws, ws.plan(draft()))

    changed = ws.plan(draft(name="Again", registration=registration(metric=Metric(name="a visit"))))

    found = next(each for each in changed.findings if each.code == "EXP004")
    assert (found.is_blocking, found.is_final) == (True, True)
    assert "was sent with another registration" in found.message


def test_the_same_registration_may_be_planned_again(ws: Workspace) -> None:
    send(ws, ws.plan(draft()))

    assert "EXP004" not in codes(ws, name="Again")


def test_a_test_too_small_for_its_gain_is_blocked_unless_a_reason_is_given(ws: Workspace) -> None:
    small = registration(least_lift=0.01)

    plan = ws.plan(draft(registration=small))
    reasoned = ws.plan(draft(registration=small, overrides={"EXP001": "a first look at how it works"}))

    found = next(each for each in plan.findings if each.code == "EXP001")
    assert plan.is_blocked
    assert "a gain of 1.0 points is shown in 5% of cases, not in the 80% registered" in found.message
    assert f"Give each arm {small.people():,} contacts" in found.fix
    assert not reasoned.is_blocked


def test_what_this_audience_can_show_is_named_and_passes_and_a_little_less_does_not(ws: Workspace) -> None:
    small = registration(least_lift=0.01)
    found = next(each for each in ws.plan(draft(registration=small)).findings if each.code == "EXP001")
    named = re.search(r"these can show (\d+\.\d) points or more", found.message)
    assert named
    assert f"It takes {small.people():,} contacts an arm" in found.message
    assert f"look for a gain of {named[1]} points or more" in found.fix

    gain = float(named[1]) / 100
    assert "EXP001" not in codes(ws, registration=registration(least_lift=gain))
    assert "EXP001" in codes(ws, registration=registration(least_lift=gain - 0.001))


@pytest.mark.parametrize("better", ["higher", "lower"])
def test_the_least_gain_that_can_be_shown_stays_within_what_a_share_can_be(better: Literal["higher", "lower"]) -> None:
    share = registration(metric=Metric(name="an order", better=better), baseline=0.5, least_lift=0.01)
    mean = registration(metric=Metric(name="revenue", kind="mean", value="amount"), spread=40.0, least_lift=0.1)

    least = share.least_shown(100)
    amount = mean.least_shown(100)

    assert least is not None
    assert share.model_copy(update={"detectable": least}).power_with(100) >= 0.8
    assert share.model_copy(update={"detectable": least - 0.001}).power_with(100) < 0.8
    assert share.least_shown(2) is None
    assert amount is not None
    assert (mean.model_copy(update={"detectable": amount}).power_with(100) >= 0.8) is True
    assert mean.model_copy(update={"detectable": amount - 0.01}).power_with(100) < 0.8


def test_a_test_that_is_large_enough_is_not_blocked(ws: Workspace) -> None:
    assert codes(ws) == {}


def test_an_experiment_without_registration_is_noticed(ws: Workspace) -> None:
    assert codes(ws, registration=None) == {"EXP005": "warn"}


def test_clicks_cannot_be_read_out_by_person(ws: Workspace) -> None:
    clicks = Guardrail(metric=Metric(name="a click", source="clicks"), margin=0.1)

    assert codes(ws, registration=registration(guardrails=(clicks,))) == {"EXP003": "warn"}


def test_people_of_another_experiment_are_noticed_until_it_is_over(ws: Workspace, clock: Clock) -> None:
    send(ws, ws.plan(draft()))
    other = {"name": "Other", "experiment": "other"}

    meanwhile = codes(ws, **other)
    ws._service_now.__self__.advance(timedelta(hours=49))  # type: ignore[attr-defined]  # the sandbox's clock

    assert meanwhile == {"EXP002": "warn"}
    assert codes(ws, **other) == {}


def test_two_experiments_of_a_layer_share_its_people_out(ws: Workspace) -> None:
    first = ws.plan(draft(layer="copy", slots=(0.0, 0.5), registration=None))
    send(ws, first)

    second = ws.plan(draft(name="Other", experiment="other", layer="copy", slots=(0.5, 1.0), registration=None))
    again = ws.plan(draft(name="Third", experiment="third", layer="copy", slots=(0.4, 0.6), registration=None))

    assert not set(first.recipient_ids) & set(second.recipient_ids)
    assert {step.outcome: step.count for step in second.waterfall}["reserved"] > 0
    assert "EXP002" not in {each.code for each in second.findings}
    assert next(each for each in again.findings if each.code == "EXP002").is_blocking


def test_strata_named_in_the_draft_are_cut_exactly(ws: Workspace) -> None:
    plan = ws.plan(draft(strata="field.customer_tier", registration=None))
    tiers = ws.contacts(SEGMENT, ["id", "field.customer_tier"]).set_index("id")["field.customer_tier"]

    counts = [tiers.loc[list(plan.assigned[arm])].value_counts(dropna=False) for arm in ("plain", "friendly")]

    assert ((counts[0] - counts[1]).abs() <= 1).all()


def test_a_segment_that_cannot_be_read_out_is_refused_before_sending(ws: Workspace) -> None:
    with pytest.raises(UnknownColumn, match=r"no column 'field\.custom_tier': did you mean field\.customer_tier"):
        ws.plan(draft(registration=registration(segments=("field.custom_tier",))))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"control": "nobody"}, "control 'nobody' is not an arm"),
        ({"least_lift": 0.95}, "between 0 and 1, also together"),
        ({"metric": Metric(name="amount", kind="mean", value="amount")}, "no sample size without the spread"),
        ({"guardrails": (Guardrail(metric=Metric(name="an order"), margin=0.1),)}, "has another metric"),
    ],
)
def test_what_cannot_be_judged_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DraftError, match=words):
        Experiment(name="x", arms={"plain": 0.5, "friendly": 0.5}, registration=registration(**changes))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "mean"}, "mean is of a column"),
        ({"kind": "ratio", "value": "amount"}, "divides by a second column"),
        ({"source": "opt_outs", "kind": "mean", "value": "x"}, "counted as a share of people"),
    ],
)
def test_a_metric_says_all_that_decides_its_number(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(DraftError, match=words):
        Metric(name="x", **fields)


def test_the_sample_size_of_a_share_is_that_of_the_field() -> None:
    rule = Registration(metric=Metric(name="an order"), control="a", least_lift=0.01, baseline=0.06)

    assert rule.people() == 9_537  # (1.96 + 0.84)² (0.06 · 0.94 + 0.07 · 0.93) / 0.01²
    assert rule.power_with(rule.people()) == pytest.approx(0.8, abs=1e-4)


def test_several_arms_and_looks_at_any_time_take_more_people() -> None:
    rule = Registration(metric=Metric(name="an order"), control="a", least_lift=0.01, baseline=0.06)
    often = rule.model_copy(update={"analysis": "always_valid"})

    assert rule.people(compared=3) == 12_720  # (2.394 + 0.84)² …: the interval of 1 - 0.05/3
    assert often.people() == 18_262  # (3.035 + 0.84)² …: half of the interval at the planned variance
    for each, compared in ((rule, 3), (often, 1)):
        assert each.power_with(each.people(compared=compared), compared=compared) == pytest.approx(0.8, abs=1e-4)


def test_a_plan_of_several_arms_says_how_many_people_they_take(ws: Workspace) -> None:
    rule = registration(least_lift=0.15)
    three = Experiment(name="three", arms={"plain": 0.4, "friendly": 0.3, "short": 0.3}, registration=rule)
    messages = {"friendly": "Hello! Shoes. Reply STOP to opt out.", "short": "Shoes. Reply STOP to opt out."}

    plan = ws.plan(CampaignDraft(**{**dict(draft()), "messages": messages, "experiment": three}))

    found = next(each for each in plan.findings if each.code == "EXP001")
    assert f"Give each arm {rule.people(compared=2):,} contacts" in found.fix
