"""One plan that waits for a person, in a few words, with the button that opens it."""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import HTML, Button, HBox

from toolkit.display import plain, when
from toolkit.ledger.plan_entry import Entry
from toolkit.plans.approval import Needed
from toolkit.widgets.views.finding_view import in_sum
from toolkit.widgets.views.markup import escaped
from toolkit.widgets.views.timetable import starts

_STATES = {"planned": "", "partial": "sent in part"}  # other states say it themselves


class InboxCard(HBox):  # type: ignore[misc]  # ipywidgets has no types
    """What a plan is, to how many, until when it waits, and who made it; `chosen` is called when a person opens it.

    A card never becomes that of another plan, so that a click is about the plan that stood there when it was made.
    """

    def __init__(self, entry: Entry, *, origin: str, needed: Needed, chosen: Callable[[], None]) -> None:
        self._origin = origin
        self._needed = needed
        self._facts = HTML().add_class("seax-plan-facts")
        self._review = Button(description="Review", tooltip=plain(entry.plan.draft.name)).add_class("seax-review")
        self._review.on_click(lambda _: chosen())
        number = (
            f"<b>{escaped(entry.plan.counted)}</b><br>"
            f'<span class="seax-quiet seax-small">until {escaped(when(entry.plan.expires_at, "%H:%M"))}</span>'
        )
        super().__init__([self._facts, HTML(number).add_class("seax-plan-number"), self._review])
        self.add_class("seax-plan-card")
        self.show(entry)

    def show(self, entry: Entry) -> None:
        """Show the plan in its present state."""
        plan, draft = entry.plan, entry.plan.draft
        kind: str = draft.kind
        if draft.kind == "campaign":
            kind = f"{draft.type}, {len(draft.arms)} arms" if draft.experiment else draft.type
        about = [
            _STATES.get(entry.state, entry.state),
            starts(plan.steps),
            *([str(self._needed)] if self._needed.signed or self._needed.people > 1 else []),
            *(words for _, words in in_sum(plan.findings)),
            *(["its author read texts of others"] if plan.read_others else []),
            self._origin,
        ]
        self._facts.value = (
            f"<p><b><bdi>{escaped(draft.name)}</bdi></b> · {escaped(kind)}</p>"
            f'<p class="seax-quiet seax-small">{escaped(" · ".join(filter(None, about)))}</p>'
        )

    def mark(self, *, is_open: bool) -> None:
        """Mark it as the one whose plan is open."""
        (self.add_class if is_open else self.remove_class)("seax-plan-card--open")
