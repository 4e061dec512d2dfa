# One file: a table, with a case for each finding and severity.
"""For each finding and each weight it can have: a draft on which it fires, and one just beside it on which it does not.

A case is what differs from a good draft to two people, one of whom opted out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.builders import START, make_contacts
from toolkit.api.dialect import Agent, MessagingService, Template, UseCase
from toolkit.audience.caps import Sent
from toolkit.audience.eligibility import Outcome, suppressed_codes
from toolkit.audience.segment import Segment
from toolkit.audience.targets.targeting import Targeting, TargetPart, compile_targeting
from toolkit.audience.waterfall import build_audience
from toolkit.models import Media, Phone, Target
from toolkit.planning.imports import read_file, rewrite
from toolkit.planning.imports.file_findings import check_import
from toolkit.planning.label_removal import check_needed
from toolkit.planning.own_numbers import check_test
from toolkit.planning.preflight import Outgoing, Past, check
from toolkit.planning.read import DraftReading
from toolkit.planning.wording import word
from toolkit.plans.draft import CampaignDraft, ImportDraft, MessageDraft
from toolkit.plans.earlier_sends import PlanToCome
from toolkit.plans.finding import Finding
from toolkit.plans.policy import SendPolicy
from toolkit.sending.plan_difference import audience_changed

SENDER = Phone(id="p", phone="+15550100001", name="Line", sms=True, mms=True)
TOLL_FREE = SENDER.model_copy(update={"phone": "+18005550199"})
ON_WHATSAPP = SENDER.model_copy(update={"sms": False, "mms": False, "whatsapp": True})
SECOND = SENDER.model_copy(update={"id": "q", "name": "Other"})
WASHINGTON, SWEDISH, FLORIDIAN, ALABAMIAN = "+12025550101", "+46701740605", "+13055550101", "+12055550101"
REALISTIC = "+442079" + "461234"  # beyond what is set aside for fiction
NOBODYS = "+11231234567"  # an area code begins with 2 at least
PEOPLE: list[dict[str, Any]] = [
    {"id": "a", "phone": WASHINGTON, "name": "Ann", "labels": ["vip"], "fields": '{"tier": "gold"}'},
    {"id": "b", "phone": "+12025550102", "name": "Ben", "labels": ["gold", "DNC"]},
]
TEXT = "Hello. Reply STOP."
URL = "https://example.com/a.jpg"
NIGHT = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)  # three in the morning in Washington
SUNDAY = datetime(2026, 3, 8, 18, 0, tzinfo=UTC)
HOURS = Path(__file__).parent / "quiet_sundays.toml"
NARROW = Path(__file__).parent / "narrow_hours.toml"  # from coast to coast nothing is open at once


def registered(*statuses: str, is_registered: bool = True) -> MessagingService:
    """A messaging service of the usual sender, with use cases in these states."""
    use_cases = tuple(UseCase(status=status, messages_per_second=4) for status in statuses)
    return MessagingService(
        id="MG1", name="Shop", sender_ids=(SENDER.id,), is_registered=is_registered, use_cases=use_cases
    )


@dataclass(frozen=True)
class Draft:
    """What differs from the good draft; `fields` are the draft's."""

    people: Sequence[dict[str, Any]] = tuple(PEOPLE)
    senders: tuple[Phone, ...] = (SENDER,)
    policy: Mapping[str, Any] = field(default_factory=dict)
    past: Past = field(default_factory=Past)
    media: Mapping[str, Media | None] = field(default_factory=dict)
    now: datetime = START
    live: bool = False
    is_filled: bool = False
    everybody: bool = False  # all contacts are made recipients, whatever the waterfall says
    target: Target | None = None  # instead of the one that is worked out
    service: MessagingService | None = None  # of the senders
    template: Template | None = None
    agent: Agent | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def outgoing(self) -> Outgoing:
        senders = tuple(sender.id for sender in self.senders)
        usual = {"name": "n", "message": TEXT, "segment": Segment.any_of("vip"), "senders": senders}
        draft = CampaignDraft.model_validate(usual | dict(self.fields))
        contacts = make_contacts(self.people, labels=["vip"])
        audience = build_audience(draft.segment, contacts, live=self.live)
        if self.everybody:
            audience.outcomes[:] = np.int8(Outcome.RECIPIENT)
        targeting = None
        if self.target:
            targeting = Targeting((TargetPart(self.target, audience.recipients),), 0, 0)
        elif len(audience) and not self.everybody:
            targeting = compile_targeting(contacts, audience.recipients, suppressed=suppressed_codes(contacts))
        reading = DraftReading(
            draft,
            contacts,
            self.senders,
            self.now,
            self.live,
            SendPolicy.model_validate(self.policy),
            self.past,
            self.media,
            service=self.service,
            template=self.template,
            agent=self.agent,
        )
        return Outgoing(reading, draft, audience, word(draft.message, audience, is_filled=self.is_filled), targeting)

    def findings(self) -> list[Finding]:
        return check(self.outgoing())


@dataclass(frozen=True)
class File:
    """A contact file with this text, imported into a workspace of two people."""

    text: str
    draft: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, ...] = ()  # beside those of the people
    live: bool = False

    def findings(self) -> list[Finding]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "people.csv"
            path.write_text(self.text, encoding="utf-8", newline="")
            draft = ImportDraft(name="n", path=path, **self.draft)
            file = read_file(draft)
        contacts = make_contacts(PEOPLE, labels=self.labels)
        labels = [label.name for label in contacts.labels]
        made = rewrite(file, labels=labels, fields=contacts.field_names, regions=[draft.phone_country or "US"])
        return check_import(made, draft, contacts, live=self.live)


def phones(*those: str, live: bool = False) -> File:
    """A file of these phones."""
    return File("\n".join(["name,phone", *(f"Cy,{phone}" for phone in those), ""]), live=live)


def rows(*those: str, header: str = "name,phone,labels", **more: Any) -> File:
    """A file of these rows."""
    return File("\n".join([header, *those, ""]), **more)


@dataclass(frozen=True)
class OwnNumbers:
    """A test to these numbers."""

    numbers: tuple[str, ...]

    def findings(self) -> list[Finding]:
        return list(check_test(self.numbers, live=False))


@dataclass(frozen=True)
class Removal:
    """A label to be removed beside a scheduled campaign that is addressed by `addressing`."""

    label: str
    addressing: str

    def findings(self) -> list[Finding]:
        return list(check_needed(self.label, Past(to_come=lambda: [PlanToCome("Sale", START, [self.addressing])])))


@dataclass(frozen=True)
class Change:
    """Approved recipients and others now; that the same ones pass is seen wherever something is sent."""

    before: str
    after: str

    def findings(self) -> list[Finding]:
        return [audience_changed(self.before, self.after, None)[0]]


def text(message: str, **fields: Any) -> Draft:
    return Draft(fields={"message": message} | fields)


def person(contact_id: str = "a", **changes: Any) -> dict[str, Any]:
    return PEOPLE[0] | {"id": contact_id} | changes


def people(*some: dict[str, Any], **changes: Any) -> Draft:
    return Draft(people=[*some, PEOPLE[1]], **changes)


def campaign(**fields: Any) -> Draft:
    return Draft(fields=fields)


def on_whatsapp(senders: tuple[Phone, ...] = (ON_WHATSAPP,), **template: Any) -> Draft:
    """A campaign on WhatsApp with a template."""
    usual = {"name": "t", "language": "en_US", "text": TEXT, "status": "APPROVED", "category": "UTILITY"}
    return Draft(
        senders=senders,
        fields={"type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE", "template": "t"},
        template=Template.model_validate(usual | template),
    )


def had(*contact_ids: str, hours: float = -1) -> Past:
    """A message to each, so many hours from START."""
    return Past(sent=[Sent(START + timedelta(hours=hours), lambda each=each: (each,)) for each in contact_ids])


def mms(*urls: str, media: Mapping[str, Media | None] | None = None) -> Draft:
    return Draft(fields={"type": "MMS", "media_urls": urls}, media=media or {})


def jpeg(size: int | None) -> Media:
    return Media(type="image/jpeg", size=size)


def single(message: str) -> list[Finding]:
    """The findings on a single message to the first of the two."""
    draft = MessageDraft(message=message, contact_id="a", sender="p")
    audience = build_audience(Segment.from_contacts(["a"]), make_contacts(PEOPLE), live=False)
    reading = DraftReading(draft, audience.contacts, (SENDER,), NIGHT, live=True)
    return check(Outgoing(reading, draft, audience, word(message, audience, is_filled=True)))


GOOD = Draft()
ANSWERED = Draft(fields={"type": "AI_AGENT", "agent": "Ana"}, agent=Agent(id="a", name="Ana"))
CROWD = [person(str(i), phone=f"+120255501{i:02}", labels=["vip", "even"][: 1 + i % 2]) for i in range(60)]
BY_ID = [person(str(i), phone=f"+1999{i:07}") for i in range(502)]
ALL = Target(any_of=("id-of-vip",), none_of=("id-of-DNC",))
NOBODY = Segment.any_of("vip") & ~Segment.any_of("vip")
IN_FLORIDA = person(phone=FLORIDIAN)
NAMED = SENDER.model_copy(update={"phone": "ACME"})
IN_AUSTRALIA = [person(phone="+61491570006", fields='{"timezone": "Australia/Sydney"}'), PEOPLE[1]]
BY_TOPIC = [*PEOPLE, PEOPLE[1] | {"id": "t", "phone": "+12025550104", "labels": ["unsubscribed: news"]}]
SPACED = "Hello.\u00a0Reply STOP."
LINK = "Sale at https://example.com/sale Reply STOP."

Case = Draft | File | OwnNumbers | Removal | Change
CASES: dict[tuple[str, str], tuple[Case, Case]] = {
    ("AUD001", "block"): (campaign(segment=Segment.everyone()), GOOD),
    ("AUD002", "block"): (Draft(target=Target(any_of=("id-of-vip",))), Draft(target=ALL)),
    ("AUD003", "warn"): (Draft(people=PEOPLE[:1]), GOOD),
    ("AUD004", "block"): (Change("ab", "bc"), GOOD),
    ("AUD005", "warn"): (Draft(policy={"large_share": 0.4}), Draft(policy={"large_share": 0.6})),
    ("AUD005", "block"): (Draft(policy={"max_recipients": 0}), Draft(policy={"max_recipients": 1})),
    ("AUD006", "block"): (people(person(), person("c"), everybody=True), GOOD),
    ("AUD006", "warn"): (people(person(), person("c"), target=ALL), people(person(), person("c"))),
    ("AUD007", "block"): (Draft(everybody=True), GOOD),
    ("AUD008", "warn"): (Draft(past=had("a")), Draft(past=had("b"))),
    ("AUD008", "block"): (
        people(IN_FLORIDA, past=had("a", "a", "a")),
        people(IN_FLORIDA, past=had("a", "a")),
    ),
    ("AUD009", "warn"): (Draft(past=Past(failed={"a": "landline"})), Draft(past=Past(failed={"b": "landline"}))),
    ("AUD010", "block"): (campaign(segment=NOBODY), GOOD),
    ("AUD011", "warn"): (
        Draft(people=[*BY_ID, PEOPLE[1]], fields={"segment": Segment.from_contacts(["0"])}),
        Draft(people=[*BY_ID[:400], PEOPLE[1]], fields={"segment": Segment.from_contacts(["0"])}),
    ),
    ("AUD012", "block"): (
        Draft(policy={"test_send_above": 0}),
        Draft(policy={"test_send_above": 0}, past=Past(tested=frozenset([TEXT]))),
    ),
    ("AUD013", "block"): (
        people(person(labels=["vip", "stop list"])),
        people(person(labels=["vip", "bus stop"])),
    ),
    ("AUD015", "warn"): (campaign(attach_labels=("DNC",)), campaign(attach_labels=("gold",))),
    ("AUD014", "warn"): (
        campaign(segment=Segment.parse("labels:vip and not field.tier = Gold")),
        campaign(segment=Segment.parse("labels:vip and field.tier = gold")),
    ),
    ("PHN001", "block"): (people(person(phone="+99912345678"), live=True), GOOD),
    ("PHN002", "warn"): (people(person(phone="+44012345678"), live=True), GOOD),
    ("PHN003", "block"): (Draft(live=True, everybody=True), people(person(phone=NOBODYS), live=True)),
    ("PHN003", "warn"): (phones(REALISTIC), phones(WASHINGTON)),
    ("PHN004", "warn"): (people(person(phone=SWEDISH)), GOOD),
    ("PHN005", "warn"): (people(person(phone="+18005550199")), GOOD),
    ("TIM001", "block"): (people(person(phone=NOBODYS), live=True, now=NIGHT), people(
        person(phone=NOBODYS, fields='{"timezone": "America/New_York"}'), live=True)),
    ("TIM001", "warn"): (Draft(now=NIGHT), GOOD),
    ("TIM002", "block"): (campaign(start_at=START), campaign(start_at=START + timedelta(hours=1))),
    ("TIM003", "info"): (people(person(phone="+18505550101")), GOOD),
    ("TIM003", "warn"): (
        people(person(phone="+18005550199"), policy={"hours_file": NARROW}),
        people(person(phone="+18005550199")),
    ),
    ("TIM004", "block"): (
        people(person(phone=NOBODYS, fields='{"state": "AL"}'), live=True, now=SUNDAY),
        people(person(phone=NOBODYS, fields='{"state": "GA"}'), live=True, now=SUNDAY),
    ),
    ("TIM004", "warn"): (Draft(policy={"hours_file": HOURS}, now=SUNDAY), Draft(now=SUNDAY)),
    ("TIM006", "warn"): (
        people(person(fields='{"timezone": "Mars Time"}')),
        people(person(fields='{"timezone": "Eastern Time", "state": " Tex."}')),
    ),
    ("TIM005", "warn"): (
        campaign(start_at=START + timedelta(hours=1), end_at=START + timedelta(hours=1, milliseconds=99)),
        campaign(start_at=START + timedelta(hours=1), end_at=START + timedelta(hours=1, milliseconds=100)),
    ),
    ("SND001", "block"): (Draft(senders=(SENDER.model_copy(update={"enabled": False}),)), GOOD),
    ("SND004", "warn"): (
        Draft(people=IN_AUSTRALIA, senders=(NAMED,), now=datetime(2026, 6, 30, 14, tzinfo=UTC)),  # 1 July there
        Draft(people=IN_AUSTRALIA, senders=(NAMED,), now=datetime(2026, 6, 30, 13, tzinfo=UTC)),
    ),
    ("OPT001", "info"): (
        Draft(now=datetime(2026, 12, 2, 17, tzinfo=UTC)),
        Draft(now=datetime(2026, 12, 1, 17, tzinfo=UTC)),
    ),
    ("OPT001", "warn"): (
        Draft(people=BY_TOPIC, now=datetime(2027, 6, 1, 17, tzinfo=UTC)),
        Draft(now=datetime(2027, 6, 1, 17, tzinfo=UTC)),
    ),
    ("SND002", "warn"): (Draft(senders=(SENDER, SECOND)), GOOD),
    ("SND005", "block"): (
        Draft(service=registered(is_registered=False)),
        Draft(service=registered(is_registered=False), senders=(TOLL_FREE,)),
    ),
    ("SND005", "warn"): (
        Draft(service=registered("IN_PROGRESS", "FAILED")),
        Draft(service=registered("IN_PROGRESS", "VERIFIED")),
    ),
    ("SND003", "block"): (Draft(policy={"senders": []}), Draft(policy={"senders": ["Line"]})),
    ("CST001", "block"): (
        Draft(policy={"max_cost": "0.01", "price_per_part": "0.02"}),
        Draft(policy={"max_cost": "0.02", "price_per_part": "0.02"}),
    ),
    ("TYP001", "block"): (campaign(type="AI_AGENT"), ANSWERED),
    ("AGT001", "info"): (ANSWERED, GOOD),
    ("MSG001", "block"): (text(" \n"), GOOD),
    ("MSG002", "warn"): (text("STOP" + "x" * 157), text("STOP" + "x" * 156)),
    ("MSG003", "warn"): (text(SPACED), text("Héllo \u200d. Reply STOP.".replace("\u200d", "👩‍👧"))),
    ("MSG003", "block"): (text("See \u202emoc.elpmaxe. Reply STOP."), text("שלום. Reply STOP.")),
    ("MSG004", "info"): (text("Hello.  Reply STOP. "), GOOD),
    ("MSG005", "block"): (
        text("Hi {name}. Reply STOP."),
        Draft(is_filled=True, fields={"message": "Hi {NAME}, {Tier}! STOP"}),
    ),
    ("MSG006", "warn"): (text("Hello."), GOOD),
    ("MSG006", "block"): (
        Draft(fields={"message": "Hello."}, past=Past(is_first=True)),
        Draft(past=Past(is_first=True)),
    ),
    ("MSG007", "warn"): (text("Hello. Text 2 to stop."), GOOD),
    ("MSG008", "warn"): (Draft(policy={"brand": "Acme"}), Draft(policy={"brand": "hello"})),
    ("MSG009", "block"): (text("See bit.ly/x. Reply STOP."), text("See habit.ly/x or bit.lyx.com. Reply STOP.")),
    ("MSG010", "warn"): (text("See http://example.com. Reply STOP."), text(LINK)),
    ("MSG010", "block"): (
        Draft(fields={"message": LINK}, policy={"link_domains": ["example.org"]}),
        Draft(fields={"message": LINK}, policy={"link_domains": ["example.com"]}),
    ),
    ("MSG011", "info"): (text(LINK), text("Mail ana@example.com. Reply STOP.")),
    ("MSG012", "warn"): (text("Wine tasting. Reply STOP."), text("Swine parade. Reply STOP.")),
    ("MSG013", "warn"): (text("BUY THIS NOW AT ONCE OR NEVER!!! STOP"), text("VIP SALE. Reply STOP.")),
    ("MSG013", "info"): (text("Act now. Reply STOP."), text("Enact nowhere. Reply STOP.")),
    ("MSG014", "block"): (text("Card 4111 1111 1111 1111. STOP"), text("Order 4111 1111 1111 1112. STOP")),
    ("MMS001", "block"): (mms(), mms(URL)),
    ("MMS002", "block"): (campaign(media_urls=(URL,)), mms(URL)),
    ("MMS003", "block"): (mms("http://example.com/a.jpg"), mms(URL)),
    ("MMS004", "warn"): (mms("https://example.com/a.pdf"), mms(URL, media={URL: jpeg(600_000)})),
    ("MMS004", "block"): (mms(URL, media={URL: jpeg(5_000_001)}), mms(*[URL] * 10)),
    ("WAP001", "block"): (campaign(type="WHATSAPP_BUSINESS_PLATFORM_MESSAGE"), on_whatsapp(header="Shop")),
    ("WAP002", "warn"): (on_whatsapp(category="MARKETING"), on_whatsapp()),
    ("TST001", "block"): (OwnNumbers(()), OwnNumbers((WASHINGTON,))),
    ("TST002", "block"): (OwnNumbers((WASHINGTON, "2025550101")), OwnNumbers((WASHINGTON,))),
    ("LBL001", "block"): (Removal("seax:0a", "all of: seax:0a"), Removal("seax:0a", "all of: seax:0b")),
    ("IMP001", "block"): (phones(), phones(WASHINGTON)),
    ("IMP002", "warn"): (phones(SWEDISH, "(305) 555-0101", FLORIDIAN), phones(SWEDISH, FLORIDIAN, "", "")),
    ("IMP003", "info"): (phones("202.555.0101"), phones(SWEDISH)),
    ("IMP004", "warn"): (phones("1-202-555-0102"), phones(WASHINGTON)),
    ("IMP005", "warn"): (rows(f"Cy,{SWEDISH},golf"), rows(f"Cy,{SWEDISH},Gold")),
    ("IMP006", "block"): (rows(f'Cy,{SWEDISH},"vip', f"Di,{FLORIDIAN},vip"), rows(f'Cy,{SWEDISH},"vip\ngold"')),
    ("IMP007", "block"): (rows(f"Lee, Cy,{SWEDISH},vip"), rows(f'"Lee, Cy",{SWEDISH},vip,,')),
    ("IMP008", "block"): (rows(f"Cy,{SWEDISH}"), rows(f"Cy,{SWEDISH},")),
    ("IMP009", "block"): (rows(f"Cy,{SWEDISH},x", header="name,phone,"), rows(f"Cy,{SWEDISH},", header="name,phone,")),
    ("IMP010", "block"): (
        rows(f"Cy,{SWEDISH},yes", header="name,phone,Email opt-out"),
        rows(f"Cy,{SWEDISH},yes", header="name,phone,Opt-out"),
    ),
    ("IMP011", "block"): (
        rows(f"Cy,{SWEDISH},maybe", header="name,phone,Opted out"),
        rows(f"Cy,{SWEDISH},2026-01-31", header="name,phone,Opted out"),
    ),
    ("IMP012", "block"): (rows(f"Cy,{SWEDISH},email unsubscribed"), rows(f"Cy,{SWEDISH},unsubscribed")),
    ("IMP013", "warn"): (phones(SWEDISH, f'"{WASHINGTON}"\nJosÃ©,{FLORIDIAN}'), rows(f"José,{SWEDISH},")),
    ("IMP014", "block"): (rows(f"Cy,{SWEDISH},#N/A"), rows(f"Cy,{SWEDISH},#1")),
    ("IMP015", "warn"): (
        rows(f"Cy,{SWEDISH},45992", header="name,phone,joined"),
        rows(f"Cy,{SWEDISH},45992", header="name,phone,points"),
    ),
    ("IMP016", "block"): (phones("1.20255E+10"), phones("12025550101.0")),
    ("IMP017", "warn"): (
        rows(f"Cy,{SWEDISH},", draft={"phone_country": "NZ"}),
        rows(f"Cy,{SWEDISH},", draft={"phone_country": "uk"}),
    ),
    ("IMP018", "info"): (phones("'" + SWEDISH), phones(SWEDISH)),
    ("IMP019", "info"): (rows(f"Cy,{SWEDISH},fair DNC"), rows(f"Cy,{SWEDISH},fair")),
    ("IMP020", "block"): (
        rows(f'Cy,{SWEDISH},"Smith, Sons & Co"', labels=("Smith, Sons & Co",)),
        rows(f'Cy,{SWEDISH},"Smith, Sons & Co"'),
    ),
    ("IMP021", "block"): (
        rows(f"Ann,{WASHINGTON},DNC", draft={"on_duplicate": "skip"}),
        rows(f"Ann,{WASHINGTON},DNC", draft={"on_duplicate": "update"}),
    ),
    ("IMP022", "info"): (rows(f"=1+1,{SWEDISH},"), rows(f"Cy = 1,{SWEDISH},")),
    ("IMP023", "block"): (rows(f"C\0y,{SWEDISH},"), rows(f"Cy,{SWEDISH},")),
    ("IMP024", "block"): (rows(",,vip"), rows(f",{SWEDISH},vip")),
    ("IMP024", "info"): (rows("Cy,,vip"), rows(f"Cy,{SWEDISH},vip")),
    ("IMP025", "warn"): (
        rows(f"Cy,{SWEDISH},yes", header="name,phone,DNC", draft={"mapping": {"DNC": "ignore"}}),
        rows(f"Cy,{SWEDISH},yes", header="name,phone,DNC", draft={"mapping": {"DNC": "opted out"}}),
    ),
    ("IMP026", "block"): (
        rows(f"Cy,{SWEDISH},x", header="name,phone,more", draft={"mapping": {"more": "fields"}}),
        rows(f"Cy,{SWEDISH},{{}}", header="name,phone,more", draft={"mapping": {"more": "fields"}}),
    ),
}  # fmt: skip

BESIDES: list[tuple[str, str, Draft]] = [  # other ways in which a finding fires
    ("AUD001", "block", Draft(target=Target(none_of=("id-of-DNC",)))),
    ("AUD013", "block", people(person(labels=["vip"]), {"id": "c", "phone": WASHINGTON, "labels": ["blocked"]})),
    ("SND001", "block", Draft(senders=(SENDER.model_copy(update={"sms": False}),))),
    ("SND001", "block", Draft(senders=(SENDER.model_copy(update={"mms": False}),), fields=mms(URL).fields)),
    ("SND001", "block", on_whatsapp((SENDER,))),
    ("WAP001", "block", on_whatsapp(status="PAUSED")),
    ("WAP001", "block", on_whatsapp(header_format="IMAGE")),
    ("WAP001", "block", on_whatsapp(header_format="TEXT", header="Hi {name}")),
    ("TIM001", "warn", Draft(now=NIGHT.replace(hour=13), policy={"messages_per_second": 1e-5})),
    ("TIM002", "block", campaign(start_at=START + timedelta(days=7, seconds=1))),
    ("TIM002", "block", campaign(start_at=START + timedelta(hours=1), end_at=START + timedelta(hours=1))),
    ("TIM002", "block", campaign(end_at=START + timedelta(hours=1))),
    ("MSG001", "block", text("x" * 1531)),
    ("MSG002", "warn", text("STOP" + "x" * 70 + "🌸")),
    ("MSG003", "block", text("See https://\u0440\u0430ypal.com/x STOP")),
    ("MSG003", "block", text("See https://\u0441\u043e\u0440.com/x STOP")),
    ("MSG003", "warn", text("Hello\ufeff. STOP")),
    ("MSG003", "warn", text("Hello\x1b. STOP")),
    ("MSG004", "info", text("Hello.\rReply STOP.")),
    ("MSG005", "block", text("Hi {{name}}. Reply STOP.")),
    ("MSG005", "block", Draft(is_filled=True, fields={"message": "Hi {nobody}! STOP"})),
    ("MSG009", "block", text("See HTTPS://TinyURL.com/abc. STOP")),
    ("MSG010", "warn", text("See https://192.0.2.1/x STOP")),
    ("MSG010", "warn", text("See https://xn--80ak6aa92e.example STOP")),
    ("MSG010", "block", Draft(fields={"message": LINK}, policy={"link_domains": []})),
    ("MSG010", "block", Draft(fields={"message": LINK}, policy={"link_domains": ["ample.com"]})),
    ("MSG011", "info", text(LINK, shorten_links=True)),
    ("MSG014", "block", text("Card 5555-5555-5555-4444 STOP")),
    ("MSG014", "block", text("Your password: hunter22 STOP")),
    ("MSG014", "block", text("SSN 123-45-6789 STOP")),
    ("MMS002", "block", campaign(media_urls=(URL,))),
    ("MMS003", "block", mms("https:///a.jpg")),
    ("MMS003", "block", mms("https://localhost/a.jpg")),
    ("MMS003", "block", mms("https://10.0.0.1/a.jpg")),
    ("MMS003", "block", mms("https://[::1]/a.jpg")),
    *(
        ("MMS003", "block", mms(f"https://{host}/a.jpg"))
        for host in (
            *("127.1", "0x7f.1", "2130706433", "017700000001", "127.0.0.1.", "localhost.", "printer", "nas.lan"),
            *("10.0.0.1.nip.io", "10-0-0-1.sslip.io", "app.192.168.1.7.example.com", "7f000001.nip.io", "lvh.me"),
            *("[::ffff:127.0.0.1]", "[2002:7f00:1::]", "169.254.169.254", "１２７.0.0.1", "db.internal."),
        )
    ),
    ("MMS003", "block", mms("https://user@example.com/a.jpg")),
    ("MMS004", "warn", mms(URL, media={URL: jpeg(600_001)})),
    ("MMS004", "warn", mms(URL, media={URL: None})),
    ("MMS004", "warn", mms(URL, media={URL: Media(type="text/html; charset=utf-8", size=None)})),
    ("MMS004", "block", mms(*(f"https://example.com/{n}.jpg" for n in range(11)))),
    ("CST001", "block", Draft(policy={"max_cost": "9"})),
]
