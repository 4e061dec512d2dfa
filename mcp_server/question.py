"""The question a person reads before a campaign leaves: what the yes is bound to, the same words every time.

Names and the text come from outside: each stays on one line, and the text comes last, so that nothing it says can
pass for one of the facts above it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcp_server.untrusted import clean
from toolkit.errors import SendRefused
from toolkit.sections import plain

if TYPE_CHECKING:
    from toolkit.sending.draft import CampaignDraft
    from toolkit.sending.plan import Plan


def question(plan: Plan) -> str:
    """The form's text for a campaign plan, one fact a line; SendRefused for a plan of another kind."""
    draft = plan.draft
    if draft.kind != "campaign":
        raise SendRefused(
            f"Plan {plan.id} is a {draft.kind}, and this sends campaigns: approve and send it in the notebook or the "
            "terminal. Nothing was sent."
        )
    return "\n".join(_facts(plan, draft))


def _facts(plan: Plan, draft: CampaignDraft) -> Iterator[str]:
    yield f"Send this {draft.type} campaign to {plan.recipients:,} recipients?"
    where = "LIVE workspace, real people" if plan.live else "embedded workspace, nobody real"
    yield f"Workspace: {where} ({plan.workspace_id})"
    yield f"Campaign: {clean(draft.name)}"
    yield f"From: {', '.join(f'{clean(sender.name)} {sender.phone}' for sender in plan.senders)}"
    yield f"Recipients: {plan.recipients:,} of {plan.selected:,} selected"
    yield f"Left out: {_left_out(plan)}"
    yield f"Starts: {draft.start_at.isoformat() if draft.start_at else 'at once, and cannot be recalled'}"
    if draft.end_at:
        yield f"Ends: {draft.end_at.isoformat()}"
    if plan.cost:
        yield f"Parts: {plan.cost.total_parts:,} in all, {plan.cost.parts} each ({plan.cost.encoding})"
    if draft.media_urls:
        yield f"Media: {' '.join(plain(url) for url in draft.media_urls)}"
    if draft.attach_labels:
        yield f"Labels put on recipients: {', '.join(clean(label) for label in draft.attach_labels)}"
    if draft.shorten_links:
        yield "Links: shortened"
    for finding in plan.findings:
        yield f"{finding.severity.capitalize()}: {clean(finding.message)}"
    yield f"Plan: {plan.id}, digest {plan.digest[:12]}"
    yield f"Text: {plain(draft.message)}"


def _left_out(plan: Plan) -> str:
    steps = [step for step in plan.waterfall if step.outcome != "recipient"]
    return ", ".join(f"{step.count:,} {step.outcome.replace('_', ' ')}" for step in steps) or "nobody"
