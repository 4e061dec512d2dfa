"""The arms of a campaign as they are filled in: their texts, who is held out, what counts. Independent of widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from toolkit.errors import DraftError
from toolkit.experiments.metric import Metric
from toolkit.experiments.registration import Registration
from toolkit.experiments.sample_size import least_lift
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft

ARMS = ("A", "B", "C", "D")


@dataclass(frozen=True)
class ArmsForm:
    """Arms of equal shares. `texts` are those of B, C and D, without which nothing is compared; A's is the campaign's.

    `held_out` is the share of people who get nothing; `strata` a contact column that the arms have alike, each value
    exact to one contact, and that results are shown by. `counts` is what is counted by person, such as "an order", of
    which A is expected to show `rate`, and a rise of `gain` would be worth it, both as shares; empty, nothing is
    registered.
    """

    texts: tuple[str, ...] = ()
    held_out: float = 0.0
    counts: str = ""
    rate: float = 0.05
    gain: float = 0.02
    strata: str = ""

    @classmethod
    def from_draft(cls, draft: CampaignDraft) -> ArmsForm:
        """The arms of this draft; DraftError for an experiment that has more to it than can be filled in."""
        experiment = draft.experiment
        if experiment is None:
            return cls()
        texts = tuple(draft.messages.get(arm, draft.message) or "" for arm in [*experiment.arms][1:])
        form = cls(texts[: len(ARMS) - 1], experiment.holdout, strata=experiment.strata)
        if rule := experiment.registration:
            form = replace(form, counts=rule.metric.name, rate=rule.baseline, gain=rule.least_lift)
        fields = {"experiment": experiment, "messages": dict(draft.messages)}
        if form.fields(draft.name) != fields:
            raise DraftError(
                f"The builder handles experiments of arms A, B, C and D with equal shares, and {draft.name!r} has "
                "another: use ws.plan(draft) instead."
            )
        return form

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arms; none without a second text."""
        return ARMS[: len(self.texts) + 1] if self.texts else ()

    @property
    def share(self) -> float:
        """The share of all people in each arm."""
        return (1 - self.held_out) / max(len(self.names), 1)

    @property
    def blank(self) -> str:
        """The first arm behind A without a text; empty if each has one."""
        return next((arm for arm, text in zip(ARMS[1:], self.texts, strict=False) if not text.strip()), "")

    def fields(self, name: str) -> dict[str, Any]:
        """The fields of the draft of a campaign of this name; DraftError for shares that cannot be."""
        if not self.texts:
            return {}
        if self.counts.strip() and self.rate + self.gain >= 1:
            raise DraftError("What A is expected to show and the least rise come to 100 % or more: lower them.")
        experiment = Experiment(
            name=name,
            arms={arm: 1 / len(self.names) for arm in self.names},
            holdout=self.held_out,
            strata=self.strata,
            registration=Registration(
                metric=Metric(name=self.counts.strip()),
                control="A",
                least_lift=self.gain,
                baseline=self.rate,
                segments=(self.strata,) if self.strata else (),
            )
            if self.counts.strip()
            else None,
        )
        return {"experiment": experiment, "messages": dict(zip(ARMS[1:], self.texts, strict=False))}

    def size_words(self, people: int | None) -> str:
        """What arms of an audience of this many people can show; None while that is not known."""
        if people is None:
            return "How many people an arm has shows once they are counted."
        each = int(people * self.share)
        lifted = least_lift(each, self.rate)
        if lifted is None:
            return f"About {each:,} people an arm cannot show any rise from {self.rate:.1%}: choose more people."
        return (
            f"About {each:,} people an arm can show a rise from {self.rate:.1%} to {lifted:.1%} or more, 4 times in 5. "
            f"{drawn_words(self.strata)}"
        )


def drawn_words(strata: str) -> str:
    """Why arms are not all of one size."""
    if strata:
        return f"People are drawn so that the arms are alike in {strata}, to one person."
    return "Each person is drawn on their own, so an arm has about its share of them."
