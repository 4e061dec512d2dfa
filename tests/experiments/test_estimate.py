"""Differences, their intervals and p-values equal tea-tasting's; intervals hold as often as they promise."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.experiments import simulations as sim
from toolkit.experiments.estimate import Difference, difference
from toolkit.experiments.moments import from_rows
from toolkit.experiments.segments import benjamini_hochberg


def people(size: int = 3_000) -> pd.DataFrame:
    """Made-up people in two arms: orders and visits, before and after."""
    random = np.random.default_rng(7)
    habit = random.gamma(2, 1.5, size)
    arm = random.integers(0, 2, size)
    visits = random.poisson(habit + 1) + 1
    return pd.DataFrame(
        {
            "arm": arm,
            "visits": visits,
            "orders": random.binomial(visits, 0.2 + 0.02 * arm).astype(float),
            "earlier": random.poisson(habit).astype(float),
        }
    )


def found(frame: pd.DataFrame, *, per: bool = False, before: bool = False) -> Difference:
    arms = [
        from_rows(each["orders"], each["visits"] if per else None, each["earlier"] if before else None)
        for _, each in frame.groupby("arm")
    ]
    return difference(arms[1], arms[0])


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("per", [False, True])
def test_a_difference_equals_that_of_tea_tasting(per: bool, before: bool) -> None:
    import tea_tasting as tt

    frame = people()
    metric: Any = (
        tt.RatioOfMeans("orders", "visits", "earlier" if before else None)
        if per
        else tt.Mean("orders", "earlier" if before else None)
    )

    ours, theirs = found(frame, per=per, before=before), metric.analyze(frame, 0, 1, variant="arm")

    assert ours.value == pytest.approx(theirs.effect_size, rel=1e-9)
    assert ours.low == pytest.approx(theirs.effect_size_ci_lower, rel=1e-9)
    assert ours.high == pytest.approx(theirs.effect_size_ci_upper, rel=1e-9)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-9)


def test_adjusted_p_values_equal_those_of_scipy() -> None:
    from scipy.stats import false_discovery_control

    p_values = [0.01, 0.04, 0.03, 0.2, 0.5]

    assert benjamini_hochberg(p_values) == pytest.approx(false_discovery_control(p_values), rel=1e-12)


def test_values_before_the_send_make_the_interval_narrower() -> None:
    random = np.random.default_rng(1)
    one, two = (sim.spending(2_000, random, earlier=True) for _ in range(2))

    assert 0.05 < difference(one, two).narrowed < 0.5


def test_arms_in_which_nothing_varies_have_an_interval_of_no_width() -> None:
    same = from_rows(np.ones(10))

    assert difference(same, same) == Difference(0.0, 0.0, 0.0, 1.0, 0.0)


def test_intervals_hold_their_promise() -> None:
    random = np.random.default_rng(3)

    shares, means, ratios = sim.coverage(400, random)
    always, welch = sim.peeks_covered(200, random)

    assert 0.92 <= shares <= 0.98
    assert 0.92 <= means <= 0.98
    assert 0.92 <= ratios <= 0.98
    assert welch < 0.9 < 0.95 <= always


def test_nothing_is_shown_where_nothing_is() -> None:
    random = np.random.default_rng(4)

    assert 0.02 <= sim.false_positives("share", 500, random) <= 0.08
    assert 0.02 <= sim.false_positives("adjusted", 500, random) <= 0.08
    assert sim.family_errors("holm", 200, random)[0] <= 0.1
    assert 0.045 <= sim.family_error("holm") < sim.family_error("benjamini_hochberg") <= 0.05
    assert sim.wrong_verdicts(300, random)["ship"] <= 0.03


def test_a_planted_harm_is_stopped_as_often_as_the_power_says() -> None:
    assert sim.stopped(400, np.random.default_rng(5)) >= 0.76
    assert sim.power_of_guardrail(0.02, 0.02) >= 0.8


def test_shrunk_segments_are_nearer_the_truth() -> None:
    raw, shrunk = sim.shrunk_errors(100, np.random.default_rng(6))

    assert shrunk < 0.75 * raw


@pytest.mark.parametrize("spread", [0.0, 0.01, 0.04])
def test_what_to_expect_of_a_segment_holds_however_much_segments_differ(spread: float) -> None:
    assert sim.shrunk_covered(spread, 150, np.random.default_rng(10)) >= 0.92


def test_starting_up_loads_no_statistics_library() -> None:
    code = (
        "import toolkit, mcp_server.server, sys; toolkit.connect; "
        "print(sorted({'scipy', 'statsmodels', 'tea_tasting', 'lifelines'} & set(sys.modules)))"
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)

    assert loaded.stdout.strip() == "[]"
