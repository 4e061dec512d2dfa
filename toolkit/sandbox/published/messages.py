"""Single messages: one number, one text, sent at once."""

import msgspec
import numpy as np

from toolkit.sandbox import messages
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import rows, texts
from toolkit.sandbox.published.schemas import SMSMessage
from toolkit.sandbox.service import Service
from toolkit.sandbox.times import naive

_FIELDS = {"phone_number": "sender_phone_number", "to_phone_number": "destination"}


def send(service: Service, new: SMSMessage) -> bytes:
    """Send one message to one number."""
    if new.channel != "sms":
        raise Refused(422, "The embedded service sends single messages by sms", field="channel")
    if not new.message.strip():
        raise Refused(422, "A message needs a text", field="message")
    behaviour = service.behaviour.published
    media_urls = [new.attachment.media_url] if new.attachment is not None else []
    with service.writing() as (db, now_us):
        content = new.message
        if behaviour.fills_single_messages and texts.PLACEHOLDER.search(content):
            row = db.execute("SELECT min(seq) FROM contacts WHERE phone = ?", (new.destination,)).fetchone()
            values = {} if row[0] is None else next(rows.values_of(db, np.array([row[0]])))
            content = texts.fill(content, values, missing=behaviour.fills_missing)
        try:
            sent = messages.send(
                db,
                phone_number=new.sender_phone_number,
                to_phone_number=new.destination,
                content=content,
                media_urls=media_urls,
                now_us=now_us,
                seed=service.seed,
            )
        except Refused as refused:
            raise Refused(refused.status, str(refused), field=_FIELDS.get(refused.field or "")) from refused
    own_id = rows.bare(sent["id"])
    return msgspec.json.encode(
        {
            "id": own_id,
            "media_urls": media_urls,
            "external_id": f"SM{own_id.replace('-', '')}",
            "message_time": naive(now_us),
        }
    )
