"""The workspace behind the tools, connected at the first of them so that starting stays quick."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from mcp.server.mcpserver import Context

if TYPE_CHECKING:
    from toolkit.workspace import Workspace


class Connection:
    """One workspace for every call of this process; `connect` is called once, at first use."""

    def __init__(self, connect: Callable[[], Workspace]) -> None:
        self._connect = connect
        self._workspace: Workspace | None = None
        self._lock = threading.Lock()  # tools run in threads

    @property
    def workspace(self) -> Workspace:
        """The workspace; SettingsError if it cannot be opened."""
        with self._lock:
            if self._workspace is None:
                self._workspace = self._connect()
            return self._workspace

    def close(self) -> None:
        """Close the workspace if it was ever opened."""
        if self._workspace is not None:
            self._workspace.close()


Call = Context[Connection]


def workspace(call: Call) -> Workspace:
    """The workspace that a tool call works on."""
    return call.request_context.lifespan_context.workspace
