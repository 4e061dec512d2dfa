"""From messages to deliveries, and the share that passed each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.bars import Bar, bar_picture
from toolkit.plots.canvas import BLUE, each, empty, interval, plot_rows, share

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_COLUMNS = ("step", "stage", "count", "of", "whole", "rate", "low", "high")


def funnel(steps: IntoFrame, *, title: str = "From messages to deliveries") -> Picture:
    """One bar per step, of a frame from `toolkit.engagement.engagement.funnel`; UnknownColumn for another frame.

    Beside each bar are its count, its share of the previous step with the 95 % Wilson interval, and that step's count.
    """
    rows = plot_rows(steps, *_COLUMNS).sort_values("step")
    if not rows["whole"].any():
        return empty(title, "No messages yet.")
    bars = [
        Bar(
            row.stage,
            row.n,
            f"{row.n:,} of {row.whole:,} {row.of} · {share(row.n, row.whole)}{interval(row.low, row.high)}",
            BLUE,
        )
        for row in each(rows.rename(columns={"count": "n"}))
    ]
    return bar_picture(title, "Shares are of the previous step; in brackets, 95 % intervals (Wilson).", bars)[0]
