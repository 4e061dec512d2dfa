"""All checks, in the order of their findings: who, when, from whom, what."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from toolkit.api.progress import progressing
from toolkit.api.snapshot_read import Progress
from toolkit.planning.batches import Recipients
from toolkit.planning.imports import Rewrite
from toolkit.planning.imports.file_findings import check_import
from toolkit.planning.label_removal import check_removal
from toolkit.planning.own_numbers import check_test, check_tested
from toolkit.planning.preflight import (
    audience_findings,
    channel_findings,
    character_findings,
    content_findings,
    cost_findings,
    dated_rule_findings,
    experiment_findings,
    link_findings,
    media_findings,
    phone_findings,
    required_content_findings,
    sender_findings,
    text_findings,
    time_findings,
)
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.planning.read import DraftReading
from toolkit.planning.steps import Steps
from toolkit.planning.texts import Texts
from toolkit.plans.draft import CampaignDraft, ImportDraft, LabelRemovalDraft, TestDraft
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import overridden
from toolkit.platform_support import release_memory

Look = Callable[[Outgoing], Iterator[Finding]]
ON_TEXTS: tuple[Look, ...] = (
    text_findings.check,
    character_findings.check,
    required_content_findings.check,
    link_findings.check,
    content_findings.check,
)
ALL_CHECKS: tuple[Look, ...] = (
    audience_findings.check,
    experiment_findings.check,
    phone_findings.check,
    time_findings.check,
    sender_findings.check,
    dated_rule_findings.check,
    channel_findings.check,
    media_findings.check,
    *ON_TEXTS,
    cost_findings.check,
)
_WEIGHT = {"block": 0, "warn": 1, "info": 2}


def check_all(reading: DraftReading, recipients: Recipients, texts: Texts, steps: Steps) -> list[Finding]:
    """The fifth step from a draft to a plan: every finding on it, while progress is shown."""
    draft = reading.draft
    if isinstance(draft, ImportDraft):
        assert texts.file is not None
        return check_file(reading, draft, texts.file)
    if isinstance(draft, LabelRemovalDraft):
        return check_removal(reading, draft)
    if isinstance(draft, TestDraft):
        own = check_test(reading.policy.test_numbers, live=reading.live)
        return [*own, *check_tested(draft.texts, is_filled=reading.fills_placeholders)]
    assert recipients.audience is not None
    assert texts.whole is not None
    arms = texts.by_arm if isinstance(draft, CampaignDraft) and draft.experiment else {}
    out = Outgoing(
        reading,
        draft,
        recipients.audience,
        texts.whole,
        steps.targeting,
        recipients.batches,
        recipients.starts,
        arms,
        recipients.drawn,
    )
    with progressing("checks") as shown:
        return check(out, progress=shown)


def check_file(reading: DraftReading, draft: ImportDraft, made: Rewrite) -> list[Finding]:
    """Every finding on a file of contacts and on what is uploaded in its place."""
    return overridden(check_import(made, draft, reading.contacts, live=reading.live), draft.overrides)


def check(out: Outgoing, *, progress: Progress | None = None) -> list[Finding]:
    """Every finding on messages to contacts, what blocks first, with the reasons that the draft gives to override some.

    Each text is checked by itself, and everything else for all recipients together. `progress` is called with
    recipients checked and recipients in total, one check at a time.
    """
    whole, by_text = len(out.audience), out.by_text
    found: list[Finding] = []
    for done, look in enumerate(ALL_CHECKS, start=1):
        if look in ON_TEXTS:
            found += [_in_arm(arm, each) for arm, theirs in by_text.items() for each in look(theirs)]
        else:
            found += look(out)
        release_memory()
        if progress:
            progress(whole * done // len(ALL_CHECKS), whole)
    return sorted(overridden(found, out.draft.overrides), key=lambda finding: _WEIGHT[finding.severity])


def _in_arm(name: str, found: Finding) -> Finding:
    return found.model_copy(update={"message": f"In {name}: {found.message}"}) if name else found
