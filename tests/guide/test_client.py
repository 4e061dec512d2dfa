"""The guide's examples judge the client: documented replies parse, documented requests are what it sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from toolkit.api.arrow_schemas import LabelBook
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.errors import InvalidRequest, RateLimited, ServiceError, Unauthorized
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest, Target

GUIDE = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
EXAMPLES = {example["title"]: example for example in GUIDE["examples"]}
BASE = "https://seax.seasalt.ai/bulk-sms-api"
WORKSPACE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
CAMPAIGN = "campaign_12345678-abcd-efgh-ijkl-123456789012"


class Service:
    """The network's edge: answers with one reply and remembers what was asked."""

    def __init__(self, reply: Any, status: int = 200) -> None:
        self.reply, self.status = reply, status
        self.requests: list[httpx.Request] = []
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        self.keys.append(request.headers["X-API-KEY"])  # which leaves the request when it is over
        return httpx.Response(self.status, json=self.reply)

    @property
    def client(self) -> Client:
        return Client(Caller(BASE, WORKSPACE, SecretStr("0" * 64), transport=httpx.MockTransport(self)))


def documented(title: str) -> tuple[Service, dict[str, Any]]:
    example = EXAMPLES[title]
    return Service(example["response"]), example


def assert_asked_as_documented(
    service: Service, example: dict[str, Any], *, query: dict[str, str] | None = None
) -> None:
    sent, wanted = service.requests[0], urlsplit(example["url"])
    assert sent.method == example["method"]
    assert (sent.url.scheme, sent.url.host, sent.url.path) == (wanted.scheme, wanted.netloc, wanted.path)
    assert service.keys[0] == "0" * 64
    asked = parse_qs(sent.url.query.decode())
    assert set(asked) <= set(parse_qs(wanted.query)) | {"message_statuses"}
    assert asked == {name: [value] for name, value in (query or {}).items()}


def test_phones() -> None:
    service, example = documented("Get Phone Numbers")

    (phone,) = service.client.phones()

    assert (phone.id, phone.name, phone.phone) == (
        "020086f5-fb0e-4a0c-920a-bbdd04f4381c",
        "Marketing Line",
        "+1234567890",
    )
    assert (phone.sms, phone.mms, phone.is_default) == (True, True, True)
    assert_asked_as_documented(service, example, query={"offset": "0", "limit": "1000", "enabled": "true"})


def test_contacts() -> None:
    service, example = documented("Get Contacts")
    book = LabelBook()
    listing = service.client.contacts(book)

    page = listing.decode(listing.fetch(0, 10))

    (row,) = page.rows.to_pylist()
    assert (row["name"], row["phone"], row["labels"], page.total) == ("John Doe", "+12345678900", [0], 1)
    assert json.loads(row["fields"]) == {"customer_tier": "gold", "last_purchase": "2024-01-15"}
    assert row["created_time"] == datetime(2025, 7, 7, 18, 13, 4, 845276, UTC)
    assert book.labels[0].name == "vip_customers"
    assert_asked_as_documented(service, example, query={"offset": "0", "limit": "10"})


def test_import() -> None:
    service, example = documented("Import Contacts (Optional)")

    job = service.client.import_contacts(ImportRequest(filename="contacts.csv", content=b"name\n", phone_country="US"))

    assert (job.status, job.total, job.processed, job.failed) == ("processing", 1000, 0, 0)
    body = service.requests[0].content
    assert b'name="file"; filename="contacts.csv"' in body
    assert_asked_as_documented(service, example, query={"duplicate_strategy": "mark", "phone_country": "US"})


def test_campaign() -> None:
    service, example = documented("Create Bulk SMS/MMS Campaign")
    asked = example["request"]

    campaign = service.client.create_campaign(
        CampaignRequest(
            name=asked["name"],
            type="SMS",
            message=asked["message"],
            sender_ids=tuple(asked["phone_ids"]),
            target=Target(
                any_of=tuple(asked["any_contact_label_ids"]), none_of=tuple(asked["exclude_any_contact_label_ids"])
            ),
            shorten_links=True,
            attach_label_ids=tuple(asked["attach_contact_label_ids"]),
        )
    )

    assert json.loads(service.requests[0].content) == asked
    assert (campaign.id, campaign.target_count, campaign.status) == (CAMPAIGN, 1250, "sending")
    assert_asked_as_documented(service, example)


def test_campaign_progress() -> None:
    service, example = documented("Monitor Campaign Progress")

    campaign = service.client.campaign(CAMPAIGN)

    counts = campaign.statistics
    assert counts is not None
    assert campaign.is_finished
    assert (counts.total, counts.sent, counts.failed, counts.delivered, counts.clicked) == (1250, 1245, 5, 1200, 234)
    assert counts.pending == 0
    assert_asked_as_documented(service, example)


def test_logs() -> None:
    service, example = documented("Get Campaign Logs")

    listing = service.client.logs(CAMPAIGN, statuses=("delivered", "failed"))

    page = listing.decode(listing.fetch(0, 10))

    delivered, failed = page.rows.to_pylist()
    assert (delivered["status"], failed["status"], failed["error"]) == ("delivered", "failed", "Invalid phone number")
    assert (delivered["delivered_time"] - delivered["sent_time"]).total_seconds() == 30
    assert page.total == 1245
    assert_asked_as_documented(
        service, example, query={"offset": "0", "limit": "10", "message_statuses": "delivered,failed"}
    )


def test_message() -> None:
    service, example = documented("Send Individual Messages")
    asked = example["request"]

    message = service.client.send_message(
        MessageRequest(sender=asked["phone_number"], to=asked["to_phone_number"], text=asked["content"])
    )

    assert json.loads(service.requests[0].content) == asked
    assert (message.status, message.to) == ("sent", "+19876543210")
    assert_asked_as_documented(service, example)


@pytest.mark.parametrize(
    ("index", "kind"), [(0, Unauthorized), (1, InvalidRequest), (2, RateLimited)], ids=["401", "422", "429"]
)
def test_documented_errors_are_told_apart(index: int, kind: type[ServiceError]) -> None:
    body = GUIDE["errors"][index]

    with pytest.raises(kind, match=body["message"]) as caught:
        Service(body, body["status_code"]).client.send_message(MessageRequest(sender="+1", to="+1", text="x"))

    assert caught.value.status == body["status_code"]
    if isinstance(caught.value, InvalidRequest):
        assert (caught.value.field, caught.value.code) == ("to_phone_number", "INVALID_FORMAT")
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == 60
