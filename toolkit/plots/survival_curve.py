"""How many people had not opted out yet, by the time since they were texted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.canvas import BLUE, INK, each, empty, picture, plot_rows, style

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_SAID = 5  # times at which the words name the share


def staying(survival: IntoFrame, *, title: str = "Who has not opted out") -> Picture:
    """A falling line with its 95 % band, of a frame from `toolkit.engagement.weekly.survival`, else UnknownColumn."""
    rows = plot_rows(survival, "hours", "at_risk", "events", "stayed", "low", "high")
    if rows.empty:
        return empty(title, "Nobody has opted out.")
    chosen = rows.iloc[:: max(1, len(rows) // _SAID)]
    lines = [
        f"{row.hours:,.4g} hours: {row.stayed * 100:.1f} % ({row.low * 100:.1f} to {row.high * 100:.1f} %)"
        for row in each(chosen)
    ]
    caption = (
        f"{int(rows['events'].sum()):,} opted out of {int(rows['at_risk'].max()):,}. Kaplan-Meier estimate with 95 % "
        "intervals (Greenwood, log-minus-log)."
    )
    figure, axes = picture(title, caption, lines, height=3.2)
    hours = [0.0, *rows["hours"]]
    axes.fill_between(
        rows["hours"], rows["low"] * 100, rows["high"] * 100, step="post", color=BLUE, alpha=0.2, linewidth=0
    )
    axes.step(hours, [100.0, *(rows["stayed"] * 100)], where="post", color=BLUE, linewidth=2)
    end = max(float(rows["hours"].max()) * 1.02, 1.0)
    axes.set_xlim(0, end)
    ticks = [end / 4 * at for at in range(5)]
    axes.set_xticks(ticks, [f"{tick:,.0f}" if end > 40 else f"{tick:.3g}" for tick in ticks])
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.set_xlabel("hours after the first message", fontsize=9, **style())
    axes.grid(axis="y", color=INK, linewidth=0.3, alpha=0.5)
    return figure
