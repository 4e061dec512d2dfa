"""The weekly report as one page: what to look at, then five measures against their eight weeks, then the details."""

from __future__ import annotations

from math import isnan

from toolkit.display import when
from toolkit.engagement.weekly.cohorts import WEEK
from toolkit.engagement.weekly.weeks import BENCHMARKS, WeeklyReport
from toolkit.pages.charts import weeks
from toolkit.pages.html_page import HtmlPage, page_table, section, text, where

_MULTIPLES = 8  # measures drawn, the worst first


def weekly_page(report: WeeklyReport, *, live: bool, log: str) -> HtmlPage:
    """The page of a week; `log` is the digest of the messages that it was made from."""
    unreported = f"messages of the week without a report yet: {report.waiting:,}"
    line = where(live, "Weekly report", f"Read {when(report.read_at)} · {unreported}")
    parts = [
        f"<header>{line}\n<h1>{text(report.title)}</h1></header>",
        section(1, "To look at", _alerts(report)),
        section(2, "This week against the 8 before", _measures(report)),
        section(3, f"The list: {report.people[-1].gained:,} joined, {report.contacts:,} in all", _list(report)),
        section(4, "Campaigns", _campaigns(report)),
        section(5, "What others have published", _benchmarks()),
        f'<p class="seax-small seax-quiet">Log <code>{text(log)}</code> · '
        f"<code>seax report --week {report.week}</code> makes this page.</p>",
    ]
    return HtmlPage(f"Week {report.week}", "\n".join(parts), is_wide=True)


def _alerts(report: WeeklyReport) -> str:
    found = [
        f'<div class="seax-find seax-find--warn"><b>▲ {text(shift.measure)}</b>'
        f"<span>{text(shift)}. {text(report.blame.get(shift.measure, ''))}</span></div>"
        for shift in report.alerts
    ]
    rest = len(report.shifts) - len(found)
    found.append(
        f'<p class="seax-small seax-quiet">{rest} other measures are within what weeks differ by. An alert is a week '
        "worse than the last 8 by more than chance and by more than weeks differ (5 in 100, all measures together).</p>"
    )
    return "\n".join(found)


def _measures(report: WeeklyReport) -> str:
    labels = [f"{(report.begins - WEEK * (8 - at)).isocalendar().week}" for at in range(9)]
    past = [each for each in report.attempted[:-1] if each]
    usual = (float(min(past)), float(max(past))) if past else None
    figures = [
        _figure(
            "Attempted",
            f"{report.attempted[-1]:,}",
            "messages",
            usual and f"{usual[0]:,.0f} to {usual[1]:,.0f}",
            weeks([float(x) for x in report.attempted], labels, usual, "Attempted messages by week"),
        )
    ]
    ordered = sorted(report.shifts, key=lambda shift: (not shift.is_alarm, 1.0 if shift.p is None else shift.p))
    for shift in [each for each in ordered if not isnan(each.rate)][: _MULTIPLES - 1]:
        span = shift.usual
        said = span and f"{span[0]:.1%} to {span[1]:.1%}".replace("%", " %")
        chart = weeks(shift.rates, labels, span, str(shift))
        rate = f"{shift.rate:.1%}".replace("%", " %")
        figures.append(_figure(shift.measure, rate, f"{shift.count:,} of {shift.whole:,}", said, chart))
    return f'<div class="seax-multiples">{"".join(figures)}</div>'


def _figure(name: str, value: str, of: str, usual: str | None, chart: str) -> str:
    before = f"usual {usual}" if usual else "nothing to compare with"
    return (
        f'<figure><figcaption><span>{text(name)}</span><b class="seax-num">{text(value)}</b>'
        f'<span class="seax-small seax-quiet seax-num">{text(of)}</span>'
        f'<span class="seax-small seax-quiet seax-num">{text(before)}</span></figcaption>{chart}</figure>'
    )


def _list(report: WeeklyReport) -> str:
    def gone(low: int | None, high: int | None) -> str:
        if low is None or high is None:
            return "not known"
        return f"{low:,}" if low == high else f"{low:,} to {high:,}"

    rows = [
        [f"{week.begins.day} {week.begins:%b}", f"{week.gained:,}", gone(week.opted_out_low, week.opted_out_high)]
        for week in report.people
    ]
    notes = "".join(f'<p class="seax-small seax-quiet">{text(note)}</p>' for note in report.notes)
    return page_table("The list by week", ["Week from", "Joined", "Opted out"], rows, numbers_from=1) + notes


def _campaigns(report: WeeklyReport) -> str:
    def share(part: int | None, whole: int) -> str:
        return "–" if part is None or not whole else f"{part:,} · {part / whole * 100:.1f} %"

    rows = [
        [
            each.name,
            f"{each.first:%a} {each.first.day} {each.first:%b}",
            f"{each.attempted:,}",
            share(each.delivered, each.attempted),
            share(each.clicked, each.delivered),
        ]
        for each in report.campaigns
    ]
    heads = ["Campaign", "Sent", "Attempted", "Delivered, of attempted", "Clicked, of delivered"]
    return page_table("Campaigns", heads, rows, numbers_from=2)


def _benchmarks() -> str:
    rows = [[each.measure, each.good, each.worry, f"{each.source}, read {each.as_of}"] for each in BENCHMARKS]
    return page_table("Published bands", ["Measure", "Called good", "A worry", "Source"], rows, numbers_from=4)
