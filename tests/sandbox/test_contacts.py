"""Finding contacts, judged by a plain reading of everybody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import client_of
from toolkit.sandbox import Sandbox
from toolkit.sandbox.numbers import is_fictional
from toolkit.sandbox.world.seed import PLANTED_IDS

Person = dict[str, Any]


@pytest.fixture
def everybody(client: httpx.Client) -> list[Person]:
    people: list[Person] = client.get("/contacts", params={"limit": 10_000}).json()["data"]
    return people


def names(person: Person) -> set[str]:
    return {label["name"] for label in person["contact_labels"]}


def ids(people: list[Person]) -> list[str]:
    return [person["id"] for person in people]


def test_pages_add_up_to_everybody_newest_first(client: httpx.Client, everybody: list[Person]) -> None:
    pages = [client.get("/contacts", params={"limit": 70, "offset": at}).json() for at in range(0, 700, 70)]

    assert [person for page in pages for person in page["data"]] == everybody
    assert {page["total"] for page in pages} == {600} == {len(everybody)}
    assert everybody == sorted(everybody, key=lambda person: person["created_time"], reverse=True)


@pytest.mark.parametrize(
    ("query", "is_meant"),
    [
        ({"any_contact_label_ids": "vip_customers,newsletter"}, lambda p: names(p) & {"vip_customers", "newsletter"}),
        ({"all_contact_label_ids": "vip_customers,newsletter"}, lambda p: names(p) >= {"vip_customers", "newsletter"}),
        ({"exclude_labels": "vip_customers,newsletter"}, lambda p: not names(p) & {"vip_customers", "newsletter"}),
        (
            {"any_contact_label_ids": "11111111-2222-4444-3333-555555555555", "exclude_labels": "location_nyc"},
            lambda p: "vip_customers" in names(p) and "location_nyc" not in names(p),
        ),
        ({"keyword": "SMITH"}, lambda p: "smith" in p["name"].lower()),
        ({"keyword": "+1212"}, lambda p: "+1212" in (p["phone"] or "")),
        ({"keyword": "ł"}, lambda p: "ł" in p["name"].lower()),
        ({"keyword": "%"}, lambda p: False),
        (
            {"exclude_contact_ids": "11111111-2222-4444-3333-555555555555,not-an-id", "keyword": "J"},
            lambda p: "j" in p["name"].lower() and p["name"] != "John Doe",
        ),
    ],
)  # fmt: skip
def test_a_filter_means_what_it_says(
    client: httpx.Client, everybody: list[Person], query: dict[str, str], is_meant: Callable[[Person], object]
) -> None:
    meant = [person for person in everybody if is_meant(person)]
    whole = client.get("/contacts", params={**query, "limit": 10_000}).json()
    middle = client.get("/contacts", params={**query, "offset": 3, "limit": 5}).json()

    assert ids(whole["data"]) == ids(meant)
    assert ids(middle["data"]) == ids(meant)[3:8]
    assert whole["total"] == middle["total"] == len(meant)


@pytest.mark.parametrize(
    ("order_by", "key", "is_reversed"),
    [
        ("created_time:asc", lambda p: p["created_time"], False),
        ("name:asc", lambda p: (p["name"], p["created_time"]), False),
        ("name", lambda p: (p["name"], p["created_time"]), False),
        ("phone:desc,name:desc", lambda p: (p["phone"] or "", p["name"]), True),
        ("name:desc,created_time:desc", lambda p: (p["name"], p["created_time"]), True),
    ],
)
def test_contacts_come_in_the_order_asked_for(
    client: httpx.Client, everybody: list[Person], order_by: str, key: Callable[[Person], Any], is_reversed: bool
) -> None:
    ordered = sorted(everybody, key=key, reverse=is_reversed)
    whole = client.get("/contacts", params={"order_by": order_by, "limit": 10_000}).json()["data"]
    vip = client.get(
        "/contacts", params={"order_by": order_by, "limit": 9, "offset": 50, "all_contact_label_ids": "vip_customers"}
    ).json()["data"]

    assert [key(person) for person in whole] == [key(person) for person in ordered]
    assert vip == [person for person in whole if "vip_customers" in names(person)][50:59]


def test_an_imported_contact_takes_its_place_in_a_kept_order(client: httpx.Client, sandbox: Sandbox) -> None:
    client.get("/contacts", params={"order_by": "name:asc"})
    client.post("/import_contacts", files={"file": ("c.csv", b"name,phone\nAAA First,+12125550142\n")})
    sandbox.clock.advance(timedelta(seconds=1))

    assert client.get("/contacts", params={"order_by": "name:asc"}).json()["data"][0]["name"] == "AAA First"


def test_an_order_that_only_swaps_neighbours_is_kept(client: httpx.Client, sandbox: Sandbox) -> None:
    csv = "name,phone\n" + "".join(f"Zz {letter},+1555020000{n}\n" for n, letter in enumerate("ACBD"))
    client.post("/import_contacts", files={"file": ("c.csv", csv)})
    sandbox.clock.advance(timedelta(seconds=1))
    people = client.get("/contacts", params={"keyword": "zz ", "order_by": "name:asc"}).json()["data"]

    assert [person["name"] for person in people] == ["Zz A", "Zz B", "Zz C", "Zz D"]


def test_an_unknown_label_is_refused_rather_than_ignored(client: httpx.Client) -> None:
    reply = client.get("/contacts", params={"exclude_labels": "DNCC"})

    assert reply.status_code == 422
    assert reply.json()["details"] == {"field": "exclude_labels", "code": "UNKNOWN_LABEL"}
    assert "DNCC" in reply.json()["message"]


def test_the_seeded_contacts_are_as_varied_as_real_ones(everybody: list[Person]) -> None:
    share = {
        "unlabelled": sum(not person["contact_labels"] for person in everybody) / 600,
        "no phone": sum(person["phone"] is None for person in everybody) / 600,
        "vip, not in New York": sum(
            "vip_customers" in names(person) and "location_nyc" not in names(person) for person in everybody
        )
        / 600,
        "names beyond ASCII": sum(not person["name"].isascii() for person in everybody) / 600,
        "malformed": sum(not is_fictional(person["phone"] or "+12125550142") for person in everybody) / 600,
        "shared": 1 - len({person["phone"] for person in everybody if is_fictional(person["phone"] or "")})
        / sum(is_fictional(person["phone"] or "") for person in everybody),
    }  # fmt: skip

    assert 0.04 <= share["unlabelled"] <= 0.09
    assert 0 < share["no phone"] < 0.03
    assert 0.2 < share["vip, not in New York"] < 0.3
    assert 0.15 < share["names beyond ASCII"] < 0.4
    assert 0.01 < share["malformed"] < 0.04
    assert 0.005 < share["shared"] < 0.03


@pytest.mark.parametrize(
    ("keyword", "own_id"),
    [
        ("+12345678900", "11111111-2222-4444-3333-555555555555"),
        ("Jane Smith", "22222222-3333-5555-4444-666666666666"),
        ("opal outis", "33333333-4444-4666-8777-888888888888"),
        ("+18111222333", "44444444-5555-4666-8777-999999999999"),
    ],
)
def test_planted_people_are_found_by_name_and_number(client: httpx.Client, keyword: str, own_id: str) -> None:
    assert own_id in ids(client.get("/contacts", params={"keyword": keyword}).json()["data"])


@pytest.mark.parametrize("days", range(20, 40, 5))
def test_nobody_planted_has_opted_out_on_whatever_day_the_workspace_is_made(tmp_path: Path, days: int) -> None:
    day = datetime(2026, 11, 26, tzinfo=UTC) + timedelta(days=days, hours=days / 5)
    sandbox = Sandbox(tmp_path / "workspace.db", contacts=600, now=lambda: day)

    with client_of(sandbox) as client:
        people: list[Person] = client.get("/contacts", params={"limit": 1_000}).json()["data"]
    sandbox.close()

    planted = {person["name"]: names(person) for person in people if person["id"] in PLANTED_IDS}
    assert set(planted) == {"John Doe", "Jane Smith", "Opal Outis", "Kay Keyword"}
    assert not [name for name, labels in planted.items() if "DNC" in labels]
