"""Contacts, labels, senders, imports and jobs through the published face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.conftest import client_of

from .conftest import JANE, JOHN, LINE, OPAL, VIP, Face, wait


def one(face: Face, own_id: str) -> dict[str, Any]:
    return next(row for row in face.rows("/contacts") if row["id"] == own_id)


def names(contact: dict[str, Any]) -> set[str]:
    return {label["name"] for label in contact["contact_labels"]}


def label_ids(face: Face) -> dict[str, str]:
    return {row["name"]: row["id"] for row in face.rows("/contact_labels")}


def import_file(face: Face, text: str, strategy: str) -> dict[str, Any]:
    params = {"duplicate_strategy": strategy}
    job: dict[str, Any] = face.post("/import_contacts", params=params, files={"file": text.encode()}).json()
    wait(face, minutes=1)
    return job


def test_a_limit_of_nothing_gives_all_unless_pages_have_a_maximum(opened: Callable[..., Face]) -> None:
    face, strict = opened(), opened(most_rows=50)

    assert len(face.get("/contacts", params={"limit": 0}).json()["data"]) == 600
    for limit in (0, 51):
        reply = strict.get("/contacts", params={"limit": limit})
        assert (reply.status_code, reply.json()["detail"][0]["loc"]) == (422, ["query", "limit"])
    assert len(strict.get("/contacts", params={"limit": 50}).json()["data"]) == 50


@pytest.mark.parametrize(
    ("asked", "is_had"),
    [
        ({"any_contact_label_ids": VIP}, lambda row: "vip_customers" in names(row)),
        ({"exclude_any_contact_label_ids": VIP}, lambda row: "vip_customers" not in names(row)),
        ({"exclude_labels": "DNC,vip_customers"}, lambda row: not names(row) & {"DNC", "vip_customers"}),
        ({"exclude_labels": "a label that nobody made"}, lambda row: True),
        ({"phone_only": True}, lambda row: row["phone"] is not None),
        ({"whatsapp_phone_only": True}, lambda row: row["whatsapp_phone"] is not None),
        ({"whatsapp_phone": "+12345678900"}, lambda row: row["id"] == JOHN),
        ({"keyword": "john DOE"}, lambda row: row["id"] == JOHN),
        ({"addition_contact_ids": f"{JOHN},{JANE}"}, lambda row: row["id"] in (JOHN, JANE)),
        ({"keyword": "john doe", "addition_contact_ids": JANE}, lambda row: row["id"] in (JOHN, JANE)),
        (
            {"addition_contact_ids": f"{JOHN},{JANE}", "exclude_contact_ids": JANE},
            lambda row: row["id"] == JOHN,
        ),
    ],
)
def test_contacts_are_found(face: Face, asked: dict[str, Any], is_had: Callable[[dict[str, Any]], bool]) -> None:
    expected = [row["id"] for row in face.rows("/contacts") if is_had(row)]

    assert [row["id"] for row in face.rows("/contacts", **asked)] == expected


def test_those_who_have_all_of_some_labels_are_excluded(face: Face) -> None:
    both = {"vip_customers", "newsletter"}
    ids = ",".join(label_ids(face)[name] for name in both)
    found = {row["id"] for row in face.rows("/contacts", exclude_all_contact_label_ids=ids)}

    assert found == {row["id"] for row in face.rows("/contacts") if not both <= names(row)}
    assert JANE not in found


def test_a_label_is_asked_for_by_its_id_not_its_name(face: Face) -> None:
    reply = face.get("/contacts", params={"any_contact_label_ids": "vip_customers"})

    assert (reply.status_code, reply.json()["detail"][0]["loc"]) == (422, ["query", "any_contact_label_ids"])


def test_labels_are_counted(face: Face) -> None:
    contacts = face.rows("/contacts")
    counts = {row["name"]: row["total_count"] for row in face.rows("/contact_labels")}
    without = {row["name"]: row["total_count"] for row in face.rows("/contact_labels", exclude_labels_for_count="DNC")}

    assert counts == {name: sum(name in names(row) for row in contacts) for name in counts}
    assert without["unsubscribed"] < counts["unsubscribed"]
    assert without["DNC"] == 0
    assert all("total_count" not in row for row in face.rows("/contact_labels", contact_counting=False))


def test_labels_are_found(face: Face) -> None:
    system = {"DNC", "invalid number", "unreachable", "duplicate"}

    assert {row["name"] for row in face.rows("/contact_labels", is_system=True)} == system
    assert {row["name"] for row in face.rows("/contact_labels", keyword="TIER_")} == {
        "tier_gold", "tier_silver", "tier_bronze",
    }  # fmt: skip
    assert "DNC" not in label_ids(face).keys() - {"DNC"}
    assert system - {row["name"] for row in face.rows("/contact_labels", exclude_labels="DNC")} == {"DNC"}
    ascending = [row["name"] for row in face.rows("/contact_labels", order_by="name:asc")]
    assert ascending == sorted(ascending) == [row["name"] for row in face.rows("/contact_labels")][::-1]


def test_a_label_is_made_once_and_both_faces_know_it(face: Face) -> None:
    made = face.post("/contact_labels", json={"name": "seax:1"}).json()

    assert label_ids(face)["seax:1"] == made["id"]
    assert face.post("/contact_labels", json={"name": "seax:1"}).status_code == 400
    assert client_of(face.box).get("/contacts", params={"any_contact_label_ids": "seax:1"}).json()["total"] == 0


def test_patched_labels_replace_those_of_users_and_keep_the_services(opened: Callable[..., Face]) -> None:
    face, careless = opened(), opened(keeps_system_labels=False)
    for each, is_kept in ((face, True), (careless, False)):
        wait(each, hours=1)  # Opal opts out
        ids = label_ids(each)
        reply = each.patch(f"/contacts/{OPAL}", json={"contact_label_ids": [ids["lapsed"]]}).json()
        assert reply == one(each, OPAL)
        assert names(reply) == ({"lapsed", "DNC"} if is_kept else {"lapsed"})
    face.patch(f"/contacts/{OPAL}", json={"contact_label_ids": [], "replace_all_labels": True})

    assert names(one(face, OPAL)) == set()
    texted = face.launch(any_contact_label_ids=None, addition_contact_ids=[OPAL])
    wait(face, minutes=1)
    assert face.log(texted["id"])[0]["message"]["event_error_code"] is None


def test_a_patched_contact_is_the_one_that_the_guide_shows(face: Face) -> None:
    face.patch(f"/contacts/{JANE}", json={"name": "Jane S.", "contact_field_data": {"city": "Oslo"}})
    ours = client_of(face.box).get("/contacts", params={"keyword": "Jane S."}).json()["data"][0]

    assert (ours["id"], ours["contact_field_data"]) == (JANE, {"city": "Oslo"})
    assert ours["updated_time"] > ours["created_time"]


def test_labelled_as_opted_out_means_not_texted(face: Face) -> None:
    face.patch(f"/contacts/{JANE}", json={"contact_label_ids": [label_ids(face)["DNC"]]})
    campaign = face.launch(any_contact_label_ids=None, addition_contact_ids=[JANE, JOHN])
    wait(face, minutes=1)

    single = {"sender_phone_number": "+1234567890", "destination": "+19876543210", "message": "Hello"}
    assert {row["to_number"] for row in face.log(campaign["id"])} == {"+12345678900"}
    assert face.post("/messages/sms", json=single).status_code == 422


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"contact_label_ids": ["vip_customers"]}, 422),
        ({"phone": "+12125550142"}, 422),
        ({"whatsapp_phone": "+12120550142"}, 422),
    ],
)
def test_a_contact_is_not_patched_with_what_is_wrong(face: Face, changes: dict[str, Any], status: int) -> None:
    before = one(face, JOHN)

    assert face.patch(f"/contacts/{JOHN}", json=changes).status_code == status
    assert face.patch("/contacts/nobody", json={"name": "x"}).status_code == 404
    assert one(face, JOHN) == before


FILE = 'name,phone,labels,City\nJohn D.,+12345678900,"newsletter,brand new",Rome\n'


def test_an_import_merges_labels_and_fields(face: Face) -> None:
    before = one(face, JOHN)
    job = import_file(face, FILE, "merge")
    after = one(face, JOHN)

    assert (job["status"], face.get(f"/jobs/{job['job_id']}").json()["status"]) == ("queued", "finished")
    assert names(after) == names(before) | {"newsletter", "brand new"}
    assert after["contact_field_data"] == {**before["contact_field_data"], "City": "Rome"}
    assert len(face.rows("/contacts")) == 600


def test_an_import_replaces_labels_but_the_services(face: Face) -> None:
    face.patch(f"/contacts/{JOHN}", json={"contact_label_ids": [label_ids(face)["DNC"], VIP]})
    import_file(face, FILE + "John D.,+12345678900,lapsed,Bari\n", "replace")

    assert names(one(face, JOHN)) == {"DNC", "lapsed"}


def test_an_import_marks_duplicates(face: Face) -> None:
    import_file(face, FILE, "mark")
    newest = face.rows("/contacts")[0]

    assert (newest["phone"], names(newest)) == ("+12345678900", {"newsletter", "brand new", "duplicate"})


def test_merging_may_replace_and_unknown_labels_may_be_ignored(opened: Callable[..., Face]) -> None:
    replacing, ignoring = opened(does_merge_unite=False), opened(makes_labels=False)
    for face in (replacing, ignoring):
        import_file(face, FILE, "merge")

    assert names(one(replacing, JOHN)) == {"newsletter", "brand new"}
    assert "newsletter" in names(one(ignoring, JOHN))
    assert "brand new" not in label_ids(ignoring)


def test_an_import_of_nothing_usable_has_failed(face: Face) -> None:
    job = import_file(face, "name,phone\nAda,12\n", "mark")
    shown = face.get(f"/jobs/{job['job_id']}").json()

    assert (shown["status"], shown["error_msg"]) == ("failed", "Row 1: '12' is not a phone number")
    assert face.post("/import_contacts", files={"file": b""}).json()["detail"][0]["loc"] == ["body", "file"]


@pytest.mark.parametrize("strategy", ["skip", "update"])
def test_the_guides_strategies_are_refused(face: Face, strategy: str) -> None:
    reply = face.post("/import_contacts", params={"duplicate_strategy": strategy}, files={"file": FILE.encode()})

    assert (reply.status_code, reply.json()["detail"][0]["loc"]) == (422, ["query", "duplicate_strategy"])


def test_jobs_are_found_and_name_their_campaign(opened: Callable[..., Face]) -> None:
    face, silent = opened(), opened(is_resource_the_campaign=False)
    imported = import_file(face, FILE, "merge")
    launched = face.launch()

    assert [job["job_id"] for job in face.rows("/jobs", job_types="import_contacts")] == [imported["job_id"]]
    newest = face.rows("/jobs", job_types="lauch_campaign")[0]
    assert (newest["resource_id"], newest["status"]) == (launched["id"], "started")
    assert [job["job_id"] for job in face.rows("/jobs", job_statuses="started")] == [newest["job_id"]]
    assert {job["resource_id"] for job in silent.rows("/jobs")} == {None}


def test_senders_are_in_services(face: Face) -> None:
    (registered,) = face.rows("/messaging_services")
    every = face.rows("/messaging_services", tags="")
    detail = face.get(f"/messaging_services/{registered['id']}").json()

    assert LINE in {phone["id"] for phone in detail["phones"]}
    assert [one["us_app_to_person_registered"] for one in every] == [True, False]
    assert face.get("/messaging_services/MG0").status_code == 404
    assert [row["name"] for row in face.rows("/phones", voice_available=False)] == ["Partner Line", "WhatsApp Line"]
    assert [row["name"] for row in face.rows("/phones", enabled=False)] == ["Retired Line"]


def test_refusals_are_details(face: Face) -> None:
    wrong_key = face.get("/phones", headers={"X-API-Key": "1" * 64})
    unreadable = face.post("/campaigns", content=b"{", headers={"content-type": "application/json"})

    assert (wrong_key.status_code, wrong_key.json()) == (401, {"detail": "Invalid API key"})
    assert face.get("/campaigns/none").json() == {"detail": "No campaign has the id 'none'"}
    assert unreadable.status_code == 422
    assert face.get("/contacts", params={"limit": -1}).json()["detail"][0]["loc"] == ["query", "limit"]


def test_a_deleted_label_is_nobody_s_on_both_faces_and_its_name_is_free(face: Face) -> None:
    made = face.post("/contact_labels", json={"name": "seax:1"}).json()
    face.patch(f"/contacts/{JANE}", json={"contact_label_ids": [made["id"]]})
    before = {name: own_id for name, own_id in label_ids(face).items() if name != "seax:1"}

    assert face.delete(f"/contact_labels/{made['id']}").status_code == 204

    assert label_ids(face) == before
    assert names(one(face, JANE)) == set()
    guided = client_of(face.box).get("/contacts", params={"keyword": "jane", "limit": 100}).json()["data"]
    assert next(row["contact_labels"] for row in guided if row["id"] == JANE) == []
    assert face.delete(f"/contact_labels/{made['id']}").status_code == 404
    assert face.post("/contact_labels", json={"name": "seax:1"}).status_code == 200
    assert names(one(face, JANE)) == set()


def test_a_label_of_the_system_stays(face: Face) -> None:
    assert face.delete(f"/contact_labels/{label_ids(face)['DNC']}").status_code == 400
    assert "DNC" in label_ids(face)
