"""Plans waiting for a person, from any interface: an assistant, a program, a colleague's notebook.

The ledger is read again every few seconds, and a team's at once when it has news, by a thread that does nothing else.
A page reports which row of a list was chosen, not which plan, and its messages may wait while the list changes: so a
list never changes. Another one takes its place, with buttons of its own, which act on what was chosen in it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from ipywidgets import HTML, Box, Button, HBox, Select, Text, VBox, Widget
from traitlets import Tuple

from toolkit.display import Section, as_html, as_text, when
from toolkit.errors import ToolkitError
from toolkit.ledger.plan_entry import Entry
from toolkit.plans.states import OPEN
from toolkit.widgets.send_panel import SendPanel
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import banner, hint, look, refusal, refusals_in, status
from toolkit.workspace import Workspace

_WAITING = (*OPEN, "partial")  # of a plan sent in part, the rest waits
_KEPT = 20  # earlier lists whose clicks may still arrive; those of older ones do nothing


class Inbox(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The plans waiting for approval: review one, approve and send it, or withdraw it.

    `value` is their ledger entries, an assistant's first, then the newest; blocked plans wait for nobody. It can be
    observed and printed. Every `every` seconds the ledger is read again, and a team's as soon as it changes, until
    `close`.
    """

    value = Tuple(read_only=True)

    def __init__(self, workspace: Workspace, *, every: float = 2.0) -> None:
        self._workspace = workspace
        self._every = every
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._origins: dict[str, str] = {}
        self._by = Text(description="Your name").add_class("seax-withdrawn-by")
        self._lists: list[tuple[Select, Button, Button]] = []
        self._places = (Box(), Box(), Box())  # of the list and its buttons, so that what is beside them stays
        self._said = HTML().add_class("seax-said")
        self._place = VBox().add_class("seax-panel")
        where = HTML(banner(live=workspace.live)).add_class("seax-where")
        waiting, review, withdraw = self._places
        row = HBox([review, self._by, withdraw]).add_class("seax-row")
        self._choosing = VBox([waiting, row]).add_class("seax-lines").add_class("seax-choosing")
        self._show_list(())
        super().__init__([look(), VBox([where, self._choosing, self._said, self._place]).add_class("seax-lines")])
        self.add_class("seax").add_class("seax-inbox")
        self.refresh()
        self._thread = threading.Thread(target=self._look_again, name="follow the ledger", daemon=True)
        self._thread.start()

    def refresh(self) -> None:
        """Read the ledger now."""
        with self._lock, refusals_in(self._said):
            waiting = [entry for entry in self._workspace.plans(states=_WAITING) if not entry.plan.is_blocked]
            entries = tuple(sorted(waiting, key=lambda entry: "(mcp" not in self._origin(entry.plan.id)))
            if [(entry.plan.id, entry.state) for entry in entries] == [(e.plan.id, e.state) for e in self.value]:
                if not entries and not self._said.value:
                    self._said.value = hint("No plan waits for you.")
                return
            self._show_list(entries)
            self.set_trait("value", entries)
            self._said.value = hint(_waiting(entries))

    def close(self) -> None:
        """Remove it from the page, and stop reading the ledger."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self._stopping.set()
            _close(part for each in self._lists for part in each)
        super().close()

    def _look_again(self) -> None:
        last = 0
        while True:
            last = self._workspace.ledger.wait_for_event(self._every, after=last)
            if self._stopping.is_set():
                return
            self.refresh()

    def _show_list(self, entries: Sequence[Entry]) -> None:
        """Put a list in the place of the one before, with what is chosen there, or its first."""
        ids = [entry.plan.id for entry in entries]
        chosen = self._lists[-1][0].value if self._lists else None
        index = ids.index(chosen) if chosen in ids else 0
        plans = Select(
            options=[(self._line(entry), entry.plan.id) for entry in entries],
            index=index if ids else None,
            description="Waiting",
            rows=5,
        ).add_class("seax-waiting")
        review = Button(description="Review", button_style="primary").add_class("seax-review")
        withdraw = Button(description="Withdraw", tooltip="It can then not be sent").add_class("seax-withdraw")
        review.on_click(lambda _: self._show_plan(plans.value))
        withdraw.on_click(lambda _: self._end_plan(plans.value))
        self._lists.append((plans, review, withdraw))
        for place, part in zip(self._places, self._lists[-1], strict=True):
            place.children = (part,)
        is_shown = entries or self._place.children  # beside an open plan it stays: nothing may jump under a pointer
        self._choosing.layout.display = None if is_shown else "none"
        while len(self._lists) > _KEPT:
            _close(self._lists.pop(0))

    def _line(self, entry: Entry) -> str:
        plan = entry.plan
        return (
            f"{plan.draft.name[:60]} · {plan.draft.kind}, {plan.counted} · {entry.state} · "
            f"{self._origin(plan.id)} · until {when(plan.expires_at, '%H:%M')}"
        )

    def _origin(self, plan_id: str) -> str:
        """Who made a plan, and in which interface."""
        if plan_id not in self._origins:
            made = next(iter(self._workspace.ledger.events(plan_id)), None)
            self._origins[plan_id] = f"by {made.who or 'somebody'} ({made.via or 'unknown'})" if made else "by somebody"
        return self._origins[plan_id]

    def _show_plan(self, plan_id: str | None) -> None:
        self._clear()
        if plan_id is None:
            self._said.value = hint("Choose a plan first.")
            return
        with refusals_in(self._said):
            panel = SendPanel(self._workspace, self._workspace.get_plan(plan_id).plan)
            self._place.children = (panel,)
            self._said.value = hint("Read it to the end before you approve it.")

    def _end_plan(self, plan_id: str | None) -> None:
        by = self._by.value.strip()
        if plan_id is None or not by:
            self._said.value = refusal("Choose a plan and type your name: it is recorded with the withdrawal.")
            return
        with refusals_in(self._said):
            if not self._workspace.ledger.close_plan(plan_id, "withdrawn", by=by, via="panel"):
                raise ToolkitError(f"Plan {plan_id} was already sent or closed.")
            self._clear()
            self.refresh()
            ended = f"Plan {plan_id} was withdrawn by {by}: nothing more of it will be sent."
            how = "To cancel one, run ws.cancel with its id."
            held = self._workspace.ledger.scheduled_words(plan_id, cancel=how)
            self._said.value = refusal(f"{ended} {held}") if held else status(ended)

    def _clear(self) -> None:
        for panel in self._place.children:
            panel.retire()
        self._place.children = ()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
        rows = [[self._line(entry)] for entry in self.value] or [["none"]]
        twin = [Section(titled("Plans waiting for a person", "decide on them"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _close(parts: Iterable[Widget]) -> None:
    for part in parts:
        part.close()


def _waiting(entries: Sequence[Entry]) -> str:
    if not entries:
        return "No plan waits for you."
    return "1 plan waits for you." if len(entries) == 1 else f"{len(entries)} plans wait for you."
