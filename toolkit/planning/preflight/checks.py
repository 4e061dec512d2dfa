"""All checks, in the order of their findings: who, when, from whom, what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from toolkit.api.paging import Progress
from toolkit.planning.preflight import (
    audience_findings,
    character_findings,
    content_findings,
    cost_findings,
    duty_findings,
    experiment_findings,
    link_findings,
    media_findings,
    phone_findings,
    rule_findings,
    sender_findings,
    text_findings,
    time_findings,
)
from toolkit.planning.preflight.outgoing import Outgoing
from toolkit.plans.catalogue import overridden
from toolkit.plans.finding import Finding

Look = Callable[[Outgoing], Iterator[Finding]]
ON_TEXTS: tuple[Look, ...] = (
    text_findings.check,
    character_findings.check,
    duty_findings.check,
    link_findings.check,
    content_findings.check,
)
ALL_CHECKS: tuple[Look, ...] = (
    audience_findings.check,
    experiment_findings.check,
    phone_findings.check,
    time_findings.check,
    sender_findings.check,
    rule_findings.check,
    media_findings.check,
    *ON_TEXTS,
    cost_findings.check,
)
_WEIGHT = {"block": 0, "warn": 1, "info": 2}


def check(
    out: Outgoing,
    *,
    arms: Mapping[str, Outgoing] = {},
    progress: Progress | None = None,
) -> list[Finding]:
    """Every finding on a draft, what blocks first, with the reasons that the draft gives to override some.

    Where the arms of an experiment have different texts, `arms` are those: the text is checked there, and
    everything else for all recipients together. `progress` is called with recipients checked and recipients in total,
    one check at a time.
    """
    whole = len(out.audience)
    found: list[Finding] = []
    for done, look in enumerate(ALL_CHECKS, start=1):
        if arms and look in ON_TEXTS:
            found += [_in_arm(name, each) for name, arm in arms.items() for each in look(arm)]
        else:
            found += look(out)
        if progress:
            progress(whole * done // len(ALL_CHECKS), whole)
    return sorted(overridden(found, out.draft.overrides), key=lambda finding: _WEIGHT[finding.severity])


def _in_arm(name: str, found: Finding) -> Finding:
    return found.model_copy(update={"message": f"In {name}: {found.message}"})
