"""A plan as a person needs to see it before approving: where, how many, what they read, when, what looks wrong.

HTML that is readable without style; whatever came from outside is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from toolkit.display import as_html, when
from toolkit.plans.cost import Cost, Preview
from toolkit.plans.plan import Plan
from toolkit.widgets.forms.arms import drawn_words
from toolkit.widgets.views.contact_file_view import file_html
from toolkit.widgets.views.finding_view import finding_list, in_sum
from toolkit.widgets.views.markup import escaped, heading, waterfall_list
from toolkit.widgets.views.timetable import starts, timetable

_BRACES = re.compile(r"\{[^{}\n]{1,60}\}")


def plan_html(plan: Plan, *, written_by: str = "") -> str:
    """The whole plan, what is decisive first, except what stands in the card beside it; texts fenced as somebody's."""
    head = (
        f'<div class="seax-title" role="heading" aria-level="2">{escaped(plan.draft.name)}</div>'
        f"<p><b>{plan.counted}</b> · {escaped(plan.draft.kind)} plan, read "
        f"{when(plan.created_at, '%H:%M')}, frozen until {when(plan.expires_at, '%H:%M')}</p>"
    )
    sent = f'<div role="alert" class="seax-alert"><b>ALREADY SENT: {escaped(plan.already_sent)}</b></div>'
    file = f"{as_html(plan.file.describe()[:2])}{file_html(plan.file)}" if plan.file else ""
    parts = [
        head,
        sent if plan.already_sent else "",
        _part("Who", f"<p>{escaped(plan.draft.segment.explain())}</p>") if plan.draft.kind == "campaign" else "",
        _part("Arms", f"<p>{escaped(arms)}</p>") if (arms := arms_words(plan)) else "",
        _part("What they read", _fenced(reads(plan.previews), written_by)) if plan.previews else "",
        _part("When", timetable(plan.steps)) if any(step.start_at for step in plan.steps) else "",
        file,
        _part("What the checks found", finding_list(plan.findings)) if plan.findings else "<p>No findings.</p>",
        f"<details><summary>The whole plan</summary>{as_html(plan.describe())}</details>",
    ]
    return "".join(parts)


def arms_words(plan: Plan) -> str:
    """How many people each arm has, who is held out, and why arms differ in size; empty without arms."""
    draft = plan.draft
    if draft.kind != "campaign" or draft.experiment is None:
        return ""
    people = dict.fromkeys(draft.experiment.arms, 0)
    for step in plan.steps:
        people[step.arm] += step.recipients
    held_out = sum(step.count for step in plan.waterfall if step.outcome == "held_out")
    sizes = [f"{arm} {count:,}" for arm, count in people.items() if count]
    sizes += [f"{held_out:,} held out"] if held_out else []
    return f"{', '.join(sizes)}. {drawn_words(draft.experiment.strata)}"


def count_html(number: int, words: str, *, is_quiet: bool = False) -> str:
    """The number that everything is about, and what it counts."""
    quiet = " seax-quiet" if is_quiet else ""
    return f'<div role="status"><span class="seax-people{quiet}">{number:,}</span><p>{escaped(words)}</p></div>'


def plan_facts(plan: Plan) -> str:
    """What stands in the card: who is excluded, what it costs, when it starts, how many findings."""
    summary = ", ".join(words for _, words in in_sum(plan.findings)) or "none"
    who = ""
    if plan.waterfall:
        excluded = plan.selected - plan.recipients
        who = (
            f"<details><summary>{excluded:,} of {plan.selected:,} are excluded</summary>"
            f"{waterfall_list(plan.selected, plan.waterfall)}</details>"
        )
    rows = [
        *([("Cost", cost_words(plan.cost))] if plan.cost and plan.recipients else []),
        *([("Starts", starts(plan.steps))] if plan.draft.kind == "campaign" else []),
        ("Findings", summary),
    ]
    return who + fact_list(rows)


def fact_list(rows: Sequence[tuple[str, str]]) -> str:
    """Names and values, one line each."""
    lines = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in rows)
    return f'<dl class="seax-facts">{lines}</dl>' if lines else ""


def cost_words(cost: Cost) -> str:
    """How many parts, and the estimated cost."""
    parts = "1 part" if cost.total_parts == 1 else f"{cost.total_parts:,} parts"
    spread = cost.by_parts or {}
    each = f" ({', '.join(f'{n:,} of {size}' for size, n in sorted(spread.items()))})" if len(spread) > 1 else ""
    return f"{parts}{each}, {f'about {cost.price}' if cost.price else 'no price per part is configured'}"


def reads(previews: Sequence[Preview]) -> str:
    """The message on the phones of some recipients, as they read it."""
    if len(previews) > 1 and len({preview.text for preview in previews}) == 1:
        about = f"{previews[0].encoding} · {_parts(previews[0])}"
        same = f"<div><p>The same for everybody · {escaped(about)}</p>{bubble(previews[0].text)}</div>"
        return f'<div class="seax-reads">{same}</div>'
    return f'<div class="seax-reads">{"".join(map(_read_by, previews))}</div>'


def reader(preview: Preview) -> str:
    """Whose phone it is."""
    about = " · ".join(filter(None, [preview.kind, preview.encoding, _parts(preview)]))
    name = escaped(preview.name) or "(no name)"
    return (
        f'<p><b><bdi>{name}</bdi></b> <bdi dir="ltr">{escaped(preview.phone)}</bdi><br>'
        f'<span class="seax-quiet seax-small">{escaped(about)}</span></p>'
    )


def bubble(text: str) -> str:
    """A text as it looks on a phone, line by line; braces that are sent as written are marked."""
    shown = escape("".join(c if c.isprintable() or c == "\n" else " " for c in text), quote=True)
    return f'<div class="seax-bubble" dir="auto">{_BRACES.sub(lambda found: f"<mark>{found[0]}</mark>", shown)}</div>'


def _read_by(preview: Preview) -> str:
    return f"<div>{reader(preview)}{bubble(preview.text)}</div>"


def _parts(preview: Preview) -> str:
    return "1 part" if preview.parts == 1 else f"{preview.parts} parts"


def _fenced(content: str, written_by: str) -> str:
    if not written_by:
        return content
    return f'<figure class="seax-fence"><figcaption>Written by {escaped(written_by)}</figcaption>{content}</figure>'


def _part(title: str, content: str) -> str:
    return f'<div style="margin-top:16px">{heading(title)}{content}</div>'
