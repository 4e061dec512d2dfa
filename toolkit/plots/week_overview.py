"""A week against the eight before it: a small chart a measure, the odd ones first."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from toolkit.engagement.weekly.weeks import WeeklyReport
from toolkit.plots.canvas import BLUE, INK, VERMILLION, dress, empty, fitted, picture, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.engagement.weekly.shifts import Shift
    from toolkit.plots.picture import Picture

_ACROSS, _MOST = 3, 9


def week(report: WeeklyReport, *, title: str = "") -> Picture:
    """Nine columns a measure of `ws.weekly(…)`: the eight weeks before and, dark, this one; an alert is red.

    The measures furthest from usual are drawn first, and at most nine; dotted lines are the usual range.
    """
    title = title or report.title
    ordered = sorted(report.shifts, key=lambda shift: (not shift.is_alarm, 1.0 if shift.p is None else shift.p))
    shown = [shift for shift in ordered if not isnan(shift.rate)][:_MOST]
    if not shown:
        return empty(title, "Nothing was sent in this week.")
    caption = (
        f"Nine weeks a measure, the last one is {report.week}; dotted: the range of the eight before. Red: worse by "
        "more than chance and than weeks differ (5 in 100, all measures together)."
    )
    down = -(-len(shown) // _ACROSS)
    figure, axes = picture(title, caption, [_words(shift) for shift in shown], height=1.0 + 1.35 * down)
    grid = figure.add_gridspec(down, _ACROSS)
    axes.set_subplotspec(grid[0])
    for at, shift in enumerate(shown):
        each = axes if at == 0 else figure.add_subplot(grid[at])
        dress(each)
        _draw(each, shift)
    return figure


def _draw(axes: Axes, shift: Shift) -> None:
    rates = [0.0 if isnan(rate) else rate * 100 for rate in shift.rates]
    now = VERMILLION if shift.is_alarm else BLUE
    axes.bar(range(len(rates)), rates, color=[INK] * (len(rates) - 1) + [now], width=0.8)
    for end in shift.usual or ():
        axes.axhline(end * 100, color=INK, linewidth=0.8, linestyle=":")
    axes.set_title(f"{fitted(shift.measure, 24)}: {shift.rate * 100:.1f} %", loc="left", fontsize=9, **style())
    axes.set_xticks([])
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.locator_params(axis="y", nbins=3)


def _words(shift: Shift) -> str:
    return f"ALERT {shift}" if shift.is_alarm else str(shift)
