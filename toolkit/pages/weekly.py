"""The weekly report as one page: what to look at, then five measures against their eight weeks, then the details."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from statistics import median

from toolkit.display import number_of, when
from toolkit.engagement.weekly.cohorts import WEEK
from toolkit.engagement.weekly.shifts import Shift
from toolkit.engagement.weekly.weeks import BENCHMARKS, BOUNCED, CLICKED, NOT_SENT, OPTED_OUT, WeeklyReport
from toolkit.pages.charts import Against, gained_and_lost, shares_against_usual, weeks
from toolkit.pages.html_page import HtmlPage, page_table, section, text, where

_DRAWN = {NOT_SENT: "Not sent", BOUNCED: "Came back", CLICKED: "Clicked", OPTED_OUT: "Opted out"}  # others fail


def weekly_page(report: WeeklyReport, *, live: bool, log: str) -> HtmlPage:
    """The page of a week; `log` is the digest of the messages that it was made from."""
    unreported = f"messages of the week without a report yet: {report.waiting:,}"
    line = where(live, "Weekly report", f"Read {when(report.read_at)} · {unreported}")
    parts = [
        f"<header>{line}\n<h1>{text(report.title)}</h1></header>",
        section(1, "To look at", _alerts(report)),
        section(2, "This week against the 8 before", _measures(report)),
        f'<div class="seax-two">{_failures(report)}{section(4, _people(report), _list(report))}</div>',
        section(5, "Campaigns", _campaigns(report)),
        section(6, "What others have published", _benchmarks()),
        f'<p class="seax-small seax-quiet">Log <code>{text(log)}</code> · '
        f"<code>seax report --week {report.week}</code> makes this page.</p>",
    ]
    return HtmlPage(f"Week {report.week}", "\n".join(parts), is_wide=True)


def _alerts(report: WeeklyReport) -> str:
    found = [
        f'<div class="seax-find seax-find--warn"><b>▲ {text(_capital(shift.measure))}</b>'
        f"<span>{text(_capital(shift.words))}. {text(report.blame.get(shift.measure, ''))}</span></div>"
        for shift in report.alerts
    ]
    if not report.attempted[-1]:
        return "<p>Nothing was sent in this week, so there is nothing to compare.</p>"
    tested = [shift for shift in report.shifts if shift.p is not None and not shift.is_alarm]
    rare = len(report.shifts) - len(found) - len(tested)
    kind = "other measure" if found else "measure"
    rest = f"{number_of(len(tested), kind, 'is', 'are')} within what weeks differ by. " if tested else ""
    rest += f"{number_of(rare, 'measure', 'is', 'are')} too rare, or of too few weeks, to judge. " if rare else ""
    found.append(
        f'<p class="seax-small seax-quiet">{rest}An alert is a week worse than the last 8 by more than chance and by '
        "more than weeks differ (5 in 100, all measures together).</p>"
    )
    return "\n".join(found)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _measures(report: WeeklyReport) -> str:
    labels = _labels(report)
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
    for shift in _known(shift for shift in report.shifts if shift.measure in _DRAWN):
        span = shift.usual
        said = span and f"{span[0] * 100:.1f} to {span[1] * 100:.1f} %"
        chart = weeks(shift.rates, labels, span, str(shift), is_alarm=shift.is_alarm)
        rate = f"{'▲ ' if shift.is_alarm else ''}{shift.rate * 100:.1f} %"
        of = f"{shift.count:,} of {shift.whole:,} {shift.measure.partition(', of ')[2]}"
        figures.append(_figure(_DRAWN[shift.measure], rate, of, said, chart))
    said = f"Bars are the weeks {labels[0]} to {labels[-1]} and start at 0; dotted lines are the range of the 8 before."
    return f'<div class="seax-multiples">{"".join(figures)}</div><p class="seax-small seax-quiet">{said}</p>'


def _figure(name: str, value: str, of: str, usual: str | None, chart: str) -> str:
    before = f"usual {usual}" if usual else "nothing to compare with"
    return (
        f'<figure><figcaption><span>{text(name)}</span><b class="seax-num">{text(value)}</b>'
        f'<span class="seax-small seax-quiet seax-num">{text(of)}</span>'
        f'<span class="seax-small seax-quiet seax-num">{text(before)}</span></figcaption>{chart}</figure>'
    )


def _known(shifts: Iterable[Shift]) -> list[Shift]:
    """Those with anything to count in this week."""
    return [shift for shift in shifts if not isnan(shift.rate)]


def _failures(report: WeeklyReport) -> str:
    """Each class of failures against what is usual, the most frequent first."""
    found = _known(shift for shift in report.shifts if shift.measure not in _DRAWN)
    if not found:
        return ""
    rows = []
    for shift in sorted(found, key=lambda shift: -shift.count):
        past = [rate for rate in shift.rates[:-1] if not isnan(rate)]
        usual = (min(past), median(past), max(past)) if past else None
        rows.append(Against(_capital(shift.measure), shift.count, shift.rate, usual, shift.is_alarm))
    said = "Filled: this week. Ring: median of the weeks before. Band: their range."
    body = f'{shares_against_usual(rows)}<p class="seax-small seax-quiet">{said}</p>'
    return section(3, f"Why messages did not arrive, of {report.attempted[-1]:,} attempted", body)


def _people(report: WeeklyReport) -> str:
    last = report.people[-1]
    gone = "" if last.opted_out_high is None else f", {_bounds(last.opted_out_low or 0, last.opted_out_high)} opted out"
    return f"The list: {last.gained:,} joined{gone}, {report.contacts:,} in all"


def _bounds(low: int, high: int) -> str:
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _list(report: WeeklyReport) -> str:
    """Who joined by week and, where a mirror knows it, who opted out at most."""
    lost = [week.opted_out_high for week in report.people]
    chart = gained_and_lost([week.gained for week in report.people], lost, _labels(report))
    said = "Above the line who joined"
    said += ", below it who opted out, at most." if any(each is not None for each in lost) else "."
    return chart + "".join(f'<p class="seax-small seax-quiet">{text(note)}</p>' for note in (said, *report.notes))


def _labels(report: WeeklyReport) -> list[str]:
    """The numbers of the nine weeks."""
    return [f"{(report.begins - WEEK * (8 - at)).isocalendar().week}" for at in range(9)]


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
    if not rows:
        return "<p>None was sent in this week.</p>"
    heads = ["Campaign", "Sent", "Attempted", "Delivered, of attempted", "Clicked, of delivered"]
    return page_table("Campaigns", heads, rows, numbers_from=2)


def _benchmarks() -> str:
    rows = [[each.measure, each.good, each.worry, f"{each.source}, read {each.as_of}"] for each in BENCHMARKS]
    return page_table("Published bands", ["Measure", "Called good", "A worry", "Source"], rows, numbers_from=4)
