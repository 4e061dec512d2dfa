"""Requests that the service declines, in the guide's error shape."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from toolkit.sandbox import Sandbox
from toolkit.sandbox.asgi.middleware import Limiter
from toolkit.sandbox.errors import Refused

LINE = "020086f5-fb0e-4a0c-920a-bbdd04f4381c"
DRAFT = {"name": "Test", "type": "SMS", "message": "Hello", "phone_ids": [LINE]}
MESSAGE = {"phone_number": "+1234567890", "to_phone_number": "+12125550142", "content": "Hello"}
STORE_LINE, WHATSAPP_LINE = "5b1f3c7e-0d42-4c8e-9a54-1f6d2e7b8a90", "7d3b5e90-2f64-4ea0-9c76-3b8f409dacb2"
RETIRED_LINE = "8e4c6fa1-3075-4fb1-8d87-4c90510ebdc3"


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda c: c.get("/phones", headers={"X-API-KEY": "wrong"}), 401),
        (lambda c: c.get("/nothing", headers={"X-API-KEY": "wrong"}), 401),
        (lambda c: c.get("/nothing"), 404),
        (lambda c: c.get("http://sandbox.invalid/elsewhere"), 404),
        (lambda c: c.get("http://sandbox.invalid/bulk-sms-api/api/v1/workspace/other/phones"), 404),
        (lambda c: c.get("/campaigns/campaign_unknown"), 404),
        (lambda c: c.get("/campaigns/campaign_unknown/logs"), 404),
        (lambda c: c.get("/jobs/job_unknown"), 404),
        (lambda c: c.delete("/contacts"), 405),
        (lambda c: c.post("/import_contacts", files={"file": ("c.csv", b"x" * (32 * 1024 * 1024))}), 413),
        (lambda c: c.post("/campaigns", content=b"{}"), 415),
        (lambda c: c.post("/send_message", data={"content": "x"}), 415),
        (lambda c: c.post("/import_contacts", json={}), 415),
    ],
)
def test_a_refusal_has_the_guides_shape(
    client: httpx.Client, ask: Callable[[httpx.Client], httpx.Response], status: int
) -> None:
    reply = ask(client)

    assert reply.status_code == status == reply.json()["status_code"]
    assert reply.json().keys() == {"error", "message", "status_code"}


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("host", "evil.example", 421),
        ("host", "localhost.evil.example", 421),
        ("host", "localhost:evil.example", 421),
        ("host", "localhost@evil.example", 421),
        ("host", "localhost:8765", 200),
        ("host", "[::1]:8765", 200),
        ("origin", "https://evil.example", 403),
        ("origin", "http://localhost:evil.example", 403),
        ("origin", "null", 403),
        ("origin", "http://127.0.0.1:8888", 200),
    ],
)
@pytest.mark.parametrize("path", ["/phones", "http://sandbox.invalid/docs"])
def test_pages_of_other_sites_are_turned_away(
    client: httpx.Client, path: str, header: str, value: str, status: int
) -> None:
    assert client.get(path, headers={header: value}).status_code == status


def test_a_body_that_never_ends_is_cut_off(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    reply = client.post("/campaigns", content=(b" " * 1024 * 1024 for _ in range(33)), headers=headers)

    assert reply.status_code == 413


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("/contacts?limit=0", "limit", "INVALID_VALUE"),
        ("/contacts?limit=many", "limit", "INVALID_TYPE"),
        ("/contacts?limit=10001", "limit", "INVALID_VALUE"),
        ("/contacts?offset=-1", "offset", "INVALID_VALUE"),
        (f"/contacts?offset={10**30}", "offset", "INVALID_VALUE"),
        ("/contacts?order_by=age:asc", "order_by", "INVALID_VALUE"),
        ("/contacts?order_by=name:up", "order_by", "INVALID_VALUE"),
        ("/contacts?any_contact_label_ids=nobody", "any_contact_label_ids", "UNKNOWN_LABEL"),
        ("/phones?enabled=perhaps", "enabled", "INVALID_TYPE"),
        (
            "/campaigns/campaign_12345678-abcd-efgh-ijkl-123456789012/logs?message_statuses=lost",
            "message_statuses",
            "INVALID_VALUE",
        ),
    ],
)
def test_a_wrong_parameter_is_named(client: httpx.Client, query: str, field: str, code: str) -> None:
    reply = client.get(query)

    assert reply.status_code == 422
    assert reply.json()["details"] == {"field": field, "code": code}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": None}, "name", "INVALID_TYPE"),
        ({"name": " "}, "name", "INVALID_VALUE"),
        ({"type": "FAX"}, "type", "INVALID_VALUE"),
        ({"message": ""}, "message", "INVALID_VALUE"),
        ({"phone_ids": []}, "phone_ids", "INVALID_VALUE"),
        ({"phone_ids": ["nobody"]}, "phone_ids", "UNKNOWN_PHONE"),
        ({"phone_ids": [RETIRED_LINE]}, "phone_ids", "UNKNOWN_PHONE"),
        ({"phone_ids": [STORE_LINE], "type": "MMS"}, "phone_ids", "NOT_CAPABLE"),
        ({"type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"}, "phone_ids", "NOT_CAPABLE"),
        ({"any_contact_label_ids": ["nobody"]}, "any_contact_label_ids", "UNKNOWN_LABEL"),
        ({"exclude_any_contact_label_ids": ["nobody"]}, "exclude_any_contact_label_ids", "UNKNOWN_LABEL"),
        ({"attach_contact_label_ids": ["nobody"]}, "attach_contact_label_ids", "UNKNOWN_LABEL"),
        ({"any_contact_label_ids": ["seg_slot_01"]}, "any_contact_label_ids", "EMPTY_AUDIENCE"),
        ({"media_urls": ["image.jpg"]}, "media_urls", "INVALID_FORMAT"),
        ({"is_schedule": True}, "start_time", "REQUIRED"),
        ({"is_schedule": True, "start_time": "2020-01-01T00:00:00Z"}, "start_time", "IN_THE_PAST"),
        ({"start_time": "tomorrow"}, "start_time", "INVALID_FORMAT"),
        ({"end_time": "2020-01-01T00:00:00Z"}, "end_time", "INVALID_VALUE"),
        ({"end_time": "9999-12-31T23:59:59-01:00"}, "end_time", "INVALID_VALUE"),
    ],
)
def test_a_wrong_campaign_is_refused_and_nothing_is_sent(
    client: httpx.Client, changes: dict[str, Any], field: str, code: str
) -> None:
    reply = client.post("/campaigns", json={**DRAFT, **changes})

    assert reply.status_code == 422
    assert reply.json()["details"] == {"field": field, "code": code}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"phone_number": "+15550100005"}, "phone_number", "UNKNOWN_PHONE"),
        ({"phone_number": "+15550100002", "media_urls": ["https://example.com/a.jpg"]}, "phone_number", "NOT_CAPABLE"),
        ({"to_phone_number": "12125550142"}, "to_phone_number", "INVALID_FORMAT"),
        ({"to_phone_number": "+12120550142"}, "to_phone_number", "NOT_FICTIONAL"),
        ({"content": ""}, "content", "INVALID_VALUE"),
    ],
)
def test_a_wrong_message_is_refused(client: httpx.Client, changes: dict[str, Any], field: str, code: str) -> None:
    reply = client.post("/send_message", json={**MESSAGE, **changes})

    assert reply.status_code == 422
    assert reply.json()["details"] == {"field": field, "code": code}


@pytest.mark.parametrize(
    ("call", "field", "value"),
    [
        ("/send_message", "content", "\ud800"),
        ("/send_message", "phone_number", "\ud800"),
        ("/send_message", "to_phone_number", "\ud800"),
        ("/campaigns", "name", "\ud800"),
        ("/campaigns", "phone_ids", ["\ud800"]),
        ("/campaigns", "exclude_contact_ids", ["\ud800"]),
        ("/campaigns", "attach_contact_label_ids", ["\ud800"]),
    ],
)
def test_half_a_surrogate_pair_is_refused(client: httpx.Client, call: str, field: str, value: object) -> None:
    body = json.dumps({**(DRAFT if call == "/campaigns" else MESSAGE), field: value})
    reply = client.post(call, content=body, headers={"Content-Type": "application/json"})

    assert reply.status_code == 422
    assert reply.json()["details"]["field"] == field


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"", b'{"a":\xff}'])
def test_a_body_that_is_no_object_is_answered_cleanly(client: httpx.Client, body: bytes) -> None:
    reply = client.post("/campaigns", content=body, headers={"Content-Type": "application/json"})

    assert reply.status_code in (400, 422)
    assert reply.json()["status_code"] == reply.status_code


def test_unknown_parameters_are_ignored_as_the_vendor_does(client: httpx.Client) -> None:
    assert client.get("/contacts?colour=red").json() == client.get("/contacts").json()
    assert client.post("/send_message", json={**MESSAGE, "colour": "red"}).status_code == 200


def test_all_four_types_can_be_sent(client: httpx.Client) -> None:
    sms = client.post("/campaigns", json=DRAFT)
    mms = client.post("/campaigns", json={**DRAFT, "type": "MMS", "media_urls": ["https://example.com/a.jpg"]})
    agent = client.post("/campaigns", json={**DRAFT, "type": "AI_AGENT"})
    whatsapp = client.post(
        "/campaigns", json={**DRAFT, "type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE", "phone_ids": [WHATSAPP_LINE]}
    )
    logged = client.get(f"/campaigns/{whatsapp.json()['id']}/logs").json()["data"]

    assert [reply.status_code for reply in (sms, mms, agent, whatsapp)] == [200] * 4
    assert 0 < whatsapp.json()["target_contact_count"] < sms.json()["target_contact_count"]
    assert all(row["contact_phone"].startswith("+") for row in logged)


def test_phones_are_filtered_and_paged(client: httpx.Client) -> None:
    def names(query: str) -> list[str]:
        return [phone["name"] for phone in client.get(f"/phones?{query}").json()["data"]]

    assert names("") == ["Marketing Line", "Store Line", "Partner Line", "WhatsApp Line"]
    assert names("is_owned=true") == ["Marketing Line", "Store Line", "WhatsApp Line"]
    assert names("enabled=false") == ["Retired Line"]
    assert names("offset=1&limit=1") == ["Store Line"]


def test_requests_are_served_again_after_a_minute(sandbox: Sandbox) -> None:
    now = [sandbox.clock.now()]
    limiter = Limiter(2, lambda: now[0])
    limiter.check()
    now[0] += timedelta(seconds=20)
    limiter.check()

    with pytest.raises(Refused) as refused:
        limiter.check()
    now[0] += timedelta(seconds=40)
    limiter.check()

    assert refused.value.body["retry_after"] == 40
