"""The campaigns that the workspace has already sent, through the service; `planted` lists their known effects."""

import json
import sqlite3
from dataclasses import dataclass

import numpy as np

from toolkit.sandbox import bitmaps, contacts, hashing, service
from toolkit.sandbox.bitmaps import Bitmap
from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.delivery import launches
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.times import DAY, HOUR, from_naive
from toolkit.sandbox.world.seed import PLANTED_IDS

MARKETING_LINE = "020086f5-fb0e-4a0c-920a-bbdd04f4381c"
GUIDES_ID = "12345678-abcd-efgh-ijkl-123456789012"
_GUIDE_START = from_naive("2025-07-17T19:00:00")
_LINK = "https://example.com/sale"
_PER_SECOND = 100.0


@dataclass(frozen=True)
class Past:
    """One campaign of the past; `share` is the part of its audience's hash range that it went to."""

    days_ago: int
    name: str
    message: str
    any_labels: tuple[str, ...] = ()
    exclude_labels: tuple[str, ...] = ()
    type: str = "SMS"
    has_links: bool = True
    share: tuple[float, float] = (0.0, 1.0)


GUIDE = Past(
    0,
    "Spring Sale 2025",
    "🌸 Spring Sale Alert! Get 25% off all items. Use code SPRING25. Valid until March 31st."
    " Shop now: https://example.com/sale",
    ("vip_customers",),
    ("location_nyc",),
)
_MONTHLY = tuple(
    Past(
        days_ago,
        f"Monthly news {issue}",
        f"Seasalt Shop: news no. {issue} is out: {_LINK} Reply STOP to opt out.",
        ("newsletter",),
    )
    for issue, days_ago in enumerate(range(480, 20, -40), start=1)
)
CAMPAIGNS = (
    *_MONTHLY,
    Past(410, "Winter clearance", f"Seasalt Shop: up to 60% off: {_LINK} Reply STOP to opt out."),
    Past(330, "New arrivals", "Seasalt Shop: see what is new.", ("product_enthusiasts",), (), "MMS", False),
    Past(260, "We miss you", f"Seasalt Shop: come back for 20% off: {_LINK} Reply STOP to opt out.", ("lapsed",)),
    Past(190, "Summer preview", f"Seasalt Shop: ☀️ first looks: {_LINK} Reply STOP to opt out.", ("vip_customers",)),
    Past(130, "Shoe week", f"Seasalt Shop: shoe week is on: {_LINK} Reply STOP to opt out.", ("interest_shoes",)),
    Past(75, "Gold evening", "Seasalt Shop: you are invited, Friday at 6.", ("tier_gold",), has_links=False),
    Past(52, "Autumn offer A", f"Seasalt Shop: 15% off today: {_LINK} Reply STOP to opt out.", share=(0.0, 0.5)),
    Past(52, "Autumn offer B", f"{{name}}, 15% off today: {_LINK} Reply STOP to opt out.", share=(0.5, 1.0)),
    Past(33, "Welcome wording A", f"Seasalt Shop: hello. Look in: {_LINK} Reply STOP to opt out.", share=(0.0, 0.5)),
    Past(33, "Welcome wording B", f"Seasalt Shop: hello! Look in: {_LINK} Reply STOP to opt out.", share=(0.5, 1.0)),
    Past(12, "Weekend deal A", f"Seasalt Shop: weekend deal: {_LINK} Reply STOP to opt out.", share=(0.0, 0.5)),
    Past(12, "Weekend deal B", f"Seasalt Shop: a weekend deal: {_LINK} Reply STOP to opt out.", share=(0.55, 1.0)),
)


def write(db: sqlite3.Connection, *, seed: int, now_us: int) -> None:
    """Send the past campaigns one after another, each to the contacts of its day. People who are planted in the
    workspace have answered none of them, whatever the day."""
    named = json.dumps(PLANTED_IDS)
    planted = db.execute("SELECT seq FROM contacts WHERE id IN (SELECT value FROM json_each(?))", (named,)).fetchall()
    today = now_us - now_us % DAY
    dated = [(today - past.days_ago * DAY + 16 * HOUR, past, None) for past in CAMPAIGNS]
    guide = (min(_GUIDE_START, now_us - DAY), GUIDE, GUIDES_ID)
    for start_us, past, own_id in sorted([*dated, guide], key=lambda one: (one[0], one[1].name)):
        service.settle(db, now_us=start_us, seed=seed)
        request = CampaignRequest(
            name=past.name,
            type=past.type,
            message=past.message,
            phone_ids=(MARKETING_LINE,),
            audience=Filter(any_labels=past.any_labels, exclude_labels=past.exclude_labels),
            enable_link_shortening=past.has_links,
        )
        audience = launches.audience_of(db, request) & _of_the_day(db, past, start_us, seed)
        if audience.any():
            launches.launch(db, request, audience, now_us=start_us, seed=seed, per_second=_PER_SECOND, own_id=own_id)
            db.executemany("DELETE FROM replies WHERE seq = ?", planted)
    service.settle(db, now_us=now_us, seed=seed)


def _of_the_day(db: sqlite3.Connection, past: Past, start_us: int, seed: int) -> Bitmap:
    total = contacts.how_many(db)
    present = bitmaps.first(contacts.first_created_since(db, start_us), of=total)
    if past.share == (0.0, 1.0):
        return present
    low, high = past.share
    stream = hashing.key(seed, "split", past.name[:-1])
    for chunk in range(len(present)):
        draws = hashing.uniform(np.arange(bitmaps.CHUNK) + chunk * bitmaps.CHUNK, stream)
        present[chunk] &= np.packbits((draws >= low) & (draws < high), bitorder="little")
    return present
