"""From a draft to a plan: reads the service, changes nothing.

The same work is done twice for everything that is sent, once to show a person and once just before it leaves; what
differs between the two is what the outbox refuses on.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from toolkit.api.client import Client
from toolkit.api.columns import LabelBook
from toolkit.api.paging import Progress, read_all
from toolkit.api.progress import progressing
from toolkit.audience.caps import Cap
from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.numbers import Channel
from toolkit.audience.segment import Segment
from toolkit.audience.targeting import Targeting, compile_targeting
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.data.contacts import Contacts, suggest
from toolkit.data.logs import logs_frame
from toolkit.errors import DraftError, ReadCancelled
from toolkit.models import (
    CampaignRequest,
    CampaignSender,
    ImportRequest,
    MessageRequest,
    Phone,
    Target,
)
from toolkit.sections import plain
from toolkit.sending.draft import CampaignDraft, Draft, ImportDraft, MessageDraft, MessagesDraft, TestDraft
from toolkit.sending.finding import Finding
from toolkit.sending.history import failing
from toolkit.sending.imports import check_import, read_file
from toolkit.sending.own_numbers import check_test
from toolkit.sending.plan import LIFETIME, Cost, Plan
from toolkit.sending.policy import SendPolicy
from toolkit.sending.preflight import Outgoing, Past, check
from toolkit.sending.preflight.media import MOST_MEDIA, is_below, is_public
from toolkit.sending.shares import (
    ASLEEP,
    check_starts,
    shares_as_approved,
    shares_by_zone,
    shares_of,
    together,
)
from toolkit.sending.steps import Part, Request, digest, people
from toolkit.sending.steps import said as said_of
from toolkit.sending.wording import Wording, word
from toolkit.sending.zones import ZoneSplit, split_by_zone
from toolkit.texting.phones import mask

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Prepared:
    """A plan, and the requests that would carry out its steps, in order; none if nobody is left to send to.

    `suppressing` are the ids of the labels that keep people from being texted.
    """

    plan: Plan
    requests: tuple[Request, ...]
    suppressing: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Rest:
    """The steps of a plan that still wait, as they are now, and everybody who is due a message."""

    audience: Audience
    due: tuple[str, ...]
    parts: Mapping[int, Part]
    senders: Sequence[tuple[str, str]]
    findings: tuple[Finding, ...]


class Planner:
    """Plans drafts for one workspace; `now` is wall-clock time, `service_now` the service's."""

    def __init__(
        self,
        client: Client,
        *,
        live: bool,
        policy: SendPolicy,
        campaigns: Callable[[], Sequence[str]],
        past: Callable[[str], Past],
        now: Callable[[], datetime],
        service_now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._live = live
        self._policy = policy
        self._campaigns = campaigns
        self._past = past
        self._now = now
        self._service_now = service_now

    def contacts(self, progress: Progress | None = None, *, segment: Segment | None = None) -> Contacts:
        """All contacts as they are now, with the delivery logs that a segment asks about."""
        book = LabelBook()
        with progressing("contacts", progress) as shown:
            try:
                reading = read_all(self._client.contacts(book), progress=shown)
            except ReadCancelled as stop:
                some = Contacts(stop.rows, tuple(book.labels), self._service_now(), exact=False)
                raise ReadCancelled(str(stop), some.frame) from None
        needs_all = segment is not None and segment.needs_behaviour
        wanted = [*(() if segment is None else segment.campaigns), *(self._campaigns() if needs_all else ())]
        logs = self.logs(wanted, progress=progress) if wanted or needs_all else None
        return Contacts(reading.rows, tuple(book.labels), self._service_now(), reading.repairs, logs=logs)

    def logs(
        self, campaigns: Sequence[str], *, statuses: Sequence[str] = (), progress: Progress | None = None
    ) -> pd.DataFrame:
        """The delivery logs of some campaigns; see `toolkit.data.logs.logs_frame`."""
        tables: dict[str, pa.Table] = {}
        now, repairs = self._service_now(), 0
        for campaign_id in dict.fromkeys(campaigns):
            with progressing(f"log of {campaign_id}", progress) as shown:
                try:
                    reading = read_all(self._client.logs(campaign_id, statuses=statuses), progress=shown)
                except ReadCancelled as stop:
                    read = {**tables, campaign_id: stop.rows}
                    raise ReadCancelled(str(stop), logs_frame(read, now, exact=False)) from None
            tables[campaign_id] = reading.rows
            repairs += reading.repairs
        return logs_frame(tables, now, repairs=repairs)

    def audience(self, segment: Segment, *, contacts: Contacts | None = None, caps: Sequence[Cap] = ()) -> Audience:
        """A segment applied to all contacts, as they are now or were read; the policy caps beside `caps`."""
        contacts = self.contacts(segment=segment) if contacts is None else contacts
        return build_audience(segment, contacts, live=self._live, caps=[*self._caps(self._past("")), *caps])

    def _caps(self, past: Past) -> list[Cap]:
        most = self._policy.max_per_day
        return [] if most is None else [Cap(most, "24h", past.texted)]

    def intent(self, draft: Draft) -> str:
        """What makes two drafts the same wish: the workspace and all that the draft says but its times and overrides; a
        file by its bytes."""
        said = draft.model_dump(mode="json", exclude={"start_at", "end_at", "overrides"})
        if isinstance(draft, ImportDraft):
            said |= {"path": hashlib.sha256(read_file(draft).content).hexdigest()}
        return digest(self._client.base_url, self._client.workspace_id, said)

    def prepare(self, draft: Draft, *, approved: Plan | None = None) -> Prepared:
        """Plan a draft; `approved` is the plan it was before, whose own messages are not counted as had.

        Raises DraftError or SegmentError if it names what is not there, ServiceError if reads fail.
        """
        again = approved.id if approved else ""
        match draft:
            case CampaignDraft():
                return self._campaign(draft, self._past(again), approved)
            case MessageDraft():
                return self._message(draft, self._past(again))
            case MessagesDraft():
                return self._messages(draft, self._past(again))
            case TestDraft():
                return self._test(draft)
            case ImportDraft():
                return self._import(draft)

    def _campaign(self, draft: CampaignDraft, past: Past, approved: Plan | None) -> Prepared:
        audience = self._audience_of(draft, past)
        contacts = audience.contacts
        senders = self._senders(draft.senders)
        wording = word(draft.message, audience, is_filled=self._client.fills_placeholders)
        if draft.by_zone and approved is None:
            later = max(draft.start_at or self._service_now(), self._service_now() + LIFETIME)
            scheduled = draft.model_copy(update={"start_at": later})
            split = split_by_zone(self._outgoing(scheduled, audience, None, senders, wording, past))
            shares = shares_by_zone(audience, split)
        elif draft.by_zone and approved is not None:
            shares = shares_as_approved(audience, approved)
        else:
            shares = shares_of(draft, audience, self._policy)
        targetings = [
            compile_targeting(
                contacts, share.members, suppressed=suppressed_codes(contacts), most_campaigns=draft.most_campaigns
            )
            for share in shares
        ]
        targeting = together(targetings)
        findings = self._check(draft, audience, targeting, senders, wording, past)
        if draft.by_zone:
            findings = [*check_starts(shares, self._service_now()), *(f for f in findings if f.code not in ASLEEP)]
        request = self._request(draft, contacts, senders)
        steps = [
            Part(
                what=share.called(draft.name, at, len(each.parts)),
                request=request.model_copy(update={"target": part.target, "start_at": share.start_at}),
                people=people(audience, part.recipients),
                is_canary=share.is_canary,
            )
            for share, each in zip(shares, targetings, strict=True)
            for at, part in enumerate(each.parts, 1)
        ]
        plan = self._plan(
            draft,
            steps,
            audience=audience,
            senders=senders,
            findings=findings,
            addressing=[
                line for part in (targeting.parts if targeting else ()) for line in _addressing(contacts, part.target)
            ],
            wording=wording,
            cost=wording.cost(self._policy, is_mms=draft.type == "MMS"),
        )
        return Prepared(plan, tuple(step.request for step in steps))

    def rest(self, plan: Plan, draft: CampaignDraft, waiting: Sequence[int]) -> Rest:
        """What is left of a campaign of which some steps were sent, from contacts as they are now.

        Who was sent to already may have opted out since, or have other labels: that changes nothing for the others, who
        are addressed anew.
        """
        past = self._past(plan.id)
        audience = self._audience_of(draft, past)
        contacts = audience.contacts
        senders = self._senders(draft.senders)
        done = {each for step in plan.steps if step.number not in waiting for each in plan.recipients_of(step.number)}
        due = audience.recipients & ~contacts.ids.isin(list(done))
        request = self._request(draft, contacts, senders)
        parts: dict[int, Part] = {}
        for number in waiting:
            members = due & contacts.ids.isin(list(plan.recipients_of(number)))
            if members.any():
                targeting = compile_targeting(contacts, members, suppressed=suppressed_codes(contacts))
                step = plan.steps[number - 1]
                parts[number] = Part(
                    what=step.what,
                    request=request.model_copy(update={"target": targeting.parts[0].target, "start_at": step.start_at}),
                    people=people(audience, members),
                    is_canary=step.is_canary,
                )
        wording = word(draft.message, audience, is_filled=self._client.fills_placeholders)
        findings = [
            each
            for each in self._check(draft, audience, None, senders, wording, past)
            if not (draft.by_zone and each.code in ASLEEP)
        ]
        phones = [(phone.id, phone.phone) for phone in senders]
        return Rest(audience, tuple(contacts.ids[due].tolist()), parts, phones, tuple(findings))

    def _audience_of(self, draft: CampaignDraft, past: Past) -> Audience:
        channel: Channel = "whatsapp_phone" if draft.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE" else "phone"
        contacts = self.contacts(segment=draft.segment)
        return build_audience(draft.segment, contacts, live=self._live, channel=channel, caps=self._caps(past))

    def _request(self, draft: CampaignDraft, contacts: Contacts, senders: Sequence[Phone]) -> CampaignRequest:
        """The campaign as it is asked for, but for its target."""
        return CampaignRequest(
            name=draft.name,
            type=draft.type,
            message=draft.message,
            sender_ids=tuple(phone.id for phone in senders),
            target=Target(),
            media_urls=draft.media_urls,
            start_at=draft.start_at,
            end_at=draft.end_at,
            shorten_links=draft.shorten_links,
            attach_label_ids=tuple(_label_id(contacts, label) for label in draft.attach_labels),
        )

    def _message(self, draft: MessageDraft, past: Past) -> Prepared:
        segment = Segment.from_contacts([draft.contact_id])
        audience = build_audience(segment, self.contacts(), live=self._live, by_label=False, caps=self._caps(past))
        senders = self._senders([draft.sender])
        wording = word(draft.message, audience, is_filled=True)
        steps = [
            Part(
                what=draft.name,
                request=MessageRequest(
                    sender=senders[0].phone, to=phone, text=wording.text_of(0), media_urls=draft.media_urls
                ),
                people=[(contact_id, phone)],
            )
            for contact_id, phone in people(audience, audience.recipients)
        ]
        plan = self._plan(
            draft,
            steps,
            audience=audience,
            senders=senders,
            findings=self._check(draft, audience, None, senders, wording, past),
            wording=wording,
            cost=wording.cost(self._policy, is_mms=bool(draft.media_urls)),
        )
        return Prepared(plan, tuple(step.request for step in steps))

    def _messages(self, draft: MessagesDraft, past: Past) -> Prepared:
        segment = Segment.from_contacts(draft.contact_ids)
        audience = build_audience(segment, self.contacts(), live=self._live, by_label=False, caps=self._caps(past))
        contacts = audience.contacts
        senders = self._senders([draft.sender])
        wording = word(draft.message, audience, is_filled=True)
        phones = dict(people(audience, audience.recipients))
        names = dict(
            zip(
                audience.phones.index,
                contacts.table.filter(pa.array(audience.recipients))["name"].to_pylist(),
                strict=True,
            )
        )
        texts = {contact_id: wording.text_of(at) for at, contact_id in enumerate(audience.phones.index)}
        steps = [
            Part(
                what=f"{plain(names[contact_id] or '')} {mask(phones[contact_id])}".strip(),
                request=MessageRequest(
                    sender=senders[0].phone,
                    to=phones[contact_id],
                    text=texts[contact_id],
                    media_urls=draft.media_urls,
                ),
                people=[(contact_id, phones[contact_id])],
            )
            for contact_id in draft.contact_ids
            if contact_id in phones
        ]
        like_one = MessageDraft(
            name=draft.name,
            message=draft.message,
            contact_id=draft.contact_ids[0],
            sender=draft.sender,
            media_urls=draft.media_urls,
            overrides=draft.overrides,
        )
        plan = self._plan(
            draft,
            steps,
            audience=audience,
            senders=senders,
            findings=self._check(like_one, audience, None, senders, wording, past),
            wording=wording,
            cost=wording.cost(self._policy, is_mms=bool(draft.media_urls)),
        )
        suppressing = tuple(contacts.labels[code].id for code in suppressed_codes(contacts))
        return Prepared(plan, tuple(step.request for step in steps), suppressing)

    def suppressed_phones(self, labels: Sequence[str]) -> frozenset[str]:
        """The numbers of everybody who has one of these labels now."""
        if not labels:
            return frozenset()
        rows = read_all(self._client.contacts(LabelBook(), any_of=labels)).rows
        return frozenset(phone for phone in rows["phone"].to_pylist() if phone)

    def _test(self, draft: TestDraft) -> Prepared:
        senders = self._senders(draft.campaign.senders[:1])
        numbers = self._policy.test_numbers
        steps = [
            Part(
                what=f"your own {mask(number)}",
                request=MessageRequest(
                    sender=senders[0].phone, to=number, text=draft.message, media_urls=draft.media_urls
                ),
                people=(),
                rows=1,
            )
            for number in numbers
        ]
        plan = self._plan(draft, steps, findings=list(check_test(numbers, live=self._live)), senders=senders)
        return Prepared(plan, tuple(step.request for step in steps))

    def _import(self, draft: ImportDraft) -> Prepared:
        file = read_file(draft)
        request = ImportRequest(
            filename=draft.path.name,
            content=file.content,
            on_duplicate=draft.on_duplicate,
            phone_country=draft.phone_country,
        )
        step = Part(what=draft.name, request=request, people=(), rows=len(file))
        found = check_import(file, self.contacts(), on_duplicate=draft.on_duplicate, live=self._live)
        plan = self._plan(draft, [step], findings=list(found))
        return Prepared(plan, (request,))

    def zones(self, draft: CampaignDraft) -> ZoneSplit:
        """Split a campaign by when its recipients can be texted."""
        audience, past = self.audience(draft.segment), self._past("")
        wording = word(draft.message, audience, is_filled=self._client.fills_placeholders)
        return split_by_zone(self._outgoing(draft, audience, None, self._senders(draft.senders), wording, past))

    def _check(
        self,
        draft: CampaignDraft | MessageDraft,
        audience: Audience,
        targeting: Targeting | None,
        senders: Sequence[Phone],
        wording: Wording,
        past: Past,
    ) -> list[Finding]:
        with progressing("checks") as shown:
            return check(self._outgoing(draft, audience, targeting, senders, wording, past), progress=shown)

    def _outgoing(
        self,
        draft: CampaignDraft | MessageDraft,
        audience: Audience,
        targeting: Targeting | None,
        senders: Sequence[Phone],
        wording: Wording,
        past: Past,
    ) -> Outgoing:
        past = replace(past, failed=failing(audience.contacts.logs))
        known = self._policy.link_domains or ()  # planning sends nothing, not even an address, to anybody else
        urls = [url for url in draft.media_urls if self._live and is_public(url) and is_below(url, known)]
        media = {url: self._client.media(url) for url in urls[:MOST_MEDIA]}
        return Outgoing(
            draft, audience, targeting, senders, wording, self._policy, self._service_now(), self._live, past, media
        )

    def _plan(
        self,
        draft: Draft,
        steps: Sequence[Part],
        *,
        findings: Sequence[Finding],
        audience: Audience | None = None,
        senders: Sequence[Phone] = (),
        addressing: Sequence[str] = (),
        wording: Wording | None = None,
        cost: Cost | None = None,
    ) -> Plan:
        phones = [(phone.id, phone.phone) for phone in senders]
        audience_digest = digest(*(step.people for step in steps))
        overrides = {} if isinstance(draft, ImportDraft) else draft.overrides
        said = [said_of(step.request) for step in steps]
        request_digest = digest(self._client.base_url, self._client.workspace_id, said, phones, overrides)
        now = self._now().astimezone(UTC)
        plan = Plan(
            id=f"plan_{secrets.token_hex(8)}",
            digest=digest(audience_digest, request_digest),
            audience_digest=audience_digest,
            request_digest=request_digest,
            intent=self.intent(draft),
            base_url=self._client.base_url,
            workspace_id=self._client.workspace_id,
            live=self._live,
            draft=draft,
            recipients=sum(len(step.people) + step.rows for step in steps),
            selected=audience.selected if audience is not None else sum(step.rows for step in steps),
            waterfall=audience.waterfall if audience is not None else (),
            senders=tuple(CampaignSender(id=p.id, phone=p.phone, name=p.name) for p in senders),
            addressing=tuple(addressing),
            cost=cost,
            previews=wording.previews() if wording else (),
            findings=tuple(findings),
            created_at=now,
            expires_at=now + LIFETIME,
            recipient_ids=tuple(contact_id for step in steps for contact_id, _ in step.people),
            steps=tuple(step.planned(at, phones) for at, step in enumerate(steps, 1)),
        )
        plan._audience = audience
        return plan

    def _senders(self, wanted: Sequence[str]) -> tuple[Phone, ...]:
        phones = self._client.phones()
        return tuple(dict.fromkeys(_sender(name, phones) for name in wanted))


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


def _label_id(contacts: Contacts, label: str) -> str:
    """The id of a label by name or id; an id that no contact has yet is taken as it is."""
    return label if _UUID.fullmatch(label) else contacts.label(label).id


def _addressing(contacts: Contacts, target: Target) -> tuple[str, ...]:
    parts = (("any of", target.any_of), ("all of", target.all_of), ("none of", target.none_of))
    lines = [
        f"{words}: {', '.join(contacts.label(label).name for label in labels)}" for words, labels in parts if labels
    ]
    if target.exclude_contacts:
        lines.append(f"less {len(target.exclude_contacts):,} contacts by id")
    return tuple(lines)
