"""How many contacts a test of two rates needs, and what a given number can show: to be known before sending.

Two-sided at 5 %, by Cohen's effect size h, the difference of the rates' arcsines (Statistical Power Analysis, 1988,
chapter 6), as statsmodels computes it; within 1 % of the formula on the rates themselves.
"""

from __future__ import annotations

from math import asin, ceil, sin, sqrt
from statistics import NormalDist

from toolkit.errors import ToolkitError

_NORMAL = NormalDist()
_ALPHA_Z = _NORMAL.inv_cdf(0.975)


def sample_size(base: float, lifted: float, *, power: float = 0.8) -> int:
    """Contacts for each of two arms, so that a true change from one rate to the other is found with this probability.

    Raises ToolkitError unless the rates differ and are above 0 and below 1, as the power must be.
    """
    if base == lifted:
        raise ToolkitError("Two equal rates cannot be distinguished: give the rate that would be worth finding.")
    return ceil(2 * ((_ALPHA_Z + _z(power)) / _effect(base, lifted)) ** 2)


def power_of(per_arm: int, base: float, lifted: float) -> float:
    """The probability that a true change from one rate to the other is detected with this many contacts per arm."""
    shift = abs(_effect(base, lifted)) * sqrt(per_arm / 2)
    return _NORMAL.cdf(shift - _ALPHA_Z) + _NORMAL.cdf(-shift - _ALPHA_Z)


def least_lift(per_arm: int, base: float, *, power: float = 0.8) -> float | None:
    """The lowest higher rate that is detected with this probability; None if not even a rate of 1 is."""
    angle = asin(sqrt(_rate(base))) + (_ALPHA_Z + _z(power)) / sqrt(2 * per_arm) if per_arm else 2.0
    return sin(angle) ** 2 if angle < asin(1) else None


def _effect(base: float, lifted: float) -> float:
    return 2 * (asin(sqrt(_rate(lifted))) - asin(sqrt(_rate(base))))


def _z(power: float) -> float:
    return _NORMAL.inv_cdf(_rate(power))


def _rate(value: float) -> float:
    if not 0 < value < 1:
        raise ToolkitError(f"{value:g} is not a rate between 0 and 1: write 6 % as 0.06.")
    return value
