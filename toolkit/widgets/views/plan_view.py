"""A plan as a person needs to see it before approving: where, how many, what they read, what looks wrong.

HTML that is readable without style; whatever came from outside is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from toolkit.plans.cost import Cost, Preview
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.sections import Section, as_html
from toolkit.widgets.views.file_view import file_html
from toolkit.widgets.views.markup import bars, escaped, waterfall_list

_COLOURS = {"block": "#b00020", "warn": "#b26a00", "info": "#3367d6", "overridden": "#6b4fa0"}
_BUBBLE = (
    "display:inline-block; vertical-align:top; width:230px; margin:4px 14px 4px 0; padding:8px 12px; "
    "border-radius:14px; border:1px solid #8888; overflow-wrap:anywhere; white-space:pre-wrap; line-height:1.35"
)


def plan_html(plan: Plan) -> str:
    """The whole plan: the decisive facts large, and the rest below."""
    noun = "rows" if plan.draft.kind == "import" else "recipient" if plan.recipients == 1 else "recipients"
    head = (
        f'<div style="font-size:1.3em; line-height:1.4; overflow-wrap:anywhere"><b>{plan.recipients:,} {noun}</b> · '
        f"{escaped(plan.draft.kind)} plan: {escaped(plan.draft.name)}</div>"
    )
    left = f'<div role="alert"><b>ALREADY SENT: {escaped(plan.already_sent)}</b></div>' if plan.already_sent else ""
    who = f"<p><b>Who</b></p>{waterfall_list(plan.selected, plan.waterfall)}" if plan.waterfall else ""
    cost = f"<p><b>Cost</b></p>{_cost(plan.cost, plan.recipients)}" if plan.cost and plan.recipients else ""
    texts = f"<p><b>What they see</b></p>{bubbles(plan.previews)}" if plan.previews else ""
    found = f"<p><b>Findings</b></p>{finding_boxes(plan.findings)}" if plan.findings else "<p>No findings.</p>"
    whole = f"<details><summary>The whole plan</summary>{as_html(plan.describe())}</details>"
    contents = as_html([Section("", plan.describe()[0].rows)])
    file = f"{as_html(plan.file.describe()[:2])}{file_html(plan.file)}" if plan.file else ""
    return f"{head}{left}{contents}{file}{who}{texts}{cost}{found}{whole}"


def _cost(cost: Cost, recipients: int) -> str:
    """How many messages take how many parts, and the estimated cost."""
    by_parts = cost.by_parts or {cost.parts: recipients}
    rows = [(f"{parts} {'part' if parts == 1 else 'parts'}", count) for parts, count in sorted(by_parts.items())]
    price = cost.price
    estimate = (
        f"Estimated {price.low} to {price.high} {price.currency}." if price else "No price per part is configured."
    )
    return f"{bars(rows, recipients)}<div>Parts in total: {cost.total_parts:,}. {escaped(estimate)}</div>"


def finding_boxes(findings: Sequence[Finding]) -> str:
    """Findings, the most severe first, each with what to do, what was found and the source of the rule."""
    order = ("block", "overridden", "warn", "info")
    return "".join(_box(finding) for finding in sorted(findings, key=lambda each: order.index(each.title)))


def _box(finding: Finding) -> str:
    colour = _COLOURS[finding.title]
    evidence = "".join(f"<li>{escaped(line)}</li>" for line in finding.evidence)
    source = f"{finding.source} ({finding.as_of})" if finding.as_of else finding.source
    lines = [
        f'<b style="color:{colour}">{escaped(finding.title.upper())}</b> {escaped(finding.message)} '
        f"{escaped(finding.fix)} <small>{escaped(finding.code)}</small>",
        f"<div>Overridden: {escaped(finding.override)}</div>" if finding.override else "",
        f'<ul style="margin:2px 0">{evidence}</ul>' if evidence else "",
        f"<div><small>{escaped(source)}</small></div>" if source else "",
    ]
    return (
        f'<div role="note" style="border-left:4px solid {colour}; padding:2px 10px; margin:4px 0; line-height:1.4; '
        f'overflow-wrap:anywhere">{"".join(lines)}</div>'
    )


def bubbles(previews: Sequence[Preview]) -> str:
    """The message on the phones of some recipients, as they read it."""
    return "".join(_bubble(preview) for preview in previews)


def bubble(text: str) -> str:
    """A text as it looks on a phone, line by line."""
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return f'<div style="{_BUBBLE}">{escape(shown, quote=True)}</div>'


def _bubble(preview: Preview) -> str:
    parts = "1 part" if preview.parts == 1 else f"{preview.parts} parts"
    about = " · ".join(filter(None, [preview.kind, preview.encoding, parts]))
    return (
        f'<div style="display:inline-block; vertical-align:top; max-width:100%"><div style="overflow-wrap:anywhere; '
        f'width:240px"><small><b>{escaped(preview.name) or "(no name)"}</b> {escaped(preview.phone)}</small></div>'
        f"{bubble(preview.text)}<div><small>{escaped(about)}</small></div></div>"
    )
