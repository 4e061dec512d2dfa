"""Labels that are made, and contacts that are given them."""

import sqlite3
from dataclasses import replace

import msgspec
import numpy as np

from toolkit.sandbox import bitmaps, contacts, hashing, labels, numbers, orderings
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import bodies
from toolkit.sandbox.published.schemas import NewContactLabel, UpdateContact
from toolkit.sandbox.service import WORKSPACE_ID, Service
from toolkit.sandbox.world import opt_outs

_UNCHANGING = ("phone", "messenger_psid", "instagram_psid", "line_user_id", "profile_picture_url")


def create_label(service: Service, new: NewContactLabel) -> bytes:
    """Make a label, whose name no other has."""
    if not new.name.strip():
        raise Refused(422, "A label needs a name", field="name")
    with service.writing() as (db, now_us):
        if db.execute("SELECT 1 FROM labels WHERE name = ?", (new.name,)).fetchone() is not None:
            raise Refused(400, f"A contact label is named {new.name!r} already")
        row = hashing.identifier(service.seed, "label", new.name), new.name, new.color, new.description, 0, now_us
        db.execute(
            "INSERT INTO labels (id, name, color, description, is_system, created_us) VALUES (?, ?, ?, ?, ?, ?)", row
        )
        return msgspec.json.encode(bodies.label(row))


def delete_label(service: Service, own_id: str) -> None:
    """Delete a label of users; its number stays taken, as contacts and campaigns are written with numbers."""
    with service.writing() as (db, _):
        row = db.execute("SELECT number, is_system FROM labels WHERE id = ?", (own_id,)).fetchone()
        if row is None:
            raise Refused(404, f"No contact label has the id {own_id!r}")
        if row[1]:
            raise Refused(400, "A label of the system cannot be deleted")
        labels.delete(db, row[0])


def update_contact(service: Service, contact_id: str, changes: UpdateContact) -> bytes:
    """Change a contact; its labels are replaced, but for the service's own unless all are to be."""
    given = changes.model_dump(exclude_none=True)
    for field in _UNCHANGING:
        if field in given:
            raise Refused(422, f"The embedded service does not change a contact's {field}", field=field)
    if changes.whatsapp_phone and not numbers.is_fictional(changes.whatsapp_phone):
        message = f"{changes.whatsapp_phone} may belong to somebody; the sandbox takes fictional numbers only"
        raise Refused(422, message, field="whatsapp_phone")
    with service.writing() as (db, now_us):
        row = db.execute("SELECT seq FROM contacts WHERE id = ?", (contact_id,)).fetchone()
        if row is None:
            raise Refused(404, f"No contact has the id {contact_id!r}")
        (seq,) = row
        old = contacts.stored(db, seq)
        updated = replace(
            old,
            name=old.name if changes.name is None else changes.name,
            note=old.note if changes.note is None else changes.note,
            whatsapp_phone=changes.whatsapp_phone or old.whatsapp_phone,
            fields=old.fields if changes.contact_field_data is None else changes.contact_field_data,
            updated_us=now_us,
        )
        contacts.replace_stored(db, seq, updated, workspace_id=WORKSPACE_ID)
        if changes.contact_label_ids is not None:
            keeps = service.behaviour.published.keeps_system_labels and not changes.replace_all_labels
            _relabel(db, seq, changes.contact_label_ids, now_us=now_us, keeps_system_labels=keeps)
        orderings.forget(db)
        (shown,) = contacts.listed(db, np.array([seq]), bodies.CONTACTS_WRITING)
    return msgspec.json.encode(shown)


def _relabel(db: sqlite3.Connection, seq: int, label_ids: list[str], *, now_us: int, keeps_system_labels: bool) -> None:
    wanted = []
    for own_id in label_ids:
        found = db.execute("SELECT number FROM labels WHERE id = ?", (own_id,)).fetchone()
        if found is None:
            raise Refused(422, f"No contact label has the id {own_id!r}", field="contact_label_ids")
        wanted.append(found[0])
    one = bitmaps.of_positions(np.array([seq]), contacts=seq + 1)
    opting_out = labels.SystemLabels.of(db).opting_out
    for number, is_system in db.execute("SELECT number, is_system FROM labels").fetchall():
        if not (is_system and keeps_system_labels):
            bitmaps.remove_members(db, number, one)
    for number in wanted:
        bitmaps.add_members(db, number, one)
    _, having = labels.carried(db, np.array([seq]))
    if set(wanted) & opting_out:
        opt_outs.record(db, [(seq, now_us)])
    elif not set(having.tolist()) & opting_out:
        db.execute("DELETE FROM opt_outs WHERE seq = ? AND at_us <= ?", (seq, now_us))
