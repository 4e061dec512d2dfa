"""Who a campaign is to, counted on one snapshot of the contacts at every edit, and shown person by person."""

from __future__ import annotations

from typing import NamedTuple

from ipywidgets import Button

from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.errors import DraftError, ToolkitError
from toolkit.groups.drafts import Drafts
from toolkit.plans.cost import Preview
from toolkit.widgets.campaign.campaign_card import CampaignCard
from toolkit.widgets.fields.audience_field import AudienceField
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.exploration import Counted, Exploration
from toolkit.widgets.forms.preview_sample import few
from toolkit.widgets.frame_table import FrameTable


class _Latest(NamedTuple):
    """The latest segment that could be counted: its counts, and a few of its people."""

    segment: Segment
    counted: Counted
    people: Audience


class AudienceCount:
    """Counts the people of a form: on the `card`, with what one of them reads, and in a `table` that `button` opens."""

    def __init__(self, drafts: Drafts, whom: AudienceField, card: CampaignCard) -> None:
        self._drafts = drafts
        self._whom = whom
        self._card = card
        self._exploration: Exploration | None = None  # before the contacts are read
        self._latest: _Latest | None = None
        self.table = FrameTable(what="people")
        self.table.layout.display = "none"
        self.button = Button(description="Show these people").add_class("seax-btn--link").add_class("seax-show-people")
        self.button.on_click(lambda _: self._open_table())

    def explore(self, exploration: Exploration) -> None:
        """Count on this snapshot from now on."""
        self._exploration, self._latest = exploration, None

    def recipients(self, segment: Segment) -> list[str]:
        """The ids of those who receive it now; DraftError before the contacts are read."""
        if self._exploration is None:
            raise DraftError("The contacts are still being read: personal messages are made for each of them.")
        audience = self._exploration.audience(segment)
        ids: list[str] = audience.contacts.ids[audience.recipients].tolist()
        return ids

    @property
    def number(self) -> int | None:
        """How many receive it, of the latest rule that could be read; None before that."""
        return self._latest.counted.recipients if self._latest else None

    def show(self, form: CampaignForm) -> None:
        """Count the people of the form, and show what one of them reads."""
        people = None
        if self._exploration is None:
            self._card.show_count(None, "The contacts are being read. You can write meanwhile.")
        else:
            self._whom.show_error("")
            people = self._count(form, self._exploration)
        media = tuple(form.media.split()) if form.type == "MMS" else ()
        self._card.phone.show(form.message, self._previews(form.message, people), media)

    def _count(self, form: CampaignForm, exploration: Exploration) -> Audience | None:
        """Show the count of a form; a few of the people it is of."""
        try:
            if form.missing is not None and form.missing.field == "whom":
                reachable = len(exploration.audience(Segment.everyone()))
                everybody = f"There are {len(exploration.contacts):,} contacts here, {reachable:,} reachable by text."
                self._card.show_count(None, f"people would receive it. {everybody}")
                return None
            segment = form.segment
            if self._latest is None or self._latest.segment != segment:
                audience = exploration.audience(segment)
                self._latest = _Latest(segment, exploration.count(segment), few(audience))
                self._fill_table()
            one = "person would receive it" if self._latest.counted.recipients == 1 else "people would receive it"
            self._card.show_count(self._latest.counted, one)
        except ToolkitError as error:
            self._whom.show_error(self._whom.unknown or str(error))
            counted = self._latest.counted if self._latest else None
            self._card.show_count(counted, "of the last rule that could be read", is_quiet=True)
        return self._latest.people if self._latest else None

    def _previews(self, message: str, people: Audience | None) -> tuple[Preview, ...]:
        try:
            return self._drafts.previews(message, people) if people is not None and message.strip() else ()
        except ToolkitError:  # half a character, which the plan will report
            return ()

    def _open_table(self) -> None:
        """Show the people of the form, or hide them again."""
        is_open = self.table.layout.display is None
        self.table.layout.display = "none" if is_open else None
        self.button.description = "Show these people" if is_open else "Hide these people"
        self._fill_table()

    def _fill_table(self) -> None:
        if self.table.layout.display is None:
            exploration, latest = self._exploration, self._latest
            self.table.show(exploration.audience(latest.segment) if exploration and latest else None)
