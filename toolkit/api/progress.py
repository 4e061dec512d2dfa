"""A progress bar for long reads in a terminal or a notebook.

Written to stderr, because stdout may carry a program's output or a protocol.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from toolkit.api.snapshot_read import Progress
from toolkit.errors import ReadCancelled

_TOLD: ContextVar[Progress | None] = ContextVar("progress", default=None)
_NOTEBOOK_WIDTH = 80  # characters; a notebook cuts off wider text
_LONG = 20_000  # rows; shorter reads end before a bar is useful


@contextmanager
def telling(progress: Progress | None) -> Iterator[None]:
    """Reads inside this block, in this thread, report to `progress`, if given; interrupted, ReadCancelled."""
    before = _TOLD.set(progress)
    try:
        yield
    except ReadCancelled:
        raise
    except KeyboardInterrupt:
        raise ReadCancelled("Stopped.", None) from None
    finally:
        _TOLD.reset(before)


@contextmanager
def progressing(what: str, own: Progress | None = None) -> Iterator[Progress | None]:
    """The caller's callback for a read, or a bar with rows, rate and remaining time in terminals and notebooks."""
    own = own or _TOLD.get()
    if own or not (sys.stderr.isatty() or _is_notebook()):
        yield own
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar
    from rich.table import Column

    name = TextColumn(what, table_column=Column(no_wrap=True, overflow="ellipsis", max_width=20))
    rows = TextColumn("{task.completed:,.0f} of {task.total:,.0f}, {task.fields[rate]:,.0f} rows/s")
    left = (TimeRemainingColumn(table_column=Column(no_wrap=True)), TextColumn("left"))
    width = _NOTEBOOK_WIDTH if _is_notebook() else None
    # The bar gets the rest of the line: where that is short, rich would otherwise cut the remaining time.
    bar = Bar(name, BarColumn(bar_width=None), rows, *left, console=Console(stderr=True, width=width))
    task = bar.add_task(what, total=0, rate=0)

    def progress(read: int, total: int) -> None:
        if total > _LONG:
            bar.update(task, completed=read, total=total, rate=bar.tasks[task].speed or 0)
            bar.start()

    try:
        yield progress
    finally:
        bar.refresh()  # a notebook does not show the final state by itself
        bar.stop()


def _is_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and getattr(ipython.get_ipython(), "kernel", None) is not None
