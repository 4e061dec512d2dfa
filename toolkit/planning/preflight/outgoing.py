"""The campaign as checks see it: values alone, with expensive ones computed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.audience.caps import Starts
from toolkit.audience.targets.targeting import Targeting
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.data.fields import field_texts
from toolkit.experiments.split import Split
from toolkit.models import Media, Phone, Target
from toolkit.planning.wording import Wording
from toolkit.plans.draft import CampaignDraft, MessageDraft
from toolkit.plans.finding import SHOWN
from toolkit.plans.past import Past
from toolkit.plans.policy import SendPolicy
from toolkit.texting.numbering.line_types import KINDS, classify
from toolkit.texting.places import Place, locate, places

_OWN_ZONE = ("timezone", "time_zone", "time zone", "tz")  # contact fields with a person's time zone
_OWN_STATE = ("state", "province", "state/province")


@dataclass(frozen=True, eq=False)
class Outgoing:
    """A draft with its audience, request and circumstances. `now` is the service's time.

    `targeting` is None for a message that is addressed to a number, and where there are no recipients. `media` is what
    addresses reported, None if they did not answer. `by_step` are the starts of a draft whose steps
    have their own. `split` is how an experiment drew its arms.
    """

    draft: CampaignDraft | MessageDraft
    audience: Audience
    targeting: Targeting | None
    senders: Sequence[Phone]
    wording: Wording
    policy: SendPolicy
    now: datetime
    live: bool
    past: Past = field(default_factory=Past)
    media: Mapping[str, Media | None] = field(default_factory=dict)
    by_step: Starts | None = None
    split: Split | None = None

    @property
    def text(self) -> str:
        """The text of the draft."""
        return self.draft.message

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the draft: one, or those of an experiment's arms."""
        return self.draft.texts

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
    def rows(self) -> npt.NDArray[np.intp]:
        """The recipients' rows among the contacts."""
        return np.flatnonzero(self.audience.recipients)

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The kind of each recipient's number; see `toolkit.texting.numbering.line_types.classify`."""
        return classify(self.contacts.table[self.audience.channel].take(pa.array(self.rows)))

    @cached_property
    def nowhere(self) -> Mask:
        """A mask over recipients: a fictional number in no existing area code, so without a time zone."""
        fictional = self.numbers["kind"].cat.codes.to_numpy() == KINDS.index("fictional")
        is_nowhere: Mask = fictional & (self.numbers["line"] == "unknown").to_numpy()
        is_nowhere &= self.numbers["prefix"].to_numpy() == 1
        return is_nowhere

    @cached_property
    def located(self) -> pd.DataFrame:
        """Where each recipient may be, by their own fields, else by number; see `places.locate`."""
        zone, state = self._own_places
        return locate(self.numbers, zones=self.said.get(zone), states=self.said.get(state))

    @cached_property
    def said(self) -> dict[str, pa.Array]:
        """Each recipient's own time zone and state, by contact field; only existing fields."""
        fields = self.contacts.table["fields"].take(pa.array(self.rows))
        return field_texts(fields, [name for name in self._own_places if name])

    @cached_property
    def _own_places(self) -> tuple[str, str]:
        """The fields with time zones and states; empty where there are none."""
        names = {name.casefold(): name for name in self.contacts.field_names}
        zone, state = (next((names[x] for x in own if x in names), "") for own in (_OWN_ZONE, _OWN_STATE))
        return zone, state

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The different places where recipients may be, most people first."""
        return places(self.located[~self.nowhere])

    def in_places(self, some: Iterable[Place]) -> npt.NDArray[np.intp]:
        """The places, among the recipients, of those who may be in these places."""
        wanted = {(place.region, place.state, " ".join(place.zones)) for place in some}
        kinds, distinct = self._where
        is_wanted = np.array([where in wanted for where in distinct], dtype=bool)
        return np.flatnonzero(is_wanted[kinds] & ~self.nowhere) if len(kinds) else np.empty(0, dtype=np.intp)

    @cached_property
    def _where(self) -> tuple[npt.NDArray[np.intp], list[tuple[str, ...]]]:
        """Per recipient the number of a distinct place, and these as region, state and zones."""
        columns = [self.located[name].cat for name in ("region", "state", "zones")]
        names = [["", *column.categories] for column in columns]
        codes = tuple(column.codes.to_numpy().astype(np.int64) + 1 for column in columns)
        shape = tuple(map(len, names))
        kinds, distinct = pd.factorize(np.ravel_multi_index(codes, shape))
        at = zip(*np.unravel_index(distinct, shape), strict=True)
        return kinds, [tuple(known[i] for known, i in zip(names, where, strict=True)) for where in at]

    @cached_property
    def start(self) -> datetime:
        """When the first message is sent."""
        at = self.draft.start_at if isinstance(self.draft, CampaignDraft) else None
        return at or self.now

    @property
    def starts(self) -> Starts:
        """When each recipient's message is sent."""
        return self.by_step or Starts(max(self.start, self.now))

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
    def duration(self) -> timedelta:
        """How long sending takes at the policy's rate."""
        parts = self.wording.cost(self.policy, is_mms=self.type == "MMS").total_parts
        return timedelta(seconds=parts / (self.policy.messages_per_second * max(len(self.senders), 1)))

    @cached_property
    def end(self) -> datetime:
        """When the last one is sent: at the policy's rate, or at the draft's own end if that comes first."""
        own = self.draft.end_at if isinstance(self.draft, CampaignDraft) else None
        return min(self.projected_end, own) if own and own > self.start else self.projected_end

    @cached_property
    def projected_end(self) -> datetime:
        """When the last message would be sent at the policy's rate, whatever end the draft sets."""
        if not self.starts.others:
            return self.start + self.duration
        shares = ((at, np.count_nonzero(who) / max(len(self.rows), 1)) for at, who in self.starting)
        return max((at + self.duration * share for at, share in shares if share), default=self.start)

    def ids(self, among: npt.NDArray[np.intp] | Mask) -> list[str]:
        """The ids of some recipients, by index or by mask: as many as a finding shows."""
        places = np.flatnonzero(among) if among.dtype == bool else among
        return [str(contact_id) for contact_id in self.contacts.ids[self.rows[places[:SHOWN]]]]
