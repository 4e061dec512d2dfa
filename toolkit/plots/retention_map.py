"""Whom messages still reach, by when they joined: one row a cohort, one column a month since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.canvas import each, empty, interval, picture, plot_rows, share, style
from toolkit.plots.heat_table import draw_squares

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_FEW = 30  # people of a cohort, below which its rates are too uncertain for a colour
_COLUMNS = ("cohort_year", "cohort_month", "months", "people", "reached", "rate", "low", "high")
_COHORTS, _MONTHS = 18, 18  # drawn: the last to join, and the first months of each


def retention(cohorts: IntoFrame, *, title: str = "Whom messages still reach, by month of joining") -> Picture:
    """A square per cohort and month, of a frame from `toolkit.engagement.weekly.cohorts.retention`.

    Figures are the share of the cohort that had a message delivered in that month, in per cent; cohorts of fewer than
    30 people have no colour. The last 18 cohorts and their first 18 months are drawn. UnknownColumn for another frame.
    """
    rows = plot_rows(cohorts, *_COLUMNS)
    rows = rows.assign(cohort=rows["cohort_year"] * 12 + rows["cohort_month"])
    kept = sorted(rows["cohort"].unique())[-_COHORTS:]
    rows = rows[rows["cohort"].isin(kept) & (rows["months"] < _MONTHS)]
    if rows.empty:
        return empty(title, "No message has reached anybody yet.")
    names = rows.groupby("cohort").first()
    heads = [f"{row.cohort_year}-{row.cohort_month:02}, {row.people:,} joined" for row in each(names)]
    values = np.full((len(names), int(rows["months"].max()) + 1), np.nan)
    texts: list[list[str]] = [[""] * values.shape[1] for _ in heads]
    for row in each(rows):
        at = int(names.index.searchsorted(row.cohort))
        values[at, row.months] = row.rate * 100 if row.people >= _FEW else np.nan
        texts[at][row.months] = f"{row.rate * 100:.0f}"
    lines = [
        f"{row.cohort_year}-{row.cohort_month:02}, month {row.months}: {row.reached:,} of {row.people:,}, "
        f"{share(row.reached, row.people)}{interval(row.low, row.high)}"
        for row in each(rows)
    ]
    few = f" Without colour: fewer than {_FEW} joined." if names["people"].min() < _FEW else ""
    widest = ((rows["high"] - rows["low"]) / 2).max() * 100
    caption = (
        "Reached in the month, of all who joined in the first, in per cent; the widest 95 % interval (Wilson) is "
        f"±{widest:.1f} points. An empty square: nobody was reached.{few}"
    )
    figure, axes = picture(title, caption, lines, height=1.5 + 0.26 * len(heads))
    draw_squares(axes, values, texts, heads, low=0.0)
    axes.set_xticks(range(values.shape[1]), [f"{month}" for month in range(values.shape[1])], fontsize=9, **style())
    axes.set_xlabel("months since joining; 0 is the month of joining", fontsize=9, **style())
    return figure
