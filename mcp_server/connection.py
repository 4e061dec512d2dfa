"""The workspace behind the tools, connected at the first tool call so that starting stays fast.

Contacts and logs are cached for a while, so that the next question about them is answered at once; what
is planned and sent is always read again, in the workspace itself.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import anyio.from_thread
from mcp.server.mcpserver import Context

from mcp_server.guard.contact_handles import Handles
from mcp_server.guard.server_key import server_key
from mcp_server.guard.server_settings import Options

if TYPE_CHECKING:
    import pandas as pd
    from mcp.server.mcpserver import ElicitationResult

    from toolkit.approval_page.page_server import ApprovalPage
    from toolkit.data.contacts import Contacts
    from toolkit.settings import Settings
    from toolkit.workspace import Workspace

T = TypeVar("T")
OnProgress = Callable[[int, int], None]
Question: TypeAlias = "asyncio.Future[ElicitationResult[Any]]"
Questions: TypeAlias = "dict[tuple[object, str], Question]"
_LEAST_KEPT = 60.0  # seconds; a long read is kept ten times as long as it took
_KEPT = 10  # reads


class Connection:
    """One workspace for every call of this process; `connect` is called once, at first use.

    `is_tainted` once a result contained text written by others. `has_page` where its person is on this machine, so
    that a page can be offered to them. `questions` are forms sent to the host and not answered in time, by client and
    plan.
    """

    def __init__(
        self, connect: Callable[[], Workspace], options: Options, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.options = options
        self.is_tainted = False
        self.has_page = False
        self.questions: Questions = {}
        self._page: ApprovalPage | None = None
        self._connect = connect
        self._clock = clock
        self._workspace: Workspace | None = None
        self._handles: Handles | None = None
        self._kept: dict[object, tuple[float, object]] = {}
        self._lock = threading.RLock()  # tools run in threads
        self._reading = threading.Lock()

    @classmethod
    def to(cls, settings: Settings, options: Options) -> Connection:
        """The workspace of these settings; its actions are recorded as this interface's."""

        def connect() -> Workspace:
            import toolkit  # pandas loads here, at the first use of a tool

            return toolkit.connect(settings, face="mcp")

        return cls(connect, options)

    @property
    def workspace(self) -> Workspace:
        """The workspace; SettingsError if it cannot be opened."""
        with self._lock:
            if self._workspace is None:
                self._workspace = self._connect()
            return self._workspace

    @property
    def handles(self) -> Handles:
        """The contacts' handles."""
        with self._lock:
            if self._handles is None:
                self._handles = Handles(server_key(self.options.home, "handles"), self.workspace.id)
            return self._handles

    def contacts(self, progress: OnProgress | None = None) -> Contacts:
        """All contacts, at most a minute old, or ten times as old as reading them takes."""
        return self.keep("contacts", lambda: self.workspace.snapshot(progress=progress))

    def logs(self, campaigns: Sequence[str], progress: OnProgress | None = None) -> pd.DataFrame:
        """The whole logs of these campaigns, cached like the contacts."""
        return self.keep(tuple(campaigns), lambda: self.workspace.logs(list(campaigns), progress=progress))

    def keep(self, what: object, read: Callable[[], T]) -> T:
        """The result of `read`, or a cached one of this name, at most a minute, or ten times its duration, old."""
        with self._reading:
            until, value = self._kept.get(what, (0.0, None))
            began = self._clock()
            if value is None or began >= until:
                value = read()
                ended = self._clock()
                self._kept.pop(what, None)
                while len(self._kept) >= _KEPT:
                    self._kept.pop(next(key for key in self._kept if key != "contacts"))
                self._kept[what] = (ended + max(_LEAST_KEPT, 10 * (ended - began)), value)
            return value  # type: ignore[return-value]  # what was kept under this key is of this kind

    def forget(self) -> None:
        """Read everything again when it is next requested, because something was sent or imported."""
        with self._reading:
            self._kept.clear()

    def page_address(self, plan_id: str) -> str:
        """The address of the approval page at a plan, which is opened at first use; SettingsError if it cannot be."""
        from toolkit.approval_page.page_server import ApprovalPage  # first use

        workspace = self.workspace
        with self._lock:
            if self._page is None or not self._page.is_open:
                self._page = ApprovalPage(workspace)
            return self._page.address(plan_id)

    def close(self) -> None:
        """Close the workspace and the approval page if they were opened."""
        if self._page is not None:
            self._page.close()
        if self._workspace is not None:
            self._workspace.close()


Call = Context[Connection]


def connection(call: Call) -> Connection:
    """The objects that a tool call uses."""
    return call.request_context.lifespan_context


def workspace(call: Call) -> Workspace:
    """The workspace of a tool call."""
    return connection(call).workspace


def reporting(call: Call) -> OnProgress:
    """A callback for a long read that reports to a host which asked for progress.

    Several reads in a row continue upwards, without a total from the second on: how much remains is not known.
    """
    done = last = told = 0

    def progress(read: int, total: int) -> None:
        nonlocal done, last, told
        if read < last:
            done, last = done + last, 0
        last = read
        if done + read > told and (read >= total or done + read >= told + max(1, total // 50)):
            told = done + read
            anyio.from_thread.run(call.report_progress, told, None if done else total)

    return progress
