"""Whether counts differ significantly: intervals and tests in closed form, without a statistics library."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, hypot, lgamma, log, sqrt

from toolkit.engagement.rates import wilson

SRM_ALARM = 0.001  # sample ratio mismatch: the probability below which counts are too far from their shares


def newcombe(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """The 95 % interval of x2/n2 - x1/n1, from the Wilson intervals of both (Newcombe 1998, method 10)."""
    (low1, high1), (low2, high2) = wilson(x1, n1), wilson(x2, n2)
    rate1, rate2 = x1 / n1, x2 / n2
    difference = rate2 - rate1
    return difference - hypot(rate2 - low2, high1 - rate1), difference + hypot(high2 - rate2, rate1 - low1)


def rates_differ(x1: int, n1: int, x2: int, n2: int) -> float:
    """The two-sided p-value that two rates are equal: pooled z-test, or Fisher's exact test if a count is below 5."""
    if min(x1, n1 - x1, x2, n2 - x2) < 5:
        return _fisher(x1, n1, x2, n2)
    pooled = (x1 + x2) / (n1 + n2)
    z = (x2 / n2 - x1 / n1) / sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return erfc(abs(z) / sqrt(2))


def _fisher(x1: int, n1: int, x2: int, n2: int) -> float:
    """Of all tables with the same margins, the share of those at most as likely as this one."""

    def likelihood(x: int) -> float:
        cells = (x, n1 - x, x1 + x2 - x, n2 - x1 - x2 + x)
        return exp(margins - sum(lgamma(cell + 1) for cell in cells))

    sums = (n1, n2, x1 + x2, n1 + n2 - x1 - x2)
    margins = sum(lgamma(each + 1) for each in sums) - lgamma(n1 + n2 + 1)
    likelihoods = [likelihood(x) for x in range(max(0, x1 + x2 - n2), min(n1, x1 + x2) + 1)]
    seen = likelihood(x1) * (1 + 1e-7)  # equal ones may differ in the last digits
    return min(1.0, sum(each for each in likelihoods if each <= seen))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values adjusted for their number (Holm 1979), in the same order."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, at in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = least
    return tuple(adjusted)


def counts_differ(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The p-value of the chi-square test that counts have these shares, all above 0 and of any sum."""
    expected = [sum(counts) * share / sum(shares) for share in shares]
    if not all(expected):
        return 1.0  # nothing was counted
    distance = sum((count - wanted) ** 2 / wanted for count, wanted in zip(counts, expected, strict=True))
    return _chi_square_tail(distance, len(counts) - 1)


def _chi_square_tail(x: float, freedom: int) -> float:
    """The probability of a chi-square above x, as a finite sum (Abramowitz & Stegun 26.4.4 and 26.4.5)."""
    half = x / 2
    if half == 0:
        return 1.0
    tail = erfc(sqrt(half)) if freedom % 2 else exp(-half)
    firsts = (step + (0.5 if freedom % 2 else 1.0) for step in range((freedom - 1) // 2))
    return tail + sum(exp(first * log(half) - half - lgamma(first + 1)) for first in firsts)
