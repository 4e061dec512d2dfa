"""How recently and how often people are reached: a square for each pair of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from toolkit.engagement.weekly.cohorts import FREQUENCY, RECENCY
from toolkit.plots.canvas import empty, picture, plot_rows, share, style
from toolkit.plots.heat_table import draw_squares, short

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_RECENT = [f"within {RECENCY[0]} days", *(f"within {days} days" for days in RECENCY[1:]), "longer ago or never"]
_OFTEN = ["fewer", *(f"{least} or more" for least in reversed(FREQUENCY))]


def rfm(scores: IntoFrame, *, title: str = "How recently and how often people are reached") -> Picture:
    """How many people have each pair of scores, of a frame from `toolkit.engagement.weekly.cohorts.rfm`.

    Rows are the last delivery, columns deliveries in 90 days. UnknownColumn for another frame.
    """
    rows = plot_rows(scores, "recency_score", "frequency_score")
    if rows.empty:
        return empty(title, "No message has been sent yet.")
    counts = np.zeros((5, 5))
    np.add.at(counts, (5 - rows["recency_score"].to_numpy(), rows["frequency_score"].to_numpy() - 1), 1)
    lines = [
        f"last reached {recent}, {often} in 90 days: {int(counts[at, by]):,}, {share(counts[at, by], len(rows))}"
        for at, recent in enumerate(_RECENT)
        for by, often in enumerate(_OFTEN)
        if counts[at, by]
    ]
    caption = f"Squares count people, {len(rows):,} in total: everybody whom a message was sent to."
    figure, axes = picture(title, caption, lines, height=3.2)
    texts = [[short(count) if count else "" for count in line] for line in counts]
    draw_squares(axes, np.where(counts > 0, counts, np.nan), texts, _RECENT, low=0.0)
    axes.set_xticks(range(5), _OFTEN, fontsize=9, **style())
    axes.set_xlabel("deliveries in 90 days", fontsize=9, **style())
    axes.set_ylabel("last reached", fontsize=9, **style())
    return figure
