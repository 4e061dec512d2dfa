"""What an experiment changed: each difference with its interval, beside what would have been worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.experiments.result import Result
from toolkit.plots.bars import MARGINS, ROW, name_rows
from toolkit.plots.canvas import BLUE, GREEN, INK, VERMILLION, empty, fitted, picture, style
from toolkit.plots.rate_intervals import draw_intervals

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture


def effects(result: Result, *, title: str = "What the experiment changed") -> Picture:
    """A row for each arm against the control, for all texted against the holdout, and for each segment.

    `result` is what `ws.experiments.read_out(…)` returns.

    Intervals are 95 %. The dashed line is the least gain worth it, as registered. Where nothing may be compared yet,
    the reasons stand instead.
    """
    if result.verdict is None:
        return empty(title, fitted(" ".join(result.problems), 70))
    metric = result.registration.metric
    found = [*result.effects, *([result.lift] if result.lift else [])]
    rows = [
        (f"{fitted(each.arm, 17)} − {fitted(each.other, 17)}", each.words(metric), each.difference, each.low, each.high)
        for each in found
    ]
    colours = [GREEN if each.p < 0.05 else INK for each in found]
    for column in result.segments:
        for each in column.segments:
            ends = " to ".join(metric.gain(end).removesuffix(" points") for end in (each.low, each.high))
            said = f"{metric.gain(each.difference)} ({ends}), p = {each.p:.2g}, {each.people:,} people"
            rows.append((f"in {fitted(each.segment, 24)}", said, each.difference, each.low, each.high))
            colours.append(BLUE if each.is_shown else INK)
    lines = [f"{name}: {said}" for name, said, *_ in rows]
    caption = "\n".join(
        [
            fitted(str(result.verdict), 110),
            fitted(f"{metric.words}, with 95 % intervals; dashed: the least gain worth it.", 110),
        ]
    )
    figure, axes = picture(title, caption, lines, height=MARGINS + 0.6 + ROW * len(rows))
    scale = 100 if metric.kind == "share" else 1
    draw_intervals(axes, np.array([ends for _, _, *ends in rows]) * scale, colours)
    axes.axvline(0, color=INK, linewidth=1)
    axes.axvline(metric.sign * result.registration.least_lift * scale, color=VERMILLION, linewidth=1, linestyle="--")
    axes.xaxis.set_major_formatter("{x:+g}")
    axes.set_xlabel("difference in percentage points" if scale == 100 else "difference", fontsize=9, **style())
    name_rows(axes, [name for name, *_ in rows], [said for _, said, *_ in rows])
    return figure
