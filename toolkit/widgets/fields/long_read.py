"""A read that may take long: started by a button, with its progress, and a button that stops it.

It runs in its own thread, because some kernels deliver no second click to the page's code while the first is being
handled.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ipywidgets import HTML, Button, HBox, IntProgress, VBox

from toolkit.api.snapshot_read import Progress
from toolkit.errors import ReadCancelled
from toolkit.widgets.views.markup import hint, refusals_in

_Read = TypeVar("_Read")


class LongRead(VBox, Generic[_Read]):  # type: ignore[misc]  # ipywidgets has no types
    """Reads with `read`, which gets a progress callback, and passes the result to `done`.

    The parts are on the page as seax-<called>, seax-<called>-stop and seax-<called>-said.
    """

    def __init__(
        self,
        what: str,
        read: Callable[[Progress], _Read],
        done: Callable[[_Read], None],
        *,
        called: str = "read",
        style: str = "",
    ) -> None:
        self._read = read
        self._done = done
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._offered: str | None = None  # shown instead of the outcome of the current read
        self._is_ready = True
        self._is_over = False  # stopped by the person
        self._begins_again = False
        self._begin = Button(description=what, button_style=style)
        self._stop = Button(description="Stop reading", disabled=True)
        self._bar = IntProgress(description="Rows read", max=1, style={"description_width": "80px"})
        self._said = HTML()
        self._begin.add_class(f"seax-{called}").on_click(lambda _: self.start())
        self._stop.add_class(f"seax-{called}-stop").on_click(lambda _: self._end())
        self._while_reading = HBox([self._stop, self._bar], layout={"display": "none"}).add_class("seax-row")
        self._said.add_class(f"seax-{called}-said")
        super().__init__([HBox([self._begin, self._while_reading]).add_class("seax-row"), self._said])
        self.add_class("seax-lines")

    def start(self) -> None:
        """Start, unless it is already reading or there is nothing to read for."""
        with self._lock:
            if self._thread or not self._is_ready:
                return
            self._stopping.clear()
            self._offered, self._is_over, self._begins_again = None, False, False
            self._show_reading(is_reading=True)
            self._said.value = hint("Reading…")
            self._thread = threading.Thread(target=self._work, name="read for a widget", daemon=True)
            self._thread.start()

    def offer(self, words: str, *, is_ready: bool, anew: bool = False) -> None:
        """Show what there is to read for, or what is missing; a read in progress is stopped without a message.

        With `anew` it starts again instead, unless the person stopped it.
        """
        with self._lock:
            self._is_ready = is_ready
            self._said.value = words
            if self._thread:
                self._offered = words
                self._stopping.set()
                self._begins_again = anew and is_ready and not self._is_over
            else:
                self._begin.disabled = not is_ready

    def show_as(self, *, is_main: bool, is_shown: bool = True) -> None:
        """Show its button as the one next step of the page, as a way beside it, or not at all."""
        for style, is_meant in (("seax-btn--next", is_main), ("seax-btn--link", not is_main)):
            (self._begin.add_class if is_meant else self._begin.remove_class)(style)
        self._begin.layout.display = None if is_shown else "none"

    def wait(self, timeout: float) -> None:
        """Wait until it has ended, up to a timeout in seconds."""
        if thread := self._thread:
            thread.join(timeout)

    def close(self) -> None:
        """Remove it from the page, and stop reading."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self._stopping.set()
        super().close()

    def _end(self) -> None:
        self._is_over = True
        self._stopping.set()

    def _work(self) -> None:
        try:
            with refusals_in(self._said):
                result = self._read(self._progress)
                if self._stopping.is_set():
                    raise ReadCancelled("Stopped.", None)
                self._said.value = hint("Read.")
                self._done(result)
        except ReadCancelled as stopped:
            self._said.value = hint(f"{stopped} The rows read are discarded.")
        finally:
            with self._lock:
                if self._offered is not None:
                    self._said.value = self._offered
                self._show_reading(is_reading=False)
                self._thread = None
                if self._begins_again:
                    self.start()

    def _show_reading(self, *, is_reading: bool) -> None:
        self._begin.disabled = is_reading or not self._is_ready
        self._stop.disabled = not is_reading
        self._bar.value = 0
        self._while_reading.layout.display = None if is_reading else "none"

    def _progress(self, read: int, total: int) -> None:
        if self._stopping.is_set():
            raise KeyboardInterrupt
        self._bar.max, self._bar.value = max(total, 1), read
