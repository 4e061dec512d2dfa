"""Does something with what is on the page a moment after the last edit, in a thread, and always with the latest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

_Value = TypeVar("_Value")
_PAUSE = 0.25  # seconds without an edit


class AfterPause(Generic[_Value]):
    """Calls `do` with the latest value that was asked for, in one thread at a time."""

    def __init__(self, do: Callable[[_Value], None]) -> None:
        self._do = do
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._latest: _Value | None = None
        self._thread: threading.Thread | None = None

    def ask(self, value: _Value | None) -> None:
        """Do it with this value soon, and with no earlier one any more; None does nothing."""
        with self._lock:
            self._latest = value
            self._changed.set()
            if value is not None and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="read for a widget", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            while self._changed.is_set():
                self._changed.clear()
                self._changed.wait(_PAUSE)
            with self._lock:
                value, self._latest = self._latest, None
                if value is None:
                    self._thread = None
                    return
            self._do(value)
