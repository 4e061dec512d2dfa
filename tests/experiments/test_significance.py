"""Reference values are of scipy 1.17.1 and statsmodels 0.15.0, worked out once, and of the calls named beside them."""

from __future__ import annotations

import pytest

from toolkit.errors import ToolkitError
from toolkit.experiments.sample_size import least_lift, power_of, sample_size
from toolkit.experiments.significance import counts_differ, holm, newcombe, rates_differ


@pytest.mark.parametrize(
    ("base", "lifted", "size"),  # proportion_effectsize and NormalIndPower().solve_power(alpha=0.05, power=0.8)
    [
        (0.06, 0.07, 9526.742115324882),
        (0.06, 0.072, 6706.604651581922),
        (0.06, 0.075, 4378.4247999025),
        (0.09, 0.10, 13487.313972142505),
        (0.01, 0.013, 19743.478123077955),
    ],
)
def test_sample_sizes_are_those_of_statsmodels(base: float, lifted: float, size: float) -> None:
    found = sample_size(base, lifted)

    assert size <= found < size + 1
    assert power_of(found, base, lifted) == pytest.approx(0.8, abs=1e-4)
    assert least_lift(found, base) == pytest.approx(lifted, abs=1e-5)


def test_power_is_that_of_statsmodels() -> None:
    assert power_of(2_000, 0.06, 0.07) == pytest.approx(0.2500102850703914)  # NormalIndPower().power


@pytest.mark.parametrize(("base", "lifted"), [(0.06, 0.06), (0.0, 0.1), (0.1, 7.0)])
def test_what_is_no_change_of_a_rate_is_refused(base: float, lifted: float) -> None:
    with pytest.raises(ToolkitError):
        sample_size(base, lifted)


def test_the_interval_of_a_difference_is_newcombe_s() -> None:
    # confint_proportions_2indep(120, 2000, 95, 2000, method="newcomb"), and of 3 of 50 and 0 of 60
    assert newcombe(95, 2000, 120, 2000) == pytest.approx((-0.001514709580853939, 0.026612250472927413))
    assert newcombe(0, 60, 3, 50) == pytest.approx((-0.011915452795777687, 0.16217091688838173))


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        ((95, 2000, 120, 2000), 0.07964641452575807),  # proportions_ztest
        ((3, 50, 10, 60), 0.136513191358715),  # scipy.stats.fisher_exact
        ((0, 20, 4, 20), 0.10602910602910605),
        ((16, 20, 20, 20), 0.10602910602910605),
    ],
)
def test_p_values_are_those_of_scipy_and_statsmodels(counts: tuple[int, int, int, int], p: float) -> None:
    assert rates_differ(*counts) == pytest.approx(p)


@pytest.mark.parametrize(
    ("counts", "shares", "p"),  # scipy.stats.chisquare
    [
        ((5100, 4900), (0.5, 0.5), 0.04550026389635857),
        ((50, 60, 70, 40), (1, 1, 1, 1), 0.028106302856955485),
        ((480, 520, 505), (500, 500, 505), 0.4493289641172217),
        ((10, 10), (1, 1), 1.0),
        ((0, 0), (1, 1), 1.0),
        ((9000, 1000), (1, 1), 0.0),
    ],
)
def test_counts_are_held_against_shares_as_scipy_does(
    counts: tuple[int, ...], shares: tuple[float, ...], p: float
) -> None:
    assert counts_differ(counts, shares) == pytest.approx(p)


def test_several_p_values_are_adjusted_by_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.2]) == pytest.approx((0.04, 0.09, 0.09, 0.2))  # multipletests(method="holm")
