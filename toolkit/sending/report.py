"""A plan as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.audience.waterfall import who
from toolkit.sections import Section, when
from toolkit.sending.catalogue import OWN_SOURCES
from toolkit.sending.finding import Finding

if TYPE_CHECKING:
    from toolkit.sending.draft import CampaignDraft, MessageDraft, MessagesDraft, TestDraft
    from toolkit.sending.plan import Plan, Preview

_SHOWN = 20  # steps


def describe(plan: Plan) -> list[Section]:
    """The plan's content, in reading order."""
    draft = plan.draft
    where = "LIVE workspace: real people" if plan.live else "embedded workspace: nobody real"
    head = [["workspace", f"{where} ({plan.workspace_id})"]]
    if plan.left:
        head.append(["ALREADY LEFT", f"{plan.left} It is not sent again; another name would make it another one."])
    if plan.read_others:
        head.append(["drafted", "by an assistant that had read text which others wrote"])
    head += _contents(plan)
    sections = [Section(f"{draft.kind.capitalize()} plan: {draft.name}", head)]
    if plan.file:
        sections += plan.file.describe()
    if plan.waterfall:
        sections.append(who(plan.selected, plan.waterfall))
    if plan.addressing:
        sections.append(Section("Addressed by", [[line] for line in plan.addressing]))
    if len(plan.steps) > 1:
        sections.append(Section("Steps", list(_steps(plan))))
    if draft.kind == "campaign" and draft.experiment and draft.experiment.registration:
        sections.append(Section("How it will be judged", draft.experiment.registered()))
    if plan.previews:
        sections.append(Section("What they see", [_preview(preview, plan.previews) for preview in plan.previews]))
    findings = [row for finding in plan.findings for row in _finding(finding)]
    sections.append(Section("Findings", findings or [["none"]]))
    sections.append(Section("Approval", [[f"{plan.id}, digest {plan.digest[:12]}, expires {when(plan.expires_at)}"]]))
    return sections


def _steps(plan: Plan) -> Iterator[list[str]]:
    for step in plan.steps[:_SHOWN]:
        starts = f"starts {when(step.start_at)}" if step.start_at else ""
        waits = "the next waits until it is known how this one fares" if step.is_canary else ""
        yield [f"{step.number}", f"{step.recipients:,}", step.what, starts or waits]
    if (more := len(plan.steps) - _SHOWN) > 0:
        yield ["", "", f"and {more:,} more"]


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
        *([[arm, "gets nothing, to compare with"] for arm in without]),
    ]


def _contents(plan: Plan) -> list[list[str]]:
    """Everything that the draft says, in words; options that are not set are left out."""
    draft = plan.draft
    if draft.kind == "import":
        rows = [["file", draft.path.name], ["rows", f"{plan.recipients:,}"], ["duplicates", draft.on_duplicate]]
        return [*rows, ["phones of", draft.phone_country]] if draft.phone_country else rows
    rows = [
        ["recipients", f"{plan.recipients:,}"],
        ["from", ", ".join(f"{sender.name} {sender.phone}" for sender in plan.senders)],
        *_texts(draft),
    ]
    rows += [["media", url] for url in draft.media_urls]
    if plan.cost:
        rows.append(["parts", str(plan.cost)])
        if plan.cost.price:
            rows.append(["cost", f"{plan.cost.price}, an estimate without carriers' fees"])
    if draft.kind == "campaign":
        rows.insert(0, ["type", draft.type])
        rows.append(["starts", when(draft.start_at) if draft.start_at else "at once, and cannot be recalled"])
        if draft.end_at:
            rows.append(["ends", when(draft.end_at)])
        if draft.shorten_links:
            rows.append(["links", "shortened by the service"])
        if draft.attach_labels:
            rows.append(["labels put on", ", ".join(draft.attach_labels)])
    return rows
