"""An experiment read out: its registration, who was assigned, the logs and a frame of orders become a result.

Nothing is judged before the time that was fixed, unless intervals that allow it were registered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.display import when
from toolkit.engagement.outcomes import DELIVERED
from toolkit.engagement.rates import wilson
from toolkit.errors import DraftError, NotSupported, ToolkitError
from toolkit.experiments.arm_outcomes import LEAST_PEOPLE, CountedOutcomes, count_outcomes, why_incomparable
from toolkit.experiments.assignment import Assignment
from toolkit.experiments.effect import Effect, arm_effects, compare_arms, corrected
from toolkit.experiments.estimate import level
from toolkit.experiments.guardrails import GuardrailOutcome, UnknownGuardrail
from toolkit.experiments.metric import Metric
from toolkit.experiments.moments import VALUE, Moments, from_rows
from toolkit.experiments.order_rows import Places
from toolkit.experiments.read_out import HELD_OUT
from toolkit.experiments.registration import Registration
from toolkit.experiments.reported_outcomes import PersonReports
from toolkit.experiments.result import ArmOutcome, Result
from toolkit.experiments.segments import BySegment, by_segment
from toolkit.experiments.significance import SRM_ALARM, counts_differ
from toolkit.experiments.verdict import judge_experiment

if TYPE_CHECKING:
    from toolkit.experiments.split import Experiment

TEXTED = "texted"


@dataclass(frozen=True, eq=False)
class Study:
    """An experiment that was sent.

    `campaigns` says which arm each campaign was for; `others` are other experiments that ran meanwhile, each with the
    contact ids of its arms. `messages` reads what was sent and received since a time, for clicks and complaints.
    """

    experiment: Experiment
    assignment: Assignment
    logs: pd.DataFrame
    campaigns: Mapping[str, str]
    others: Mapping[str, Mapping[str, Sequence[str]]]
    orders: IntoFrame | None
    now: datetime
    messages: Callable[[datetime], pd.DataFrame]

    def result(self) -> Result:
        """Read it out; DraftError if nothing was registered, ToolkitError if nothing was sent."""
        registration, metric = self._registration, self._registration.metric
        counted = self._count(metric)
        arms = self._arms(counted)
        problems = [*self.problems(), *self._incomparable(metric, counted)]
        result = Result(
            experiment=self.experiment.name,
            registration=registration,
            arms=tuple(self._outcomes(arms, metric)),
            since=self._since,
            until=self._until,
            fixed_time=self._fixed_time,
            checks=tuple(self._checks()),
            notes=counted.notes,
            problems=tuple(problems),
        )
        if problems:
            return result
        pairs = [(arm, registration.control) for arm in self.experiment.arms if arm != registration.control]
        found = arm_effects(registration, metric, arms, pairs)
        guardrails = tuple(self._guardrails(pairs))
        segments = tuple(self._segments(pairs))
        smallest = min(arms[arm].count for arm in self.experiment.arms)
        return result.model_copy(
            update={
                "effects": found,
                "lift": self._lift(arms),
                "guardrails": guardrails,
                "segments": segments,
                "verdict": judge_experiment(registration, found, guardrails, per_arm=smallest),
            }
        )

    @property
    def _registration(self) -> Registration:
        registration = self.experiment.registration
        if registration is None:
            raise DraftError(
                f"Nothing was registered for the experiment {self.experiment.name!r}, so no rule judges it: name a "
                "registration in the draft, before sending; split.read_out(…) shows rates."
            )
        return registration

    @property
    def _groups(self) -> list[str]:
        return list(self.assignment.groups)

    @cached_property
    def _sent(self) -> pd.DataFrame:
        sent = self.logs[self.logs["sent_time"].notna()]
        if sent.empty:
            raise ToolkitError("No message of this experiment has been sent yet: read it out later.")
        return sent

    @cached_property
    def _since(self) -> datetime:
        first: datetime = self._sent["sent_time"].min().to_pydatetime()
        return first

    @cached_property
    def _fixed_time(self) -> datetime:
        last: datetime = self._sent["sent_time"].max().to_pydatetime()
        return last + self.experiment.wait

    @property
    def _until(self) -> datetime:
        return min(self.now, self._fixed_time) if self._may_peek else self._fixed_time

    @property
    def _may_peek(self) -> bool:
        registration = self.experiment.registration
        return registration is not None and registration.analysis == "always_valid"

    def problems(self) -> Iterator[str]:
        """What keeps arms from being compared; ToolkitError if nothing was sent."""
        if self.now < self._fixed_time and not self._may_peek:
            yield f"Too early: arms are compared from {when(self._fixed_time)} on, as fixed before sending."
        counts = self.reached()
        texted = set(self.campaigns.values())
        if len(texted) > 1:
            pairs = [(counts[arm], len(self.assignment.groups[arm])) for arm in self._groups if arm in texted]
            p = counts_differ([sent for sent, _ in pairs], [assigned for _, assigned in pairs])
            if p < SRM_ALARM:
                yield f"Arms were sent to unevenly (p = {p:.1g}), so they are not alike: find out why, and test again."
        shares = self.experiment.arms
        p = counts_differ([len(self.assignment.groups[arm]) for arm in shares], list(shares.values()))
        if p < SRM_ALARM:
            yield f"Arms are not of their shares (p = {p:.1g}): the drawing is at fault, so nothing is compared."
        if untold := sum(counts[arm] for arm in self._groups if arm not in texted):
            yield f"People who were to get nothing were texted ({untold:,} of them), so nothing is compared."
        if crossed := self._crossed():
            yield f"People were sent the text of another arm ({crossed:,} of them), so nothing is compared."

    def _incomparable(self, metric: Metric, counted: CountedOutcomes) -> Iterator[str]:
        arms = {arm: counted.groups.get(self._groups.index(arm)) for arm in self.experiment.arms}
        return why_incomparable(metric, counted, arms)

    def _crossed(self) -> int:
        """How many people were sent the text of an arm they are not in."""
        places = {arm: place for place, arm in enumerate(self._groups)}
        campaigns = self._sent["campaign_id"].astype("category").cat
        got = np.array([places.get(self.campaigns.get(str(each), ""), -1) for each in campaigns.categories] or [-1])
        persons = self._persons
        known = persons >= 0
        of = got[campaigns.codes.to_numpy()[known]]
        return int(np.count_nonzero((of >= 0) & (of != self.assignment.arms[persons[known]])))

    @cached_property
    def _persons(self) -> Places:
        """Whose each sent message is; -1 for nobody who was assigned."""
        return self.assignment.persons(self._sent["contact_id"])

    def reached(self, statuses: Sequence[str] = ()) -> dict[str, int]:
        """How many people of each arm a message was sent to; those of these statuses alone."""
        persons = self._persons[self._sent["status"].isin(statuses).to_numpy()] if statuses else self._persons
        is_reached = np.zeros(len(self.assignment.ids), dtype=bool)
        is_reached[persons[persons >= 0]] = True
        counts = np.bincount(self.assignment.arms[is_reached], minlength=len(self._groups))
        return dict(zip(self._groups, counts.tolist(), strict=True))

    def _checks(self) -> Iterator[str]:
        if gone := self.assignment.gone:
            yield f"No longer contacts, of those assigned: {gone:,}. They count as assigned, without an outcome."
        for name, arms in self.others.items():
            overlap = sum(int(np.count_nonzero(self.assignment.is_among(ids))) for ids in arms.values())
            if overlap:
                yield f"In the experiment {name!r}, too: {overlap:,}. See how the effect differs by its arms."
        if self.others and not any(self.assignment.is_among(i).any() for a in self.others.values() for i in a.values()):
            yield "Nobody was in another experiment meanwhile."

    def _count(self, metric: Metric, group: Places | None = None, size: int | None = None) -> CountedOutcomes:
        """A metric by group of one's own, or by arm."""
        group = self.assignment.arms if group is None else group
        if metric.source == "orders":
            if self.orders is None:
                raise ToolkitError(
                    f"{metric.name!r} is counted from orders: pass a frame with the columns "
                    f"{', '.join(filter(None, (metric.by, metric.time, metric.value, metric.per, metric.order)))}."
                )
            before = self._registration.before if metric == self._registration.metric else None
            people = self.assignment.people(metric.by, group)
            return count_outcomes(self.orders, metric, people, since=self._since, until=self._until, before=before)
        happened, notes = self.reports.of(metric, self.assignment)
        values, count = happened.astype(np.float64), size or len(self.assignment.groups)
        return CountedOutcomes({place: from_rows(values[group == place]) for place in range(count)}, notes)

    @cached_property
    def reports(self) -> PersonReports:
        """What became of its people by what the service reports of each."""
        return PersonReports(
            self.logs, cache(partial(self.messages, self._since)), self.campaigns, self._since, self._until
        )

    def _arms(self, counted: CountedOutcomes) -> dict[str, Moments]:
        empty = from_rows(np.zeros(0))
        return {arm: counted.groups.get(place, empty) for place, arm in enumerate(self._groups)}

    def _outcomes(self, arms: Mapping[str, Moments], metric: Metric) -> Iterator[ArmOutcome]:
        sent, delivered = self.reached(), self.reached(DELIVERED)
        for arm, moments in arms.items():
            if not moments.count:
                continue
            is_texted = arm in self.campaigns.values()
            found = level(moments)
            total = float(moments.means[VALUE] * moments.count)
            low, high = wilson(round(total), moments.count) if metric.kind == "share" else found.interval
            yield ArmOutcome(
                arm=arm,
                assigned=moments.count,
                sent=sent[arm] if is_texted else None,
                delivered=delivered[arm] if is_texted else None,
                total=total,
                value=found.value,
                low=low,
                high=high,
            )

    def _guardrails(self, pairs: Sequence[tuple[str, str]]) -> Iterator[GuardrailOutcome | UnknownGuardrail]:
        for guardrail in self._registration.guardrails:
            try:
                counted = self._count(guardrail.metric)
            except NotSupported as error:
                yield UnknownGuardrail(metric=guardrail.metric, margin=guardrail.margin, reason=str(error))
                continue
            if reasons := [*self._incomparable(guardrail.metric, counted)]:
                yield UnknownGuardrail(metric=guardrail.metric, margin=guardrail.margin, reason=reasons[0])
                continue
            arms = self._arms(counted)
            for effect in arm_effects(self._registration, guardrail.metric, arms, pairs):
                one, other = (guardrail.metric.said(level(arms[arm]).value) for arm in (effect.arm, effect.other))
                yield GuardrailOutcome(
                    metric=guardrail.metric, margin=guardrail.margin, effect=effect, levels=(one, other)
                )

    def _lift(self, arms: Mapping[str, Moments]) -> Effect | None:
        """Everybody who was texted against who was held out."""
        texted = [arms[arm] for arm in dict.fromkeys(self.campaigns.values())]
        if HELD_OUT not in arms or not arms[HELD_OUT].count or not texted:
            return None
        whole = texted[0]
        for each in texted[1:]:
            whole = whole + each
        both = {TEXTED: whole, HELD_OUT: arms[HELD_OUT]}
        return arm_effects(self._registration, self._registration.metric, both, [(TEXTED, HELD_OUT)])[0]

    def _segments(self, pairs: Sequence[tuple[str, str]]) -> Iterator[BySegment]:
        """The first comparison by each registered column, and by the arms of each experiment that overlaps."""
        columns = {column: self.assignment.segments(column) for column in self._registration.segments}
        columns |= {f"the experiment {name}": found for name, found in self._overlaps().items()}
        size = len(self._groups)
        arm, other = (self._groups.index(name) for name in pairs[0])
        for column, (names, codes) in columns.items():
            groups = self._count(self._registration.metric, codes * size + self.assignment.arms, len(names) * size)
            found = {}
            for at, name in enumerate(names):
                one, two = (groups.groups.get(at * size + place) for place in (arm, other))
                if one is None or two is None or min(one.count, two.count) < LEAST_PEOPLE:
                    continue
                difference = compare_arms(one, two, self._registration.metric)
                if difference.variance > 0:
                    found[name] = (difference, one.count + two.count)
            if len(found) > 1:
                correction = self._registration.correction
                adjusted = corrected([each.p for each, _ in found.values()], correction)
                yield by_segment(column, found, adjusted, correction=correction)

    def _overlaps(self) -> dict[str, tuple[list[str], Places]]:
        found = {}
        for name, arms in self.others.items():
            codes = np.zeros(len(self.assignment.ids), np.int64)
            for at, ids in enumerate(arms.values(), 1):
                codes[self.assignment.is_among(ids)] = at
            if codes.any():
                found[name] = (["not in it", *arms], codes)
        return found
