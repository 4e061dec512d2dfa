"""Why messages did not arrive: the few causes of most failures, and what to do about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from narwhals.stable.v2.typing import IntoFrame

from toolkit.plots.bars import Bar, bar_picture
from toolkit.plots.canvas import BLUE, PURPLE, VERMILLION, each, empty, interval, plot_rows, share
from toolkit.texting.failure_classes import Action

if TYPE_CHECKING:
    from toolkit.plots.picture import Picture

_COLOURS: dict[Action, str] = {"suppress": VERMILLION, "reword": PURPLE}
_COLUMNS = ("failure_class", "action", "messages", "attempted", "failure_low", "failure_high")


def failure_pareto(classes: IntoFrame, *, title: str = "Why messages did not arrive") -> Picture:
    """One bar per class of failures, most frequent first, of a frame from `toolkit.engagement.failures.by_failure`.

    Each shows what to do (`toolkit.texting.failure_classes`), its share of all attempted messages with the 95 % Wilson
    interval, and the cumulative share of all failures. UnknownColumn for another frame.
    """
    rows = plot_rows(classes, *_COLUMNS).sort_values(["messages", "failure_class"], ascending=[False, True])
    lost = int(rows["messages"].sum())
    if not lost:
        return empty(title, "No message has failed or bounced.")
    attempted = int(rows["attempted"].iloc[0])
    bars, so_far = [], 0
    for row in each(rows):
        so_far += row.messages
        figures = (
            f"{row.messages:,} · {share(row.messages, attempted)}{interval(row.failure_low, row.failure_high)}"
            f" · {share(so_far, lost)} so far"
        )
        name = f"{row.failure_class.replace('_', ' ')}: {row.action}"
        bars.append(Bar(name, row.messages, figures, _COLOURS.get(row.action, BLUE)))
    caption = (
        f"Shares are of {attempted:,} messages attempted, with 95 % intervals (Wilson); “so far” is of the {lost:,} "
        "that did not arrive."
    )
    return bar_picture(title, caption, bars)[0]
