"""A realistic workspace that cannot text anybody: senders, labels and contacts, from keyed hashes of one seed.

`planted` lists what is planted among them for tests and tutorials.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.sandbox import bitmaps, contacts, hashing
from toolkit.sandbox.bitmaps import Positions
from toolkit.sandbox.contacts import Contact
from toolkit.sandbox.delivery.carrier import engagement
from toolkit.sandbox.hashing import Draws
from toolkit.sandbox.times import DAY, MINUTE, from_naive, from_us
from toolkit.sandbox.world import catalogue, opt_outs
from toolkit.sandbox.world.names import LANGUAGES
from toolkit.sandbox.world.places import PLACES, bulk_number, capacity, number

Flags = NDArray[np.bool_]

FEWEST_CONTACTS = 4
_AT_ONCE = 16_384
_OLDEST = from_naive("2024-01-01T00:00:00")
_SPRING_2025 = from_naive("2025-03-20T00:00:00")
_JOHN_CREATED = from_naive("2025-07-07T18:13:04.845276")

_MALFORMED: tuple[Callable[[int], str], ...] = (
    lambda n: f"555-01{n % 100:02d}",
    lambda n: f"+1 (212) 55{n % 10}",
    lambda n: f"2125550{n % 1000:03d}00000",
    lambda n: "n/a",
    lambda n: f"+1212555O1{n % 100:02d}",
)


def write_contacts(db: sqlite3.Connection, *, seed: int, total: int, now_us: int, workspace_id: str) -> None:
    """Write the contacts, some thousand at a time, with their labels and opt-outs."""
    numbers = catalogue.write_labels(db)
    crowd = _Crowd(seed=seed, total=total, now_us=now_us)
    for first in range(0, total, _AT_ONCE):
        seqs = np.arange(first, min(first + _AT_ONCE, total))
        people = crowd.draw(seqs)
        contacts.insert(db, first, people.contacts, workspace_id=workspace_id)
        for name, flags in people.labels.items():
            bits = bitmaps.of_positions(seqs[flags], contacts=int(seqs[-1]) + 1)
            bitmaps.add_members(db, numbers[name], bits)
        opt_outs.record(db, people.opted_out)
    db.execute("UPDATE opt_outs SET is_labelled = 1 WHERE at_us <= ?", (now_us,))


@dataclass(frozen=True)
class _People:
    contacts: list[Contact]
    labels: Mapping[str, Flags]
    opted_out: list[tuple[int, int]]


@dataclass
class _Crowd:
    """Everybody in the workspace, drawn in the order of their creation."""

    seed: int
    total: int
    now_us: int
    taken: list[int] = field(default_factory=lambda: [0] * len(PLACES))
    bulk: int = 0

    def __post_init__(self) -> None:
        self._oldest = min(_OLDEST, self.now_us - 365 * DAY)
        self._step = (self.now_us - self._oldest) // (self.total + 1)
        john = (_JOHN_CREATED - self._oldest) // self._step if self._step else 0
        self._planted_at = max(0, min(john, self.total - FEWEST_CONTACTS))
        self._capacities = [capacity(place) for place in PLACES]
        self._place_edges = np.cumsum([place.weight for place in PLACES])
        self._language_edges = np.cumsum([language.share for language in LANGUAGES])

    def draw(self, seqs: Positions) -> _People:
        """Draw some contacts, who must follow those drawn before."""
        interest = engagement(seqs, seed=self.seed)
        places = np.searchsorted(self._place_edges, self._u(seqs, "place") * self._place_edges[-1], side="right")
        created = self._created(seqs)
        trouble = self._u(seqs, "phone trouble")
        phones, shared = self._phones(seqs, places, trouble)
        labels = self._labels(seqs, interest, places, created, shared=shared, is_malformed=_malformed(trouble))
        people = self._contacts(seqs, interest, places, created, phones)
        left = labels["DNC"] | labels["unsubscribed"]
        ages = (self.now_us - created) * self._u(seqs, "opt-out")
        opted_out = [(int(seqs[i]), int(created[i] + ages[i])) for i in np.flatnonzero(left).tolist()]
        self._plant(seqs, people, labels, opted_out)
        return _People(people, labels, opted_out)

    def _u(self, seqs: Positions, stream: str) -> Draws:
        return hashing.uniform(seqs, hashing.key(self.seed, stream))

    def _created(self, seqs: Positions) -> Positions:
        jitter = (self._u(seqs, "created") * self._step).astype(np.int64)
        created: Positions = self._oldest + seqs * self._step + jitter
        return created

    def _phones(self, seqs: Positions, places: Positions, trouble: Draws) -> tuple[list[str | None], Flags]:
        phones: list[str | None] = []
        shared = (trouble >= 0.03) & (trouble < 0.045)
        for i, (place, luck) in enumerate(zip(places.tolist(), trouble.tolist(), strict=True)):
            if luck < 0.01:
                phones.append(None)
            elif luck < 0.03:
                phones.append(_MALFORMED[int(seqs[i]) % len(_MALFORMED)](int(seqs[i])))
            elif shared[i] and i and phones[i // 2] is not None:
                phones.append(phones[i // 2])
            else:
                phones.append(self._next_number(place))
        return phones, shared

    def _next_number(self, place: int) -> str:
        nth = self.taken[place]
        if nth < self._capacities[place]:
            self.taken[place] += 1
            return number(PLACES[place], nth)
        self.bulk += 1
        return bulk_number(self.bulk - 1)

    def _labels(
        self,
        seqs: Positions,
        interest: Draws,
        places: Positions,
        created: Positions,
        *,
        shared: Flags,
        is_malformed: Flags,
    ) -> dict[str, Flags]:
        def chance(name: str, probability: Any) -> Flags:
            return np.asarray(self._u(seqs, f"label {name}") < probability)

        source = self._u(seqs, "source")
        labels = {
            "DNC": chance("DNC", 0.008 + 0.024 * (1 - interest)),
            "invalid number": is_malformed & chance("invalid number", 0.6),
            "unreachable": chance("unreachable", 0.008),
            "duplicate": shared & chance("duplicate", 0.5),
            "vip_customers": chance("vip_customers", 0.05 + 0.6 * (interest > 0.6)),
            "new_subscribers": created > self.now_us - 45 * DAY,
            "product_enthusiasts": chance("product_enthusiasts", 0.05 + 0.3 * interest),
            "tier_gold": (interest > 0.85),
            "tier_silver": (interest > 0.6) & (interest <= 0.85),
            "tier_bronze": (interest > 0.4) & (interest <= 0.6),
            "source_web": source < 0.4,
            "source_store": (source >= 0.4) & (source < 0.6),
            "source_event": (source >= 0.6) & (source < 0.68),
            "source_referral": (source >= 0.68) & (source < 0.72),
            "newsletter": chance("newsletter", 0.2 + 0.5 * interest),
            "spring_campaign_2025": (created < _SPRING_2025) & chance("spring_campaign_2025", 0.3),
            "birthday_club": chance("birthday_club", 0.15),
            "lapsed": chance("lapsed", 0.6 * (interest < 0.2)),
        }
        labels["unsubscribed"] = (labels["DNC"] & chance("unsubscribed", 0.6)) | chance("unsubscribed", 0.015)
        for rank, topic in enumerate(("shoes", "outdoor", "beauty", "home", "sports", "books"), start=1):
            labels[f"interest_{topic}"] = chance(f"interest_{topic}", (0.1 + 0.3 * interest) / rank)
        for i, place in enumerate(PLACES):
            if place.label:
                labels[place.label] = places == i
        plain = self._u(seqs, "unlabelled") < 0.05
        return {name: flags & ~plain for name, flags in labels.items()}

    def _contacts(
        self, seqs: Positions, interest: Draws, places: Positions, created: Positions, phones: list[str | None]
    ) -> list[Contact]:
        languages = np.searchsorted(self._language_edges[:-1], self._u(seqs, "language"), side="right")
        has_bought = self._u(seqs, "bought") < 0.35 + 0.6 * interest
        days_since = (1 - interest) * 400 * self._u(seqs, "last purchase")
        today = from_us(self.now_us).date()
        days = [(today - timedelta(days=ago)).isoformat() for ago in range(400)]
        # Lists, because reading single values out of arrays is slow.
        columns = zip(
            hashing.uuids(seqs, hashing.key(self.seed, "contact id")).astype(str).tolist(),
            interest.tolist(),
            [PLACES[place] for place in places.tolist()],
            [LANGUAGES[language] for language in languages.tolist()],
            self._u(seqs, "given name").tolist(),
            self._u(seqs, "family name").tolist(),
            phones,
            (self._u(seqs, "whatsapp") < 0.35).tolist(),
            np.where(has_bought, days_since, -1).astype(np.int64).tolist(),
            created.tolist(),
            strict=True,
        )
        people = []
        for own_id, keen, place, language, given, family, phone, has_whatsapp, ago, created_us in columns:
            fields: dict[str, Any] = {"customer_tier": _tier(keen)}
            if ago >= 0:
                fields["last_purchase"] = days[ago]
                fields["orders"] = 1 + int(12 * keen)
            if place.state is not None:
                fields["state"] = place.state
            fields["country"] = place.country
            fields["timezone"] = place.timezone
            people.append(
                Contact(
                    id=own_id,
                    name=language.spell(given, family),
                    phone=phone,
                    whatsapp_phone=phone if has_whatsapp else None,
                    note="VIP customer" if keen > 0.95 else "",
                    fields=fields,
                    created_us=created_us,
                    updated_us=created_us + 11,
                )
            )
        return people

    def _plant(
        self, seqs: Positions, people: list[Contact], labels: Mapping[str, Flags], opted_out: list[tuple[int, int]]
    ) -> None:
        for nth, (changes, carries) in enumerate(_PLANTED):
            at = self._planted_at + nth - int(seqs[0])
            if not 0 <= at < len(seqs):
                continue
            people[at] = replace(people[at], **changes)
            for name, flags in labels.items():
                flags[at] = name in carries
            opted_out[:] = [one for one in opted_out if one[0] != int(seqs[at])]
            if changes["name"] == "Opal Outis":
                opted_out.append((int(seqs[at]), self.now_us + 10 * MINUTE))


_PLANTED: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
    (
        {
            "id": "11111111-2222-4444-3333-555555555555", "name": "John Doe", "phone": "+12345678900",
            "whatsapp_phone": "+12345678900", "note": "VIP customer",
            "fields": {"customer_tier": "gold", "last_purchase": "2024-01-15"},
            "created_us": _JOHN_CREATED, "updated_us": _JOHN_CREATED + 11,
        },
        ("vip_customers",),
    ),
    (
        {
            "id": "22222222-3333-5555-4444-666666666666", "name": "Jane Smith", "phone": "+19876543210",
            "whatsapp_phone": None, "note": "",
        },
        ("vip_customers", "newsletter"),
    ),
    (
        {
            "id": "33333333-4444-4666-8777-888888888888", "name": "Opal Outis", "phone": "+15550100100",
            "whatsapp_phone": None, "note": "",
        },
        ("vip_customers", "newsletter"),
    ),
    (
        {
            "id": "44444444-5555-4666-8777-999999999999", "name": "Kay Keyword", "phone": "+18111222333",
            "whatsapp_phone": None, "note": "",
        },
        ("newsletter",),
    ),
)  # fmt: skip
PLANTED_IDS: tuple[str, ...] = tuple(changes["id"] for changes, _ in _PLANTED)


def _malformed(trouble: Draws) -> Flags:
    return np.asarray((trouble >= 0.01) & (trouble < 0.03))


def _tier(interest: float) -> str:
    return "gold" if interest > 0.85 else "silver" if interest > 0.6 else "bronze"
