"""Plans waiting for a person, from any interface: an assistant, a program, a colleague's notebook.

The ledger is read again every few seconds, and a team's at once when it has news, by a thread that does nothing else.
A page's messages may wait while plans come and go: so each plan has a card of its own, and what ends a plan stands
under the one that is open. While one is open no card comes or goes, as nothing may move under a pointer.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ipywidgets import HTML, Button, HBox, Text, VBox
from traitlets import Tuple

from toolkit.display import Section, as_html, as_text, number_of, when
from toolkit.errors import ToolkitError
from toolkit.ledger.plan_entry import Entry
from toolkit.plans.states import OPEN
from toolkit.widgets.inbox_card import InboxCard
from toolkit.widgets.send_panel import SendPanel
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import banner, heading, hint, look, refusal, refusals_in, status
from toolkit.workspace import Workspace

_WAITING = (*OPEN, "partial")  # of a plan sent in part, the rest waits


class Inbox(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """The plans waiting for approval, a card each: review one, approve and send it, or withdraw it.

    `value` is their ledger entries, an assistant's first, then the newest; blocked plans wait for nobody. It can be
    observed and printed. Every `every` seconds the ledger is read again, and a team's as soon as it changes, until
    `close`.
    """

    value = Tuple(read_only=True)

    def __init__(self, workspace: Workspace, *, every: float = 2.0) -> None:
        self._workspace = workspace
        self._every = every
        self._stopping = threading.Event()
        self._lock = threading.RLock()
        self._origins: dict[str, str] = {}
        self._latest: Sequence[Entry] = ()
        self._cards: dict[str, InboxCard] = {}  # by plan, in the order of the page
        self._open: str | None = None  # the plan under review
        self._by = Text(description="Your name").add_class("seax-withdrawn-by")
        self._said = HTML().add_class("seax-said")
        self._arrived = Button(layout={"display": "none"}).add_class("seax-arrived").add_class("seax-btn--link")
        self._arrived.on_click(lambda _: self._lay_out())
        self._waiting = VBox().add_class("seax-waiting")
        self._withdraw = Button()  # of the open plan, another one for each
        self._deciding = HBox().add_class("seax-row").add_class("seax-deciding")
        self._place = VBox().add_class("seax-panel")
        where = HTML(banner(live=workspace.live)).add_class("seax-where")
        top = HBox([self._said, self._arrived]).add_class("seax-apart")
        parts = [where, top, self._waiting, self._deciding, self._place]
        super().__init__([look(), VBox(parts).add_class("seax-lines")])
        self.add_class("seax").add_class("seax-inbox")
        self.refresh()
        self._thread = threading.Thread(target=self._look_again, name="follow the ledger", daemon=True)
        self._thread.start()

    def refresh(self) -> None:
        """Read the ledger now."""
        with self._lock, refusals_in(self._said):
            waiting = [entry for entry in self._workspace.plans(states=_WAITING) if not entry.plan.is_blocked]
            entries = tuple(sorted(waiting, key=lambda entry: not self._is_by_assistant(entry)))
            before, self._latest = {each.plan.id for each in self.value}, entries
            for entry in entries:
                if entry.plan.id in self._cards:
                    self._cards[entry.plan.id].show(entry)
            if self._open in self._cards and self._open not in {entry.plan.id for entry in entries}:
                self._cards[self._open].show(self._workspace.get_plan(self._open))
                self._withdraw.disabled = True
            if [(entry.plan.id, entry.state) for entry in entries] == [(e.plan.id, e.state) for e in self.value]:
                if not entries and not self._said.value:
                    self._said.value = hint(_waiting(entries))
                return
            if self._open is None:
                self._lay_out()
            self._offer_arrived()
            self.set_trait("value", entries)
            if {entry.plan.id for entry in entries} != before:
                self._said.value = hint(_waiting(entries))

    def close(self) -> None:
        """Remove it from the page, and stop reading the ledger."""
        if self.comm is not None:  # otherwise its constructor failed, and there is nothing to stop
            self._stopping.set()
        super().close()

    def _look_again(self) -> None:
        last = 0
        while True:
            last = self._workspace.ledger.wait_for_event(self._every, after=last)
            if self._stopping.is_set():
                return
            self.refresh()

    def _lay_out(self) -> None:
        """Show a card for each plan that waits, in order, and for the one that is open."""
        with self._lock:
            kept = {entry.plan.id: self._card(entry) for entry in self._latest}
            if self._open in self._cards:
                kept.setdefault(self._open, self._cards[self._open])
            gone = [card for plan_id, card in self._cards.items() if plan_id not in kept]
            self._cards = kept
            by_assistant = [self._is_by_assistant(entry) for entry in self._latest]
            by_assistant += [False] * (len(kept) - len(by_assistant))
            groups: list[HTML | InboxCard] = []
            for is_theirs, words in ((True, "◆ From an assistant"), (False, "From people and programs")):
                cards = [card for card, theirs in zip(kept.values(), by_assistant, strict=True) if theirs is is_theirs]
                groups += [HTML(heading(words)), *cards] if cards else []
            self._waiting.children = groups
            for card in gone:
                card.close()
            self._offer_arrived()

    def _card(self, entry: Entry) -> InboxCard:
        plan_id = entry.plan.id
        return self._cards.get(plan_id) or InboxCard(
            entry,
            origin=self._origin(plan_id),
            needed=self._workspace.approvals.needed(plan_id),
            chosen=lambda: self._show_plan(plan_id),
        )

    def _offer_arrived(self) -> None:
        """Offer the cards that do not come by themselves, beside an open plan."""
        new = sum(entry.plan.id not in self._cards for entry in self._latest)
        self._arrived.description = f"Show {number_of(new, 'more plan')}"
        self._arrived.layout.display = None if new else "none"

    def _is_by_assistant(self, entry: Entry) -> bool:
        return "(mcp" in self._origin(entry.plan.id)

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

    def _show_plan(self, plan_id: str) -> None:
        with self._lock:
            self._clear()
            with refusals_in(self._said):
                panel = SendPanel(self._workspace, self._workspace.get_plan(plan_id).plan)
                self._withdraw = Button(description="Withdraw", tooltip="It can then not be sent")
                self._withdraw.add_class("seax-withdraw").on_click(lambda _: self._end_plan(plan_id))
                self._open = plan_id
                self._place.children, self._deciding.children = (panel,), (self._by, self._withdraw)
                self._lay_out()
                for each, card in self._cards.items():
                    card.mark(is_open=each == plan_id)
                self._said.value = hint("Read it to the end before you approve it.")

    def _end_plan(self, plan_id: str) -> None:
        by = self._by.value.strip()
        if not by:
            self._said.value = refusal("Type your name: it is recorded with the withdrawal.")
            return
        with self._lock, refusals_in(self._said):
            if not self._workspace.ledger.close_plan(plan_id, "withdrawn", by=by, via="panel"):
                raise ToolkitError(f"Plan {plan_id} was already sent or closed.")
            if self._open == plan_id:
                self._clear()
            self.refresh()
            ended = f"Plan {plan_id} was withdrawn by {by}: nothing more of it will be sent."
            how = "To cancel one, run ws.cancel with its id."
            held = self._workspace.ledger.scheduled_words(plan_id, cancel=how)
            self._said.value = refusal(f"{ended} {held}") if held else status(ended)

    def _clear(self) -> None:
        """Close the plan that is open."""
        for panel in self._place.children:
            panel.retire()
        self._place.children = self._deciding.children = ()
        if self._open in self._cards:
            self._cards[self._open].mark(is_open=False)
        self._open = None

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
        rows = [[self._line(entry)] for entry in self.value] or [["none"]]
        twin = [Section(titled("Plans waiting for a person", "decide on them"), rows)]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _waiting(entries: Sequence[Entry]) -> str:
    if not entries:
        return "No plan waits for you."
    return "1 plan waits for you." if len(entries) == 1 else f"{len(entries)} plans wait for you."
