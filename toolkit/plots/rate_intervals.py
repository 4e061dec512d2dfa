"""Rates side by side, each with its interval: campaigns, labels or senders compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.bars import MARGINS, ROW, name_rows
from toolkit.plots.canvas import BLUE, INK, empty, fitted, interval, picture, plot_rows, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from toolkit.plots.picture import Picture

_MOST = 40  # rows drawn
_WHOLES = {"delivery": ("delivered", "sent"), "failure": ("lost", "attempted"), "click": ("clicked", "delivered")}


def rates(
    frame: IntoFrame,
    *,
    by: str,
    rate: Literal["delivery", "failure", "click"] = "delivery",
    names: Mapping[str, str] | None = None,
    title: str = "",
) -> Picture:
    """A point and its 95 % interval per row, of a frame from `toolkit.engagement.engagement` or `counters.click_rates`.

    `by` is the column that names the rows, such as `campaign_id`; `names` are the labels for its values, in the order
    to draw them. A dotted line marks the rate of all together. Of more than 40 rows those with most messages are
    drawn. UnknownColumn if the frame lacks a column.
    """
    part, whole = _WHOLES[rate]
    columns = ("failed", "bounced", whole) if rate == "failure" else (part, whole)
    rows = plot_rows(frame, by, *columns, *(f"{rate}_{end}" for end in ("rate", "low", "high")))
    title = title or f"{rate.capitalize()} rates, with 95 % intervals"
    if rate == "failure":
        rows[part] = rows["failed"] + rows["bounced"]
    counted = rows[rows[f"{rate}_rate"].notna()]
    if names:
        order = {name: place for place, name in enumerate(names)}
        counted = counted.iloc[counted[by].map(order).argsort(kind="stable")]
    most = counted[whole].nlargest(_MOST).index
    shown = counted[counted.index.isin(most)]
    if shown.empty:
        return empty(title, "Nothing to compare yet.")
    called = [(names or {}).get(name, name) if isinstance(name, str) else "(no name)" for name in shown[by]]
    ends = shown[[f"{rate}_{end}" for end in ("rate", "low", "high")]].to_numpy() * 100
    figures = [
        f"{share(row[0], row[1])}{interval(low / 100, high / 100)} · {row[0]:,} of {row[1]:,}"
        for row, (_, low, high) in zip(shown[[part, whole]].itertuples(index=False, name=None), ends, strict=True)
    ]
    left_out = f" {len(rows) - len(shown):,} more are not drawn." if len(rows) > len(shown) else ""
    said = "failed or bounced" if rate == "failure" else part
    caption = f"Rates are {said} of {whole}, with 95 % intervals (Wilson).{left_out}"
    lines = [f"{fitted(name)}: {text}" for name, text in zip(called, figures, strict=True)]
    figure, axes = picture(title, caption, lines, height=MARGINS + 0.25 + ROW * len(shown))
    draw_intervals(axes, ends, [BLUE] * len(ends))
    overall = shown[part].sum() / shown[whole].sum() * 100
    axes.axvline(overall, color=INK, linewidth=0.8, linestyle=":")
    name_rows(axes, called, figures)
    return figure


def draw_intervals(axes: Axes, ends: np.ndarray, colours: list[str]) -> None:
    """A point at each value and a line from its low to its high end, top to bottom; all in per cent."""
    for at, ((value, low, high), colour) in enumerate(zip(ends, colours, strict=True)):
        axes.plot([low, high], [at, at], color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot([value], [at], color=colour, marker="o", markersize=6)
    axes.xaxis.set_major_formatter("{x:g} %")
    axes.grid(axis="x", color=INK, linewidth=0.3, alpha=0.5)
