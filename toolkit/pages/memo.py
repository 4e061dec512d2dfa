"""The decision memo of an experiment: what to do, why, and how anybody can check it, on one page.

It holds what was registered, what the ledger and the log say, and nothing else, so that it can be rebuilt byte for
byte from the same ledger, log, contacts and orders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

import pandas as pd

from toolkit.display import when
from toolkit.engagement.log_digest import log_digest
from toolkit.experiments.effect import Effect
from toolkit.experiments.guardrails import GuardrailOutcome, UnknownGuardrail
from toolkit.experiments.metric import Metric
from toolkit.experiments.result import Result
from toolkit.experiments.verdict import RULES
from toolkit.pages.charts import Interval, Mark, intervals
from toolkit.pages.html_page import HtmlPage, facts, page_table, section, text, where
from toolkit.plans.approval import Approval
from toolkit.plans.plan import Plan

_COLOURS = ("c-data", "c-second", "c-loss")


def memo(plan: Plan, approval: Approval | None, result: Result, logs: pd.DataFrame) -> HtmlPage:
    """The memo of a plan whose experiment was read out; `approval` is the yes it was sent on."""
    parts = [_head(plan, result)]
    bodies = {
        "Result": _result(result) if result.verdict else "",
        _guarded(result.guardrails): _guardrails(result),
        "How the verdict is reached, fixed before sending": _rules(result),
        "Registration and arms": _registered(plan, result),
        "By segment": _segments(result),
        "To check it": _digests(plan, approval, result, logs),
    }
    parts += [section(at, title, body) for at, (title, body) in enumerate(bodies.items(), 1) if body]
    return HtmlPage(f"Decision memo: {result.experiment}", "\n".join(parts))


def _head(plan: Plan, result: Result) -> str:
    read = f"Counted until {when(result.until)}, as fixed before sending" if result.verdict else ""
    line = where(plan.live, f"Decision memo · {plan.draft.name}", read)
    if result.verdict is None:
        word, style, why = "NOT JUDGED", "extend", " ".join(result.problems)
        title = f"{result.experiment}: there is no verdict"
    else:
        word, style, why = result.verdict.word.upper(), result.verdict.word, result.verdict.why
        best = next(effect for effect in result.effects if effect.arm == result.verdict.arm)
        metric = result.registration.metric
        title = f"{best.arm}: {_more(metric, best.difference)} than {best.other}"
    return (
        f'<header>{line}\n<div class="seax-verdict"><b class="v-{style}">{word}</b><h1>{text(title)}</h1></div>\n'
        f"<p>{text(why)}</p></header>"
    )


def _more(metric: Metric, difference: float) -> str:
    """How much more it is: 20.3 points more people with an order."""
    size, word = metric.gain(abs(difference)).lstrip("+"), "more" if difference >= 0 else "less"
    if metric.kind == "share":
        return f"{size} {'more' if difference >= 0 else 'fewer'} people with {metric.name}"
    return f"{size} {word} {metric.name} for each person" if metric.kind == "mean" else f"{size} {word} {metric.name}"


def _result(result: Result) -> str:
    """The levels of the arms, their differences, and what texting brought."""
    metric = result.registration.metric
    unit = "with it" if metric.kind == "share" else f"{metric.value or metric.name} in all"
    levels = [
        Interval(
            each.arm,
            f"{each.total:,.0f} {unit}, of {each.assigned:,} assigned",
            each.value,
            each.low,
            each.high,
            metric.said(each.value),
            _COLOURS[min(at, 2)] if each.sent is not None else "c-quiet",
        )
        for at, each in enumerate(result.arms)
    ]
    parts = [f'<p class="seax-small">{text(metric.words)}, with 95 % intervals</p>', intervals(levels, metric.said)]
    effects = [*result.effects, *([result.lift] if result.lift else [])]
    if effects:
        rows = [
            Interval(
                f"{each.arm} − {each.other}",
                f"p = {each.p:.2g}" + (f", interval {each.narrowed:.0%} narrower" if each.narrowed > 0.005 else ""),
                each.difference,
                each.low,
                each.high,
                metric.gain(each.difference),
                "c-second",
            )
            for each in effects
        ]
        goal = Mark(metric.sign * result.registration.least_lift, "goal", "least worth it")
        unit_words = " in points" if metric.kind == "share" else ""
        parts += [
            f'<p class="seax-small">Differences{unit_words}, with 95 % intervals</p>',
            intervals(rows, _tick(metric), [Mark(0, "zero"), goal]),
        ]
    if result.lift and metric.kind != "ratio":
        parts.append(f'<p class="seax-small">{text(_brought(result, result.lift))}</p>')
    return "\n".join(parts)


def _brought(result: Result, lift: Effect) -> str:
    """What would not have been without a text: the lift times the people who were to be texted."""
    metric, people = result.registration.metric, sum(each.assigned for each in result.arms if each.sent is not None)
    amount, low, high = (f"{end * people:,.0f}" for end in (lift.difference, lift.low, lift.high))
    what = f"people with {metric.name}" if metric.kind == "share" else metric.name
    return (
        f"Over all {people:,} who were texted: about {amount} {what} ({low} to {high}) more than without a text, by "
        "what those held out did."
    )


def _tick(metric: Metric) -> Callable[[float], str]:
    """How a difference is written on an axis."""
    return lambda value: metric.gain(value).removesuffix(" points")


def _guarded(guardrails: Iterable[GuardrailOutcome | UnknownGuardrail]) -> str:
    states = [each.state for each in guardrails]
    if not states:
        return "Guardrails: none was registered"
    if set(states) == {"holds"}:
        return "Guardrails: all hold"
    return f"Guardrails: {', '.join(f'{states.count(state)} {state}' for state in dict.fromkeys(states))}"


def _guardrails(result: Result) -> str:
    parts = []
    for each in result.guardrails:
        if isinstance(each, UnknownGuardrail):
            parts.append(f"<p>{text(str(each))}</p>")
            continue
        effect, metric = each.effect, each.metric
        row = Interval(
            f"{metric.name[:28]}: {each.state}",
            f"{effect.arm} {each.levels[0]}, {effect.other} {each.levels[1]}",
            effect.difference,
            effect.low,
            effect.high,
            metric.gain(effect.difference),
            "c-loss" if each.state == "gives way" else "c-second",
        )
        worst = Mark(-metric.sign * each.margin, "stop", f"at most {metric.gain(-metric.sign * each.margin)}")
        parts.append(intervals([row], _tick(metric), [Mark(0, "zero"), worst]))
    return "\n".join(parts)


def _rules(result: Result) -> str:
    reached = result.verdict.word if result.verdict else None
    rows = []
    for word, rule in RULES.items():
        current = ' aria-current="true"' if word == reached else ""
        sentence = rule.format(lift=result.registration.least_lift_words)
        rows.append(f'<li{current}><b class="v-{word}">{word.upper()}</b> {text(sentence)}</li>')
    return f'<ul class="seax-rules">{"".join(rows)}</ul>'


def _registered(plan: Plan, result: Result) -> str:
    assert plan.draft.kind == "campaign"
    assert plan.draft.experiment is not None
    metric = result.registration.metric
    texts = {arm: plan.draft.for_arm(arm).message for arm in plan.draft.arms}
    rows = [
        [
            each.arm,
            texts.get(each.arm, "nothing"),
            f"{each.assigned:,}",
            "–" if each.sent is None else f"{each.sent:,}",
            "–" if each.delivered is None else f"{each.delivered:,}",
            f"{each.total:,.0f}",
        ]
        for each in result.arms
    ]
    heads = [
        "Arm",
        "Text",
        "Assigned",
        "Sent",
        "Delivered",
        f"{'With' if metric.kind == 'share' else 'Sum of'} {metric.name}",
    ]
    waterfall = [
        ("", f"{step.count:,} {step.outcome.replace('_', ' ')}: {step.reason}")
        for step in plan.waterfall
        if step.outcome != "recipient"
    ]
    checks = [("", line) for line in (*result.checks, *result.notes)]
    registered = [(row[0].capitalize(), row[1]) for row in plan.draft.experiment.registered()]
    named = [*_headed("Not in it", waterfall), *_headed("Checked", checks)]
    return page_table("Arms", heads, rows, numbers_from=2) + "\n" + facts([*registered, *named])


def _headed(name: str, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows, the first with their name."""
    return [(name if at == 0 else "", row) for at, (_, row) in enumerate(rows)]


def _segments(result: Result) -> str:
    metric = result.registration.metric
    parts = []
    for column in result.segments:
        rows = [
            Interval(
                each.segment,
                f"{each.people:,} people, p = {each.p:.2g}",
                each.difference,
                each.low,
                each.high,
                metric.gain(each.difference),
            )
            for each in column.segments
        ]
        expected = [
            [each.segment, metric.gain(each.difference), _span(metric, each.shrunk, each.shrunk_low, each.shrunk_high)]
            for each in column.segments
        ]
        heads = ["Segment", "Measured", "To expect next time, with 95 % interval"]
        parts += [
            f"<p>{text(column)}</p>",
            intervals(rows, _tick(metric), [Mark(0, "zero")]),
            page_table(f"By {column.column}", heads, expected, numbers_from=1),
        ]
    return "\n".join(parts)


def _span(metric: Metric, value: float, low: float, high: float) -> str:
    """+4.1 points (-2.6 to +8.1)."""
    return f"{metric.gain(value)} ({_tick(metric)(low)} to {_tick(metric)(high)})"


def _digests(plan: Plan, approval: Approval | None, result: Result, logs: pd.DataFrame) -> str:
    by = f", approved by {approval.by} ({approval.via}), {when(approval.approved_at)}" if approval else ""
    counted = result.model_dump_json(include={"arms", "effects", "lift", "guardrails", "segments", "notes"})
    rows = [
        ("Registration", f"{_short(result.registration.model_dump_json())}, {when(plan.created_at)}"),
        ("Plan", f"{plan.id}, {plan.digest[:12]}{by}"),
        ("Log", f"{log_digest(logs)}, {len(logs):,} messages"),
        ("Numbers above", _short(counted)),
        ("Again", f"seax memo {plan.id} --orders FILE rebuilds this page, byte for byte, from the same data"),
    ]
    line = "border-top:1px solid var(--edge);padding-top:4px"
    return (
        facts(rows)
        + f'\n<p class="seax-row" style="margin-top:16px;gap:24px"><span style="flex:1;{line}" class="seax-small">'
        f'Decided by, date</span><span style="flex:2;{line}" class="seax-small">Decision, if it differs from the '
        "verdict, and why</span></p>"
    )


def _short(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]
