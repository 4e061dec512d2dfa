"""Horizontal bars: a name on the left of each, and its figures, with their denominators, on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.plots.canvas import fitted, picture, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.plots.picture import Picture

ROW = 0.33  # inches
MARGINS = 1.1


@dataclass(frozen=True)
class Bar:
    """A bar: its length, in counts, and the words on its sides."""

    name: str
    count: float
    figures: str
    colour: str


def bar_picture(title: str, caption: str, bars: Sequence[Bar]) -> tuple[Picture, Axes]:
    """The bars from top to bottom, from 0 on."""
    lines = [f"{fitted(bar.name)}: {bar.figures}" for bar in bars]
    figure, axes = picture(title, caption, lines, height=MARGINS + ROW * len(bars))
    axes.barh(range(len(bars)), [bar.count for bar in bars], color=[bar.colour for bar in bars], height=0.66)
    axes.set_xlim(0, max(1, *(bar.count for bar in bars)) * 1.02)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    name_rows(axes, [bar.name for bar in bars], [bar.figures for bar in bars])
    return figure, axes


def name_rows(axes: Axes, names: Sequence[str], figures: Sequence[str]) -> None:
    """Rows from top to bottom, named on the left and with their figures on the right."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), [fitted(name, 40) for name in names], fontsize=10, **style())
    right = axes.secondary_yaxis("right")
    right.set_yticks(range(len(names)), [fitted(each, 90) for each in figures], fontsize=9, **style())
    right.spines["right"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    right.tick_params(axis="y", length=0)
