"""Single messages, campaigns to numbers, parts of texts, and the list of all messages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toolkit.sandbox.published import texts

from .conftest import JOHN, Face, wait

ADA, SENDER = "+19990000001", "+1234567890"  # the number of nobody in the workspace, and of the marketing line
PARTS = json.loads((Path(__file__).parents[2] / "texting" / "message_parts.json").read_text("utf-8"))["cases"]


def single(face: Face, **changes: Any) -> dict[str, Any]:
    body = {"sender_phone_number": SENDER, "destination": ADA, "message": "Your order is on its way.", **changes}
    reply = face.post("/messages/sms", json=body)
    return {"status": reply.status_code, **reply.json()}


def to_numbers(face: Face, destinations: list[dict[str, Any]], **campaign: Any) -> dict[str, Any]:
    body = {
        "sender_phone_number": SENDER,
        "name": "By number",
        "sms_campaign": {"destinations": destinations, **campaign},
    }
    reply = face.post("/general_campaigns/sms", json=body)
    return {"status": reply.status_code, **reply.json()}


def messages(face: Face, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = face.get("/message", params=params).json()["data"]
    return rows


@pytest.mark.parametrize("case", [case for case in PARTS if max(case["text"], default="") < "\ud800"],
                         ids=lambda case: case["name"])  # fmt: skip
def test_parts_are_counted_as_the_carrier_does(case: dict[str, Any]) -> None:
    assert texts.parts(case["text"]) == case["segments_codeunit_rule"]


def test_a_single_message_is_listed_with_its_text(face: Face) -> None:
    sent = single(face, destination="+12345678900", message="Hello {name}, {x}")
    (row,) = messages(face, contact_phones="+12345678900", start_time="2026-03-03T12:00:00")

    assert (row["id"], row["external_id"], row["message"]) == (sent["id"], sent["external_id"], "Hello John Doe, {x}")
    assert (row["contact"]["id"], row["is_inbound"], row["campaign_id"]) == (JOHN, False, None)


def test_a_single_message_may_be_sent_as_it_is(opened: Callable[..., Face]) -> None:
    face = opened(fills_single_messages=False)
    single(face, message="{name}")

    assert messages(face, contact_phones=ADA)[0]["message"] == "{name}"
    assert messages(face, contact_phones=ADA)[0]["contact"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"destination": "12"}, "destination"),
        ({"destination": "+12120550142"}, "destination"),
        ({"sender_phone_number": "+15550100005"}, "sender_phone_number"),
        ({"message": " "}, "message"),
        ({"message": "x" * 1601}, "message"),
        ({"channel": "whatsapp"}, "channel"),
    ],
)
def test_a_single_message_is_refused_where_it_is_wrong(face: Face, changes: dict[str, Any], field: str) -> None:
    refused = single(face, **changes)

    assert (refused["status"], refused["detail"][0]["loc"]) == (422, ["body", field])


def test_a_campaign_to_numbers_sends_each_its_own_text(face: Face) -> None:
    before = len(face.rows("/contacts"))
    sent = to_numbers(
        face, [{"destination": ADA, "message": "Ada {x}"}, {"destination": "+12345678900"}], message="All"
    )
    wait(face, minutes=1)

    assert {row["to_number"]: row["message"]["message"] for row in face.log(sent["id"])} == {
        ADA: "Ada {x}",
        "+12345678900": "All",
    }
    assert face.rows("/campaigns")[0]["id"] == sent["id"]
    assert len(face.rows("/contacts")) == before + 1


def test_a_campaign_to_numbers_may_be_neither_listed_nor_logged(opened: Callable[..., Face]) -> None:
    face = opened(is_bulk_listed=False)
    sent = to_numbers(face, [{"destination": ADA}], message="All")
    wait(face, minutes=1)

    assert sent["id"] not in {row["id"] for row in face.rows("/campaigns")}
    assert face.get(f"/campaigns/{sent['id']}/logs").status_code == 404


@pytest.mark.parametrize(
    "destinations",
    [
        [],
        [{"destination": ADA}, {"destination": ADA}],
        [{"destination": "12"}],
        [{"destination": "+12120550142"}],
        [{"destination": ADA, "message": " "}],
        [{"destination": f"+1555{number:07d}"} for number in range(501)],
    ],
)
def test_a_campaign_to_numbers_is_refused_as_a_whole(face: Face, destinations: list[dict[str, Any]]) -> None:
    assert to_numbers(face, destinations, message="All")["status"] == 422
    assert len(face.rows("/contacts")) == 600


def test_messages_are_those_of_logs_and_the_answers_to_them(face: Face) -> None:
    campaign = face.launch(any_contact_label_ids=[], exclude_contact_ids=[JOHN], message="Look: https://example.com/a",
                           enable_link_shortening=True)  # fmt: skip
    wait(face, days=4)
    rows = messages(face, start_time="2026-03-03T12:00:00Z")
    sent = [row for row in rows if not row["is_inbound"]]
    answers = [row for row in rows if row["is_inbound"]]
    statistics = face.get(f"/campaigns/{campaign['id']}").json()["statistics"]
    logged = {row["message"]["id"]: row["message"] for row in face.log(campaign["id"])}

    assert {row["id"] for row in sent} == logged.keys()
    assert all(
        {name: row[name] for name in ("message", "status", "conversation_id", "segments_number", "created_time")}
        == {name: logged[row["id"]][name]
            for name in ("message", "status", "conversation_id", "segments_number", "created_time")}
        for row in sent
    )  # fmt: skip
    assert sum(len(row["click_events"]) for row in sent) == statistics["total_clicks"] > 0
    assert answers
    for answer in answers:
        assert "DNC" in {label["name"] for label in answer["contact"]["contact_labels"]}
        asked = next(row for row in sent if row["contact"]["id"] == answer["contact"]["id"])
        assert asked["conversation_id"] == answer["conversation_id"]
        assert asked["created_time"] < answer["created_time"]
    created = [row["created_time"] for row in rows]
    assert created == sorted(created, reverse=True)


def test_messages_are_found_by_pages_and_between_times(face: Face) -> None:
    every = messages(face)
    pages = [face.get("/message", params={"limit": 700, "offset": at}).json() for at in range(0, len(every), 700)]
    assert [row["id"] for page in pages for row in page["data"]] == [row["id"] for row in every]
    assert {page["total"] for page in pages} == {len(every)}
    assert [row["id"] for row in messages(face, order_by="created_time:asc", limit=1)] == [every[-1]["id"]]

    span = {"start_time": "2026-01-01T00:00:00", "end_time": "2026-01-31T00:00:00"}
    within = Counter(row["id"] for row in every if span["start_time"] <= row["created_time"] <= span["end_time"])
    assert Counter(row["id"] for row in messages(face, **span)) == within
    assert len(within) > 1
    phone = next(row["contact"]["phone"] for row in every)
    assert Counter(row["id"] for row in messages(face, contact_phones=phone)) == Counter(
        row["id"] for row in every if row["contact"]["phone"] == phone
    )
