"""A plan as people read it: the same content as plain text and as HTML without style sheets.

Names and texts come from outside: HTML is escaped, and text has its control characters shown as spaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from toolkit.sending.finding import Finding

if TYPE_CHECKING:
    from toolkit.sending.plan import Plan


@dataclass(frozen=True)
class Section:
    """A heading and its rows; each row is a few cells."""

    title: str
    rows: Sequence[Sequence[str]]


def describe(plan: Plan) -> list[Section]:
    """The plan's content, in reading order."""
    draft = plan.draft
    where = "LIVE workspace: real people" if plan.live else "embedded workspace: nobody real"
    head = [["workspace", f"{where} ({plan.workspace_id})"]]
    if plan.left:
        head.append(["ALREADY LEFT", f"{plan.left} It is not sent again; another name would make it another one."])
    head += _contents(plan)
    sections = [Section(f"{draft.kind.capitalize()} plan: {draft.name}", head)]
    if plan.waterfall:
        steps = [[f"{plan.selected:,}", "selected", "the segment means them"]]
        steps += [
            [f"{'−' if step.outcome != 'recipient' else ''}{step.count:,}", _words(step.outcome), step.reason]
            for step in plan.waterfall
        ]
        sections.append(Section("Who", steps))
    if plan.addressing:
        sections.append(Section("Addressed by", [[line] for line in plan.addressing]))
    if plan.previews:
        rows = [[preview.name, preview.phone, preview.text] for preview in plan.previews]
        sections.append(Section("What they see", rows))
    findings = [row for finding in plan.findings for row in _finding(finding)]
    sections.append(Section("Findings", findings or [["none"]]))
    sections.append(
        Section("Approval", [[f"{plan.id}, digest {plan.digest[:12]}, expires {plan.expires_at:%H:%M} UTC"]])
    )
    return sections


def _finding(finding: Finding) -> Iterator[list[str]]:
    yield [finding.title.upper(), finding.code, f"{finding.message} {finding.fix}"]
    if finding.override:
        yield ["", "", f"Overridden: {finding.override}"]
    for line in finding.evidence:
        yield ["", "", f"· {line}"]


def _contents(plan: Plan) -> list[list[str]]:
    """Everything that the draft says, in words; options that are not set are left out."""
    draft = plan.draft
    if draft.kind == "import":
        rows = [["file", draft.path.name], ["rows", f"{plan.recipients:,}"], ["duplicates", draft.on_duplicate]]
        return [*rows, ["phones of", draft.phone_country]] if draft.phone_country else rows
    rows = [
        ["recipients", f"{plan.recipients:,}"],
        ["from", ", ".join(f"{sender.name} {sender.phone}" for sender in plan.senders)],
        ["text", draft.message],
    ]
    rows += [["media", url] for url in draft.media_urls]
    if plan.cost:
        cost = plan.cost
        rows.append(["parts", f"{cost.total_parts:,} in all, {cost.parts} each ({cost.encoding})"])
    if draft.kind == "campaign":
        rows.insert(0, ["type", draft.type])
        rows.append(["starts", draft.start_at.isoformat() if draft.start_at else "at once, and cannot be recalled"])
        if draft.end_at:
            rows.append(["ends", draft.end_at.isoformat()])
        if draft.shorten_links:
            rows.append(["links", "shortened by the service"])
        if draft.attach_labels:
            rows.append(["labels put on", ", ".join(draft.attach_labels)])
    return rows


def as_text(sections: Sequence[Section]) -> str:
    """Plain text, columns lined up."""
    lines: list[str] = []
    for section in sections:
        lines.append(("" if not lines else "\n") + plain(section.title))
        rows = [[plain(cell) for cell in row] for row in section.rows]
        widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


_CELL = "text-align:left; vertical-align:top; padding:2px 14px 2px 0"  # JupyterLab aligns cells to the right


def as_html(sections: Sequence[Section]) -> str:
    """Tables that read without any style, and line up where there is one."""
    parts = []
    for section in sections:
        rows = "".join(
            "<tr>" + "".join(f'<td style="{_CELL}">{escape(plain(cell), quote=True)}</td>' for cell in row) + "</tr>"
            for row in section.rows
        )
        parts.append(f"<p><b>{escape(plain(section.title))}</b></p><table>{rows}</table>")
    return '<div style="line-height:1.4">' + "".join(parts) + "</div>"


def plain(text: str) -> str:
    """The text on one line, with what does not print (control and direction marks) as spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _words(outcome: str) -> str:
    return "will receive it" if outcome == "recipient" else outcome.replace("_", " ")
