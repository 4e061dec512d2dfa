"""Whether an experiment can answer its question: checked before sending, when something can still be changed."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.display import n_recipients, when
from toolkit.experiments.registration import Registration
from toolkit.experiments.split import Experiment
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the draft's experiment, and on messages that reach the policy's holdout."""
    if out.policy.holdout and out.draft.holdout_exempt:
        yield finding(
            "EXP006",
            f"It also goes to the policy's holdout: {out.draft.holdout_exempt}",
            "Leave holdout_exempt out of what is advertising, so that the holdout stays what it is.",
        )
    experiment = out.draft.experiment if isinstance(out.draft, CampaignDraft) else None
    if experiment is None or out.split is None:
        return
    yield from _ran(out, experiment)
    if experiment.registration is None:
        yield finding(
            "EXP005",
            f"Nothing was registered for the experiment {experiment.name!r}: no metric, no least gain, no rule.",
            "Name a registration, so that everybody knows before sending what would count as a success.",
        )
        return
    yield from _powered(experiment, experiment.registration, min(out.split.counts.values()))
    yield from _seen(out, experiment.registration)


def _powered(experiment: Experiment, registration: Registration, smallest: int) -> Iterator[Finding]:
    compared = len(experiment.arms) - 1
    power = registration.power_with(smallest, compared=compared)
    if power < registration.power:
        sought = registration.metric.gain(registration.seeks).lstrip("+")
        people = f"{registration.people(compared=compared):,} contacts"
        least = registration.least_shown(smallest, compared=compared)
        larger = registration.metric.gain(least).lstrip("+") if least else ""
        yield finding(
            "EXP001",
            f"With {smallest:,} contacts in the smallest arm a gain of {sought} is shown in {power:.0%} of cases, not "
            f"in the {registration.power:.0%} registered. It takes {people} an arm; these can show "
            + (f"{larger} or more." if larger else "none."),
            f"Give each arm {people}"
            + (f", look for a gain of {larger} or more," if larger else "")
            + " or override EXP001 with the reason why the test is worth it anyway.",
        )


def _seen(out: Outgoing, registration: Registration) -> Iterator[Finding]:
    metrics = (registration.metric, *(guardrail.metric for guardrail in registration.guardrails))
    by_message = [metric for metric in metrics if metric.source in {"clicks", "complaints"}]
    clicks = [metric.name for metric in by_message if metric.source == "clicks"]
    if by_message and not out.reading.has_lists:
        yield finding(
            "EXP003",
            "This service lists no messages, so clicks and complaints are not known by person and "
            f"{', '.join(metric.name for metric in by_message)} cannot be read out.",
            "Take an outcome of your own data, such as orders, or opt-outs and failures, which are known by person.",
        )
    elif clicks and isinstance(out.draft, CampaignDraft) and not out.draft.shorten_links:
        yield finding(
            "EXP003",
            f"Links are not shortened, so nobody's clicks are counted and {', '.join(clicks)} cannot be read out.",
            "Set shorten_links=True, or take another outcome.",
        )


def _ran(out: Outgoing, experiment: Experiment) -> Iterator[Finding]:
    """What earlier experiments that are known here mean for this one."""
    ids = set(out.audience.contacts.ids[out.split.places >= 0]) if out.split else set()
    for other in out.past.experiments():
        if other.experiment.name == experiment.name:
            if other.experiment.registration != experiment.registration:
                yield finding(
                    "EXP004",
                    f"The experiment {experiment.name!r} was sent with another registration, on {when(other.sent_at)}.",
                    "What was registered stays as it is: give another experiment another name.",
                )
            continue
        if other.until <= out.now:
            continue
        is_same_layer = experiment.layer and experiment.layer == other.experiment.layer
        (first, end), (begin, last) = experiment.slots, other.experiment.slots
        if is_same_layer and first < last and begin < end:
            yield finding(
                "EXP002",
                f"The experiment {other.experiment.name!r} of the layer {experiment.layer!r} has the same slots and "
                f"runs until {when(other.until)}.",
                "Take slots of the layer that no other experiment has, or wait until then.",
                severity="block",
            )
        elif common := len(ids.intersection(each for arm in other.arms.values() for each in arm)):
            yield finding(
                "EXP002",
                f"{n_recipients(common, 'is', 'are')} also in the experiment {other.experiment.name!r}, which runs "
                f"until {when(other.until)}.",
                "Put both in one layer with slots of their own; else the read-out shows whether one changed the other.",
                contacts=common,
            )
