# One file: the life of a campaign, from its draft to its end.
"""Campaigns through the published face: created, kept as drafts, launched, canceled, and refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import client_of

from .conftest import JANE, JOHN, LINE, OPAL, VIP, Face, wait

ALONE: dict[str, Any] = {"any_contact_label_ids": None, "addition_contact_ids": [JOHN, JANE]}


def people(face: Face, campaign_id: str) -> set[str]:
    return {row["message"]["conversation"]["contact_id"] for row in face.log(campaign_id)}


def test_a_campaign_echoes_what_was_asked_for(face: Face) -> None:
    dnc = next(label["id"] for label in face.rows("/contact_labels") if label["name"] == "DNC")
    campaign = face.launch(
        exclude_any_contact_label_ids=[dnc], exclude_contact_ids=[JOHN], draft_name="v2", enable_link_shortening=True
    )
    told = campaign["campaign_metadata"]

    assert [one["name"] for one in told["any_contact_labels"]] == ["vip_customers"]
    assert [one["name"] for one in told["exclude_any_contact_labels"]] == ["DNC"]
    assert told["exclude_contacts"] == [
        {"id": JOHN, "name": "John Doe", "phone": "+12345678900", "whatsapp_phone": "+12345678900"}
    ]
    assert (campaign["draft_name"], campaign["enable_link_shortening"]) == ("v2", True)
    assert campaign["messaging_service_id"] == face.rows("/messaging_services")[0]["id"]
    assert [phone["id"] for phone in campaign["phones"]] == [LINE]
    assert campaign["statistics"] is None


def test_a_row_has_the_text_that_its_recipient_reads_and_its_parts(face: Face) -> None:
    campaign = face.launch(message="Hi {NAME}, your {customer_tier} {no such field}", **ALONE)
    wait(face, minutes=1)
    texts = {row["to_number"]: row["message"] for row in face.log(campaign["id"])}

    assert texts["+12345678900"]["message"] == "Hi John Doe, your gold {no such field}"
    assert {one["segments_number"] for one in texts.values()} == {1}


def test_a_placeholder_without_a_value_may_vanish(opened: Callable[..., Face]) -> None:
    face = opened(fills_missing="empty")
    campaign = face.launch(message="Hi {name}{no such field}", **ALONE)
    wait(face, minutes=1)

    assert "Hi John Doe" in {row["message"]["message"] for row in face.log(campaign["id"])}


def test_a_scheduled_campaign_waits(face: Face) -> None:
    campaign = face.launch(is_schedule=True, start_time="2026-03-04T12:00:00+00:00")

    shown = face.get(f"/campaigns/{campaign['id']}").json()
    assert (shown["status"], shown["is_schedule"], shown["start_time"]) == (
        "PENDING",
        True,
        "2026-03-04T12:00:00.000000",
    )
    assert shown["statistics"]["scheduled"] == shown["statistics"]["total"] > 0
    assert face.log(campaign["id"]) == []


def test_statistics_count_a_message_once_or_as_sent_as_well(opened: Callable[..., Face]) -> None:
    exclusive, cumulative = opened(), opened(counts="cumulative")
    one, other = (
        face.get(f"/campaigns/{face.rows('/campaigns')[0]['id']}").json()["statistics"]
        for face in (exclusive, cumulative)
    )

    assert sum(one[name] for name in ("sent", "delivered", "undelivered", "failed")) == one["total"]
    assert other["sent"] == one["sent"] + one["delivered"] + one["undelivered"]
    assert {**other, "sent": 0} == {**one, "sent": 0}


def test_rows_appear_as_messages_are_sent_or_at_the_launch(opened: Callable[..., Face]) -> None:
    later, at_once = opened(), opened(logs_appear="at launch")
    for face, statuses in ((later, set()), (at_once, {"queued"})):
        campaign = face.launch()
        wait(face, seconds=0.5)
        rows = face.log(campaign["id"])
        assert {row["message"]["status"] for row in rows} - {"sent", "delivered", "failed", "undelivered"} == statuses
        assert len(face.log(campaign["id"], message_statuses="queued")) == (len(rows) - 51 if statuses else 0)


def test_a_report_may_not_be_what_updated_a_row_last(opened: Callable[..., Face]) -> None:
    times = [
        [
            row["message"]["updated_time"]
            for row in face.log(face.rows("/campaigns")[0]["id"], message_statuses="delivered")
        ]
        for face in (opened(), opened(updated_time_is="later"))
    ]

    assert all(later > earlier for earlier, later in zip(*times, strict=True))


def test_a_service_without_the_sender_is_refused_unless_nobody_checks(opened: Callable[..., Face]) -> None:
    face, careless = opened(), opened(checks_service=False)
    retired = next(one["id"] for one in face.rows("/messaging_services", tags="") if "Retired" in one["name"])

    refused = face.post("/campaigns", json=face.new_campaign(message_service_id=retired))
    assert refused.json()["detail"][0]["loc"] == ["body", "phone_ids"]
    assert careless.launch(message_service_id=retired)["messaging_service_id"] == retired


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"any_contact_label_ids": None}, "any_contact_label_ids"),
        ({"any_contact_label_ids": ["vip_customers"]}, "any_contact_label_ids"),  # ids, not names
        ({"exclude_contact_ids": None, "message_service_id": "MG0"}, "message_service_id"),
        ({"message": " "}, "message"),
        ({"phone_ids": []}, "phone_ids"),
        ({"phone_ids": ["nobody's"]}, "phone_ids"),
        ({"mode": "EXCEL"}, "mode"),
        ({"is_timezone_aware": True}, "is_timezone_aware"),
        ({"is_schedule": True}, "start_time"),
        ({"is_schedule": True, "start_time": "2020-01-01T00:00:00"}, "start_time"),
        ({"stage": "LIVE"}, "stage"),
    ],
)
def test_what_cannot_be_sent_is_refused_where_it_is_wrong(face: Face, changes: dict[str, Any], field: str) -> None:
    reply = face.post("/campaigns", json=face.new_campaign(**changes))

    assert reply.status_code == 422
    assert reply.json()["detail"][0]["loc"][:2] == ["body", field]


def test_contacts_by_id_are_texted_by_themselves_or_not_at_all(opened: Callable[..., Face]) -> None:
    face, strict = opened(), opened(are_additions_a_filter=False)
    campaign = face.launch(**ALONE)
    wait(face, minutes=1)

    assert people(face, campaign["id"]) == {JOHN, JANE}
    assert strict.post("/campaigns", json=strict.new_campaign(**ALONE)).status_code == 422


def test_an_exclusion_beats_an_addition_or_yields_to_it(opened: Callable[..., Face]) -> None:
    for face, texted in ((opened(), {JANE}), (opened(do_additions_win=True), {JOHN, JANE})):
        campaign = face.launch(**ALONE, exclude_contact_ids=[JOHN])
        wait(face, minutes=1)
        assert people(face, campaign["id"]) == texted


def test_the_opted_out_are_dropped_unasked_or_refused_by_the_carrier(opened: Callable[..., Face]) -> None:
    for drops in (True, False):
        face = opened(drops_opted_out=drops)
        wait(face, hours=1)  # Opal opts out
        campaign = face.launch(any_contact_label_ids=None, addition_contact_ids=[JOHN, OPAL])
        wait(face, minutes=1)
        codes = {row["message"]["event_error_code"] for row in face.log(campaign["id"])}
        assert (people(face, campaign["id"]), 21610 in codes) == (({JOHN}, False) if drops else ({JOHN, OPAL}, True))


def test_the_count_of_contacts_is_who_a_campaign_reaches(face: Face) -> None:
    labels = {label["name"]: label["id"] for label in face.rows("/contact_labels")}
    chosen = {
        "any_contact_label_ids": [labels["newsletter"], VIP],
        "exclude_any_contact_label_ids": [labels["DNC"], labels["unsubscribed"]],
        "exclude_all_contact_label_ids": [labels["newsletter"], VIP],
        "addition_contact_ids": [JOHN],
        "exclude_contact_ids": [JANE],
    }
    asked = {name: ",".join(ids) for name, ids in chosen.items()}
    campaign = face.launch(**chosen)
    wait(face, minutes=10)

    texted = people(face, campaign["id"])
    selected = {row["id"] for row in face.rows("/contacts", phone_only=True, **asked)}
    unreachable = {row["id"] for row in face.rows("/contacts") if not re.fullmatch(r"\+\d+", row["phone"] or "")}
    assert texted == selected - unreachable
    assert JANE not in texted


def test_a_draft_texts_nobody_until_it_is_launched(face: Face) -> None:
    draft = face.launch(stage="DRAFT", message="First")
    wait(face, hours=1)
    assert draft["stage"] == face.get(f"/campaigns/{draft['id']}").json()["stage"] == "DRAFT"
    assert [row["id"] for row in face.rows("/campaigns", stage="DRAFT")] == [draft["id"]]
    assert draft["id"] not in {row["id"] for row in face.rows("/campaigns")}
    assert face.get(f"/campaigns/{draft['id']}/logs").status_code == 404

    changed = face.patch(f"/campaigns/{draft['id']}", json={"message": "Second"}).json()
    launched = [face.patch(f"/campaigns/{draft['id']}", json={"stage": "INSTANCE"}).json() for _ in range(2)]
    wait(face, hours=1)

    assert (changed["stage"], changed["message"]) == ("DRAFT", "Second")
    assert {(one["id"], one["stage"], one["created_time"]) for one in launched} == {
        (draft["id"], "INSTANCE", draft["created_time"])
    }
    assert {row["message"]["message"] for row in face.log(draft["id"])} == {"Second"}
    assert len(face.log(draft["id"])) == face.get(f"/campaigns/{draft['id']}").json()["statistics"]["total"]
    assert face.rows("/campaigns", stage="DRAFT") == []


def test_a_draft_may_send_at_once(opened: Callable[..., Face]) -> None:
    face = opened(does_a_draft_send=True)
    draft = face.launch(stage="DRAFT", **ALONE)
    wait(face, minutes=1)

    assert draft["stage"] == "DRAFT"
    assert people(face, draft["id"]) == {JOHN, JANE}
    assert face.patch(f"/campaigns/{draft['id']}", json={"stage": "INSTANCE"}).json()["stage"] == "INSTANCE"
    assert len(face.log(draft["id"])) == 2


def test_launching_may_send_nothing(opened: Callable[..., Face]) -> None:
    face = opened(does_launching_send=False)
    draft = face.launch(stage="DRAFT", **ALONE)
    launched = face.patch(f"/campaigns/{draft['id']}", json={"stage": "INSTANCE"}).json()
    wait(face, hours=1)

    assert (launched["stage"], launched["status"]) == ("INSTANCE", "PENDING")
    assert face.get(f"/campaigns/{draft['id']}/logs").status_code == 404


def test_a_draft_reaches_those_of_its_launch_or_of_its_creation(opened: Callable[..., Face]) -> None:
    for at_launch in (True, False):
        face = opened(is_audience_taken_at_launch=at_launch)
        draft = face.launch(stage="DRAFT")
        file = {"file": b"name,phone,labels\nAda,+12125550142,vip_customers\n"}
        face.post("/import_contacts", files=file)
        wait(face, minutes=1)
        face.patch(f"/campaigns/{draft['id']}", json={"stage": "INSTANCE"})
        wait(face, hours=1)
        assert ("+12125550142" in {row["to_number"] for row in face.log(draft["id"])}) == at_launch


def test_a_deleted_draft_is_gone(face: Face) -> None:
    draft = face.launch(stage="DRAFT")

    assert face.delete(f"/campaigns/{draft['id']}").status_code == 204
    assert face.get(f"/campaigns/{draft['id']}").status_code == 404
    assert face.delete(f"/campaigns/{draft['id']}").status_code == 404


def test_a_canceled_campaign_sends_no_more(face: Face) -> None:
    campaign = face.launch()
    wait(face, seconds=0.5)
    canceled = face.patch(f"/campaigns/{campaign['id']}", json={"status": "CANCELED"}).json()
    wait(face, days=1)
    statistics = face.get(f"/campaigns/{campaign['id']}").json()["statistics"]
    rows = face.log(campaign["id"])

    assert canceled["status"] == "CANCELED"
    assert 0 < statistics["canceled"] == statistics["total"] - 50
    assert len(rows) == statistics["total"]
    assert [row["message"]["status"] == "canceled" for row in rows] == [False] * 50 + [True] * statistics["canceled"]
    assert len(face.log(campaign["id"], message_statuses="canceled")) == statistics["canceled"]
    assert next(job for job in face.rows("/jobs") if job["resource_id"] == campaign["id"])["status"] == "canceled"


def test_the_guide_shows_what_was_canceled_as_failed_and_the_campaign_as_finished(face: Face) -> None:
    campaign = face.launch()
    wait(face, seconds=0.5)
    face.patch(f"/campaigns/{campaign['id']}", json={"status": "CANCELED"})
    theirs = face.get(f"/campaigns/{campaign['id']}").json()["statistics"]
    ours = client_of(face.box).get(f"/campaigns/campaign_{campaign['id']}").json()

    assert ours["status"] == "finished"
    assert ours["statistics"]["failed"] == theirs["failed"] + theirs["canceled"]


def test_a_canceled_schedule_never_begins(face: Face) -> None:
    when = {"is_schedule": True, "start_time": "2026-03-04T12:00:00"}
    patched, deleted = face.launch(**when), face.launch(**when)
    face.patch(f"/campaigns/{patched['id']}", json={"status": "CANCELED"})
    assert face.delete(f"/campaigns/{deleted['id']}").status_code == 204
    wait(face, days=3)

    for campaign in (patched, deleted):
        assert {row["message"]["status"] for row in face.log(campaign["id"])} == {"canceled"}


def test_nobody_answers_a_message_that_was_canceled(face: Face) -> None:
    campaign = face.launch(any_contact_label_ids=[], exclude_contact_ids=[JOHN], is_schedule=True,
                           start_time="2026-03-04T12:00:00")  # fmt: skip
    face.patch(f"/campaigns/{campaign['id']}", json={"status": "CANCELED"})
    before = face.rows("/contact_labels", keyword="unsubscribed")[0]["total_count"]
    wait(face, hours=2)
    opal = face.rows("/contact_labels", keyword="unsubscribed")[0]["total_count"]
    wait(face, days=5)

    assert opal >= before
    assert face.rows("/contact_labels", keyword="unsubscribed")[0]["total_count"] == opal


def test_what_has_finished_cannot_be_canceled_nor_what_runs_be_deleted(face: Face) -> None:
    done, running = face.rows("/campaigns")[0], face.launch()

    assert face.patch(f"/campaigns/{done['id']}", json={"status": "CANCELED"}).status_code == 400
    assert face.delete(f"/campaigns/{running['id']}").status_code == 400
    assert face.patch(f"/campaigns/{running['id']}", json={"message": "Other"}).status_code == 422
    assert face.patch(f"/campaigns/{running['id']}", json={"status": "PAUSED"}).status_code == 422


def test_deleting_may_be_what_cancels(opened: Callable[..., Face]) -> None:
    face = opened(cancels_by="delete")
    campaign = face.launch()
    patched = face.patch(f"/campaigns/{campaign['id']}", json={"status": "CANCELED"})

    assert (patched.status_code, patched.json()["status"]) == (200, "STARTED")
    assert face.delete(f"/campaigns/{campaign['id']}").status_code == 204
    assert face.get(f"/campaigns/{campaign['id']}").json()["status"] == "CANCELED"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"types": "MMS"}, {"New arrivals"}),
        ({"statuses": "STARTED"}, set()),
        ({"mode": "EXCEL"}, set()),
        ({"phone_numbers": "+15550100002"}, set()),
        ({"start_time_from": "2026-02-19T00:00:00Z"}, {"Weekend deal A", "Weekend deal B"}),
        ({"end_time_to": "2025-01-01T00:00:00"}, {"Monthly news 1", "Monthly news 2"}),
    ],
)
def test_campaigns_are_found(face: Face, asked: dict[str, Any], names: set[str]) -> None:
    assert {row["name"] for row in face.rows("/campaigns", **asked)} == names


def test_campaigns_are_listed_by_pages_the_newest_first(face: Face) -> None:
    every = face.rows("/campaigns")
    pages = [face.get("/campaigns", params={"limit": 10, "offset": at}).json() for at in (0, 10, 20)]

    assert [row["id"] for page in pages for row in page["data"]] == [row["id"] for row in every]
    assert {page["total"] for page in pages} == {len(every)}
    assert [row["created_time"] for row in every] == sorted((row["created_time"] for row in every), reverse=True)
    by_name = face.rows("/campaigns", order_by="name:asc")
    assert [row["name"] for row in by_name] == sorted(row["name"] for row in every)
