"""Checks what is on the page a moment after the last edit, in a thread, and always the latest."""

from __future__ import annotations

import threading
from collections.abc import Callable

from toolkit.errors import ToolkitError
from toolkit.plans.draft import Draft
from toolkit.plans.plan import Plan

_QUIET = 0.25  # seconds without an edit


class LiveCheck:
    """Calls `check` with the latest draft, and `done` with what a plan of it would be, or why there is none."""

    def __init__(self, check: Callable[[Draft], Plan], done: Callable[[Draft, Plan | ToolkitError], None]) -> None:
        self._check = check
        self._done = done
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._draft: Draft | None = None
        self._thread: threading.Thread | None = None

    def ask(self, draft: Draft | None) -> None:
        """Check this draft soon, and no earlier one any more; None checks nothing."""
        with self._lock:
            self._draft = draft
            self._changed.set()
            if draft is not None and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="read for a widget", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            while self._changed.is_set():
                self._changed.clear()
                self._changed.wait(_QUIET)
            with self._lock:
                draft = self._draft
                if draft is None:
                    self._thread = None
                    return
            try:
                found: Plan | ToolkitError = self._check(draft)
            except ToolkitError as error:
                found = error
            with self._lock:
                is_latest = self._draft is draft
                if is_latest:
                    self._draft = None
            if is_latest:
                self._done(draft, found)
