"""What an experiment is for and how it will be judged, written down before anything is sent.

It is part of the draft and of the plan's digest: a person approves it with the texts, and nothing can be judged by
another rule afterwards.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from math import ceil, sqrt
from statistics import NormalDist
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from toolkit.errors import DraftError
from toolkit.experiments.estimate import ALPHA, always_valid_width
from toolkit.experiments.metric import Metric
from toolkit.models import Frozen

Above = Annotated[float, Field(gt=0)]
_NORMAL = NormalDist()


class Guardrail(Frozen):
    """What must not get worse: at most `margin` worse than the control, in points of a share (0.005) or in units."""

    _wrong = DraftError

    metric: Metric
    margin: Above


class Registration(Frozen):
    """The question, the metric and the rule of an experiment.

    `control` is the arm that the others are compared with. `least_lift` is the gain that would be worth it, in the
    metric's units (0.01 is a point of a share). `baseline` is what the control is expected to show and, of a mean or a
    ratio, `spread` the standard deviation between people; with them `power` says how surely a gain of `detectable`
    (`least_lift` unless given) is shown.

    `analysis`: `fixed`, one look when the experiment's `wait` is over, with the tightest interval; or `always_valid`,
    as many looks as one likes, with an interval about half as wide again, which takes about twice the people. `before`
    adjusts for the same metric in so much time before the send. `segments` are contact columns (`field.customer_tier`)
    by which the result is also shown; their p-values, and those of several arms, are adjusted by `correction`.
    """

    _wrong = DraftError

    question: str = Field(default="", max_length=400)
    metric: Metric
    control: str
    least_lift: Above
    baseline: float
    spread: Above | None = None
    detectable: Above | None = None
    power: Annotated[float, Field(gt=0.5, lt=1)] = 0.8
    guardrails: tuple[Guardrail, ...] = ()
    analysis: Literal["fixed", "always_valid"] = "fixed"
    before: timedelta | None = None
    segments: tuple[str, ...] = ()
    correction: Literal["holm", "benjamini_hochberg"] = "holm"

    @model_validator(mode="after")
    def _can_be_judged(self) -> Self:
        if self.metric.kind == "share":
            lifted = self.baseline + self.metric.sign * (self.detectable or self.least_lift)
            if not (0 < self.baseline < 1 and 0 < lifted < 1):
                raise ValueError("baseline and least_lift of a share are between 0 and 1, also together: 6 % is 0.06")
        elif self.spread is None:
            raise ValueError(f"a {self.metric.kind} has no sample size without the spread between people: name spread")
        if self.before is not None and (self.before <= timedelta(0) or self.metric.source != "orders"):
            raise ValueError("before is a time above 0 in which orders are looked at, such as timedelta(days=30)")
        if any(guardrail.metric == self.metric for guardrail in self.guardrails):
            raise ValueError("a guardrail has another metric than the experiment")
        return self

    @property
    def words(self) -> str:
        """What is measured against what, and when it is worth it."""
        return f"{self.metric.words}, {self.least_lift_words} better than {self.control!r}"

    @property
    def least_lift_words(self) -> str:
        """The least gain in the metric's units."""
        return self.metric.gain(self.least_lift).lstrip("+")

    @property
    def seeks(self) -> float:
        """The true gain for which the power is calculated."""
        return self.detectable or self.least_lift

    def variance(self, per_arm: int) -> float:
        """The variance of the difference of two arms of this many people, as registered."""
        each = self.baseline * (1 - self.baseline) if self.metric.kind == "share" else (self.spread or 0.0) ** 2
        return 2 * each / max(per_arm, 1)

    def power_with(self, per_arm: int, *, compared: int = 1) -> float:
        """The probability that a true gain of `seeks` is shown with this many people in each arm, of which `compared`
        are compared with the control, when the time to read has come."""
        shift, edge = self._effect * sqrt(per_arm / 2), self._edge(compared)
        return _NORMAL.cdf(shift - edge) + _NORMAL.cdf(-shift - edge)

    def people(self, power: float | None = None, *, compared: int = 1) -> int:
        """How many people an arm takes, so that a true gain of `seeks` is shown with the registered power, of
        `compared` arms beside the control."""
        total = self._edge(compared) + _NORMAL.inv_cdf(power or self.power)
        return ceil(2 * (total / self._effect) ** 2)

    def least_shown(self, per_arm: int, *, compared: int = 1) -> float | None:
        """The least gain that arms of this many people show with the registered power, rounded up as `Metric.gain` says
        it; None if they show none."""
        is_share = self.metric.kind == "share"
        most = (1 - self.baseline if self.metric.sign > 0 else self.baseline) if is_share else 1000 * (self.spread or 1)
        step = 0.001 if is_share else 0.01
        gains = range(1, ceil(most / step - 1e-9))  # the last one is below it

        def power(gain: int) -> float:
            tried = self.model_copy(update={"detectable": gain * step})
            return tried.power_with(per_arm, compared=compared)

        at = bisect_left(gains, self.power, key=power)
        return gains[at] * step if at < len(gains) else None

    def _edge(self, compared: int) -> float:
        """How many standard errors a difference must be from 0 to be shown."""
        alpha = ALPHA / max(compared, 1)
        if self.analysis == "always_valid":
            return always_valid_width(1.0, planned_variance=1.0, alpha=alpha)
        return _NORMAL.inv_cdf(1 - alpha / 2)

    @property
    def _effect(self) -> float:
        """The gain in standard deviations of a person's value, over both arms; of shares by the rates themselves."""
        if self.metric.kind == "share":
            lifted = self.baseline + self.metric.sign * self.seeks
            both = self.baseline * (1 - self.baseline) + lifted * (1 - lifted)
            return self.seeks / sqrt(both / 2)
        return self.seeks / (self.spread or 1.0)

    def rows(self, *, wait: timedelta) -> list[list[str]]:
        """What was registered, a line each, for an experiment that waits so long."""
        looks = {"fixed": "once", "always_valid": "at any time, with intervals that allow it"}[self.analysis]
        expected = self.metric.said(self.baseline)
        rows = [
            ["question", self.question],
            ["metric", f"{self.metric.words}, {self.metric.better} is better"],
            ["least gain", f"{self.least_lift_words} over {self.control!r}, which is expected to show {expected}"],
            ["read", f"{looks}, {_span(wait)} after the last message"],
        ]
        for guardrail in self.guardrails:
            margin = guardrail.metric.gain(guardrail.margin).lstrip("+")
            rows.append(["guardrail", f"{guardrail.metric.name}: at most {margin} worse"])
        if self.before:
            rows.append(["adjusted by", f"the same metric in the {_span(self.before)} before"])
        if self.segments:
            rows.append(["also by", f"{', '.join(self.segments)}, p-values by {self.correction.replace('_', '-')}"])
        return [row for row in rows if row[1]]


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours / 24:g} days" if hours >= 72 else f"{hours:g} hours"
