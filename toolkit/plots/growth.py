"""How the list grows: who joined and who opted out, by week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.canvas import BLUE, INK, VERMILLION, each, empty, picture, plot_rows, style

if TYPE_CHECKING:
    from typing import Any

    from toolkit.plots.picture import Picture

_MOST = 26  # weeks drawn


def list_growth(weeks: IntoFrame, *, title: str = "Who joined and who opted out") -> Picture:
    """A column up for who joined and one down for who opted out, of `toolkit.engagement.weekly.cohorts.list_growth`.

    Opt-outs are known between two readings of a mirror: the dark part certainly fell into the week, the light part may
    have. The last 26 weeks are drawn. UnknownColumn for another frame.
    """
    rows = plot_rows(weeks, "week_time", "gained", "opted_out_low", "opted_out_high").tail(_MOST)
    if rows.empty:
        return empty(title, "No week is over yet.")
    lines = [f"week from {row.week_time:%Y-%m-%d}: {row.gained:,} joined, {_opted_out(row)}" for row in each(rows)]
    known = rows.dropna(subset=["opted_out_high"])
    caption = f"{int(rows['gained'].sum()):,} joined in {len(rows)} weeks, as far as they are still contacts. " + (
        "When people opted out is not known without a mirror."
        if known.empty
        else "Opt-outs: dark, certainly in this week; light, at most, as a mirror saw them between two readings."
    )
    figure, axes = picture(title, caption, lines, height=3.0)
    axes.bar(range(len(rows)), rows["gained"], color=BLUE, width=0.8)
    at = [place for place, there in enumerate(rows["opted_out_high"].notna()) if there]
    for end, alpha in (("opted_out_high", 0.4), ("opted_out_low", 1.0)):
        axes.bar(at, -known[end].astype("float64"), color=VERMILLION, alpha=alpha, width=0.8)
    axes.axhline(0, color=INK, linewidth=1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    axes.locator_params(axis="y", nbins=5, integer=True)
    apart = 1 + len(rows) // 10
    days = [f"{row.week_time:%d %b}" for row in each(rows)]
    axes.set_xticks(range(0, len(rows), apart), days[::apart], fontsize=9, **style())
    axes.set_xlabel("week from", fontsize=9, **style())
    axes.set_ylabel("contacts", fontsize=9, **style())
    return figure


def _opted_out(row: Any) -> str:
    if pd.isna(row.opted_out_high):
        return "opt-outs unknown"
    low, high = int(row.opted_out_low), int(row.opted_out_high)
    return f"{low:,} opted out" if low == high else f"{low:,} to {high:,} opted out"
