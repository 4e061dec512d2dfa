"""What a draft is planned in: a workspace with its people, numbers and policy, as they are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from toolkit.api.client import Client
from toolkit.api.progress import progressing
from toolkit.audience.caps import Cap, DayCap, Starts
from toolkit.audience.contact_numbers import Channel
from toolkit.audience.segment import Segment
from toolkit.audience.targets.targeting import Targeting
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.data.contacts import Contacts
from toolkit.engagement.failures import failing
from toolkit.errors import DraftError
from toolkit.models import Phone
from toolkit.planning.preflight import Outgoing, Past, check
from toolkit.planning.preflight.media_findings import MOST_MEDIA, is_below, is_public
from toolkit.planning.wording import Wording
from toolkit.plans.draft import CampaignDraft, MessageDraft
from toolkit.plans.finding import Finding
from toolkit.plans.policy import SendPolicy
from toolkit.reading import Reader
from toolkit.suggest import suggest


@dataclass(frozen=True)
class Circumstances:
    """One workspace; `service_now` is the service's time."""

    client: Client
    reader: Reader
    live: bool
    policy: SendPolicy
    service_now: Callable[[], datetime]

    def audience(
        self,
        segment: Segment,
        caps: Sequence[Cap],
        *,
        contacts: Contacts | None = None,
        by_label: bool = True,
        channel: Channel = "phone",
        exempt: str = "",
    ) -> Audience:
        """A segment applied to all contacts, as they are now unless given, under some caps, less the policy's holdout
        unless there is a reason to be `exempt`."""
        holdout = None if exempt else self.policy.held_out
        reader = self.reader
        contacts = reader.snapshot(segment=segment) if contacts is None else reader.at_home(contacts)
        return build_audience(
            segment, contacts, live=self.live, by_label=by_label, channel=channel, caps=caps, holdout=holdout
        )

    def starts(self, wanted: datetime | None = None) -> Starts:
        """When messages are sent: at the requested time, if it is in the future, else now."""
        now = self.service_now()
        return Starts(max(wanted or now, now))

    def caps(self, past: Past, starts: Starts) -> list[Cap]:
        """The policy's cap, if it has one, on messages sent then."""
        most = self.policy.max_per_day
        return [] if most is None else [DayCap(most, "24h", {}, past.sent, starts)]

    def regions(self, country: str | None) -> tuple[str, ...]:
        """The countries of phones without a country code: the one given, else those in which contacts are read."""
        return (country,) if country else self.reader.countries() or ("US",)

    def senders(self, wanted: Sequence[str]) -> tuple[Phone, ...]:
        """The workspace's numbers of these names, numbers or ids; DraftError if there is none, or several."""
        phones = self.client.phones()
        return tuple(dict.fromkeys(_sender(name, phones) for name in wanted))

    def outgoing(
        self,
        draft: CampaignDraft | MessageDraft,
        audience: Audience,
        targeting: Targeting | None,
        senders: Sequence[Phone],
        wording: Wording,
        past: Past,
        starts: Starts | None = None,
    ) -> Outgoing:
        """What would be sent, as checks see it; `starts` where not all of it is sent at the draft's start."""
        past = replace(past, failed=failing(audience.contacts.logs))
        known = self.policy.link_domains or ()  # planning sends nothing, not even an address, to anybody else
        urls = [url for url in draft.media_urls if self.live and is_public(url) and is_below(url, known)]
        media = {url: self.client.media(url) for url in urls[:MOST_MEDIA]}
        now = self.service_now()
        return Outgoing(draft, audience, targeting, senders, wording, self.policy, now, self.live, past, media, starts)


def checked(out: Outgoing, *, arms: Mapping[str, Outgoing] | None = None) -> list[Finding]:
    """The findings on a draft, while progress is shown."""
    with progressing("checks") as shown:
        return check(out, arms=arms or {}, progress=shown)


def _sender(wanted: str, phones: Sequence[Phone]) -> Phone:
    exact = [phone for phone in phones if wanted in (phone.id, phone.phone)]
    named = exact or [phone for phone in phones if phone.name == wanted != ""]
    if len(named) > 1:
        numbers = ", ".join(phone.phone for phone in named)
        raise DraftError(f"{len(named)} senders are called {wanted!r}: use the number of one ({numbers}).")
    if not named:
        names = [phone.name for phone in phones]
        raise DraftError(f"The workspace has no sender {wanted!r}: {suggest(wanted, names)}")
    return named[0]
