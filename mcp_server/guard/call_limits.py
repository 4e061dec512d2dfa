"""How often a tool may be called: a runaway loop is stopped before it costs the service or the person."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping

from mcp.server.mcpserver.exceptions import ToolError

READS, PLANS, SENDS = 120, 30, 10  # a minute


class CallLimits:
    """A number of calls per minute for each tool, and as many at once; an allowed call is used up."""

    def __init__(self, per_minute: Mapping[str, int], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = dict(per_minute)
        self._clock = clock
        self._left = {tool: (float(rate), clock()) for tool, rate in self._rates.items()}
        self._lock = threading.Lock()

    def spend(self, tool: str) -> None:
        """Count a call; ToolError with the wait if there were too many. A tool without a limit is allowed."""
        rate = self._rates.get(tool)
        if rate is None:
            return
        with self._lock:
            left, at = self._left[tool]
            now = self._clock()
            left = min(float(rate), left + (now - at) * rate / 60)
            if left >= 1:
                self._left[tool] = (left - 1, now)
                return
            self._left[tool] = (left, now)
        wait = math.ceil((1 - left) * 60 / rate)
        raise ToolError(f"{tool} was called more than {rate} times a minute: wait {wait} s. Nothing was done.")
