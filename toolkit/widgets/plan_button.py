"""From a draft on the page to its plan: the button, the read, which can be stopped, and the panel that sends it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ipywidgets import VBox

from toolkit.api.snapshot_read import Progress
from toolkit.plans.draft import Draft
from toolkit.plans.plan import Plan
from toolkit.widgets.fields.long_read import LongRead
from toolkit.widgets.send_panel import SendPanel
from toolkit.workspace import Workspace


class Planning(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Plans the latest draft, when a person asks for it; `shown` is called with the plan.

    The button is `reading` and the panel comes in `place`, so that they may stand apart; `edit` goes back to the form,
    and `begin`, once it was sent, to an empty one. What was sent stays there until the next plan is shown. `panel` is
    the plan's `SendPanel`, None while no plan is on the page. Code that changes the page holds `lock`: some kernels
    handle two edits in two threads, and results of reads arrive in a third.
    """

    def __init__(
        self,
        workspace: Workspace,
        what: str = "See the plan",
        *,
        called: str = "see-plan",
        shown: Callable[[Plan], None] = lambda plan: None,
        edit: Callable[[], None] | None = None,
        begin: Callable[[], None] | None = None,
    ) -> None:
        self._workspace = workspace
        self._shown = shown
        self._draft: Draft | None = None
        self._planned: Draft | None = None  # the draft of the plan in progress
        self.lock = threading.RLock()
        self._edit, self._begin = edit, begin
        self.reading = LongRead(what, self._plan, self._show, called=called)
        self.reading.show_as(is_main=True)
        self.place = VBox().add_class("seax-panel" if called == "see-plan" else f"seax-{called}-panel")
        super().__init__([self.reading, self.place])

    @property
    def panel(self) -> SendPanel | None:
        """The panel on the page."""
        return self.place.children[0] if self.place.children else None

    def offer(self, draft: Draft | None, said: str) -> None:
        """Offer a draft, or none, and show in HTML what it is or lacks; removes the current plan from the page.

        If somebody waits for a plan, it is made of this draft: on a busy kernel the last letters typed arrive after the
        click that followed them.
        """
        with self.lock:
            self._draft = draft
            if self.panel is not None and not self.panel.is_used:
                self._clear()
            self.reading.offer(said, is_ready=draft is not None, anew=True)

    def start(self) -> None:
        """Make the plan, as the button does."""
        self.reading.start()

    def wait(self, timeout: float) -> None:
        """Wait until the plan is there, up to a timeout in seconds."""
        self.reading.wait(timeout)

    def _plan(self, progress: Progress) -> Plan | None:
        draft = self._planned = self._draft
        return None if draft is None else self._workspace.plan(draft, progress=progress)

    def _show(self, plan: Plan | None) -> None:
        with self.lock:
            if plan is None or self._planned is not self._draft:
                return
            self._clear()
            self.place.children = (SendPanel(self._workspace, plan, edit=self._edit, begin=self._begin),)
            self.reading.offer("", is_ready=True)
            self._shown(plan)

    def _clear(self) -> None:
        for panel in self.place.children:
            panel.supersede()
        self.place.children = ()
