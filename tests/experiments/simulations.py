"""Experiments with a planted truth, many at a time: how often intervals hold and verdicts are wrong.

The gate runs a few hundred of each, `soak_experiments.py` as many as the figures are quoted for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from toolkit.engagement.weekly.shifts import shifts
from toolkit.engagement.weekly.survival import kaplan_meier
from toolkit.experiments.effect import arm_effects, compare_arms, corrected
from toolkit.experiments.estimate import always_valid, difference
from toolkit.experiments.guardrails import GuardrailOutcome
from toolkit.experiments.metric import OPT_OUTS, Metric
from toolkit.experiments.moments import Moments, from_rows, from_sums
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.segments import by_segment, shrink
from toolkit.experiments.significance import rates_differ
from toolkit.experiments.verdict import judge_experiment

BOUGHT = Metric(name="an order")
SPENT = Metric(name="amount", kind="mean", value="amount")
Random = np.random.Generator


def share(count: int, people: int) -> Moments:
    """The moments of so many successes."""
    return from_sums(people, [count, people, 0], [[count, count, 0], [count, people, 0], [0, 0, 0]])


def false_positives(kind: str, runs: int, random: Random) -> float:
    """The share of experiments without any effect in which one is shown."""
    shown = 0
    for _ in range(runs):
        if kind == "share":
            one, two = (share(int(random.binomial(4_000, 0.06)), 4_000) for _ in range(2))
            shown += compare_arms(one, two, BOUGHT).p < 0.05
        elif kind == "ratio":
            shown += difference(baskets(2_000, random), baskets(2_000, random)).p < 0.05
        else:
            one, two = (spending(2_000, random, earlier=kind == "adjusted") for _ in range(2))
            shown += difference(one, two).p < 0.05
    return shown / runs


def spending(people: int, random: Random, *, gain: float = 0.0, earlier: bool = False, like: float = 0.8) -> Moments:
    """Amounts of people, most of them 0; who spent before spends again."""
    habit = random.gamma(2.0, 20.0, people)
    before = habit * random.binomial(1, like, people)
    value = habit * random.binomial(1, like, people) + gain
    return from_rows(value, before=before if earlier else None)


def baskets(people: int, random: Random, *, gain: float = 0.0) -> Moments:
    """Orders and visits of people, some of whom come more often; each visit ends in an order alike."""
    visits = random.poisson(random.gamma(2.0, 1.5, people)) + 1
    return from_rows(random.binomial(visits, 0.2 + gain).astype(float), visits)


def peeks_covered(
    runs: int, random: Random, *, gain: float = 0.015, days: int = 14, people: int = 3_000
) -> tuple[float, float]:
    """The share of experiments whose interval held on every day: always valid, and Welch's, for comparison.

    Without a gain it is the share in which no day shows one: the interval has 0 in it wherever p is above 0.05.
    """
    rule = Registration(metric=BOUGHT, control="a", least_lift=0.01, baseline=0.06, analysis="always_valid")
    planned = rule.variance(people)
    held = welch = 0
    for _ in range(runs):
        rates = (0.06, 0.06 + gain)
        counts = [np.cumsum(random.multinomial(people, [rate / days] * days + [1 - rate])[:days]) for rate in rates]
        is_held = is_welch = True
        for day in range(days):
            truth = (rates[1] - rates[0]) * (day + 1) / days
            found = difference(share(int(counts[1][day]), people), share(int(counts[0][day]), people))
            wide = always_valid(found, planned_variance=planned)
            is_held &= wide.low <= truth <= wide.high and (wide.p < 0.05) == (not wide.low <= 0 <= wide.high)
            is_welch &= found.low <= truth <= found.high
        held += is_held
        welch += is_welch
    return held / runs, welch / runs


def coverage(runs: int, random: Random) -> tuple[float, float, float]:
    """How often the interval of a share's, of an adjusted mean's and of a ratio's difference holds a planted truth."""
    shares = means = ratios = 0
    for _ in range(runs):
        one, two = share(int(random.binomial(3_000, 0.08)), 3_000), share(int(random.binomial(3_000, 0.06)), 3_000)
        found = compare_arms(one, two, BOUGHT)
        shares += found.low <= 0.02 <= found.high
        treated = spending(2_000, random, gain=3.0, earlier=True)
        adjusted = difference(treated, spending(2_000, random, earlier=True))
        means += adjusted.low <= 3.0 <= adjusted.high
        ratio = difference(baskets(2_000, random, gain=0.02), baskets(2_000, random))
        ratios += ratio.low <= 0.02 <= ratio.high
    return shares / runs, means / runs, ratios / runs


def lift_covered(runs: int, random: Random) -> float:
    """How often the interval of everybody texted against who was held out has the planted lift in it, of two arms."""
    held = 0
    rule = Registration(metric=BOUGHT, control="a", least_lift=0.01, baseline=0.06)
    for _ in range(runs):
        one, two = (share(int(random.binomial(count, rate)), count) for count, rate in ((3_000, 0.07), (2_000, 0.09)))
        arms = {"texted": one + two, "held out": share(int(random.binomial(800, 0.06)), 800)}
        (lift,) = arm_effects(rule, BOUGHT, arms, [("texted", "held out")])
        held += lift.low <= (3_000 * 0.01 + 2_000 * 0.03) / 5_000 <= lift.high
    return held / runs


def widths(random: Random, *, people: int = 3_110, likeness: float = 0.81) -> tuple[float, float]:
    """How wide a difference's interval is without and with values from before that are so much alike."""
    rows = [random.multivariate_normal([50, 50], [[1, likeness], [likeness, 1]], people) * 25 for _ in range(2)]
    plain, adjusted = (
        difference(*(from_rows(each[:, 0], before=each[:, 1] if before else None) for each in rows))
        for before in (False, True)
    )
    return plain.high - plain.low, adjusted.high - adjusted.low


def power_of_guardrail(base: float, harm: float) -> float:
    """The probability that a harm of the margin is stopped, at its promised power of 0.8, over all that may happen."""
    from scipy.stats import binom

    guard = Metric(name="x", better="lower")
    people = Registration(metric=guard, control="a", least_lift=harm, baseline=base + harm).people()

    def outcomes(rate: float) -> range:
        return range(*(int(binom.ppf(tail, people, rate)) for tail in (1e-6, 1 - 1e-6)))

    chances = {rate: binom.pmf(np.array(outcomes(rate)), people, rate) for rate in (base, base + harm)}
    return float(
        sum(
            chance * other
            for lost, chance in zip(outcomes(base + harm), chances[base + harm], strict=True)
            for usual, other in zip(outcomes(base), chances[base], strict=True)
            if compare_arms(share(lost, people), share(usual, people), guard).low > 0
        )
    )


def stopped(runs: int, random: Random) -> float:
    """The share of experiments with a planted harm of the margin, at its promised power of 0.8, that are stopped."""
    harm, base = 0.005, 0.006
    guard = Registration(
        metric=Metric(name="x", better="lower"), control="a", least_lift=harm, baseline=base + harm
    )  # the people that show a harm of the margin in four of five cases
    people = guard.people()
    rule = Registration(
        metric=BOUGHT,
        control="a",
        least_lift=0.01,
        baseline=0.06,
        guardrails=(Guardrail(metric=OPT_OUTS, margin=harm),),
    )
    pairs = [("b", "a")]
    stops = 0
    for _ in range(runs):
        sold = {
            "a": share(int(random.binomial(people, 0.06)), people),
            "b": share(int(random.binomial(people, 0.09)), people),
        }
        lost = {
            "a": share(int(random.binomial(people, base)), people),
            "b": share(int(random.binomial(people, base + harm)), people),
        }
        found = arm_effects(rule, BOUGHT, sold, pairs)
        guards = [
            GuardrailOutcome(metric=OPT_OUTS, margin=harm, effect=effect, levels=("", ""))
            for effect in arm_effects(rule, OPT_OUTS, lost, pairs)
        ]
        stops += judge_experiment(rule, found, guards, per_arm=people).word == "stop"
    return stops / runs


def family_errors(correction: str, runs: int, random: Random, *, segments: int = 20) -> tuple[float, float]:
    """The share of experiments without any effect that show one in some segment; and that show an interaction."""
    wrong = interactions = 0
    for _ in range(runs):
        found = {}
        for at in range(segments):
            one, two = (share(int(random.binomial(800, 0.1)), 800) for _ in range(2))
            found[f"s{at}"] = (compare_arms(one, two, BOUGHT), 1_600)
        adjusted = corrected([each.p for each, _ in found.values()], correction)
        result = by_segment("segment", found, adjusted, correction=correction)
        wrong += any(each.is_shown for each in result.segments)
        interactions += result.interaction_p < 0.05
    return wrong / runs, interactions / runs


def family_error(correction: str, *, people: int = 800, rate: float = 0.1, segments: int = 20) -> float:
    """The probability that segments without any effect show one, over all that may happen in each of them."""
    from scipy.stats import binom

    counts = range(*(int(binom.ppf(tail, people, rate)) for tail in (1e-9, 1 - 1e-9)))
    chances = binom.pmf(np.array(counts), people, rate)
    p_values = np.array([[rates_differ(one, people, two, people) for two in counts] for one in counts])
    below = np.array([chances @ (p_values <= 0.05 * at / segments) @ chances for at in range(1, segments + 1)])
    if correction == "holm":
        return float(1 - (1 - below[0]) ** segments)
    none_shown = np.zeros(segments + 1)  # by how many p-values are below the step, never as many as its number
    none_shown[0] = 1.0
    for at, (before, now) in enumerate(zip([0.0, *below], below, strict=False)):
        more = (now - before) / (1 - before)
        none_shown = np.array(
            [
                sum(none_shown[n] * binom.pmf(m - n, segments - n, more) for n in range(m + 1)) if m <= at else 0.0
                for m in range(segments + 1)
            ]
        )
    return float(1 - none_shown.sum())


def shrunk_covered(spread: float, runs: int, random: Random, *, segments: int = 10) -> float:
    """How often the interval of what to expect of a segment has its true difference in it."""
    held = 0.0
    for _ in range(runs):
        variances = 0.00018 * random.uniform(0.3, 3.0, segments)
        truth = random.normal(0.02, spread, segments)
        _, low, high = shrink(random.normal(truth, np.sqrt(variances)), variances)
        held += float(((low <= truth) & (truth <= high)).mean())
    return held / runs


def staying_covered(runs: int, random: Random, *, people: int = 1_000) -> float:
    """How often the Kaplan-Meier interval at 48 hours has the true share of who stays in it; some were watched less."""
    held = 0
    for _ in range(runs):
        leaves, watched = random.exponential(600, people), random.uniform(12, 120, people)
        curve = kaplan_meier(np.minimum(leaves, watched), leaves <= watched)
        at = curve[curve["hours"] <= 48].iloc[-1]
        held += bool(at["low"] <= np.exp(-48 / 600) <= at["high"])
    return held / runs


def shrunk_errors(runs: int, random: Random) -> tuple[float, float]:
    """The mean squared error of segments' differences as measured, and as shrunk, of ten true differences."""
    raw = shrunk = 0.0
    for _ in range(runs):
        truth = random.normal(0.02, 0.01, 10)
        found = {}
        for at, gain in enumerate(truth):
            one = share(int(random.binomial(1_000, 0.1 + gain)), 1_000)
            found[str(at)] = (compare_arms(one, share(int(random.binomial(1_000, 0.1)), 1_000), BOUGHT), 2_000)
        result = by_segment("segment", found, [each.p for each, _ in found.values()], correction="holm")
        raw += sum((each.difference - gain) ** 2 for each, gain in zip(result.segments, truth, strict=True))
        shrunk += sum((each.shrunk - gain) ** 2 for each, gain in zip(result.segments, truth, strict=True))
    return raw / runs / 10, shrunk / runs / 10


def wrong_verdicts(runs: int, random: Random) -> dict[str, float]:
    """How often an experiment without any effect comes to each verdict."""
    rule = Registration(metric=BOUGHT, control="a", least_lift=0.015, baseline=0.06)
    people = rule.people()
    words: dict[str, int] = {"ship": 0, "stop": 0, "extend": 0}
    for _ in range(runs):
        arms = {arm: share(int(random.binomial(people, 0.06)), people) for arm in ("a", "b")}
        words[judge_experiment(rule, arm_effects(rule, BOUGHT, arms, [("b", "a")]), [], per_arm=people).word] += 1
    return {word: count / runs for word, count in words.items()}


def alarms(runs: int, random: Random, *, incident: float = 1.0, between: float = 0.12) -> float:
    """The share of weeks with an alarm, of twelve measures; `incident` multiplies one share of the last week.

    Weeks differ by more than chance: each share's logarithm varies by `between` from week to week.
    """
    usual = np.array([0.03, 0.02, 0.012, 0.01, 0.008, 0.008, 0.006, 0.005, 0.005, 0.004, 0.003, 0.002])
    alarmed = 0
    for _ in range(runs):
        wholes = random.integers(8_000, 15_000, 9)
        rates = usual * np.exp(random.normal(0, between, (9, len(usual))))
        rates[8, 2] *= incident
        counts: Any = random.binomial(wholes[:, None], np.minimum(rates, 1))
        now = {f"m{at}": (int(counts[8, at]), int(wholes[8])) for at in range(len(usual))}
        past: dict[str, Sequence[tuple[int, int]]] = {
            f"m{at}": [(int(x), int(n)) for x, n in zip(counts[:8, at], wholes[:8], strict=True)]
            for at in range(len(usual))
        }
        found = shifts(now, past, worse={})
        alarmed += any(each.is_alarm for each in found) if incident == 1 else found[2].is_alarm
    return alarmed / runs
