"""When messages are sent by recipients' clocks, and how many arrive: a week by hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.canvas import each, empty, interval, picture, plot_rows, share, style
from toolkit.plots.heat_table import draw_squares, short

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEW = 30  # messages in a cell, below which its rate is too uncertain
_COLUMNS = ("weekday", "hour", "sent", "delivered", "delivery_rate", "delivery_low", "delivery_high")


def heat_map(
    hours: IntoFrame,
    *,
    zone: str,
    show: Literal["delivered", "sent"] = "sent",
    title: str = "",
) -> Picture:
    """A square per hour of the week, of a frame from `toolkit.engagement.hour_of_day.by_hour` made with the same zone.

    `show` is `sent`, how many messages were sent in that hour, or `delivered`, the share that arrived; squares of
    fewer than 30 messages then have no colour. UnknownColumn for another frame.
    """
    rows = plot_rows(hours, *_COLUMNS)
    rows = rows[rows["sent"] > 0]
    title = title or ("When messages are sent" if show == "sent" else "When messages arrive")
    if rows.empty:
        return empty(title, "No messages yet.")
    is_rate = show == "delivered"
    values = np.full((7, 24), np.nan)
    values[rows["weekday"] - 1, rows["hour"]] = rows["delivery_rate"] * 100 if is_rate else rows["sent"]
    counts: npt.NDArray[np.float64] = np.zeros((7, 24))
    counts[rows["weekday"] - 1, rows["hour"]] = rows["sent"]
    lines = [
        f"{_DAYS[row.weekday - 1]} {row.hour:02}:00: {row.sent:,} sent, {share(row.delivered, row.sent)}"
        f"{interval(row.delivery_low, row.delivery_high)} delivered"
        for row in each(rows)
    ]
    figure, axes = picture(title, _caption(rows, is_rate=is_rate), lines, height=3.5)
    shaded = np.where(counts >= _FEW, values, np.nan) if is_rate else values
    coloured = shaded[np.isfinite(shaded)]
    low = float(coloured.min()) if is_rate and coloured.size else 0.0
    texts = [
        [
            ("" if not counts[day, hour] else f"{values[day, hour]:.0f}" if is_rate else short(values[day, hour]))
            for hour in range(24)
        ]
        for day in range(7)
    ]
    draw_squares(axes, shaded, texts, _DAYS, low=low)
    axes.set_xticks(range(0, 24, 2), [f"{hour:02}" for hour in range(0, 24, 2)], fontsize=9, **style())
    axes.set_xlabel(f"hour of the day, {zone}", fontsize=9, **style())
    return figure


def _caption(rows: pd.DataFrame, *, is_rate: bool) -> str:
    total, least = int(rows["sent"].sum()), int(rows["sent"].min())
    if not is_rate:
        return f"Squares count sent messages, {total:,} in total."
    widest = ((rows["delivery_high"] - rows["delivery_low"]) / 2).max() * 100
    few = f" Without colour: fewer than {_FEW} sent." if least < _FEW else ""
    return (
        f"Delivered of sent, in per cent: {least:,} or more sent in each square, {total:,} in total. The widest 95 % "
        f"interval (Wilson) is ±{widest:.1f} points.{few}"
    )
