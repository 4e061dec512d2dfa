"""The senders and labels that every workspace starts with, the guide's among them."""

import sqlite3

import msgspec

from toolkit.sandbox import hashing
from toolkit.sandbox.labels import COLOR
from toolkit.sandbox.times import from_naive, naive
from toolkit.sandbox.world.places import PLACES

RETIRED_LINE = "8e4c6fa1-3075-4fb1-8d87-4c90510ebdc3"
_CREATED_US = from_naive("2025-07-07T18:12:58.351633")
_SYSTEM_LABELS = (
    ("f47ac10b-58cc-4372-a567-0e02b2c3d479", "DNC", "Do not contact"),
    ("47ac10b-58cc-4372-a567-0e02b2c3d479", "invalid number", "The carrier reports that the number does not exist"),
    (None, "unreachable", "Messages have not been delivered for a while"),
    (None, "duplicate", "Shares a phone with an older contact"),
)
_USER_LABELS = (
    ("550e8400-e29b-41d4-a716-446655440000", "unsubscribed", "Replied STOP"),
    ("11111111-2222-4444-3333-555555555555", "vip_customers", "VIP customers with high lifetime value"),
    ("22222222-3333-5555-4444-666666666666", "location_nyc", "Lives in New York City"),
    ("33333333-4444-6666-5555-777777777777", "spring_campaign_2025", "Received the spring campaign of 2025"),
    (None, "new_subscribers", "Joined recently"),
    (None, "product_enthusiasts", "Wants news of every launch"),
    *((None, place.label, None) for place in PLACES if place.label and place.label != "location_nyc"),
    *((None, f"tier_{tier}", None) for tier in ("gold", "silver", "bronze")),
    *((None, f"source_{source}", None) for source in ("web", "store", "event", "referral")),
    *((None, f"interest_{topic}", None) for topic in ("shoes", "outdoor", "beauty", "home", "sports", "books")),
    (None, "newsletter", "Reads the newsletter"),
    (None, "birthday_club", None),
    (None, "lapsed", "Has not bought for a long time"),
    *((None, f"seg_slot_{slot:02d}", "Spare label for a segment") for slot in range(1, 9)),
)
_SENDERS: tuple[tuple[str, str, str, str, bool, bool], ...] = (
    # id, name, phone, capabilities, enabled, is_owned
    ("020086f5-fb0e-4a0c-920a-bbdd04f4381c", "Marketing Line", "+1234567890", "sms mms voice", True, True),
    ("5b1f3c7e-0d42-4c8e-9a54-1f6d2e7b8a90", "Store Line", "+15550100002", "sms voice", True, True),
    ("6c2a4d8f-1e53-4d9f-8b65-2a7e3f8c9ba1", "Partner Line", "+15550100003", "sms mms", True, False),
    ("7d3b5e90-2f64-4ea0-9c76-3b8f409dacb2", "WhatsApp Line", "+15550100004", "whatsapp", True, True),
    (RETIRED_LINE, "Retired Line", "+15550100005", "sms mms voice", False, True),
)


def write_senders(db: sqlite3.Connection) -> None:
    """Write the workspace's phones."""
    for sender_id, name, phone, capabilities, enabled, is_owned in _SENDERS:
        able = capabilities.split()
        capability = {kind: kind in able for kind in ("sms", "mms", "voice", "fax")}
        if "whatsapp" in able:
            capability["whatsapp_business_platform"] = True
        body = {
            "name": name,
            "enabled": enabled,
            "phone": phone,
            "country": "US",
            "type": "WHATSAPP_BUSINESS_PLATFORM" if "whatsapp" in able else "LOCAL",
            "source": "WHATSAPP_BUSINESS_PLATFORM" if "whatsapp" in able else "TWILIO",
            "phone_capability": capability,
            "is_default": name == "Marketing Line",
            "id": sender_id,
            "created_time": naive(_CREATED_US),
            "updated_time": "2025-07-07T18:12:58.351649",
        }
        db.execute(
            "INSERT INTO phones (id, phone, name, enabled, is_owned, capabilities, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sender_id, phone, name, enabled, is_owned, capabilities, msgspec.json.encode(body)),
        )


def write_labels(db: sqlite3.Connection) -> dict[str, int]:
    """Write the labels; returns each name's number."""
    for labels, is_system in ((_SYSTEM_LABELS, True), (_USER_LABELS, False)):
        for own_id, name, description in labels:
            db.execute(
                "INSERT INTO labels (id, name, color, description, is_system, created_us) VALUES (?, ?, ?, ?, ?, ?)",
                (own_id or hashing.identifier("label", name), name, COLOR, description, is_system, _CREATED_US),
            )
    return dict(db.execute("SELECT name, number FROM labels"))
