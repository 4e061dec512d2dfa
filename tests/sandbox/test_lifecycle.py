"""A campaign from creation to its last report, as a client sees it while the clock passes."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from toolkit.sandbox import Sandbox

LINE = "020086f5-fb0e-4a0c-920a-bbdd04f4381c"
WHATSAPP_LINE = "7d3b5e90-2f64-4ea0-9c76-3b8f409dacb2"
DRAFT: dict[str, Any] = {
    "name": "Test",
    "type": "SMS",
    "message": "Hello, see https://example.com",
    "phone_ids": [LINE],
    "any_contact_label_ids": ["vip_customers"],
    "enable_link_shortening": True,
}


def create(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    reply = client.post("/campaigns", json={**DRAFT, **changes})
    assert reply.status_code == 200, reply.text
    created: dict[str, Any] = reply.json()
    return created


def detail(client: httpx.Client, campaign: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/campaigns/{campaign['id']}").json()
    return found


def logs(client: httpx.Client, campaign: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get(
        f"/campaigns/{campaign['id']}/logs", params={"limit": 10_000, **query}
    ).json()["data"]
    return rows


def everybody(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = client.get("/contacts", params={"limit": 10_000, **query}).json()["data"]
    return people


@pytest.mark.parametrize("seconds", [0, 0.5, 1, 3, 30, 3_600, 86_400, 10 * 86_400])
def test_statistics_and_log_rows_agree_at_every_instant(sandbox: Sandbox, client: httpx.Client, seconds: float) -> None:
    campaign = create(client)
    sandbox.clock.advance(timedelta(seconds=seconds))
    statistics = detail(client, campaign)["statistics"]
    rows = Counter(row["message_status"] for row in logs(client, campaign))

    assert statistics["total_contacts"] == campaign["target_contact_count"] == rows.total()
    assert statistics["sent"] == rows["sent"] + rows["delivered"] + rows["undelivered"]
    assert statistics["failed"] == rows["failed"]
    assert statistics["delivered"] == rows["delivered"]
    assert statistics["bounced"] == rows["undelivered"]
    assert statistics["delivered"] >= statistics["opened"] >= statistics["clicked"]


def test_statistics_never_go_back(sandbox: Sandbox, client: httpx.Client) -> None:
    campaign = create(client)
    seen = []
    for _ in range(20):
        seen.append(detail(client, campaign)["statistics"])
        sandbox.clock.advance(timedelta(seconds=1))

    for before, after in pairwise(seen):
        assert all(after[counter] >= before[counter] for counter in before)
    assert seen[-1]["sent"] > seen[0]["sent"]


def test_a_campaign_is_sending_and_then_finished(sandbox: Sandbox, client: httpx.Client) -> None:
    campaign = create(client)
    during = detail(client, campaign)
    sandbox.clock.advance(timedelta(seconds=campaign["target_contact_count"] / 100))
    after = detail(client, campaign)

    assert (campaign["status"], during["status"], during["end_time"]) == ("sending", "sending", None)
    assert after["status"] == "finished"
    assert after["end_time"] == after["updated_time"] > after["start_time"]
    assert after["statistics"]["sent"] + after["statistics"]["failed"] == after["statistics"]["total_contacts"]


def test_a_scheduled_campaign_waits_for_its_time(sandbox: Sandbox, client: httpx.Client) -> None:
    start = sandbox.clock.now() + timedelta(hours=1)
    campaign = create(client, is_schedule=True, start_time=start.isoformat())
    sandbox.clock.advance(timedelta(minutes=59))
    waiting = detail(client, campaign)
    sandbox.clock.advance(timedelta(minutes=1))

    assert waiting["status"] == "scheduled"
    assert waiting["statistics"]["sent"] == waiting["statistics"]["failed"] == 0
    assert datetime.fromisoformat(campaign["start_time"]) == start
    assert detail(client, campaign)["status"] == "sending"


def test_messages_whose_turn_comes_after_the_end_fail(sandbox: Sandbox, client: httpx.Client) -> None:
    campaign = create(client, end_time=(sandbox.clock.now() + timedelta(seconds=1)).isoformat())
    sandbox.clock.advance(timedelta(hours=1))
    late = [row for row in logs(client, campaign) if row["error_message"] and "ended" in row["error_message"]]

    assert len(late) == campaign["target_contact_count"] - 100
    assert {(row["message_status"], row["sent_time"]) for row in late} == {("failed", None)}


def test_people_who_opted_out_or_have_no_usable_phone_are_never_texted(client: httpx.Client) -> None:
    campaign = create(client, any_contact_label_ids=[])
    refused = {
        person["id"]
        for person in everybody(client)
        if {label["name"] for label in person["contact_labels"]} & {"DNC", "unsubscribed"}
        or person["phone"] is None
        or not person["phone"].startswith("+")
    }
    texted = {row["contact_id"] for row in logs(client, campaign)}

    assert refused
    assert not refused & texted


def test_somebody_who_opts_out_before_their_turn_fails_and_says_so(sandbox: Sandbox, client: httpx.Client) -> None:
    start = sandbox.clock.now() + timedelta(hours=1)
    campaign = create(client, is_schedule=True, start_time=start.isoformat())
    sandbox.clock.advance(timedelta(hours=2))  # Opal Outis opts out ten minutes after the workspace is made
    (row,) = [row for row in logs(client, campaign) if row["contact_name"] == "Opal Outis"]
    (opal,) = everybody(client, keyword="opal outis")

    assert row["message_status"] == "failed"
    assert row["sent_time"] is None
    assert "opted out" in row["error_message"]
    assert {"DNC", "unsubscribed"} <= {label["name"] for label in opal["contact_labels"]}


def test_replies_to_a_campaign_opt_people_out(sandbox: Sandbox, client: httpx.Client) -> None:
    campaign = create(client, any_contact_label_ids=[])
    before = client.get("/contacts", params={"any_contact_label_ids": "DNC"}).json()["total"]
    sandbox.clock.advance(timedelta(days=3))
    gone = everybody(client, any_contact_label_ids="DNC")
    texted = {row["contact_id"]: row for row in logs(client, campaign)}
    answered = [texted[person["id"]] for person in gone if person["id"] in texted]

    assert len(gone) > before + 1  # more than Opal Outis
    assert {row["message_status"] for row in answered if row["contact_name"] != "Opal Outis"} == {"delivered"}


def test_labels_are_attached_as_messages_leave(sandbox: Sandbox, client: httpx.Client) -> None:
    campaign = create(client, attach_contact_label_ids=["seg_slot_01"])
    sandbox.clock.advance(timedelta(milliseconds=495))
    half = {person["id"] for person in everybody(client, any_contact_label_ids="seg_slot_01")}
    left = {row["contact_id"] for row in logs(client, campaign, message_statuses="sent,delivered,undelivered")}
    sandbox.clock.advance(timedelta(days=1))
    final = {person["id"] for person in everybody(client, any_contact_label_ids="seg_slot_01")}

    assert half == left
    assert 40 < len(half) <= 50
    assert len(final) == detail(client, campaign)["statistics"]["sent"]


def test_somebody_who_is_given_the_dnc_label_by_a_campaign_is_texted_no_more(
    sandbox: Sandbox, client: httpx.Client
) -> None:
    later = create(client, is_schedule=True, start_time=(sandbox.clock.now() + timedelta(hours=1)).isoformat())
    create(client, attach_contact_label_ids=["DNC"])
    sandbox.clock.advance(timedelta(minutes=1))
    given = next(row for row in everybody(client, any_contact_label_ids="DNC", all_contact_label_ids="newsletter"))
    message = {"phone_number": "+1234567890", "to_phone_number": given["phone"], "content": "Hello"}
    refused = client.post("/send_message", json=message)
    sandbox.clock.advance(timedelta(hours=2))

    assert refused.json()["details"] == {"field": "to_phone_number", "code": "OPTED_OUT"}
    assert detail(client, later)["statistics"]["sent"] < 10


def test_clicks_need_short_links(sandbox: Sandbox, client: httpx.Client) -> None:
    with_links = create(client)
    without = create(client, enable_link_shortening=False)
    sandbox.clock.advance(timedelta(days=3))

    assert detail(client, with_links)["statistics"]["clicked"] > 0
    assert detail(client, without)["statistics"]["clicked"] == 0


@pytest.mark.parametrize("passed", [timedelta(seconds=1), timedelta(minutes=1), timedelta(days=4)])
def test_a_page_of_the_log_is_the_same_slice_with_and_without_a_filter(
    sandbox: Sandbox, client: httpx.Client, passed: timedelta
) -> None:
    campaign = create(client, end_time=(sandbox.clock.now() + timedelta(seconds=1.2)).isoformat())
    sandbox.clock.advance(passed)
    rows = logs(client, campaign)

    assert logs(client, campaign, offset=30, limit=20) == rows[30:50]
    for statuses in ("delivered", "failed,undelivered", "queued,sent", "failed,failed"):
        wanted = [row for row in rows if row["message_status"] in statuses.split(",")]
        page = client.get(
            f"/campaigns/{campaign['id']}/logs", params={"offset": 3, "limit": 20, "message_statuses": statuses}
        ).json()
        assert (page["data"], page["total"]) == (wanted[3:23], len(wanted))


def test_log_rows_show_contacts_as_contact_pages_do(sandbox: Sandbox, client: httpx.Client) -> None:
    for csv in (
        'name,phone,whatsapp\n"Quote ""Q"" \\ \n line",+15550300001,+15550300101\nTab\tTab,+15550300002,\n',
        "name,phone\n" + "".join(f"Name {n},+155503001{n:02d}\n" for n in range(21)),
        "name,phone,whatsapp\nRenamed é,+15550300002,+15550300102\nРена,+15550300110,\n",
    ):
        client.post("/import_contacts?duplicate_strategy=update", files={"file": ("c.csv", csv)})
        sandbox.clock.advance(timedelta(seconds=1))
    people = {person["id"]: person for person in everybody(client)}
    line = {"type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE", "phone_ids": [WHATSAPP_LINE]}
    texted = logs(client, create(client, any_contact_label_ids=[]))
    by_whatsapp = logs(client, create(client, any_contact_label_ids=[], **line))

    for rows, number in ((texted, "phone"), (by_whatsapp, "whatsapp_phone")):
        shown = [(row["contact_name"], row["contact_phone"]) for row in rows]
        assert shown == [(people[row["contact_id"]]["name"], people[row["contact_id"]][number]) for row in rows]
        assert "Renamed é" in dict(shown)
    assert 'Quote "Q" \\ \n line' in {row["contact_name"] for row in by_whatsapp}
    assert len(by_whatsapp) < len(texted)


def test_the_job_of_a_campaign_follows_it(sandbox: Sandbox, client: httpx.Client) -> None:
    campaign = create(client)
    sandbox.clock.advance(timedelta(seconds=0.5))
    during = client.get(f"/jobs/{campaign['job_id']}").json()
    sandbox.clock.advance(timedelta(minutes=5))
    after = client.get(f"/jobs/{campaign['job_id']}").json()

    assert (during["status"], during["processed_items"]) == ("processing", 51)
    assert (after["status"], after["progress"]) == ("finished", 100)
