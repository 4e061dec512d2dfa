"""A service as the guide describes it whose contacts and campaigns a test changes by hand, and that counts requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from tests.builders import START
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

KEY = "5" * 64
SIZE = 6_600  # contacts; fewer are read whole, because asking for changes costs as much

Row = dict[str, Any]
LABELS = {name: {"id": f"id-of-{name}", "name": name, "is_system": name == "DNC"} for name in ("vip", "nyc", "DNC")}


class LivingService:
    """Contacts, newest first, and campaigns by id; `keeps_order_of_change` answers an order that the guide has not."""

    def __init__(self, contacts: int = SIZE, *, keeps_order_of_change: bool = False) -> None:
        self.contacts: list[Row] = []
        self.campaigns: dict[str, Row] = {}
        self.logs: dict[str, list[Row]] = {}
        self.asked: list[httpx.Request] = []
        self.on_request: Callable[[httpx.Request], object] = lambda _: None
        self.keeps_order_of_change = keeps_order_of_change
        self._time = START - timedelta(days=90)
        self._joined = 0
        for i in range(contacts):
            self.join(*(name for name, share in (("vip", 5), ("nyc", 9), ("DNC", 40)) if i % share == 0))

    def join(self, *labels: str) -> Row:
        """Somebody new comes, with labels."""
        self._joined += 1
        number = self._joined
        now = self._now()
        row = {
            "id": f"{number:08d}-0000-4000-8000-000000000000",
            "name": f"Person {number}",
            "phone": f"+1999{number:07d}",
            "contact_field_data": {"tier": "gold" if number % 2 else "silver"},
            "contact_labels": [LABELS.setdefault(x, {"id": f"id-of-{x}", "name": x}) for x in labels],
            "created_time": now,
            "updated_time": now,
        }
        self.contacts.insert(0, row)
        return row

    def edit(self, at: int, **changes: Any) -> None:
        """The contact at a place in the list changes."""
        self.contacts[at] |= changes | {"updated_time": self._now()}

    def label(self, at: int, *names: str) -> None:
        """The contact at a place has these labels and no others from now on; its time of change stays."""
        self.contacts[at]["contact_labels"] = [
            LABELS.setdefault(x, {"id": f"id-of-{x}", "name": x, "is_system": False}) for x in names
        ]

    def has(self, at: int) -> tuple[str, ...]:
        """The labels of the contact at a place."""
        return tuple(label["name"] for label in self.contacts[at]["contact_labels"])

    def send(self, campaign_id: str, statuses: Sequence[str]) -> None:
        """A campaign to the oldest contacts with these outcomes; again to change them."""
        people = list(reversed(self.contacts))[: len(statuses)]
        self.logs[campaign_id] = [_log_row(campaign_id, *one) for one in zip(people, statuses, strict=True)]
        counts = {status: statuses.count(status) for status in ("sent", "delivered", "undelivered", "failed")}
        self.campaigns[campaign_id] = {
            "id": campaign_id,
            "name": f"Campaign {campaign_id}",
            "type": "SMS",
            "message": "Hello",
            "status": "finished",
            "created_time": START.isoformat(),
            "updated_time": START.isoformat(),
            "phones": [],
            "statistics": {
                "total_contacts": len(statuses),
                "sent": len(statuses) - statuses.count("queued") - counts["failed"],
                "failed": counts["failed"],
                "delivered": counts["delivered"],
                "bounced": counts["undelivered"],
                "opened": 0,
                "clicked": 0,
            },
        }

    def first(self, *labels: str) -> int:
        """The place of somebody who has these labels and no others, well inside the list."""
        return next(at for at in range(4_000, SIZE) if self.has(at) == labels)

    def swap(self, label: str) -> None:
        """One who has a label alone loses it, and one without any gains it."""
        had, had_not = self.first(label), self.first()
        self.label(had)
        self.label(had_not, label)

    def connect(self, home: Path, now: Callable[[], datetime]) -> Workspace:
        """A live workspace on this service."""
        settings = Settings(home=home, api_key=SecretStr(KEY), workspace_id="w")
        return connect(settings, transport=httpx.MockTransport(self._answer), now=now)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.on_request(request)
        *_, kind, last = request.url.path.split("/")
        query = dict(request.url.params)
        if last == "contacts":
            return self._contacts(query)
        if last == "logs":
            return _page(self.logs[kind], query)
        if kind == "campaigns" and last in self.campaigns:
            return httpx.Response(200, json=self.campaigns[last])
        if last == "phones":
            return httpx.Response(200, json={"data": [], "total": 0})
        return httpx.Response(404, json={"message": f"No {last}"})

    def _contacts(self, query: dict[str, str]) -> httpx.Response:
        rows, order = self.contacts, query.get("order_by", "created_time:desc")
        if order == "updated_time:desc" and self.keeps_order_of_change:
            rows = sorted(rows, key=lambda row: row["updated_time"], reverse=True)
        elif order != "created_time:desc":
            return httpx.Response(422, json={"message": f"No order {order}"})
        if wanted := query.get("any_contact_label_ids"):
            rows = [row for row in rows if any(label["id"] == wanted for label in row["contact_labels"])]
        return _page(rows, query)

    def _now(self) -> str:
        self._time += timedelta(seconds=1)
        return self._time.replace(tzinfo=None).isoformat()


def _page(rows: Sequence[Row], query: dict[str, str]) -> httpx.Response:
    offset, limit = int(query.get("offset", 0)), int(query["limit"])
    return httpx.Response(200, content=json.dumps({"data": rows[offset : offset + limit], "total": len(rows)}))


def _log_row(campaign_id: str, person: Row, status: str) -> Row:
    sent: datetime | None = None if status in {"queued", "failed"} else START
    return {
        "id": f"log-{campaign_id}-{person['id']}",
        "contact_id": person["id"],
        "contact_name": person["name"],
        "contact_phone": person["phone"],
        "message_status": status,
        "sent_time": sent and sent.isoformat(),
        "delivered_time": (START + timedelta(seconds=3)).isoformat() if status == "delivered" else None,
        "error_message": "Invalid phone number" if status == "failed" else None,
        "message_id": f"msg-{campaign_id}-{person['id']}",
    }
