"""What is known of an arm after its people were counted: how many, and the means and covariances of their values.

A read-out needs no rows beyond these, so an arm of a million people is seven numbers, on whatever engine they were
summed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
VALUE, PER, BEFORE = range(3)  # the places of a person's values
NAMES = ("value", "per", "before")


@dataclass(frozen=True, eq=False)
class Moments:
    """`count` people, the means of their `value`, `per` and `before`, and the covariances (of a sample, n - 1).

    `value` is what is measured, `per` what a ratio divides it by (1 otherwise), `before` the same as `value` in the
    time before the send, 0 where that was not asked for.
    """

    count: int
    means: Vector
    covariances: Vector

    def __add__(self, other: Moments) -> Moments:
        """Both groups as one."""
        count = self.count + other.count
        if not self.count or not other.count:
            return self if self.count else other
        apart = self.means - other.means
        between = np.outer(apart, apart) * self.count * other.count / count
        within = self.covariances * (self.count - 1) + other.covariances * (other.count - 1)
        means = (self.means * self.count + other.means * other.count) / count
        return Moments(count, means, (within + between) / (count - 1))


def from_sums(count: int, sums: Any, products: Any) -> Moments:
    """Moments from the sums of values and of their products, three and three times three."""
    totals, squares = np.asarray(sums, np.float64), np.asarray(products, np.float64)
    means = totals / max(count, 1)
    return Moments(count, means, (squares - count * np.outer(means, means)) / max(count - 1, 1))


def from_rows(value: Any, per: Any = None, before: Any = None) -> Moments:
    """Moments of one row a person; `per` is 1 and `before` 0 unless given."""
    values = np.asarray(value, np.float64)
    pers = np.ones_like(values) if per is None else np.asarray(per, np.float64)
    befores = np.zeros_like(values) if before is None else np.asarray(before, np.float64)
    rows = np.stack([values, pers, befores])
    covariances = np.cov(rows) if rows.shape[1] > 1 else np.zeros((3, 3))
    return Moments(rows.shape[1], rows.mean(axis=1) if rows.shape[1] else np.zeros(3), covariances)
