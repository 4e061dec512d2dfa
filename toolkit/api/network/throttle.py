"""A wait shared by all threads once the service has asked one of them to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pause:
    """Requests wait here before they are sent; `now` and `sleep` count in seconds."""

    def __init__(
        self, *, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._now, self._sleep = now, sleep
        self._until = now()
        self._lock = threading.Lock()

    def extend(self, seconds: float) -> None:
        """Send nothing for this many seconds from now."""
        with self._lock:
            self._until = max(self._until, self._now() + seconds)

    def wait(self) -> None:
        """Return when the wait is over, at once if there is none."""
        left = self._until - self._now()
        if left > 0:
            self._sleep(left)
