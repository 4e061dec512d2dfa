"""Every operation of the service, once: it takes validated values, returns JSON, and sends without asking."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from toolkit.sandbox import contacts, hashing, imports, logs, messages, orderings
from toolkit.sandbox.clock import Clock
from toolkit.sandbox.contacts import GUIDES_WRITING, Filter, FilterFields, Writing
from toolkit.sandbox.delivery import campaigns, launches, tallies
from toolkit.sandbox.delivery.campaigns import Campaign
from toolkit.sandbox.delivery.carrier import SETTLED_AFTER_US, STATUSES
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.options import Behaviour
from toolkit.sandbox.orderings import Order
from toolkit.sandbox.store import Store
from toolkit.sandbox.times import zulu
from toolkit.sandbox.world import opt_outs

WORKSPACE_ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


class Service:
    """The workspace's operations; each applies what is due by the clock, then answers from one view."""

    def __init__(self, store: Store, clock: Clock, behaviour: Behaviour) -> None:
        self.store = store
        self._clock = clock
        self.behaviour = behaviour
        with store.read() as db:
            self.seed: int = db.execute("SELECT seed FROM workspace").fetchone()[0]

    def phones(self, *, offset: int, limit: int, is_owned: bool, enabled: bool) -> bytes:
        """Return one page of senders; `is_owned` narrows to owned ones."""
        with self.store.read() as db:
            found = [
                body
                for (body,) in db.execute(
                    "SELECT body FROM phones WHERE enabled = ? AND (is_owned OR NOT ?) ORDER BY number",
                    (enabled, is_owned),
                )
            ]
        return b'{"data":[' + b",".join(found[offset : offset + limit]) + b'],"total":%d}' % len(found)

    def contacts(
        self, wanted: Filter, *, order: Order, offset: int, limit: int, writing: Writing = GUIDES_WRITING
    ) -> bytes:
        """Return one page of contacts."""
        self.settled()
        with self.store.read() as db:
            if orderings.is_kept(db, order):
                return _contacts_page(db, wanted, order=order, offset=offset, limit=limit, writing=writing)
        with self.store.write() as db:
            orderings.keep(db, order)
            return _contacts_page(db, wanted, order=order, offset=offset, limit=limit, writing=writing)

    def import_contacts(self, content: bytes, *, strategy: str, country: str) -> bytes:
        """Start importing a CSV; returns the job."""
        rows = imports.parse(content)
        with self.writing() as (db, now_us):
            jobs = db.execute("SELECT count(*) FROM jobs").fetchone()[0]
            job_id = f"job_{hashing.identifier(self.seed, 'import', jobs)}"
            number = imports.create(db, rows, job_id=job_id, now_us=now_us, country=country, strategy=strategy)
            job = imports.body(db, number, now_us=now_us)
        del job["errors"]  # no rows have been processed yet
        return msgspec.json.encode(job)

    def create_campaign(self, request: CampaignRequest) -> bytes:
        """Create a campaign and start sending it, or schedule it."""
        with self.writing() as (db, now_us):
            audience = launches.audience_of(db, request)
            if not audience.any():
                raise Refused(
                    422, "No contact that may be texted matches these filters",
                    field="any_contact_label_ids", code="EMPTY_AUDIENCE",
                )  # fmt: skip
            per_second = self.behaviour.messages_per_second
            campaign = launches.launch(db, request, audience, now_us=now_us, seed=self.seed, per_second=per_second)
        return msgspec.json.encode(
            {
                **campaigns.body(campaign, now_us=now_us),
                "target_contact_count": campaign.target,
                "job_id": campaign.job_id,
            }
        )

    def campaigns(self) -> dict[str, str]:
        """Return every campaign's name by its id, oldest first; the guide has no call for it."""
        with self.store.read() as db:
            return dict(db.execute("SELECT id, name FROM campaigns ORDER BY number"))

    def campaign(self, campaign_id: str) -> bytes:
        """Return a campaign with its statistics at this instant."""
        with self.viewing(campaign_id) as (db, campaign, now_us):
            statistics = tallies.statistics(db, campaign, now_us=now_us, seed=self.seed)
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
        with self.viewing(campaign_id) as (db, campaign, now_us):
            return logs.page(
                db,
                campaign,
                statuses=[STATUSES.index(status) for status in statuses],
                offset=offset,
                limit=limit,
                now_us=now_us,
                seed=self.seed,
            )

    def job(self, job_id: str) -> bytes:
        """Return the progress of an import or of a campaign's sending."""
        now_us = self.settled()
        with self.store.read() as db:
            row = db.execute("SELECT number FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if row is not None:
                return msgspec.json.encode(imports.body(db, row[0], now_us=now_us))
            campaign = campaigns.find(db, "job_id", job_id)
            if campaign is None:
                raise Refused(404, f"No job has the id {job_id!r}")
            counts = tallies.statistics(db, campaign, now_us=now_us, seed=self.seed)
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
        with self.writing() as (db, now_us):
            message = messages.send(
                db,
                phone_number=phone_number,
                to_phone_number=to_phone_number,
                content=content,
                media_urls=media_urls,
                now_us=now_us,
                seed=self.seed,
            )
        return msgspec.json.encode(message)

    def add_newcomer(self) -> None:
        """Add one more contact, now."""
        with self.writing() as (db, now_us):
            imports.add_newcomer(db, now_us=now_us, workspace_id=WORKSPACE_ID, seed=self.seed)

    @contextmanager
    def writing(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        """Settle and write in one transaction, at an instant that no other writer has passed."""
        with self.store.write() as db:
            now_us = self._clock.now_us()
            settle(db, now_us=now_us, seed=self.seed)
            yield db, now_us

    def settled(self) -> int:
        """Apply what is due by the clock; returns the instant that the request sees."""
        now_us = self._clock.now_us()
        with self.store.read() as db:
            due = _is_anything_due(db, now_us)
        if due:
            with self.writing() as (_, now_us):
                pass
        return now_us

    @contextmanager
    def viewing(self, campaign_id: str) -> Iterator[tuple[sqlite3.Connection, Campaign, int]]:
        """Give one consistent view of a campaign at this instant; final parts of it are stored first."""
        now_us = self.settled()
        with self.store.read() as db:
            campaign = _existing(db, campaign_id)
            if now_us < campaign.done_us + SETTLED_AFTER_US or tallies.are_kept(db, campaign):
                yield db, campaign, now_us
                return
        with self.store.write() as db:
            tallies.keep(db, campaign, now_us=now_us, seed=self.seed)
            yield db, campaign, now_us


def settle(db: sqlite3.Connection, *, now_us: int, seed: int) -> None:
    """Let imports, replies, opt-outs and labels to attach take effect up to an instant."""
    imports.settle(db, now_us=now_us, workspace_id=WORKSPACE_ID, seed=seed)
    opt_outs.settle(db, now_us=now_us)
    campaigns.attach_labels(db, now_us=now_us, seed=seed)


def _contacts_page(
    db: sqlite3.Connection, wanted: Filter, *, order: Order, offset: int, limit: int, writing: Writing
) -> bytes:
    chosen = None if wanted == Filter() else contacts.select(db, wanted, fields=FilterFields())
    return contacts.page(db, chosen, order=order, offset=offset, limit=limit, writing=writing)


def _is_anything_due(db: sqlite3.Connection, now_us: int) -> bool:
    return bool(
        db.execute(
            "SELECT EXISTS (SELECT 1 FROM import_rows WHERE NOT is_done AND due_us <= :now)"
            " OR EXISTS (SELECT 1 FROM replies WHERE at_us <= :now)"
            " OR EXISTS (SELECT 1 FROM opt_outs WHERE NOT is_labelled AND at_us <= :now)"
            f" OR EXISTS (SELECT 1 FROM campaigns WHERE {campaigns.ATTACHING})",
            {"now": now_us},
        ).fetchone()[0]
    )


def _existing(db: sqlite3.Connection, campaign_id: str) -> Campaign:
    campaign = campaigns.find(db, "id", campaign_id)
    if campaign is None:
        raise Refused(404, f"No campaign has the id {campaign_id!r}")
    return campaign
