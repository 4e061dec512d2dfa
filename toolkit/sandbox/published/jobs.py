"""Jobs: what imports contacts, and what sends campaigns."""

from collections.abc import Sequence

import msgspec

from toolkit.sandbox import hashing, imports
from toolkit.sandbox.delivery import campaigns
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies
from toolkit.sandbox.published.lists import Page
from toolkit.sandbox.service import Service


def listed(service: Service, page: Page, *, types: Sequence[str], statuses: Sequence[str]) -> bytes:
    """Return jobs, the newest first."""
    now_us = service.settled()
    with service.store.read() as db:
        rows = [
            bodies.import_job(db, number, now_us=now_us)
            for (number,) in db.execute("SELECT number FROM jobs ORDER BY number").fetchall()
        ]
        for (own_id,) in db.execute("SELECT id FROM campaigns ORDER BY number").fetchall():
            campaign = campaigns.find(db, "id", own_id)
            assert campaign is not None
            rows.append(bodies.launch_job(campaign, now_us=now_us, behaviour=service.behaviour.published))
    found = [row for row in rows if (not types or row["type"] in types) and (not statuses or row["status"] in statuses)]
    return page.of(sorted(found, key=lambda row: row["enqueued_at"], reverse=True), service)


def shown(service: Service, job_id: str) -> bytes:
    """Return one job."""
    now_us = service.settled()
    with service.store.read() as db:
        row = db.execute("SELECT number FROM jobs WHERE id = ?", (f"job_{job_id}",)).fetchone()
        if row is not None:
            return msgspec.json.encode(bodies.import_job(db, row[0], now_us=now_us))
        campaign = campaigns.find(db, "job_id", f"job_{job_id}")
        if campaign is None:
            raise Refused(404, f"No job has the id {job_id!r}")
        behaviour = service.behaviour.published
        return msgspec.json.encode(bodies.launch_job(campaign, now_us=now_us, behaviour=behaviour))


def import_contacts(service: Service, content: bytes, *, strategy: str) -> bytes:
    """Start importing a CSV."""
    behaviour = service.behaviour.published
    rows = imports.parse(content)
    if strategy == "merge" and not behaviour.does_merge_unite:
        strategy = "replace"
    with service.writing() as (db, now_us):
        if not behaviour.makes_labels:
            known = {name for (name,) in db.execute("SELECT name FROM labels")}
            for cells in rows:
                names = [name.strip() for name in cells.get("labels", "").split(",")]
                cells["labels"] = ",".join(name for name in names if name in known)
        count = db.execute("SELECT count(*) FROM jobs").fetchone()[0]
        job_id = f"job_{hashing.identifier(service.seed, 'import', count)}"
        number = imports.create(db, rows, job_id=job_id, now_us=now_us, country="US", strategy=strategy)
        return msgspec.json.encode(bodies.import_job(db, number, now_us=now_us))
