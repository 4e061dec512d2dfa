"""What a campaign was asked for, kept as the published face shows it: its filter with names, and fields as given."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from toolkit.sandbox import labels
from toolkit.sandbox.contacts import Filter


def keep(db: sqlite3.Connection, campaign: int, audience: Filter, fields: Mapping[str, Any]) -> None:
    """Keep what a campaign was asked for."""
    body = msgspec.json.encode({**fields, "campaign_metadata": metadata(db, audience)})
    db.execute("INSERT INTO echoes VALUES (?, ?)", (campaign, body))


def kept(db: sqlite3.Connection, campaign: int) -> dict[str, Any]:
    """Return what was kept."""
    (body,) = db.execute("SELECT body FROM echoes WHERE campaign = ?", (campaign,)).fetchone()
    fields: dict[str, Any] = msgspec.json.decode(body)
    return fields


def metadata(db: sqlite3.Connection, audience: Filter) -> dict[str, Any]:
    """Return a filter with the names of its labels and contacts."""
    return {
        "all_contact_labels": _labels(db, audience.all_labels),
        "any_contact_labels": _labels(db, audience.any_labels),
        "exclude_contacts": _contacts(db, audience.exclude_ids),
        "addition_contacts": _contacts(db, audience.additional_ids),
        "exclude_any_contact_labels": _labels(db, audience.exclude_labels),
        "exclude_all_contact_labels": _labels(db, audience.exclude_all_labels),
        "whatsapp_phone_only": audience.has_whatsapp,
    }


def _labels(db: sqlite3.Connection, given: Iterable[str]) -> list[dict[str, str]]:
    numbers = labels.numbers_of(db, given, field="contact_label_ids")
    rows = [
        db.execute("SELECT id, name, color FROM labels WHERE number = ?", (number,)).fetchone() for number in numbers
    ]
    return [dict(zip(("id", "name", "color"), row, strict=True)) for row in rows]


def _contacts(db: sqlite3.Connection, ids: Iterable[str]) -> list[dict[str, Any]]:
    found = db.execute(
        "SELECT body FROM contact_bodies JOIN contacts USING (seq)"
        " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY seq",
        (msgspec.json.encode([one.lower() for one in ids]).decode(),),
    )
    people = [msgspec.json.decode(body + b"]}") for (body,) in found]
    return [{key: person[key] for key in ("id", "name", "phone", "whatsapp_phone")} for person in people]
