"""What must not get worse, compared with the margin that was fixed before sending."""

from __future__ import annotations

from typing import Literal

from toolkit.experiments.effect import Effect
from toolkit.experiments.metric import Metric
from toolkit.models import Frozen

GuardrailState = Literal["holds", "gives way", "open"]


class GuardrailOutcome(Frozen):
    """One guardrail for one arm.

    It `holds` where the whole 95 % interval of the harm lies below the margin (non-inferiority), `gives way` where harm
    is shown, the whole interval lying above 0; else it is `open`: too few people to tell.
    """

    metric: Metric
    margin: float
    effect: Effect
    levels: tuple[str, str]  # of the arm and of the control, in words

    @property
    def harm(self) -> tuple[float, float, float]:
        """How much worse the arm is than the control, with its interval."""
        better, low, high = self.effect.gain(self.metric)
        return -better, -high, -low

    @property
    def state(self) -> GuardrailState:
        """Whether it holds."""
        _, low, high = self.harm
        if high < self.margin:
            return "holds"
        return "gives way" if low > 0 else "open"

    def __str__(self) -> str:
        return (
            f"{self.metric.name}, {self.effect.arm} {self.levels[0]}, {self.effect.other} {self.levels[1]}: "
            f"{self.effect.words(self.metric)}; at most {self.metric.gain(self.margin)} worse: {self.state}"
        )


class UnknownGuardrail(Frozen):
    """A guardrail that is `open` for every arm because the service does not report what it is counted from."""

    metric: Metric
    margin: float
    reason: str
    state: Literal["open"] = "open"

    def __str__(self) -> str:
        return f"{self.metric.name}, at most {self.metric.gain(self.margin)} worse: open. {self.reason}"
