"""The result of an experiment: rates with their denominators, and a winner only where there is one.

The first denominator is everybody assigned to an arm, reached or not, as a text can change who is reached.
When to read is fixed before sending; until then rates are shown, and nothing is compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations

from pydantic import Field, NonNegativeInt

from toolkit.display import Described, Section, when
from toolkit.engagement.rates import percent_text, wilson
from toolkit.errors import ToolkitError
from toolkit.experiments.significance import SRM_ALARM, counts_differ, holm, newcombe, rates_differ
from toolkit.models import Frozen

HELD_OUT = "held out"
_ALPHA = 0.05


class ArmResult(Frozen):
    """The result of one arm; `successes` are contacts who did what was hoped for, such as clicking."""

    arm: str
    assigned: int = Field(gt=0)
    sent: NonNegativeInt
    delivered: NonNegativeInt
    successes: NonNegativeInt

    def __str__(self) -> str:
        return (
            f"{self.arm}: {_rate(self.successes, self.assigned)} of {self.assigned:,} assigned, "
            f"{_rate(self.successes, self.delivered)} of {self.delivered:,} delivered"
        )


class PairComparison(Frozen):
    """Two arms by assigned contacts: how much higher the rate of `arm` is than that of `other`.

    `low` and `high` are its 95 % interval (Newcombe), `p` is adjusted for the number of comparisons (Holm).
    """

    arm: str
    other: str
    difference: float
    low: float
    high: float
    p: float

    @property
    def is_shown(self) -> bool:
        """The difference is significant."""
        return self.p < _ALPHA

    @property
    def words(self) -> str:
        """The difference, its interval, and whether it is significant."""
        points = f"{self.difference * 100:+.2f} points ({self.low * 100:+.2f} to {self.high * 100:+.2f})"
        return f"{points}, p = {self.p:.3g}, {'shown' if self.is_shown else 'not shown'}"

    def __str__(self) -> str:
        return f"{self.arm} against {self.other}: {self.words}"


class ReadOut(Described, Frozen):
    """An experiment's result; `problems` explain why nothing is compared."""

    arms: tuple[ArmResult, ...]
    comparisons: tuple[PairComparison, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def winner(self) -> str | None:
        """The arm shown to be better than every other; None if there is none, or nothing may be compared."""
        wins = [comparison.arm for comparison in self.comparisons if comparison.is_shown]
        return next((arm.arm for arm in self.arms if wins.count(arm.arm) == len(self.arms) - 1), None)

    def __str__(self) -> str:
        lines = [*map(str, self.arms), *map(str, self.comparisons), *self.problems]
        if self.comparisons:
            many = f"{len(self.comparisons)} comparison{'s' if len(self.comparisons) > 1 else ''}"
            lines.append(f"Winner: {self.winner}." if self.winner else f"No arm is shown to be best, in {many}.")
        return "\n".join(lines)

    def describe(self) -> list[Section]:
        """Arms with their denominators, comparisons with their intervals, and the verdict."""
        arms = []
        for x in self.arms:
            parts = ((x.assigned, "assigned"), (x.delivered, "delivered"))
            shares = [f"{x.successes:,} of {n:,} {word} · {percent_text(x.successes, n)}" for n, word in parts]
            arms.append([x.arm, *shares])
        sections = [Section("Arms, with 95 % intervals", arms)]
        if self.comparisons:
            rows = [[f"{c.arm} against {c.other}", c.words] for c in self.comparisons]
            sections.append(Section("Differences, with 95 % intervals", rows))
        verdict = str(self).splitlines()[-1:] if self.comparisons else list(self.problems)
        return [*sections, Section("Verdict", [[line] for line in verdict])]


def compare_pairs(groups: Sequence[tuple[str, int, int]]) -> tuple[PairComparison, ...]:
    """Every two groups, each with a name, successes and people, in order; p-values adjusted for their number."""
    pairs = list(combinations(groups, 2))
    p_values = holm([rates_differ(x1, n1, x2, n2) for (_, x1, n1), (_, x2, n2) in pairs])
    compared = []
    for ((one, x1, n1), (other, x2, n2)), p in zip(pairs, p_values, strict=True):
        low, high = newcombe(x2, n2, x1, n1)
        compared.append(PairComparison(arm=one, other=other, difference=x1 / n1 - x2 / n2, low=low, high=high, p=p))
    return tuple(compared)


class Uplift(Frozen):
    """Everybody who was to be texted against those held out; `problems` explain why nothing is compared."""

    texted: int
    texted_successes: int
    held_out: int
    held_out_successes: int
    comparison: PairComparison | None = None
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"texted: {_rate(self.texted_successes, self.texted)} of {self.texted:,} assigned",
            f"{HELD_OUT}: {_rate(self.held_out_successes, self.held_out)} of {self.held_out:,} assigned",
        ]
        return "\n".join([*lines, *([str(self.comparison)] if self.comparison else []), *self.problems])


def uplift(
    *, texted: tuple[int, int], held_out: tuple[int, int], texted_anyway: int, fixed_time: datetime, now: datetime
) -> Uplift:
    """Compare successes and contacts of those texted and those held out, of whom `texted_anyway` were texted.

    Raises ToolkitError if either group is empty.
    """
    if not (texted[1] and held_out[1]):
        raise ToolkitError("An uplift takes people who were texted and a holdout: give the experiment a holdout share.")
    problems = [*_too_early(fixed_time, now)]
    if texted_anyway:
        problems.append(f"Held-out contacts were texted ({texted_anyway:,} of them): they cannot be compared.")
    compared = None if problems else compare_pairs([("texted", *texted), (HELD_OUT, *held_out)])[0]
    return Uplift(
        texted=texted[1],
        texted_successes=texted[0],
        held_out=held_out[1],
        held_out_successes=held_out[0],
        comparison=compared,
        problems=tuple(problems),
    )


def read_out(results: Sequence[ArmResult], *, fixed_time: datetime, now: datetime) -> ReadOut:
    """Compare arms, once the time fixed for it has come; both times with a time zone.

    Nothing is compared earlier, nor where arms were sent to unevenly or have more successes than deliveries. Raises
    ToolkitError unless there are at least two arms of different names.
    """
    if len({result.arm for result in results}) < max(2, len(results)):
        raise ToolkitError("A read-out needs at least two arms, each with a different name.")
    arms = tuple(results)
    problems = tuple(_problems(arms, fixed_time, now))
    return ReadOut(arms=arms, comparisons=() if problems else _compared(arms), problems=problems)


def _problems(arms: Sequence[ArmResult], fixed_time: datetime, now: datetime) -> Iterator[str]:
    yield from _too_early(fixed_time, now)
    p = counts_differ([arm.sent for arm in arms], [arm.assigned for arm in arms])
    if p < SRM_ALARM:
        yield f"Arms were sent to unevenly (p = {p:.1g}), so they cannot be compared: find out why, and test again."
    for arm in arms:
        if arm.successes > arm.delivered:
            yield f"{arm.arm} has more successes than deliveries: programs opened links, so clicks cannot be used."


def _too_early(fixed_time: datetime, now: datetime) -> Iterator[str]:
    if now < fixed_time:
        yield f"Too early: arms are compared from {when(fixed_time)} on, as fixed before sending."


def _compared(arms: Sequence[ArmResult]) -> tuple[PairComparison, ...]:
    """Every two arms, the better one first."""
    by_rate = sorted(arms, key=lambda arm: arm.successes / arm.assigned, reverse=True)
    return compare_pairs([(arm.arm, arm.successes, arm.assigned) for arm in by_rate])


def _rate(successes: int, trials: int) -> str:
    if not trials or successes > trials:
        return f"{successes:,}"
    low, high = wilson(successes, trials)
    return f"{successes / trials:.2%} ({low:.2%} to {high:.2%})"
