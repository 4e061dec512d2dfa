"""Charts of pages, as SVG that reads without them: each is an image with a sentence of all its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10

from toolkit.pages.html_page import text

_LEFT, _RIGHT, _ROW, _TOP = 300, 850, 44, 26


@dataclass(frozen=True)
class Interval:
    """A row: a name, what it is of, a value with its interval, and the word for it."""

    name: str
    note: str
    value: float
    low: float
    high: float
    said: str
    colour: str = "c-data"


@dataclass(frozen=True)
class Mark:
    """A line across all rows: where, in which style (`zero`, `goal`, `stop`) and its word."""

    at: float
    style: str
    word: str = ""


def intervals(rows: Sequence[Interval], said: Callable[[float], str], marks: Sequence[Mark] = ()) -> str:
    """Values with their 95 % intervals on one axis."""
    ends = [end for row in rows for end in (row.low, row.high, row.value) if isfinite(end)]
    ends += [mark.at for mark in marks]
    low, high = min(ends), max(ends)
    step = _step(max(high - low, 1e-9))
    first, last = floor(low / step) * step, (floor(high / step) + 1) * step

    def x(value: float) -> float:
        return round(_LEFT + (min(max(value, first), last) - first) / (last - first) * (_RIGHT - _LEFT), 1)

    bottom = _TOP + _ROW * len(rows)
    parts = []
    for at in range(round((last - first) / step) + 1):
        tick = first + at * step
        parts.append(f'<line class="rule" x1="{x(tick)}" x2="{x(tick)}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="q" x="{x(tick)}" y="{bottom + 16}" text-anchor="middle">{text(said(tick))}</text>')
    for mark in marks:
        parts.append(f'<line class="{mark.style}" x1="{x(mark.at)}" x2="{x(mark.at)}" y1="{_TOP - 8}" y2="{bottom}"/>')
        parts.append(f'<text class="q" x="{x(mark.at)}" y="12" text-anchor="middle">{text(mark.word)}</text>')
    for at, row in enumerate(rows):
        y = _TOP + _ROW * at + _ROW // 2
        parts.append(f'<text class="b" x="0" y="{y - 3}">{text(row.name[:44])}</text>')
        parts.append(f'<text class="q" x="0" y="{y + 13}">{text(row.note)}</text>')
        parts.append(
            f'<g class="{row.colour}"><line class="ci" x1="{x(row.low)}" x2="{x(row.high)}" y1="{y}" y2="{y}"/>'
            f'<circle class="dot" cx="{x(row.value)}" cy="{y}" r="5"/></g>'
        )
        parts.append(f'<text class="q" x="{x(row.value)}" y="{y - 9}" text-anchor="middle">{text(row.said)}</text>')
    words = " ".join(f"{row.name} {row.said}, {said(row.low)} to {said(row.high)}." for row in rows)
    return _svg(860, bottom + 24, words, parts)


@dataclass(frozen=True)
class Against:
    """A share this week, how many it is, and the least, the median and the greatest share of the weeks before."""

    name: str
    count: int
    share: float
    usual: tuple[float, float, float] | None
    is_alarm: bool


def shares_against_usual(rows: Sequence[Against]) -> str:
    """A line for each share: filled what it is, a ring at what it was in the middle, a band where it has been."""
    most = max([row.share for row in rows] + [row.usual[2] for row in rows if row.usual] + [1e-9])
    left, right, height, step = 200, 640, 30, _step(most)
    end = (floor(most / step) + 1) * step

    def x(value: float) -> float:
        return round(left + value / end * (right - left), 1)

    bottom = 4 + height * len(rows)
    parts = []
    for at in range(round(end / step) + 1):
        parts.append(f'<line class="rule" x1="{x(at * step)}" x2="{x(at * step)}" y1="0" y2="{bottom}"/>')
        tick = f"{at * step * 100:.3g} %"
        parts.append(f'<text class="q" x="{x(at * step)}" y="{bottom + 16}" text-anchor="middle">{tick}</text>')
    words = []
    for at, row in enumerate(rows):
        y, said = 4 + height * at + height // 2, f"{row.share * 100:.1f} %"
        parts.append(f'<text{" class=b" if row.is_alarm else ""} x="0" y="{y + 4}">{text(row.name)}</text>')
        parts.append(f'<text class="q" x="{left - 24}" y="{y + 4}" text-anchor="end">{row.count:,}</text>')
        if row.usual:
            low, middle, high = (x(end) for end in row.usual)
            width = round(max(high - low, 2), 1)
            parts.append(f'<rect class="band" x="{low}" y="{y - 6}" width="{width}" height="12" rx="2"/>')
            parts.append(f'<circle class="ring" cx="{middle}" cy="{y}" r="4"/>')
            said += f", usual {row.usual[0] * 100:.1f} to {row.usual[2] * 100:.1f} %"
        colour = "c-loss" if row.is_alarm else "c-data"
        parts.append(f'<g class="{colour}"><circle class="dot" cx="{x(row.share)}" cy="{y}" r="5"/></g>')
        if row.is_alarm:
            parts.append(f'<text class="b" x="{x(row.share) - 10}" y="{y - 9}" text-anchor="end">{said}</text>')
        words.append(f"{row.name} {row.count:,}, {said}.")
    return _svg(660, bottom + 24, " ".join(words), parts)


def gained_and_lost(gained: Sequence[int], lost: Sequence[int | None], labels: Sequence[str]) -> str:
    """Who came, above a line, and who is gone, below it, a bar a week; weeks in which nobody knows have none below."""
    most = max([*gained, *(each or 0 for each in lost), 1])
    above = 16 + 110
    parts, words = [], []
    for at, (came, gone) in enumerate(zip(gained, lost, strict=True)):
        is_last, x = at == len(gained) - 1, 2 + 34 * at
        up, down = round(110 * came / most, 1), round(110 * (gone or 0) / most, 1)
        style = "now" if is_last else "past"
        parts.append(f'<rect class="{style}" x="{x}" y="{round(above - up, 1)}" width="30" height="{up}"/>')
        said = f"+{came:,}"
        middle = f'x="{x + 15}" text-anchor="middle"'
        parts.append(f'<text class="{"b" if is_last else "q"}" {middle} y="{round(above - up - 4, 1)}">{said}</text>')
        if gone:
            style = "lost" if is_last else "lostpast"
            parts.append(f'<rect class="{style}" x="{x}" y="{above}" width="30" height="{down}"/>')
            said += f", −{gone:,}"
            class_ = "b" if is_last else "q"
            parts.append(f'<text class="{class_}" {middle} y="{round(above + down + 14, 1)}">−{gone:,}</text>')
        words.append(f"Week {labels[at]}: {said}.")
    width = 34 * len(gained)
    bottom = above + round(110 * max(each or 0 for each in lost) / most) + (16 if any(lost) else 0)
    parts.append(f'<line class="zero" x1="0" x2="{width}" y1="{above}" y2="{above}"/>')
    parts.append(f'<text class="q" x="17" y="{bottom + 18}" text-anchor="middle">{text(labels[0])}</text>')
    parts.append(f'<text class="q" x="{width - 17}" y="{bottom + 18}" text-anchor="middle">{text(labels[-1])}</text>')
    return _svg(width, bottom + 24, " ".join(words), parts)


def weeks(
    values: Sequence[float],
    labels: Sequence[str],
    usual: tuple[float, float] | None,
    words: str,
    *,
    is_alarm: bool = False,
) -> str:
    """A bar a week, the last one dark, or in the colour of an alarm, with the usual range as two dotted lines."""
    most = max([*(v for v in values if isfinite(v)), *(usual or ()), 1e-9])
    parts = []
    for at, value in enumerate(values):
        height = round(48 * value / most, 1) if isfinite(value) else 0.0
        style = ("alarm" if is_alarm else "now") if at == len(values) - 1 else "past"
        parts.append(
            f'<rect class="{style}" x="{2 + 22 * at}" y="{round(56 - height, 1)}" width="18" height="{height}"/>'
        )
    width = 22 * len(values)
    if usual:
        low, high = (round(56 - 48 * end / most, 1) for end in usual)
        parts.append(f'<path class="zero" stroke-dasharray="2 3" fill="none" d="M0 {high}h{width}M0 {low}h{width}"/>')
    parts.append(f'<text class="q" x="2" y="70">{text(labels[0])}</text>')
    parts.append(f'<text class="q" x="{width - 2}" y="70" text-anchor="end">{text(labels[-1])}</text>')
    return _svg(width, 74, words, parts)


def _svg(width: int, height: int, words: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="seax-chart" viewBox="0 0 {width} {height}" role="img" aria-label="{text(words)}">'
        f"{''.join(parts)}</svg>"
    )


def _step(span: float) -> float:
    """A round distance of ticks, so that there are four to nine."""
    power = 10.0 ** floor(log10(span / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 7)
