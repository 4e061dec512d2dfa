"""The outcome of messages by the time they were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.engagement.rates import wilson
from toolkit.plots.canvas import BLUE, INK, PURPLE, VERMILLION, empty, interval, picture, plot_rows, share, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.plots.picture import Picture

_PARTS = {"delivered": BLUE, "waiting": PURPLE, "bounced": VERMILLION}
_UNITS: dict[str, Literal["D", "h", "min", "s"]] = {"day": "D", "hour": "h", "minute": "min", "second": "s"}
_MOST = 80  # columns


def over_time(periods: IntoFrame, *, title: str = "Messages by the time they were sent") -> Picture:
    """One column per period, of a frame from `toolkit.engagement.periods.by_period`; UnknownColumn for another frame.

    A column's height is the messages sent in its period, split into delivered, bounced and without a
    report yet. More than 80 periods are merged, several per column.
    """
    rows = plot_rows(periods, "period_time", "sent", *_PARTS)
    rows = rows[rows["sent"] > 0]
    if rows.empty:
        return empty(title, "No message has been sent yet.")
    sent, delivered = int(rows["sent"].sum()), int(rows["delivered"].sum())
    columns, length, name = _columns(rows)
    lines = [
        f"{row.Index:%Y-%m-%d %H:%M:%S}: {row.sent:,} sent, {row.delivered:,} delivered, {row.bounced:,} bounced"
        for row in columns.itertuples()
    ]
    caption = (
        f"A column is {name}; times are UTC. Delivered: {delivered:,} of {sent:,} sent, {share(delivered, sent)}"
        f"{interval(*wilson(delivered, sent))}, 95 % interval (Wilson)."
    )
    figure, axes = picture(title, caption, lines, height=3.2)
    bottom = pd.Series(0, index=columns.index)
    for part, colour in _PARTS.items():
        axes.bar(columns.index, columns[part], length, bottom=bottom, align="edge", color=colour, label=part)
        bottom = bottom + columns[part]
    axes.set_xlim(columns.index[0] - 3 * length, columns.index[-1] + 4 * length)
    _write_dates(axes)
    axes.set_ylabel("messages", fontsize=9, **style())
    legend = axes.legend(ncols=3, frameon=False, loc="lower right", bbox_to_anchor=(1, 1), prop={"size": 9})
    for text in legend.get_texts():
        text.set_color(INK)
    return figure


def _columns(rows: pd.DataFrame) -> tuple[pd.DataFrame, Any, str]:
    """The counts by the start of a column, by the length of the periods or of several; that length, and in words."""
    times = rows["period_time"].dt.tz_convert("UTC").dt.tz_localize(None)
    name = next((name for name in ("day", "hour", "minute") if (times == times.dt.floor(_UNITS[name])).all()), "second")
    unit = pd.Timedelta(1, _UNITS[name])
    together = max(1, -(-(times.max() - times.min()) // (unit * _MOST)))
    begins = times.min() + (times - times.min()) // (unit * together) * (unit * together)
    counts = rows[["sent", *_PARTS]].groupby(begins).sum()
    return counts, unit * together, f"one {name}" if together == 1 else f"{together} {name}s"


def _write_dates(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator

    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axes.xaxis.get_offset_text().set(color=INK, fontsize=9)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
