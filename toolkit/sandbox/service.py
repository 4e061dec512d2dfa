"""Every operation of the service, once: it takes checked values, gives JSON, and sends without asking."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import numpy as np

from toolkit.sandbox import (
    bitmaps,
    campaigns,
    contacts,
    hashing,
    imports,
    labels,
    logs,
    numbers,
    opt_outs,
    orderings,
    tallies,
)
from toolkit.sandbox.behaviour import Behaviour
from toolkit.sandbox.bitmaps import Bitmap
from toolkit.sandbox.campaigns import Campaign
from toolkit.sandbox.carrier import NEVER, SETTLED_AFTER_US, STATUSES
from toolkit.sandbox.clock import Clock
from toolkit.sandbox.contacts import Filter, FilterFields
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.orderings import Order
from toolkit.sandbox.store import Store
from toolkit.sandbox.times import DAY, to_us, zulu

WORKSPACE_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
CAMPAIGN_TYPES = ("SMS", "MMS", "AI_AGENT", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE")
_NEEDED_CAPABILITY = dict(zip(CAMPAIGN_TYPES, ("sms", "mms", "sms", "whatsapp"), strict=True))
_CAMPAIGN_FIELDS = FilterFields(exclude_labels="exclude_any_contact_label_ids")


@dataclass(frozen=True)
class CampaignRequest:
    """What a campaign is asked to be."""

    name: str
    type: str
    message: str
    phone_ids: Sequence[str]
    audience: Filter
    start_time: datetime | None = None
    end_time: datetime | None = None
    is_schedule: bool = False
    enable_link_shortening: bool = False
    attach_labels: Sequence[str] = ()


class Service:
    """The workspace's operations; each settles what the clock has brought about, then answers in one view."""

    def __init__(self, store: Store, clock: Clock, behaviour: Behaviour) -> None:
        self._store = store
        self._clock = clock
        self._behaviour = behaviour
        with store.read() as db:
            self._seed: int = db.execute("SELECT seed FROM workspace").fetchone()[0]

    def phones(self, *, offset: int, limit: int, is_owned: bool, enabled: bool) -> bytes:
        """Return one page of senders; `is_owned` narrows to owned ones."""
        with self._store.read() as db:
            found = [
                body
                for (body,) in db.execute(
                    "SELECT body FROM phones WHERE enabled = ? AND (is_owned OR NOT ?) ORDER BY number",
                    (enabled, is_owned),
                )
            ]
        return b'{"data":[' + b",".join(found[offset : offset + limit]) + b'],"total":%d}' % len(found)

    def contacts(self, wanted: Filter, *, order: Order, offset: int, limit: int) -> bytes:
        """Return one page of contacts."""
        self._settle()
        with self._store.read() as db:
            if orderings.is_kept(db, order):
                return _contacts_page(db, wanted, order=order, offset=offset, limit=limit)
        with self._store.write() as db:
            orderings.keep(db, order)
            return _contacts_page(db, wanted, order=order, offset=offset, limit=limit)

    def import_contacts(self, content: bytes, *, strategy: str, country: str) -> bytes:
        """Start importing a CSV; returns the job."""
        rows = imports.parse(content)
        now_us = self._settle()
        with self._store.write() as db:
            jobs = db.execute("SELECT count(*) FROM jobs").fetchone()[0]
            job_id = f"job_{hashing.identifier(self._seed, 'import', jobs)}"
            number = imports.create(db, rows, job_id=job_id, now_us=now_us, country=country, strategy=strategy)
            job = imports.body(db, number, now_us=now_us)
        del job["errors"]  # nothing has been tried yet
        return msgspec.json.encode(job)

    def create_campaign(self, request: CampaignRequest) -> bytes:
        """Create a campaign and start sending it, or schedule it."""
        now_us = self._settle()
        with self._store.write() as db:
            audience = audience_of(db, request)
            if not audience.any():
                raise Refused(
                    422, "No contact that may be texted matches these filters",
                    field="any_contact_label_ids", code="EMPTY_AUDIENCE",
                )  # fmt: skip
            per_second = self._behaviour.messages_per_second
            campaign = launch(db, request, audience, now_us=now_us, seed=self._seed, per_second=per_second)
        return msgspec.json.encode(
            {
                **campaigns.body(campaign, now_us=now_us),
                "target_contact_count": campaign.target,
                "job_id": campaign.job_id,
            }
        )

    def campaign(self, campaign_id: str) -> bytes:
        """Return a campaign with its statistics at this instant."""
        now_us = self._settle()
        self._keep_final_counts(campaign_id, now_us)
        with self._store.read() as db:
            campaign = _existing(db, campaign_id)
            statistics = tallies.statistics(db, campaign, now_us=now_us, seed=self._seed)
        is_finished = campaign.status_at(now_us) == "finished"
        end_us = campaign.done_us if is_finished else campaign.end_us
        return msgspec.json.encode(
            {
                **campaigns.body(campaign, now_us=now_us),
                "end_time": None if end_us is None else zulu(end_us),
                "statistics": statistics,
            }
        )

    def logs(self, campaign_id: str, *, statuses: Sequence[str], offset: int, limit: int) -> bytes:
        """Return one page of a campaign's log at this instant, in sending order."""
        now_us = self._settle()
        self._keep_final_counts(campaign_id, now_us)
        with self._store.read() as db:
            campaign = _existing(db, campaign_id)
            rows, total = logs.page(
                db,
                campaign,
                statuses=[STATUSES.index(status) for status in statuses],
                offset=offset,
                limit=limit,
                now_us=now_us,
                seed=self._seed,
            )
        return msgspec.json.encode({"data": rows, "total": total, "offset": offset, "limit": limit})

    def job(self, job_id: str) -> bytes:
        """Return the progress of an import or of a campaign's sending."""
        now_us = self._settle()
        with self._store.read() as db:
            row = db.execute("SELECT number FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is not None:
                return msgspec.json.encode(imports.body(db, row[0], now_us=now_us))
            campaign = campaigns.find(db, "job_id", job_id)
            if campaign is None:
                raise Refused(404, f"No job has the id {job_id!r}")
            counts = tallies.statistics(db, campaign, now_us=now_us, seed=self._seed)
        processed = counts["sent"] + counts["failed"]
        return msgspec.json.encode(
            {
                "id": job_id,
                "status": "finished" if campaign.status_at(now_us) == "finished" else "processing",
                "job_type": "send_campaign",
                "created_time": zulu(campaign.created_us),
                "updated_time": zulu(max(campaign.created_us, min(now_us, campaign.done_us))),
                "progress": 100 * processed // campaign.target,
                "total_items": campaign.target,
                "processed_items": processed,
                "failed_items": counts["failed"],
                "errors": [],
            }
        )

    def send_message(
        self, *, phone_number: str, to_phone_number: str, content: str, media_urls: Sequence[str]
    ) -> bytes:
        """Send one message to one number."""
        now_us = self._settle()
        with self._store.write() as db:
            sender = db.execute("SELECT enabled, capabilities FROM phones WHERE phone = ?", (phone_number,)).fetchone()
            if sender is None or not sender[0]:
                raise Refused(
                    422, f"No enabled phone of this workspace has the number {phone_number!r}",
                    field="phone_number", code="UNKNOWN_PHONE",
                )  # fmt: skip
            needed = "mms" if media_urls else "sms"
            if needed not in sender[1].split():
                raise Refused(
                    422, f"{phone_number} cannot send {needed.upper()}", field="phone_number", code="NOT_CAPABLE"
                )
            _check_recipient(db, to_phone_number)
            count = db.execute("SELECT count(*) FROM messages").fetchone()[0]
            message_id = f"msg_{hashing.identifier(self._seed, 'message', count)}"
            db.execute(
                "INSERT INTO messages (id, from_phone, to_phone, content, media_urls, created_us)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (message_id, phone_number, to_phone_number, content, " ".join(media_urls), now_us),
            )
        return msgspec.json.encode(
            {
                "id": message_id,
                "status": "sent",
                "from_phone": phone_number,
                "to_phone": to_phone_number,
                "content": content,
                "created_time": zulu(now_us),
                "sent_time": zulu(now_us),
            }
        )

    def add_newcomer(self) -> None:
        """Let one more person join, now."""
        now_us = self._settle()
        with self._store.write() as db:
            imports.add_newcomer(db, now_us=now_us, workspace_id=WORKSPACE_ID, seed=self._seed)

    def _settle(self) -> int:
        """Bring about what the clock has made due; returns the instant that the request sees."""
        now_us = self._clock.now_us()
        with self._store.read() as db:
            due = _is_anything_due(db, now_us)
        if due:
            with self._store.write() as db:
                settle(db, now_us=now_us, seed=self._seed)
        return now_us

    def _keep_final_counts(self, campaign_id: str, now_us: int) -> None:
        with self._store.read() as db:
            campaign = _existing(db, campaign_id)
            is_final = campaign.done_us + SETTLED_AFTER_US <= now_us
            if not is_final or tallies.are_kept(db, campaign):
                return
        with self._store.write() as db:
            tallies.keep(db, campaign, now_us=now_us, seed=self._seed)


def launch(
    db: sqlite3.Connection,
    request: CampaignRequest,
    audience: Bitmap,
    *,
    now_us: int,
    seed: int,
    per_second: float,
    own_id: str | None = None,
) -> Campaign:
    """Freeze the audience, store the campaign and note the replies it will bring; `own_id` is the guide's."""
    phones = _senders(db, request)
    start_us, end_us = _times(request, now_us)
    number = db.execute("SELECT count(*) FROM campaigns").fetchone()[0] + 1
    own_id = own_id or hashing.identifier(seed, "campaign", number)
    recent = db.execute(
        "SELECT number FROM campaigns WHERE start_us BETWEEN ? AND ?", (start_us - 7 * DAY, start_us)
    ).fetchall()
    campaign = Campaign(
        number=number,
        id=f"campaign_{own_id}",
        job_id=f"job_{own_id}",
        name=request.name,
        type=request.type,
        message=request.message,
        phones=phones,
        created_us=now_us,
        start_us=start_us,
        end_us=end_us,
        per_second=per_second,
        target=bitmaps.count(audience),
        has_short_links=request.enable_link_shortening,
        newcomers_from=contacts.first_created_since(db, start_us - 30 * DAY),
        recent=[other for (other,) in recent],
        attach=labels.numbers_of(db, request.attach_labels, field="attach_contact_label_ids"),
        attached=0,
    )
    campaigns.insert(db, campaign, audience)
    run = campaign.run(seed)
    for part in campaigns.parts(db, campaign):
        messages = campaigns.deliveries(db, run, part, low=0, high=part.size, seed=seed)
        replies = campaigns.reactions(db, campaign, run, part, messages, seed=seed).reply_us
        answering = np.flatnonzero(replies != NEVER)
        db.executemany(
            "INSERT INTO replies VALUES (?, ?, ?, ?)",
            ((int(replies[i]), int(messages.seqs[i]), number, int(messages.out_us[i])) for i in answering.tolist()),
        )
    return campaign


def settle(db: sqlite3.Connection, *, now_us: int, seed: int) -> None:
    """Let imports, replies, opt-outs and labels to attach take effect up to an instant."""
    imports.settle(db, now_us=now_us, workspace_id=WORKSPACE_ID, seed=seed)
    opt_outs.settle(db, now_us=now_us)
    campaigns.attach_labels(db, now_us=now_us, seed=seed)


def _contacts_page(db: sqlite3.Connection, wanted: Filter, *, order: Order, offset: int, limit: int) -> bytes:
    chosen = None if wanted == Filter() else contacts.select(db, wanted, fields=FilterFields())
    return contacts.page(db, chosen, order=order, offset=offset, limit=limit)


def _is_anything_due(db: sqlite3.Connection, now_us: int) -> bool:
    return bool(
        db.execute(
            "SELECT EXISTS (SELECT 1 FROM import_rows WHERE NOT is_done AND due_us <= ?1)"
            " OR EXISTS (SELECT 1 FROM replies WHERE at_us <= ?1)"
            " OR EXISTS (SELECT 1 FROM opt_outs WHERE NOT is_labelled AND at_us <= ?1)"
            f" OR EXISTS (SELECT 1 FROM campaigns WHERE {campaigns.ATTACHING})",
            (now_us,),
        ).fetchone()[0]
    )


def _existing(db: sqlite3.Connection, campaign_id: str) -> Campaign:
    campaign = campaigns.find(db, "id", campaign_id)
    if campaign is None:
        raise Refused(404, f"No campaign has the id {campaign_id!r}")
    return campaign


def _senders(db: sqlite3.Connection, request: CampaignRequest) -> list[dict[str, str]]:
    needed = _NEEDED_CAPABILITY[request.type]
    senders = []
    for phone_id in request.phone_ids:
        row = db.execute("SELECT phone, name, enabled, capabilities FROM phones WHERE id = ?", (phone_id,)).fetchone()
        if row is None or not row[2]:
            raise Refused(
                422, f"No enabled phone of this workspace has the id {phone_id!r}",
                field="phone_ids", code="UNKNOWN_PHONE",
            )  # fmt: skip
        if needed not in row[3].split():
            raise Refused(
                422, f"{row[1]} ({row[0]}) cannot send {needed.upper()}", field="phone_ids", code="NOT_CAPABLE"
            )
        senders.append({"id": phone_id, "phone": row[0], "name": row[1]})
    return senders


def _times(request: CampaignRequest, now_us: int) -> tuple[int, int | None]:
    start_us = now_us
    if request.is_schedule:
        if request.start_time is None:
            raise Refused(422, "A scheduled campaign needs a start_time", field="start_time", code="REQUIRED")
        start_us = to_us(request.start_time)
        if start_us < now_us:
            raise Refused(
                422, f"start_time is in the past; it is {zulu(now_us)} now", field="start_time", code="IN_THE_PAST"
            )
    end_us = None if request.end_time is None else to_us(request.end_time)
    if end_us is not None and end_us <= start_us:
        raise Refused(422, "end_time must come after the start", field="end_time", code="INVALID_VALUE")
    return start_us, end_us


def audience_of(db: sqlite3.Connection, request: CampaignRequest) -> Bitmap:
    """Return whom a campaign would text: within its filters, reachable, and not opted out."""
    total = contacts.how_many(db)
    system = labels.SystemLabels.of(db)
    is_whatsapp = request.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
    reachable = labels.WHATSAPP_REACHABLE if is_whatsapp else labels.SMS_REACHABLE
    chosen = contacts.select(db, request.audience, fields=_CAMPAIGN_FIELDS)
    chosen &= bitmaps.members(db, reachable, contacts=total)
    chosen &= ~bitmaps.members(db, system.do_not_contact, contacts=total)
    chosen &= ~bitmaps.members(db, system.unsubscribed, contacts=total)
    return chosen


def _check_recipient(db: sqlite3.Connection, number: str) -> None:
    if numbers.to_e164(number) != number:
        raise Refused(422, "Invalid phone number format", field="to_phone_number", code="INVALID_FORMAT")
    if not numbers.is_fictional(number):
        raise Refused(
            422,
            f"{number} may belong to somebody; the sandbox texts fictional numbers only, such as +12125550142",
            field="to_phone_number",
            code="NOT_FICTIONAL",
        )
    opted_out = db.execute(
        "SELECT 1 FROM contacts JOIN opt_outs USING (seq) WHERE phone = ? AND is_labelled", (number,)
    ).fetchone()
    if opted_out is not None:
        raise Refused(422, f"{number} has opted out", field="to_phone_number", code="OPTED_OUT")
