"""Shares of a whole with their 95 % Wilson intervals, for two numbers and for two columns."""

from __future__ import annotations

import math
from typing import TypeVar

import narwhals.stable.v2 as nw

_Z = 1.959963984540054
_Value = TypeVar("_Value", float, nw.Expr)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a rate; (nan, nan) for no trials."""
    if trials == 0:
        return math.nan, math.nan
    middle, spread = _interval(float(successes), float(trials))
    return middle - spread, 1.0 if successes == trials else middle + spread


def percent_text(part: int, whole: int) -> str:
    """A share and its interval in words: 97.0 % (96.9 to 97.2 %); a dash if it is missing."""
    if not 0 <= part <= whole or not whole:
        return "–"
    low, high = wilson(part, whole)
    return f"{part / whole * 100:.1f} % ({low * 100:.1f} to {high * 100:.1f} %)"


def rate(part: str, whole: str, *, prefix: str = "") -> list[nw.Expr]:
    """Three float64 columns `rate, low, high`, each named with the prefix: the part's share of the whole.

    All are missing (NaN in pandas, null elsewhere) where the whole is 0 or smaller than its part.
    """
    x, n = nw.col(part).cast(nw.Float64), nw.col(whole).cast(nw.Float64)
    middle, spread = _interval(x, n)
    high = nw.when(x == n).then(nw.lit(1.0)).otherwise(middle + spread)
    is_rate = (n > 0) & (x <= n)
    return [
        nw.when(is_rate).then(value).alias(f"{prefix}{name}")
        for name, value in (("rate", x / n), ("low", middle - spread), ("high", high))
    ]


def _interval(x: _Value, n: _Value) -> tuple[_Value, _Value]:
    square = _Z * _Z
    middle = (x + square / 2) / (n + square)
    spread = (x * (n - x) / n + square / 4) ** 0.5 * _Z / (n + square)
    return middle, spread
