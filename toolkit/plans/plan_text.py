"""The parts of a plan as rows for display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolkit.display import when
from toolkit.models import CampaignSender
from toolkit.plans.cost import Cost, Preview
from toolkit.plans.draft import CampaignDraft, Draft, MessageDraft, MessagesDraft, TestDraft
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import OWN_SOURCES
from toolkit.plans.plan_step import PlanStep

_SHOWN = 20  # steps


def steps(planned: Sequence[PlanStep]) -> Iterator[list[str]]:
    """One row per step, of the first twenty."""
    for step in planned[:_SHOWN]:
        starts = f"starts {when(step.start_at)}" if step.start_at else ""
        waits = "the next waits for the result of this one" if step.is_canary else ""
        yield [f"{step.number}", f"{step.recipients:,}", step.what, starts or waits]
    if (more := len(planned) - _SHOWN) > 0:
        yield ["", "", f"and {more:,} more"]


def previews(shown: Sequence[Preview]) -> list[list[str]]:
    """One row per preview."""
    return [_preview(preview, shown) for preview in shown]


def findings(found: Sequence[Finding]) -> list[list[str]]:
    """The rows of each finding, in their order."""
    return [row for finding in found for row in _finding(finding)] or [["none"]]


def _preview(preview: Preview, all_of_them: Sequence[Preview]) -> list[str]:
    row = [preview.name, preview.phone, preview.text]
    if len({other.kind for other in all_of_them}) == 1:
        return row  # everybody reads the same
    size = "1 part" if preview.parts == 1 else f"{preview.parts} parts"
    return [preview.kind, *row, f"{size}, {preview.encoding}"]


def _finding(finding: Finding) -> Iterator[list[str]]:
    source = f" ({finding.source}, {finding.as_of})" if finding.source not in {"", *OWN_SOURCES} else ""
    yield [finding.title.upper(), finding.code, f"{finding.message} {finding.fix}{source}"]
    if finding.override:
        yield ["", "", f"Overridden: {finding.override}"]
    for line in finding.evidence:
        yield ["", "", f"· {line}"]


def _texts(draft: CampaignDraft | MessageDraft | MessagesDraft | TestDraft) -> list[list[str]]:
    if draft.kind != "campaign" or draft.experiment is None:
        return [["text", text] for text in draft.texts]
    rows = [[f"text of {arm}", draft.for_arm(arm).message] for arm in draft.arms]
    without = [arm for arm in draft.experiment.arms if arm not in draft.arms]
    return [
        ["experiment", draft.experiment.name],
        *rows,
        *([[arm, "gets nothing, as a control group"] for arm in without]),
    ]


def _start(draft: CampaignDraft) -> str:
    if draft.by_zone:
        clocks = f"at {draft.local_time:%H:%M} on the clocks" if draft.local_time else "in the daytime"
        return f"{clocks} of each zone, step by step{f', from {when(draft.start_at)} on' if draft.start_at else ''}"
    return when(draft.start_at) if draft.start_at else "at once, and cannot be recalled"


def contents(draft: Draft, *, recipients: int, senders: Sequence[CampaignSender], cost: Cost | None) -> list[list[str]]:
    """Everything that the draft specifies, in words; options that are not set are omitted."""
    if draft.kind == "import":
        rows = [["file", draft.path.name], ["rows", f"{recipients:,}"], ["duplicates", draft.on_duplicate]]
        return [*rows, ["phones of", draft.phone_country]] if draft.phone_country else rows
    if draft.kind == "label removal":
        return [["label", draft.label], ["taken from", f"{recipients:,} contacts, and deleted"]]
    rows = [
        ["recipients", f"{recipients:,}"],
        ["from", ", ".join(f"{sender.name} {sender.phone}" for sender in senders)],
        *_texts(draft),
    ]
    rows += [["media", url] for url in draft.media_urls]
    if cost:
        rows.append(["parts", str(cost)])
        if cost.price:
            rows.append(["cost", f"{cost.price}, an estimate without carriers' fees"])
    if draft.kind == "campaign":
        rows.insert(0, ["type", draft.type])
        rows.append(["starts", _start(draft)])
        if draft.end_at:
            rows.append(["ends", when(draft.end_at)])
        if draft.shorten_links:
            rows.append(["links", "shortened by the service"])
        if draft.attach_labels:
            rows.append(["labels put on", ", ".join(draft.attach_labels)])
    return rows
