"""One arm against another, by the rule that was registered: the difference, its interval and its p-value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from toolkit.experiments.estimate import ALPHA, Difference, always_valid, difference
from toolkit.experiments.metric import Metric
from toolkit.experiments.moments import BEFORE, VALUE, Moments
from toolkit.experiments.registration import Registration
from toolkit.experiments.segments import benjamini_hochberg
from toolkit.experiments.significance import holm, newcombe, rates_differ
from toolkit.models import Frozen

_Z = 1.959963984540054


class Effect(Frozen):
    """How much higher `arm` is than `other` in the metric's units; `low` and `high` are the 95 % interval.

    `p` is adjusted for the number of comparisons. `narrowed` is the share by which values before the send made the
    interval narrower.
    """

    arm: str
    other: str
    difference: float
    low: float
    high: float
    p: float = Field(ge=0, le=1)
    narrowed: float = 0.0

    def gain(self, metric: Metric) -> tuple[float, float, float]:
        """The difference and its interval where better is higher."""
        values = (self.difference, self.low, self.high)
        return values if metric.sign > 0 else (-self.difference, -self.high, -self.low)

    def words(self, metric: Metric) -> str:
        """+1.8 points (+0.7 to +2.9), p = 0.0009."""
        ends = " to ".join(metric.gain(end).removesuffix(" points") for end in (self.low, self.high))
        return f"{metric.gain(self.difference)} ({ends}), p = {self.p:.2g}"


def effects(
    registration: Registration, metric: Metric, arms: Mapping[str, Moments], pairs: Sequence[tuple[str, str]]
) -> tuple[Effect, ...]:
    """Every pair of arms by one metric; p-values adjusted for their number as registered."""
    smallest = min(arms[arm].count for pair in pairs for arm in pair)
    planned = registration.variance(smallest) if metric == registration.metric else None
    found = [
        compared(
            arms[arm],
            arms[other],
            metric,
            planned=planned if registration.analysis == "always_valid" else None,
            alpha=ALPHA / len(pairs),
        )
        for arm, other in pairs
    ]
    p_values = corrected([each.p for each in found], registration.correction)
    return tuple(
        Effect(arm=arm, other=other, difference=x.value, low=x.low, high=x.high, p=p, narrowed=x.narrowed)
        for (arm, other), x, p in zip(pairs, found, p_values, strict=True)
    )


def compared(
    arm: Moments, other: Moments, metric: Metric, *, planned: float | None = None, alpha: float = ALPHA
) -> Difference:
    """The difference of two arms: always valid if a variance is planned, else Newcombe's for shares, else Welch's."""
    if planned is not None:
        return always_valid(difference(arm, other), planned_variance=planned, alpha=alpha)
    if metric.kind != "share" or arm.covariances[BEFORE, BEFORE] + other.covariances[BEFORE, BEFORE] > 0:
        return difference(arm, other)
    (x1, n1), (x2, n2) = ((round(each.means[VALUE] * each.count), each.count) for each in (other, arm))
    low, high = newcombe(x1, n1, x2, n2)
    variance = ((high - low) / (2 * _Z)) ** 2
    return Difference(x2 / n2 - x1 / n1, low, high, rates_differ(x1, n1, x2, n2), variance)


def corrected(p_values: Sequence[float], correction: str) -> tuple[float, ...]:
    """p-values adjusted for being several."""
    return holm(p_values) if correction == "holm" else benjamini_hochberg(p_values)
