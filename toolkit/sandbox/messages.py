"""Single messages: one number, one text, sent at once."""

import sqlite3
from collections.abc import Sequence

from toolkit.sandbox import hashing, numbers
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.times import zulu


def send(
    db: sqlite3.Connection,
    *,
    phone_number: str,
    to_phone_number: str,
    content: str,
    media_urls: Sequence[str],
    now_us: int,
    seed: int,
) -> dict[str, str]:
    """Send one message and return it as the guide shows it."""
    _check_sender(db, phone_number, "mms" if media_urls else "sms")
    _check_recipient(db, to_phone_number, now_us)
    count = db.execute("SELECT count(*) FROM messages").fetchone()[0]
    message_id = f"msg_{hashing.identifier(seed, 'message', count)}"
    db.execute(
        "INSERT INTO messages (id, from_phone, to_phone, content, media_urls, created_us) VALUES (?, ?, ?, ?, ?, ?)",
        (message_id, phone_number, to_phone_number, content, " ".join(media_urls), now_us),
    )
    return {
        "id": message_id,
        "status": "sent",
        "from_phone": phone_number,
        "to_phone": to_phone_number,
        "content": content,
        "created_time": zulu(now_us),
        "sent_time": zulu(now_us),
    }


def _check_sender(db: sqlite3.Connection, number: str, needed: str) -> None:
    sender = db.execute("SELECT enabled, capabilities FROM phones WHERE phone = ?", (number,)).fetchone()
    if sender is None or not sender[0]:
        message = f"No enabled phone of this workspace has the number {number!r}"
        raise Refused(422, message, field="phone_number", code="UNKNOWN_PHONE")
    if needed not in sender[1].split():
        raise Refused(422, f"{number} cannot send {needed.upper()}", field="phone_number", code="NOT_CAPABLE")


def _check_recipient(db: sqlite3.Connection, number: str, now_us: int) -> None:
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
        "SELECT 1 FROM contacts JOIN opt_outs USING (seq) WHERE phone = ? AND at_us <= ?", (number, now_us)
    ).fetchone()
    if opted_out is not None:
        raise Refused(422, f"{number} has opted out", field="to_phone_number", code="OPTED_OUT")
