"""A read that may take long: begun by a button, with its progress, and a button that stops it.

It runs in a thread of its own, because some kernels hand no second click to the page's code while the first is worked
on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ipywidgets import HTML, Button, HBox, IntProgress, VBox

from toolkit.api.paging import Progress
from toolkit.errors import ReadCancelled
from toolkit.widgets.markup import hint, refusals_in

_Read = TypeVar("_Read")


class LongRead(VBox, Generic[_Read]):  # type: ignore[misc]  # ipywidgets has no types
    """Reads with `read`, which is handed a progress callback, and hands what came to `done`."""

    def __init__(self, what: str, read: Callable[[Progress], _Read], done: Callable[[_Read], None]) -> None:
        self._read = read
        self._done = done
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._begin = Button(description=what, layout={"width": "auto"}).add_class("seax-read")
        self._stop = Button(description="Stop reading", disabled=True).add_class("seax-stop")
        self._bar = IntProgress(description="Rows read", max=1, style={"description_width": "80px"})
        self._said = HTML().add_class("seax-read-said")
        self._begin.on_click(lambda _: self.start())
        self._stop.on_click(lambda _: self._stopping.set())
        super().__init__([HBox([self._begin, self._stop, self._bar]), self._said])

    def start(self) -> None:
        """Begin, unless it is reading already."""
        if self._thread and self._thread.is_alive():
            return
        self._stopping.clear()
        self._begin.disabled, self._stop.disabled = True, False
        self._said.value = hint("Reading…")
        self._thread = threading.Thread(target=self._work, name="read for a widget", daemon=True)
        self._thread.start()

    def wait(self, timeout: float) -> None:
        """Wait until it has ended, at most so many seconds."""
        if self._thread:
            self._thread.join(timeout)

    def _work(self) -> None:
        try:
            with refusals_in(self._said):
                result = self._read(self._progress)
                self._said.value = hint("Read.")
                self._done(result)
        except ReadCancelled as stopped:
            self._said.value = hint(f"{stopped} Nothing of it is used.")
        finally:
            self._begin.disabled, self._stop.disabled = False, True

    def _progress(self, read: int, total: int) -> None:
        if self._stopping.is_set():
            raise KeyboardInterrupt
        self._bar.max, self._bar.value = max(total, 1), read
