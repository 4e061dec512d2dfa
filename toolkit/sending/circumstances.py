"""What a draft is planned in: a workspace with its people, numbers and policy, as they are now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from phonenumbers import SUPPORTED_REGIONS

from toolkit.api.client import Client
from toolkit.api.progress import progressing
from toolkit.audience.caps import Cap
from toolkit.audience.numbers import Channel
from toolkit.audience.segment import Segment
from toolkit.audience.targeting import Targeting
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.data.contacts import suggest
from toolkit.errors import DraftError
from toolkit.models import Phone
from toolkit.sending.draft import CampaignDraft, MessageDraft
from toolkit.sending.finding import Finding
from toolkit.sending.history import failing
from toolkit.sending.policy import SendPolicy
from toolkit.sending.preflight import Outgoing, Past, check
from toolkit.sending.preflight.media import MOST_MEDIA, is_below, is_public
from toolkit.sending.reader import Reader
from toolkit.sending.wording import Wording
from toolkit.texting.numbering import classify


@dataclass(frozen=True)
class Circumstances:
    """One workspace; `service_now` is the service's time."""

    client: Client
    reader: Reader
    live: bool
    policy: SendPolicy
    service_now: Callable[[], datetime]

    def audience(self, segment: Segment, past: Past, *, by_label: bool = True, channel: Channel = "phone") -> Audience:
        """A segment applied to all contacts as they are now, under the policy's cap."""
        contacts = self.reader.contacts(segment=segment)
        caps = self.caps(past)
        return build_audience(segment, contacts, live=self.live, by_label=by_label, channel=channel, caps=caps)

    def caps(self, past: Past) -> list[Cap]:
        """The cap of the policy, if it has one."""
        most = self.policy.max_per_day
        return [] if most is None else [Cap(most, "24h", past.texted)]

    def regions(self, country: str | None) -> tuple[str, ...]:
        """The countries of phones without a country code: the one given, else those of the workspace's senders."""
        if country:
            return (country,)
        found = classify([phone.phone for phone in self.client.phones()])["region"].dropna()
        return tuple(sorted({*found} & SUPPORTED_REGIONS)) or ("US",)

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
    ) -> Outgoing:
        """What would go out, as checks look at it."""
        past = replace(past, failed=failing(audience.contacts.logs))
        known = self.policy.link_domains or ()  # planning sends nothing, not even an address, to anybody else
        urls = [url for url in draft.media_urls if self.live and is_public(url) and is_below(url, known)]
        media = {url: self.client.media(url) for url in urls[:MOST_MEDIA]}
        return Outgoing(
            draft, audience, targeting, senders, wording, self.policy, self.service_now(), self.live, past, media
        )


def checked(out: Outgoing, *, arms: Mapping[str, Outgoing] | None = None) -> list[Finding]:
    """The findings on a draft, while progress is shown."""
    with progressing("checks") as shown:
        return check(out, arms=arms or {}, progress=shown)


def _sender(wanted: str, phones: Sequence[Phone]) -> Phone:
    exact = [phone for phone in phones if wanted in (phone.id, phone.phone)]
    named = exact or [phone for phone in phones if phone.name == wanted != ""]
    if len(named) > 1:
        numbers = ", ".join(phone.phone for phone in named)
        raise DraftError(f"{len(named)} senders are called {wanted!r}: name one by its number ({numbers}).")
    if not named:
        names = [phone.name for phone in phones]
        raise DraftError(f"The workspace has no sender {wanted!r}: {suggest(wanted, names)}")
    return named[0]
