"""How far two arms are apart in a mean or a ratio, with its 95 % interval: Welch's, or one that may be looked at often.

A ratio's variance is by the delta method (Deng, Knoblich and Lu, KDD 2018). Where values before the send are known the
difference is taken of what they do not explain (CUPED: Deng, Xu, Kohavi and Walker, WSDM 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt

from toolkit.experiments.moments import BEFORE, PER, VALUE, Moments

ALPHA = 0.05


@dataclass(frozen=True)
class Level:
    """An arm's mean or ratio, the variance of that estimate, and of how many people it is."""

    value: float
    variance: float
    count: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval (Student's t)."""
        spread = _t(self.count - 1) * sqrt(self.variance)
        return self.value - spread, self.value + spread


@dataclass(frozen=True)
class Difference:
    """How much higher one level is than another; `low` and `high` are its 95 % interval, `p` two-sided.

    `narrowed` is the share by which values from before the send made the interval narrower, 0 without them.
    """

    value: float
    low: float
    high: float
    p: float
    variance: float
    narrowed: float = 0.0


def level(moments: Moments, coefficient: float = 0.0, centre: float = 0.0) -> Level:
    """The ratio of means of `value` and `per`, less `coefficient` times the `before` that lies above `centre`."""
    means, cov = moments.means, moments.covariances
    per = float(means[PER])
    if not moments.count or not per:
        return Level(float("nan"), inf, moments.count)
    ratio = float(means[VALUE]) / per
    own = (cov[VALUE, VALUE] - 2 * ratio * cov[VALUE, PER] + ratio * ratio * cov[PER, PER]) / (per * per)
    variance = own - 2 * coefficient * _with_before(moments) + coefficient * coefficient * cov[BEFORE, BEFORE]
    value = ratio - coefficient * (float(means[BEFORE]) - centre)
    return Level(value, max(0.0, float(variance)) / moments.count, moments.count)


def difference(arm: Moments, other: Moments) -> Difference:
    """`arm` less `other` by Welch's t-test, adjusted by `before` where that varies."""
    plain = _welch(level(arm), level(other))
    whole = arm + other
    spread = float(whole.covariances[BEFORE, BEFORE])
    if spread <= 0:
        return plain
    coefficient = _with_before(whole) / spread
    centre = float(whole.means[BEFORE])
    adjusted = _welch(level(arm, coefficient, centre), level(other, coefficient, centre))
    width = plain.high - plain.low
    narrowed = 1 - (adjusted.high - adjusted.low) / width if width > 0 else 0.0
    return Difference(adjusted.value, adjusted.low, adjusted.high, adjusted.p, adjusted.variance, narrowed)


def always_valid(found: Difference, *, planned_variance: float, alpha: float = ALPHA) -> Difference:
    """The same difference with an interval that holds however often it is looked at, widest before much is known.

    Robbins' normal mixture (1970) in the variance of the estimate, tightest at `planned_variance`; as in Howard,
    Ramdas, McAuliffe and Sekhon, Annals of Statistics 2021, equation 14. `p` is the least alpha whose interval leaves
    out 0.
    """
    ahead = _ahead(planned_variance, alpha)
    total = found.variance + ahead
    spread = always_valid_width(found.variance, planned_variance=planned_variance, alpha=alpha)
    p = min(1.0, sqrt(total / ahead) / _exp(found.value * found.value / (2 * total)))
    return Difference(
        found.value, found.value - spread, found.value + spread, p, found.variance, narrowed=found.narrowed
    )


def always_valid_width(variance: float, *, planned_variance: float, alpha: float = ALPHA) -> float:
    """Half the width of the interval of `always_valid`."""
    ahead = _ahead(planned_variance, alpha)
    total = variance + ahead
    return sqrt(total * log(total / (ahead * alpha * alpha)))


def _ahead(planned_variance: float, alpha: float) -> float:
    return planned_variance / (-2 * log(alpha) + log(1 - 2 * log(alpha)))


def _with_before(moments: Moments) -> float:
    """The covariance of the mean or ratio, made linear, with `before`."""
    means, cov = moments.means, moments.covariances
    ratio = float(means[VALUE]) / float(means[PER])
    return float((cov[VALUE, BEFORE] - ratio * cov[PER, BEFORE]) / means[PER])


def _welch(arm: Level, other: Level) -> Difference:
    from scipy.special import stdtr

    value, variance = arm.value - other.value, arm.variance + other.variance
    if not variance:
        return Difference(value, value, value, 1.0 if value == 0 else 0.0, 0.0)
    freedom = variance**2 / sum(each.variance**2 / max(each.count - 1, 1) for each in (arm, other))
    spread = _t(freedom) * sqrt(variance)
    p = 2 * float(stdtr(freedom, -abs(value) / sqrt(variance)))
    return Difference(value, value - spread, value + spread, p, variance)


def _t(freedom: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - ALPHA / 2)) if freedom > 0 else inf


def _exp(power: float) -> float:
    from math import exp

    return exp(min(power, 700.0))
