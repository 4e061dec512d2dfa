"""How segments overlap: every combination of them that somebody is in, as an UpSet plot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from toolkit.audience.segment import Segment
from toolkit.data.contacts import Contacts
from toolkit.errors import SegmentError
from toolkit.plots.canvas import BLUE, INK, dress, empty, fitted, picture, share, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from toolkit.plots.picture import Picture

MOST_SEGMENTS = 8
_MOST = 20  # combinations drawn


def overlap(segments: Mapping[str, Segment], contacts: Contacts, *, title: str = "How the segments overlap") -> Picture:
    """One column per combination of segments: how many contacts are in exactly those, most first.

    `segments` are two to eight, by the name to show; `contacts` is `ws.snapshot()`. SegmentError if there are fewer or
    more, or one of them does not fit the contacts.
    """
    if not 2 <= len(segments) <= MOST_SEGMENTS:
        raise SegmentError(f"An overlap takes 2 to {MOST_SEGMENTS} segments, not {len(segments)}.")
    codes = np.zeros(len(contacts), np.int16)
    sizes = []
    for place, segment in enumerate(segments.values()):
        mask = segment.mask(contacts)
        sizes.append(int(np.count_nonzero(mask)))
        codes |= mask.astype(np.int16) << place
    counts = np.bincount(codes, minlength=1 << len(segments))
    anybody = int(counts[1:].sum())
    if not anybody:
        return empty(title, "Nobody is in any of these segments.")
    order = sorted((int(code) for code in np.flatnonzero(counts[1:]) + 1), key=lambda code: (-counts[code], code))
    shown = order[:_MOST]
    names = [fitted(name) for name in segments]
    lines = [f"{_spoken(code, names)}: {counts[code]:,} · {share(counts[code], anybody)}" for code in shown]
    left_out = f" {len(order) - len(shown):,} smaller combinations are not drawn." if len(order) > len(shown) else ""
    caption = f"Each contact is in one column; {anybody:,} of {len(contacts):,} are in at least one segment.{left_out}"
    figure, axes = picture(title, caption, lines, height=3.2 + 0.3 * len(names))
    grid = figure.add_gridspec(2, 1, height_ratios=[2.2, 0.3 * len(names) + 0.2])
    axes.set_subplotspec(grid[0])
    dots = figure.add_subplot(grid[1], sharex=axes)
    axes.bar(range(len(shown)), counts[shown], color=BLUE, width=0.6)
    axes.set_ylim(0, counts[shown[0]] * 1.15)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xticks([])
    axes.set_xlim(-0.6, max(len(shown), 4) - 0.4)
    for at, code in enumerate(shown):
        text = f"{counts[code]:,}\n{share(counts[code], anybody)}" if len(shown) <= 10 else f"{counts[code]:,}"
        axes.text(at, counts[code], text, ha="center", va="bottom", fontsize=8, **style())
    _draw_dots(dots, shown, [f"{name} ({size:,})" for name, size in zip(names, sizes, strict=True)])
    return figure


def _draw_dots(dots: Axes, shown: list[int], names: list[str]) -> None:
    """Under each column, which segments it is: a full dot for in, an empty one for not in."""
    dress(dots)
    dots.set_ylim(len(names) - 0.5, -0.5)
    dots.set_yticks(range(len(names)), names, fontsize=10, **style())
    dots.tick_params(length=0, labelbottom=False)
    dots.spines[:].set_visible(False)
    for at, code in enumerate(shown):
        inside = [place for place in range(len(names)) if code >> place & 1]
        dots.scatter([at] * len(names), range(len(names)), s=40, facecolors="none", edgecolors=INK, linewidths=0.6)
        dots.scatter([at] * len(inside), inside, s=40, color=BLUE, zorder=2)
        dots.plot([at, at], [inside[0], inside[-1]], color=BLUE, linewidth=2)


def _spoken(code: int, names: list[str]) -> str:
    """Which segments a combination is, in words."""
    inside = [name for place, name in enumerate(names) if code >> place & 1]
    return f"only {inside[0]}" if len(inside) == 1 else " and ".join(inside)
