"""A progress bar for long reads, where somebody is looking: a terminal or a notebook.

Written to stderr, because stdout may carry a program's output or a protocol.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from toolkit.api.paging import Progress

_LONG = 20_000  # rows; shorter reads end before a bar is worth looking at


@contextmanager
def progressing(what: str, own: Progress | None = None) -> Iterator[Progress | None]:
    """A callback for a read: the caller's own, or a bar with rows, rate and time left where somebody is looking."""
    if own or not (sys.stderr.isatty() or _is_notebook()):
        yield own
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    rate = TextColumn("{task.speed:,.0f} rows/s")
    bar = Bar(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn(), console=Console(stderr=True)
    )
    task = bar.add_task(what, total=None)

    def progress(read: int, total: int) -> None:
        if total > _LONG:
            bar.start()
            bar.update(task, completed=read, total=total)

    try:
        yield progress
    finally:
        bar.stop()


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None
