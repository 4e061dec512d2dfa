"""Ship, stop or extend: the rule that holds for every experiment, applied to numbers and to nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from toolkit.experiments.effect import Effect
from toolkit.experiments.guardrails import GuardrailOutcome, UnknownGuardrail
from toolkit.experiments.registration import Registration
from toolkit.models import Frozen

Word = Literal["ship", "stop", "extend"]
RULES: dict[Word, str] = {
    "ship": "The interval lies on the better side of 0, the measured gain is at least {lift}, all guardrails hold.",
    "stop": "A guardrail gives way, or the whole interval lies below a gain of {lift}.",
    "extend": "Neither: says how many people it takes, or which guardrail cannot be judged.",
}


class ExperimentVerdict(Frozen):
    """The word, the arm that it is about, why, and, to extend, how many people an arm takes."""

    word: Word
    arm: str
    why: str
    people: int | None = None

    def __str__(self) -> str:
        return f"{self.word.upper()}: {self.why}"


def judge_experiment(
    registration: Registration,
    found: Sequence[Effect],
    guardrails: Sequence[GuardrailOutcome | UnknownGuardrail],
    *,
    per_arm: int,
) -> ExperimentVerdict:
    """The verdict on the arm that gained most over the control."""
    metric, least = registration.metric, registration.least_lift
    best = max(found, key=lambda effect: effect.gain(metric)[0])
    gain, low, high = best.gain(metric)
    said = f"{best.arm} against {best.other}: {best.words(metric)}"
    unknown = [each for each in guardrails if isinstance(each, UnknownGuardrail)]
    own = [each for each in guardrails if isinstance(each, GuardrailOutcome) and each.effect.arm == best.arm]
    if broken := [guardrail for guardrail in own if guardrail.state == "gives way"]:
        return ExperimentVerdict(
            word="stop", arm=best.arm, why=f"{said}. A guardrail gives way: {'; '.join(map(str, broken))}."
        )
    if high < least:
        return ExperimentVerdict(
            word="stop", arm=best.arm, why=f"{said}. All of the interval lies below {registration.least_lift_words}."
        )
    is_shown = low > 0 and best.p < 0.05
    still_open = [guardrail for guardrail in own if guardrail.state == "open"]
    if is_shown and gain >= least and not (still_open or unknown):
        return ExperimentVerdict(
            word="ship", arm=best.arm, why=f"{said}, at least the {registration.least_lift_words} wanted."
        )
    reasons = []
    if not is_shown:
        reasons.append("the gain is not shown to be more than chance")
    elif gain < least:
        reasons.append(f"the measured gain is below {registration.least_lift_words}")
    if still_open:
        reasons.append(f"too few people to judge {', '.join(guardrail.metric.name for guardrail in still_open)}")
    apart = least - gain if is_shown and gain < least else max(gain, least)  # if it is shown, only too small
    if unknown:
        reasons.append(f"{', '.join(each.metric.name for each in unknown)} cannot be judged, with however many people")
    if not still_open and is_shown and gain >= least:
        return ExperimentVerdict(word="extend", arm=best.arm, why=f"{said}: {reasons[0]}. {unknown[0].reason}")
    people = max(_enough(low, high, apart, per_arm), *(_enough_to_hold(each, per_arm) for each in own), 0)
    why = f"{said}: {' and '.join(reasons)}. It takes about {people:,} people in each arm, {per_arm:,} were in it."
    return ExperimentVerdict(word="extend", arm=best.arm, why=why, people=people)


def _enough(low: float, high: float, gain: float, per_arm: int) -> int:
    """How many people an arm takes to show a gain, or that it is below another by as much, in four of five cases."""
    error = (high - low) / 2 / 1.96
    return max(per_arm + 1, round(per_arm * (2.8 * error / gain) ** 2))


def _enough_to_hold(guardrail: GuardrailOutcome, per_arm: int) -> int:
    """How many people an arm takes until no harm at all is shown to be below the margin, in four of five cases."""
    _, low, high = guardrail.harm
    return round(per_arm * (2.8 * (high - low) / 2 / 1.96 / guardrail.margin) ** 2) if guardrail.state == "open" else 0
