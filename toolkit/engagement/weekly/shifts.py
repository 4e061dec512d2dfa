"""Whether this week differs from the weeks before by more than weeks differ from each other.

Weeks differ by more than chance alone (audiences, days, carriers), so the spread between past weeks is part of the
calculation; and of twenty measures one is odd every week, so p-values are adjusted for their number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import asin, isnan, nan, sqrt

from pydantic import NonNegativeInt

from toolkit.models import Frozen

ALARM = 0.05  # of all measures of a week together
_LEAST_WEEKS = 4  # before it, with anything to count
_EXPECTED = 5  # events, this week or usually, below which a week is not tested


class Shift(Frozen):
    """A share this week and before: `usual` is the range of past weeks, `p` adjusted for the number of measures.

    `p` is None where past weeks are too few, or events too rare, to say anything.
    """

    measure: str
    count: NonNegativeInt
    whole: NonNegativeInt
    past: tuple[tuple[int, int], ...]
    worse: int = 1  # 1 where more is worse, -1 where less is
    p: float | None = None

    @property
    def rate(self) -> float:
        """The share this week; NaN of nothing."""
        return self.count / self.whole if self.whole else nan

    @property
    def rates(self) -> tuple[float, ...]:
        """The shares of past weeks, oldest first, and of this one; NaN where there was nothing."""
        return (*(x / n if n else nan for x, n in self.past), self.rate)

    @property
    def usual(self) -> tuple[float, float] | None:
        """The least and the greatest share of past weeks; None without any."""
        rates = [rate for rate in self.rates[:-1] if not isnan(rate)]
        return (min(rates), max(rates)) if rates else None

    @property
    def is_alarm(self) -> bool:
        """Worse than usual, by more than chance and by more than weeks differ."""
        return self.p is not None and self.p < ALARM

    @property
    def words(self) -> str:
        """9.0 % (90 of 1,000); usual is 2.0 to 2.2 %."""
        usual = self.usual
        before = f"; usual is {_percent(usual[0])} to {_percent(usual[1])} %" if usual else ""
        return f"{_percent(self.rate)} % ({self.count:,} of {self.whole:,}){before}"

    def __str__(self) -> str:
        return f"{self.measure}: {self.words}"


def shifts(
    counts: Mapping[str, tuple[int, int]], past: Mapping[str, Sequence[tuple[int, int]]], *, worse: Mapping[str, int]
) -> tuple[Shift, ...]:
    """Each measure's count and whole this week against those of past weeks, tested one-sided where it is worse.

    Shares are compared as arcsines, whose chance spread does not depend on the share. The prediction of a new week has
    the spread between weeks and the chance in each (random effects, by moments); the p-value is Student's with one
    degree of freedom less than there are weeks, and adjusted by Holm (1979).
    """
    p_values = {name: _surprise(*counts[name], past[name], worse.get(name, 1)) for name in counts}
    tested = sorted((p, name) for name, p in p_values.items() if p is not None)
    adjusted: dict[str, float] = {}
    least = 0.0
    for rank, (p, name) in enumerate(tested):
        least = max(least, min(1.0, p * (len(tested) - rank)))
        adjusted[name] = least
    return tuple(
        Shift(
            measure=name,
            count=counts[name][0],
            whole=counts[name][1],
            past=tuple(past[name]),
            worse=worse.get(name, 1),
            p=adjusted.get(name),
        )
        for name in counts
    )


def _surprise(count: int, whole: int, past: Sequence[tuple[int, int]], worse: int) -> float | None:
    """The probability of a week as bad as this, or worse, if nothing has changed; None if unknown."""
    from scipy.special import stdtr

    weeks = [(x, n) for x, n in past if n]
    if not whole or len(weeks) < _LEAST_WEEKS:
        return None
    events, messages = sum(x for x, _ in weeks), sum(n for _, n in weeks)
    if max(count, events / messages * whole) < _EXPECTED:
        return None
    angles = [_angle(x, n) for x, n in weeks]
    weights = [4.0 * n for _, n in weeks]
    mean = sum(w * a for w, a in zip(weights, angles, strict=True)) / sum(weights)
    q = sum(w * (a - mean) ** 2 for w, a in zip(weights, angles, strict=True))
    spare = len(weeks) - 1
    between = max(0.0, (q - spare) / (sum(weights) - sum(w * w for w in weights) / sum(weights)))
    common = [1 / (1 / w + between) for w in weights]
    centre = sum(w * a for w, a in zip(common, angles, strict=True)) / sum(common)
    spread = sqrt(1 / (4 * whole) + between + 1 / sum(common))
    return float(stdtr(spare, -worse * (_angle(count, whole) - centre) / spread))


def _angle(count: int, whole: int) -> float:
    return asin(sqrt((count + 0.375) / (whole + 0.75)))  # Anscombe 1948


def _percent(rate: float) -> str:
    return "–" if isnan(rate) else f"{rate * 100:.1f}"
