"""One workspace through both faces: the same contacts, campaigns, logs and counters."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import client_of

from .conftest import LINE, VIP, Face, wait

ADDED = {"messenger_psid", "instagram_psid", "line_user_id", "profile_picture_url", "profile_picture_source"}


@pytest.fixture
def guide(face: Face) -> httpx.Client:
    return client_of(face.box)


def data(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(path, params={"limit": 10_000}).json()["data"]
    return rows


def test_both_list_the_same_contacts(face: Face, guide: httpx.Client) -> None:
    theirs = face.rows("/contacts")
    for contact in theirs:
        assert {name: contact.pop(name) for name in ADDED} == dict.fromkeys(ADDED)
        for label in contact["contact_labels"]:
            assert label.pop("created_time") == label.pop("updated_time")
            label["description"] = label["description"] or None

    assert theirs == data(guide, "/contacts")


def test_both_list_the_same_phones(face: Face, guide: httpx.Client) -> None:
    for theirs, ours in zip(face.rows("/phones"), data(guide, "/phones"), strict=True):
        assert ours.items() <= theirs.items()


@pytest.mark.parametrize("minutes", [0, 0.02, 60, 60 * 24 * 5])
def test_both_count_a_campaign_the_same_at_every_instant(face: Face, guide: httpx.Client, minutes: float) -> None:
    campaign = face.launch()
    wait(face, minutes=minutes)
    ours = guide.get(f"/campaigns/campaign_{campaign['id']}").json()["statistics"]
    theirs = face.get(f"/campaigns/{campaign['id']}").json()["statistics"]

    assert ours == {
        "total_contacts": theirs["total"],
        "sent": theirs["sent"] + theirs["delivered"] + theirs["undelivered"],
        "failed": theirs["failed"],
        "delivered": theirs["delivered"],
        "bounced": theirs["undelivered"],
        "opened": ours["opened"],
        "clicked": theirs["total_clicks"],
    }


def test_both_log_the_same_of_every_message(face: Face, guide: httpx.Client) -> None:
    for campaign in face.rows("/campaigns"):
        ours = data(guide, f"/campaigns/campaign_{campaign['id']}/logs")
        theirs = face.log(campaign["id"])
        named = {
            row["id"]: (row["contact_id"], row["contact_phone"], row["message_status"], row["error_message"])
            for row in ours
        }
        assert {
            f"log_{row['id']}": (
                row["message"]["conversation"]["contact_id"],
                row["to_number"],
                row["message"]["status"],
                problem(row["message"]),
            )
            for row in theirs
        } == named


def problem(message: dict[str, Any]) -> str | None:
    code, said = message["event_error_code"], message["event_error_message"]
    return said if code is None else f"{said} ({code})"


def test_a_row_says_when_it_was_sent_and_reported(face: Face, guide: httpx.Client) -> None:
    campaign = face.rows("/campaigns")[0]
    ours = {row["id"]: row for row in data(guide, f"/campaigns/campaign_{campaign['id']}/logs")}

    for row in face.log(campaign["id"], message_statuses="delivered"):
        other = ours[f"log_{row['id']}"]
        assert (row["sending_time"][:23] + "Z", row["message"]["updated_time"][:23] + "Z") == (
            other["sent_time"],
            other["delivered_time"],
        )


def test_a_campaign_sent_through_one_is_listed_by_the_other(face: Face, guide: httpx.Client) -> None:
    sent = guide.post(
        "/campaigns",
        json={
            "name": "From the guide", "type": "SMS", "message": "Hello", "phone_ids": [LINE],
            "any_contact_label_ids": ["vip_customers"],
        },
    ).json()  # fmt: skip
    theirs = face.launch(name="From the published")

    listed = face.rows("/campaigns")[:2]
    assert {row["name"] for row in listed} == {"From the guide", "From the published"}
    guides = next(row for row in listed if row["name"] == "From the guide")
    assert f"campaign_{guides['id']}" == sent["id"]
    assert [one["id"] for one in guides["campaign_metadata"]["any_contact_labels"]] == [VIP]
    assert guide.get(f"/campaigns/campaign_{theirs['id']}").json()["name"] == "From the published"


def test_a_job_of_one_is_a_job_of_the_other(face: Face, guide: httpx.Client) -> None:
    file = {"file": b"name,phone\nAda,+12125550142\n"}
    job = face.post("/import_contacts", files=file).json()
    wait(face, minutes=1)

    assert guide.get(f"/jobs/job_{job['job_id']}").json()["processed_items"] == 1
    assert face.get(f"/jobs/{job['job_id']}").json()["status"] == "finished"
