"""What an experiment came to: one value, from which the memo, the pictures and every face are made."""

from __future__ import annotations

from datetime import datetime

from pydantic import NonNegativeInt

from toolkit.display import Described, Section, as_text, when
from toolkit.engagement.outcomes import REPORTED_WITHIN
from toolkit.experiments.effect import Effect
from toolkit.experiments.guardrails import GuardrailOutcome, UnknownGuardrail
from toolkit.experiments.registration import Registration
from toolkit.experiments.segments import BySegment
from toolkit.experiments.verdict import ExperimentVerdict
from toolkit.models import Frozen


class ArmOutcome(Frozen):
    """One arm, or who was held out: what its people came to, of everybody assigned, with the 95 % interval.

    `total` is the sum over its people: buyers of a share, amounts of a mean. `sent` is None where nothing was sent.
    """

    arm: str
    assigned: NonNegativeInt
    sent: NonNegativeInt | None
    delivered: NonNegativeInt | None
    total: float
    value: float
    low: float
    high: float


class ArmCount(Frozen):
    """One arm, or who was held out, by people; `clicked` is None where nobody counts clicks, `sent` where nothing was
    sent. `waiting` were sent a message of which no report has come yet."""

    arm: str
    people: NonNegativeInt
    sent: NonNegativeInt | None
    delivered: NonNegativeInt | None
    waiting: NonNegativeInt | None
    clicked: NonNegativeInt | None
    opted_out: NonNegativeInt


class ArmCounts(Described, Frozen):
    """The arms of an experiment as they stand, and its verdict in a sentence, or why there is none.

    Rates have no intervals, as these belong to the verdict, and are shown when they are `settled`: no report is
    missing, or the last start is so long ago that those missing now do not come.
    """

    experiment: str
    arms: tuple[ArmCount, ...]
    verdict: str
    settled: bool

    @property
    def titles(self) -> tuple[str, ...]:
        """Those of the columns of `rows`."""
        return (
            "arm",
            "people",
            "sent",
            "delivered, of sent",
            "no report yet",
            "clicked, of delivered",
            "opted out, of people",
        )

    @property
    def rows(self) -> list[list[str]]:
        """A row for each arm; a dash where nothing was sent or is counted, and counts alone until they are settled."""
        of = _of if self.settled else lambda part, whole=None: _of(part)
        return [
            [
                each.arm,
                f"{each.people:,}",
                _of(each.sent),
                of(each.delivered, each.sent),
                _of(each.waiting),
                of(each.clicked, each.delivered),
                of(each.opted_out, each.people),
            ]
            for each in self.arms
        ]

    @property
    def note(self) -> str:
        """When shares are shown, if not yet."""
        if self.settled:
            return ""
        return f"Shares are shown when all have a report, or {REPORTED_WITHIN.days} days after the last start."

    def __str__(self) -> str:
        return as_text(self.describe())

    def describe(self) -> list[Section]:
        """The verdict, then the arms."""
        rows = [
            [arm, *(f"{value} {title}" for value, title in zip(values, self.titles[1:], strict=True))]
            for arm, *values in self.rows
        ]
        return [Section(f"{self.experiment}: {self.verdict}", [*rows, *([[self.note]] if self.note else [])])]


def _of(part: int | None, whole: int | None = None) -> str:
    """A count, and its share of a whole where there is one."""
    if part is None:
        return "–"
    return f"{part:,} · {part / whole:.1%}" if whole and part <= whole else f"{part:,}"


class Result(Described, Frozen):
    """An experiment read out by its registration.

    `effects` are every arm against the control, `lift` everybody texted against who was held out. `problems` say why
    there is no `verdict`; `checks` what was looked at and found in order or not; `notes` what the rows were like.
    """

    experiment: str
    registration: Registration
    arms: tuple[ArmOutcome, ...]
    since: datetime
    until: datetime
    fixed_time: datetime
    effects: tuple[Effect, ...] = ()
    lift: Effect | None = None
    guardrails: tuple[GuardrailOutcome | UnknownGuardrail, ...] = ()
    segments: tuple[BySegment, ...] = ()
    checks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    verdict: ExperimentVerdict | None = None

    def __str__(self) -> str:
        metric = self.registration.metric
        lines = [f"{each.arm}: {metric.said(each.value)} of {each.assigned:,} assigned" for each in self.arms]
        lines += [f"{each.arm} against {each.other}: {each.words(metric)}" for each in self.effects]
        return "\n".join([*lines, *self.problems, *([str(self.verdict)] if self.verdict else []), *self.notes])

    def describe(self) -> list[Section]:
        """The verdict first, then arms, differences, guardrails, segments, and what was checked."""
        metric = self.registration.metric
        verdict = [[str(self.verdict)]] if self.verdict else [[line] for line in self.problems]
        arms = [
            [
                each.arm,
                f"{metric.said(each.value)} ({metric.said(each.low)} to {metric.said(each.high)})",
                f"of {each.assigned:,} assigned",
                "nothing sent" if each.sent is None else f"{each.sent:,} sent, {each.delivered or 0:,} delivered",
            ]
            for each in self.arms
        ]
        sections = [
            Section(f"{self.experiment}: verdict", verdict),
            Section(f"{metric.words}, with 95 % intervals", arms),
        ]
        differences = [*self.effects, *([self.lift] if self.lift else [])]
        if differences:
            rows = [[f"{each.arm} against {each.other}", each.words(metric)] for each in differences]
            sections.append(Section("Differences, with 95 % intervals", rows))
        if self.guardrails:
            sections.append(Section("Guardrails", [[str(each)] for each in self.guardrails]))
        for column in self.segments:
            rows = [
                [
                    each.segment,
                    f"{each.people:,} people",
                    f"{metric.gain(each.difference)} ({metric.gain(each.low)} to {metric.gain(each.high)})",
                    f"p = {each.p:.2g}",
                    f"expect {metric.gain(each.shrunk)} "
                    f"({metric.gain(each.shrunk_low)} to {metric.gain(each.shrunk_high)})",
                ]
                for each in column.segments
            ]
            sections.append(Section(str(column), rows))
        is_over = self.verdict is not None or self.until < self.fixed_time
        counted = f"{'Counted' if is_over else 'To be counted'} from {when(self.since)} until {when(self.until)}."
        return [*sections, Section("Checked", [[line] for line in (*self.checks, counted, *self.notes)])]
