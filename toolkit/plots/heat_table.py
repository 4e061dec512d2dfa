"""A table of coloured squares with a figure in each, readable on white and on black."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.plots.canvas import INK, fitted, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_squares(
    axes: Axes, values: npt.NDArray[np.float64], texts: Sequence[Sequence[str]], rows: Sequence[str], *, low: float
) -> None:
    """Colour squares from `low` to the greatest value; those without a value have no colour, those without a text
    nothing in them."""
    coloured = values[np.isfinite(values)]
    high = float(coloured.max()) if coloured.size else low + 1
    axes.imshow(values, cmap="cividis", aspect="auto", vmin=low, vmax=high)
    middle = low + 0.55 * (high - low)  # from here on cividis is nearer to white
    for at, line in enumerate(texts):
        for by, text in enumerate(line):
            colour = INK if np.isnan(values[at, by]) else "#ffffff" if values[at, by] < middle else "#111111"
            if text:
                axes.text(by, at, text, ha="center", va="center", fontsize=8, **(style() | {"color": colour}))
    axes.set_yticks(range(len(rows)), [fitted(row) for row in rows], fontsize=10, **style())
    axes.set_xticks(np.arange(values.shape[1] + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(values.shape[0] + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=INK, linewidth=0.3, alpha=0.5)
    axes.tick_params(which="both", length=0)


def short(count: float) -> str:
    """A count in at most four letters: 1.2k, 3M."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.2g}{letter}"
    return f"{count:.0f}"
