"""An effect by segment: whether segments differ at all, what each shows, and how far to believe the extremes.

Of twenty segments without any effect one shows "something" at 5 %. So p-values are adjusted as was chosen before, and
each segment's difference is drawn towards the mean of all by as much as chance explains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from pydantic import Field

from toolkit.experiments.estimate import Difference
from toolkit.experiments.moments import Vector
from toolkit.models import Frozen

_Z = 1.959963984540054
_SPREADS = (np.arange(200) + 0.5) / 200  # where the spread between segments is tried, as roots of its share of the top


class SegmentEffect(Frozen):
    """The difference in one segment. `p` is adjusted for the number of segments; `shrunk`, with its 95 % interval, is
    what to expect of the segment next time."""

    segment: str
    people: int = Field(ge=0)
    difference: float
    low: float
    high: float
    p: float
    shrunk: float
    shrunk_low: float
    shrunk_high: float

    @property
    def is_shown(self) -> bool:
        """More than chance, among this many segments."""
        return self.p < 0.05


class BySegment(Frozen):
    """One column's segments; `interaction_p` is the probability that they differ so much by chance."""

    column: str
    correction: str
    interaction_p: float
    segments: tuple[SegmentEffect, ...]

    def __str__(self) -> str:
        differ = "differ" if self.interaction_p < 0.05 else "are not shown to differ"
        shown = [each.segment for each in self.segments if each.is_shown]
        alone = f"An effect is shown in {', '.join(shown)}." if shown else "None shows an effect by itself."
        return (
            f"By {self.column}: the {len(self.segments)} segments {differ} (p = {self.interaction_p:.2g}). {alone} "
            f"The p-values are adjusted by {self.correction.replace('_', '-').title()}."
        )


def by_segment(
    column: str, found: Mapping[str, tuple[Difference, int]], adjusted: Sequence[float], *, correction: str
) -> BySegment:
    """Put the differences of segments, each with its number of people, beside each other.

    `adjusted` are their p-values after the correction. The interaction is Cochran's Q.
    """
    values = np.array([each.value for each, _ in found.values()])
    variances = np.array([each.variance for each, _ in found.values()])
    weights = 1 / variances
    mean = float((weights * values).sum() / weights.sum())
    q = float((weights * (values - mean) ** 2).sum())
    shrunk, shrunk_low, shrunk_high = shrink(values, variances)
    return BySegment(
        column=column,
        correction=correction,
        interaction_p=_chi_square_tail(q, len(values) - 1),
        segments=tuple(
            SegmentEffect(
                segment=name,
                people=people,
                difference=each.value,
                low=each.value - _Z * sqrt(each.variance),
                high=each.value + _Z * sqrt(each.variance),
                p=float(p),
                shrunk=float(shrunk[at]),
                shrunk_low=float(shrunk_low[at]),
                shrunk_high=float(shrunk_high[at]),
            )
            for at, ((name, (each, people)), p) in enumerate(zip(found.items(), adjusted, strict=True))
        ),
    )


def shrink(values: Vector, variances: Vector) -> tuple[Vector, Vector, Vector]:
    """What to expect of each of several estimates, with the ends of its 95 % interval.

    The normal hierarchical model (Gelman et al., Bayesian Data Analysis, section 5.4), with every spread between
    segments up to far beyond what is seen equally likely beforehand (Gelman 2006): how little a few segments say about
    that spread is part of the interval, which it is not where one spread is estimated and taken for the truth.
    """
    from scipy.special import ndtr

    top = 5 * np.sqrt(variances.max()) + 3 * np.ptp(values)
    between = (top * _SPREADS**2)[:, None] ** 2
    precision = 1 / (variances + between)
    total = precision.sum(axis=1, keepdims=True)
    centre = (precision * values).sum(axis=1, keepdims=True) / total
    likely = np.log(precision).sum(axis=1) - np.log(total[:, 0]) - (precision * (values - centre) ** 2).sum(axis=1)
    chance = _SPREADS * np.exp((likely - likely.max()) / 2)
    chance /= chance.sum()
    kept = between * precision
    means = centre + kept * (values - centre)
    errors = np.sqrt(kept * variances + (1 - kept) ** 2 / total)
    mean: Vector = chance @ means
    spread = np.sqrt(chance @ (errors**2 + (means - mean) ** 2))

    def quantile(share: float) -> Vector:
        low: Vector = mean - 8 * spread
        high: Vector = mean + 8 * spread
        for _ in range(40):
            middle = (low + high) / 2
            is_below = chance @ ndtr((middle - means) / errors) < share
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return high

    return mean, quantile(0.025), quantile(0.975)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values adjusted so that of what is shown 5 % is false (Benjamini and Hochberg 1995), in the same order."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at], reverse=True)
    adjusted, most = [0.0] * len(p_values), 1.0
    for done, at in enumerate(order):
        most = min(most, p_values[at] * len(p_values) / (len(p_values) - done))
        adjusted[at] = most
    return tuple(adjusted)


def _chi_square_tail(x: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, x)) if freedom else 1.0
