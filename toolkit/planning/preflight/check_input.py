"""The campaign as checks see it: values alone, with expensive ones computed once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from toolkit.audience.caps import Starts
from toolkit.audience.targets.targeting import Targeting
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.experiments.split import Split
from toolkit.models import Media, Phone, Target
from toolkit.planning.batches import SendBatch
from toolkit.planning.read import DraftReading
from toolkit.planning.recipient_locations import Whereabouts
from toolkit.planning.wording import Wording
from toolkit.plans.draft import CampaignDraft, MessageDraft, MessagesDraft
from toolkit.plans.earlier_sends import Past
from toolkit.plans.finding import SHOWN
from toolkit.plans.policy import SendPolicy


@dataclass(frozen=True, eq=False)
class Departure:
    """Recipients to whom sending begins together, where they may be, and when the last of them has their message."""

    start: datetime
    end: datetime
    where: Whereabouts


@dataclass(frozen=True, eq=False)
class Outgoing:
    """A draft as it was read, its audience and what that reads; `arms` are the texts of an experiment.

    `targeting` is None for a message that is addressed to a number, and where there are no recipients. `batches` are
    who is sent to together, and `by_batch` when, if each has a start of its own. `split` is how an experiment drew its
    arms.
    """

    reading: DraftReading
    draft: CampaignDraft | MessageDraft | MessagesDraft
    audience: Audience
    wording: Wording
    targeting: Targeting | None = None
    batches: Sequence[SendBatch] = ()
    by_batch: Starts | None = None
    arms: Mapping[str, Wording] = field(default_factory=dict)
    split: Split | None = None

    @property
    def text(self) -> str:
        """The text that all of them read."""
        return self.wording.text

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the draft: one, or those of an experiment's arms."""
        return self.draft.texts

    @property
    def by_text(self) -> Mapping[str, Outgoing]:
        """The same for the recipients of each text, by arm; the arm has no name where all read the same."""
        if not self.arms:
            return {"": self}
        return {
            arm: replace(self, audience=wording.audience, wording=wording, targeting=None, arms={})
            for arm, wording in self.arms.items()
        }

    @property
    def policy(self) -> SendPolicy:
        """The limits in force."""
        return self.reading.policy

    @property
    def now(self) -> datetime:
        """The service's time."""
        return self.reading.now

    @property
    def live(self) -> bool:
        """Real people would read it."""
        return self.reading.live

    @property
    def past(self) -> Past:
        """What is known of earlier sends."""
        return self.reading.past

    @property
    def senders(self) -> Sequence[Phone]:
        """The numbers that it is sent from."""
        return self.reading.senders

    @property
    def media(self) -> Mapping[str, Media | None]:
        """What media's addresses reported when they were asked, None if they did not answer."""
        return self.reading.media

    @property
    def type(self) -> str:
        """The campaign's type; a single message with media is an MMS."""
        if isinstance(self.draft, CampaignDraft):
            return self.draft.type
        return "MMS" if self.draft.media_urls else "SMS"

    @property
    def targets(self) -> tuple[Target, ...]:
        """How the recipients are addressed, one target per campaign."""
        return tuple(part.target for part in self.targeting.parts) if self.targeting else ()

    @property
    def is_to_many(self) -> bool:
        """A campaign, or one text to several people: a single message may be an answer to somebody."""
        return isinstance(self.draft, CampaignDraft) or len(self.audience) > 1

    @property
    def contacts(self) -> Contacts:
        """All contacts."""
        return self.audience.contacts

    @cached_property
    def where(self) -> Whereabouts:
        """Where the recipients may be."""
        return Whereabouts(self.audience)

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """The recipients' rows among the contacts."""
        return self.where.rows

    @cached_property
    def start(self) -> datetime:
        """When the first message is sent."""
        at = self.draft.start_at if isinstance(self.draft, CampaignDraft) else None
        return at or self.now

    @property
    def starts(self) -> Starts:
        """When each recipient's message is sent."""
        return self.by_batch or Starts(self.reading.start)

    @property
    def starting(self) -> Iterator[tuple[datetime, Mask]]:
        """Each start, and the recipients whose message is sent then."""
        usual = np.ones(len(self.rows), dtype=bool)
        for at, members in self.starts.others:
            theirs = members[self.rows]
            usual &= ~theirs
            yield at, theirs
        yield self.starts.usual, usual

    @cached_property
    def departures(self) -> tuple[Departure, ...]:
        """Who is sent to from when to when: by zone each batch from its start, else all together."""
        if not self.starts.others:
            return (Departure(self.start, self.end, self.where),)
        found = []
        for batch in self.batches:
            start, wording = batch.start_at or self.start, self.arms.get(batch.arm, self.wording)
            where = Whereabouts(self.audience.only(batch.members))
            share = sum(place.people for place in where.places) / max(len(wording.rows), 1)
            found.append(Departure(start, self._end(start, start + self._duration(wording) * share), where))
        return tuple(found)

    @cached_property
    def duration(self) -> timedelta:
        """How long sending takes at the usual rate."""
        return self._duration(self.wording)

    @cached_property
    def end(self) -> datetime:
        """When the last one is sent: at the usual rate, or at the draft's own end if that comes first."""
        return self._end(self.start, self.projected_end)

    @cached_property
    def projected_end(self) -> datetime:
        """When the last message would be sent at the usual rate, whatever end the draft sets."""
        if not self.starts.others:
            return self.start + self.duration
        shares = ((at, np.count_nonzero(who) / max(len(self.rows), 1)) for at, who in self.starting)
        return max((at + self.duration * share for at, share in shares if share), default=self.start)

    def ids(self, among: npt.NDArray[np.intp] | Mask) -> list[str]:
        """The ids of some recipients, by index or by mask: as many as a finding shows."""
        return ids(self.where, among)

    def _duration(self, wording: Wording) -> timedelta:
        return wording.duration(self.policy, parts_per_second=self.reading.parts_per_second, is_mms=self.reading.is_mms)

    def _end(self, start: datetime, projected: datetime) -> datetime:
        own = self.draft.end_at if isinstance(self.draft, CampaignDraft) else None
        return min(projected, own) if own and own > start else projected


def ids(where: Whereabouts, among: npt.NDArray[np.intp] | Mask) -> list[str]:
    """The ids of some of the recipients whose whereabouts these are, as `Outgoing.ids`."""
    places = np.flatnonzero(among) if among.dtype == bool else among
    contact_ids = where.audience.contacts.table["id"]
    return [contact_ids[row].as_py() for row in where.rows[places[:SHOWN]].tolist()]
