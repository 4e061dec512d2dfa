"""The question a person reads before anything is sent: what the approval is bound to, always in the same words.

Names and the text come from outside: each stays on one line, and the text comes last, so that nothing in it can
imitate one of the facts above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcp_server.guard.untrusted import clean
from toolkit.display import n_recipients, plain, when

if TYPE_CHECKING:
    from toolkit.planning.imports import FileReading
    from toolkit.plans.draft import CampaignDraft
    from toolkit.plans.plan import Plan


_SHOWN = 20  # steps


def question(plan: Plan) -> str:
    """The form's text for a plan, one fact per line, the same for the same plan."""
    return "\n".join(_facts(plan))


def _facts(plan: Plan) -> Iterator[str]:
    draft = plan.draft
    match draft.kind:
        case "campaign":
            yield f"Send this {draft.type} campaign to {n_recipients(plan.recipients)}?"
        case "message":
            yield "Send this message to one person?"
        case "messages":
            yield f"Send a personal message to each of {plan.recipients:,} people?"
        case "test":
            yield f"Send this test to {plan.recipients:,} of your own numbers?"
        case "import":
            yield f"Import these {plan.recipients:,} rows as contacts?"
        case "label removal":
            yield f"Take a label from {plan.counted}, and delete it?"
    where = "LIVE workspace, real people" if plan.live else "embedded workspace, invented people"
    yield f"Workspace: {where} ({plan.workspace_id})"
    yield f"{draft.kind.capitalize()}: {clean(draft.name)}"
    if draft.kind == "import":
        yield f"Recipients: {plan.recipients:,} rows of the file {clean(draft.path.name)}"
        yield f"Duplicates: {draft.on_duplicate}"
        if plan.file:
            yield from _file(plan.file)
    elif draft.kind == "label removal":
        yield f"Label: {clean(draft.label)}"
        yield f"Recipients: {plan.recipients:,}, the contacts that have it"
    else:
        yield f"From: {', '.join(f'{clean(sender.name)} {sender.phone}' for sender in plan.senders)}"
        yield f"Recipients: {plan.recipients:,} of {plan.selected:,} selected"
        yield f"Excluded: {_left_out(plan)}"
    if draft.kind in {"message", "messages"}:
        yield from (f"To: {clean(preview.name)} {preview.phone}" for preview in plan.previews[:1])
    if draft.kind == "campaign":
        yield from _schedule(plan, draft)
    else:
        yield "Starts: at once, and cannot be recalled"
    yield from _steps(plan)
    yield from _costs(plan)
    if draft.kind != "import" and draft.kind != "label removal" and draft.media_urls:
        yield f"Media: {' '.join(plain(url) for url in draft.media_urls)}"
    if plan.channel:
        yield f"Through: {clean(plan.channel, 900)}"
    if plan.stages:
        yield f"Sent in: {plan.stages}"
    if draft.kind == "campaign" and draft.attach_labels:
        yield f"Labels put on recipients: {', '.join(clean(label) for label in draft.attach_labels)}"
    if draft.kind == "campaign" and draft.shorten_links:
        yield "Links: shortened"
    for finding in plan.findings:
        lifted = f" Overridden, because: {clean(finding.override)}" if finding.override else ""
        yield f"{finding.severity.capitalize()}: {clean(finding.message)}{lifted}"
    if plan.read_others:
        yield "Drafted after reading text written by others"
    yield f"Plan: {plan.id}, digest {plan.digest[:12]}"
    if draft.kind == "campaign" and draft.experiment:
        yield from (f"Judged by: {clean(': '.join(row), 300)}" for row in draft.experiment.registered())
        yield from (f"Text of {clean(arm)}: {plain(draft.for_arm(arm).message)}" for arm in draft.arms)
    elif draft.kind != "import":
        yield from (f"Text: {plain(text)}" for text in draft.texts)


def _file(file: FileReading) -> Iterator[str]:
    """Which parts of a file are uploaded, and as what."""
    shown = [f"{clean(x.theirs, 60)} → {'field ' if x.is_field else ''}{clean(x.ours, 60)}" for x in file.columns]
    more = len(shown) - _SHOWN
    yield f"Columns: {'; '.join(shown[:_SHOWN])}{f'; and {more:,} more' if more > 0 else ''}"
    if file.new_labels:
        yield f"New labels: {clean('; '.join(file.new_labels), 500)}"
    if file.opted_out:
        yield f"Opted out by it: {file.opted_out:,} rows"
    if file.dropped:
        yield f"Not imported: {file.dropped:,} rows"


def _schedule(plan: Plan, draft: CampaignDraft) -> Iterator[str]:
    starts = [step.start_at for step in plan.steps]
    if len(starts) > 1 and any(starts):
        at_once = "" if all(starts) else "; one without a time at once, and cannot be recalled"
        yield f"Starts: each step at its own time, by itself{at_once}"
    else:
        yield f"Starts: {when(draft.start_at) if draft.start_at else 'at once, and cannot be recalled'}"
    if draft.end_at:
        yield f"Ends: {when(draft.end_at)}"


def _steps(plan: Plan) -> Iterator[str]:
    if len(plan.steps) == 1 or plan.draft.kind == "messages":
        return
    for step in plan.steps[:_SHOWN]:
        starts = f", starts {when(step.start_at)}" if step.start_at else ""
        waits = ", and the rest waits for its result" if step.is_canary else ""
        yield f"Step {step.number}: {step.recipients:,}, {clean(step.what, 80)}{starts}{waits}"
    if (more := len(plan.steps) - _SHOWN) > 0:
        yield f"Steps: {more:,} more like these"


def _costs(plan: Plan) -> Iterator[str]:
    if plan.cost:
        yield f"Parts: {plan.cost.total_parts:,} in total, {plan.cost.parts} each ({plan.cost.encoding})"
        if price := plan.cost.price:
            spread = f"{price.low}" if price.low == price.high else f"{price.low} to {price.high}"
            yield f"Cost: {spread} {price.currency}, an estimate"


def _left_out(plan: Plan) -> str:
    steps = [step for step in plan.waterfall if step.outcome != "recipient"]
    return ", ".join(f"{step.count:,} {step.outcome.replace('_', ' ')}" for step in steps) or "nobody"
