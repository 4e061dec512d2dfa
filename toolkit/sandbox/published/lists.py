"""What is only listed: phones, contacts, labels and messaging services; and the pages of every list."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from toolkit.sandbox import bitmaps, hashing, orderings
from toolkit.sandbox.contacts import Filter, FilterFields, how_many, select
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.labels import DELETED
from toolkit.sandbox.published import bodies
from toolkit.sandbox.service import Service
from toolkit.sandbox.world.catalogue import RETIRED_LINE

_ALL = 2**53


@dataclass(frozen=True)
class Page:
    """Which rows of a list are asked for; `limit` 0 means all."""

    offset: int
    limit: int

    def within(self, service: Service) -> tuple[int, int]:
        """Return the offset and the limit, which must be one that the service serves."""
        most = service.behaviour.published.most_rows
        if most is not None and not 1 <= self.limit <= most:
            raise Refused(422, f"limit must be between 1 and {most}", field="limit")
        return self.offset, self.limit or _ALL

    def of(self, rows: Sequence[Any], service: Service) -> bytes:
        """Return the page of these rows, as JSON."""
        offset, limit = self.within(service)
        return msgspec.json.encode({"data": rows[offset : offset + limit], "total": len(rows)})


def split(commas: str | None) -> tuple[str, ...]:
    """Return the parts of a list with commas."""
    return tuple(part.strip() for part in (commas or "").split(",") if part.strip())


def phones(service: Service, page: Page, *, is_owned: bool, enabled: bool, voice_available: bool | None) -> bytes:
    """Return senders; `is_owned` narrows to owned ones."""
    with service.store.read() as db:
        found = db.execute(
            "SELECT body FROM phones WHERE enabled = ? AND (is_owned OR NOT ?) ORDER BY number", (enabled, is_owned)
        )
        rows = [bodies.phone_detail(body) for (body,) in found]
    if voice_available is not None:
        rows = [row for row in rows if row["phone_capability"]["voice"] == voice_available]
    return page.of(rows, service)


def contacts(service: Service, page: Page, wanted: Filter, *, order_by: str, exclude_names: Sequence[str]) -> bytes:
    """Return contacts; labels are given by id, but those of `exclude_names` by name."""
    with service.store.read() as db:
        check_labels(db, wanted)
        excluded = [
            row[0]
            for name in exclude_names
            for row in db.execute("SELECT id FROM labels WHERE name = ?", (name,)).fetchall()
        ]
    wanted = Filter(**{**_fields(wanted), "exclude_labels": (*wanted.exclude_labels, *excluded)})
    offset, limit = page.within(service)
    order = orderings.parse(order_by)
    return service.contacts(wanted, order=order, offset=offset, limit=limit, writing=bodies.CONTACTS_WRITING)


def check_labels(db: sqlite3.Connection, wanted: Filter) -> None:
    """Refuse names, which only the guide takes, and ids that no label has."""
    for field, ids in (
        ("all_contact_label_ids", wanted.all_labels),
        ("any_contact_label_ids", wanted.any_labels),
        ("exclude_any_contact_label_ids", wanted.exclude_labels),
        ("exclude_all_contact_label_ids", wanted.exclude_all_labels),
    ):
        for own_id in ids:
            if db.execute("SELECT 1 FROM labels WHERE id = ?", (own_id,)).fetchone() is None:
                raise Refused(422, f"No contact label has the id {own_id!r}", field=field)


def labels(
    service: Service,
    page: Page,
    *,
    keyword: str,
    order_by: str,
    is_system: bool | None,
    exclude_names: Sequence[str],
    are_counted: bool,
    counted: Filter,
    uncounted_names: Sequence[str],
) -> bytes:
    """Return labels, with how many contacts have each: of those in `counted`, without some labels by name."""
    service.settled()
    with service.store.read() as db:
        rows = [bodies.label(row) for row in bodies.label_rows(db)]
        deleted = {own_id for (own_id,) in db.execute("SELECT id FROM labels WHERE is_system = ?", (DELETED,))}
        if are_counted:
            everybody = select(db, counted, fields=FilterFields())
            total = how_many(db)
            numbers = {row["name"]: number for number, row in enumerate(rows, start=1)}
            for name in uncounted_names:
                if name in numbers:
                    everybody &= ~bitmaps.members(db, numbers[name], contacts=total)
            for row in rows:
                having = bitmaps.members(db, numbers[row["name"]], contacts=total)
                row["total_count"] = bitmaps.count(everybody & having)
    rows = [
        row
        for row in rows
        if row["id"] not in deleted
        and keyword.lower() in row["name"].lower()
        and is_system in (None, row["is_system"])
        and row["name"] not in exclude_names
    ]
    return page.of(in_order(rows, order_by, ("name", "created_time", "updated_time")), service)


def in_order(rows: Iterable[dict[str, Any]], order_by: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Sort rows as `column:asc` or `column:desc` say, the first the most significant."""
    ordered = list(rows)
    for part in reversed(split(order_by)):
        name, _, direction = part.partition(":")
        if name not in columns or direction not in ("", "asc", "desc"):
            raise Refused(
                422, f"order_by takes {', '.join(columns)}, with :asc or :desc, not {part!r}", field="order_by"
            )
        ordered.sort(key=lambda row: row[name] or "", reverse=direction == "desc")
    return ordered


def services(service: Service, page: Page, *, tags: str) -> bytes:
    """Return the messaging services; with the tag Verified those that are registered."""
    with service.store.read() as db:
        found = [
            detail for detail in service_details(db) if tags != "Verified" or detail["us_app_to_person_registered"]
        ]
    rows = [{key: one[key] for key in ("id", "name", "us_app_to_person_registered")} for one in found]
    return page.of(rows, service)


def service_detail(service: Service, own_id: str) -> bytes:
    """Return one messaging service with its senders and what it is registered for."""
    with service.store.read() as db:
        for detail in service_details(db):
            if detail["id"] == own_id:
                return msgspec.json.encode(detail)
    raise Refused(404, f"No messaging service has the id {own_id!r}")


def service_details(db: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the two services of every workspace: of the senders for texts, and of the line that is retired."""
    found = db.execute("SELECT id, body FROM phones WHERE capabilities LIKE '%sms%' ORDER BY number").fetchall()
    current = [bodies.phone_detail(body) for own_id, body in found if own_id != RETIRED_LINE]
    retired = [bodies.phone_detail(body) for own_id, body in found if own_id == RETIRED_LINE]
    return [
        _service("Seasalt Shop", current, "VERIFIED", is_registered=True),
        _service("Retired line", retired, "FAILED", is_registered=False),
    ]


def _service(name: str, senders: list[dict[str, Any]], status: str, *, is_registered: bool) -> dict[str, Any]:
    return {
        "id": f"MG{hashing.identifier('messaging service', name).replace('-', '')}",
        "name": name,
        "us_app_to_person_registered": is_registered,
        "phones": senders,
        "campaign_usecases": [
            {
                "id": f"QE{hashing.identifier('use case', name).replace('-', '')}",
                "description": f"{name}: news and offers",
                "us_a2p_usecase": "MARKETING",
                "rate_limits": {"att": {"mps": 75, "msg_class": "A"}, "tmobile": {"brand_tier": "TOP"}},
                "mock": True,
                "campaign_status": status,
            }
        ],
    }


def _fields(wanted: Filter) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in wanted.__dataclass_fields__}
