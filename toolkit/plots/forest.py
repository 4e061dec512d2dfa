"""An experiment as a forest plot: each arm's rate, and the differences between arms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.engagement.rates import wilson
from toolkit.experiments.read_out import ReadOut
from toolkit.plots.bars import MARGINS, ROW, name_rows
from toolkit.plots.canvas import BLUE, GREEN, INK, dress, fitted, interval, picture, share, style
from toolkit.plots.rate_intervals import draw_intervals

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture


def forest(result: ReadOut, *, title: str = "What the experiment showed") -> Picture:
    """One row per arm and one per comparison, of what `toolkit.experiments.read_out.read_out` returns.

    Rates are of contacts assigned, with 95 % Wilson intervals; differences have 95 % Newcombe intervals and p-values
    adjusted for their number (Holm). Where nothing may be compared yet, the reasons are shown instead.
    """
    arms = [(arm, *_ends(arm.successes, arm.assigned)) for arm in result.arms]
    names = [arm.arm for arm, *_ in arms]
    figures = [
        f"{share(arm.successes, arm.assigned)}{interval(low, high)} · {arm.successes:,} of {arm.assigned:,} assigned"
        for arm, _, low, high in arms
    ]
    differences = [
        f"{c.difference * 100:+.1f} points ({c.low * 100:+.1f} to {c.high * 100:+.1f}) · p = {c.p:.2g}"
        for c in result.comparisons
    ]
    pairs = [f"{fitted(c.arm, 17)} − {fitted(c.other, 17)}" for c in result.comparisons]
    said = [f"{a}: {b}" for a, b in zip([*map(fitted, names), *pairs], [*figures, *differences], strict=True)]
    caption = _caption(result)
    figure, axes = picture(title, caption, said, height=MARGINS + 1 + ROW * len(said))
    draw_intervals(axes, np.array([ends for _, *ends in arms]) * 100, [BLUE] * len(arms))
    name_rows(axes, names, figures)
    if result.comparisons:
        grid = figure.add_gridspec(2, 1, height_ratios=[len(arms), len(pairs)])
        axes.set_subplotspec(grid[0])
        below = figure.add_subplot(grid[1])
        dress(below)
        shown = [GREEN if c.is_shown else INK for c in result.comparisons]
        draw_intervals(below, np.array([(c.difference, c.low, c.high) for c in result.comparisons]) * 100, shown)
        below.axvline(0, color=INK, linewidth=1)
        below.xaxis.set_major_formatter("{x:+g}")
        below.set_xlabel("difference in percentage points; 0 is no difference", fontsize=9, **style())
        name_rows(below, pairs, differences)
    return figure


def _ends(successes: int, trials: int) -> tuple[float, float, float]:
    if successes > trials:
        return (np.nan, np.nan, np.nan)
    return successes / trials, *wilson(successes, trials)


def _caption(result: ReadOut) -> str:
    if result.problems:
        return "\n".join(fitted(problem, 110) for problem in result.problems)
    verdict = f"Shown to be best: {fitted(result.winner)}." if result.winner else "No arm is shown to be best."
    return f"{verdict} 95 % intervals: Wilson for rates, Newcombe for differences; p adjusted for their number (Holm)."
