"""What became of messages by when they left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.data.rates import wilson
from toolkit.plots.canvas import BLUE, INK, PURPLE, VERMILLION, each, empty, interval, picture, rows_of, share, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.plots.picture import Picture

_PARTS = {"delivered": BLUE, "waiting": PURPLE, "bounced": VERMILLION}


def over_time(periods: IntoFrame, *, title: str = "Messages by when they left") -> Picture:
    """A column a period, of a frame from `toolkit.data.periods.by_period`; UnknownColumn if it is another one.

    A column is as high as the messages that left in its period, split into delivered, bounced and still without a
    report.
    """
    rows = rows_of(periods, "period_time", "sent", *_PARTS).sort_values("period_time")
    rows = rows[rows["sent"] > 0]
    if rows.empty:
        return empty(title, "No message has left yet.")
    times = rows["period_time"].dt.tz_convert("UTC").dt.tz_localize(None)
    width: Any = times.diff().min() if len(rows) > 1 else pd.Timedelta(minutes=1)  # dates are drawn with their own
    lines = [
        f"{time:%Y-%m-%d %H:%M:%S}: {row.sent:,} sent, {row.delivered:,} delivered, {row.bounced:,} bounced"
        for time, row in zip(times, each(rows), strict=True)
    ]
    sent, delivered = int(rows["sent"].sum()), int(rows["delivered"].sum())
    caption = (
        f"Times are UTC. Delivered: {delivered:,} of {sent:,} sent, {share(delivered, sent)}"
        f"{interval(*wilson(delivered, sent))}, 95 % interval (Wilson)."
    )
    figure, axes = picture(title, caption, lines, height=3.2)
    bottom = pd.Series(0, index=rows.index)
    for name, colour in _PARTS.items():
        axes.bar(times, rows[name], width, bottom=bottom, align="edge", color=colour, label=name)
        bottom = bottom + rows[name]
    axes.set_xlim(times.min() - 3 * width, times.max() + 4 * width)
    _write_dates(axes)
    axes.set_ylabel("messages", fontsize=9, **style())
    legend = axes.legend(ncols=3, frameon=False, loc="lower right", bbox_to_anchor=(1, 1), prop={"size": 9})
    for text in legend.get_texts():
        text.set_color(INK)
    return figure


def _write_dates(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator

    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.xaxis.get_offset_text().set(color=INK, fontsize=9)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
