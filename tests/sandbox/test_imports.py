"""Importing a CSV through the real multipart call."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from toolkit.sandbox import Sandbox


def upload(client: httpx.Client, csv: str | bytes, **query: str) -> httpx.Response:
    content = csv.encode() if isinstance(csv, str) else csv
    return client.post("/import_contacts", params=query, files={"file": ("contacts.csv", content)})


def run(sandbox: Sandbox, client: httpx.Client, csv: str, **query: str) -> dict[str, Any]:
    job = upload(client, csv, **query).json()
    sandbox.clock.advance(timedelta(minutes=1))
    finished: dict[str, Any] = client.get(f"/jobs/{job['id']}").json()
    return finished


def found(client: httpx.Client, keyword: str) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = client.get("/contacts", params={"keyword": keyword}).json()["data"]
    return people


def label_names(person: dict[str, Any]) -> list[str]:
    return [label["name"] for label in person["contact_labels"]]


def test_an_import_progresses_with_the_clock(sandbox: Sandbox, client: httpx.Client) -> None:
    rows = "".join(f"Guest {n},+1555020{n:04d}\n" for n in range(4_000))
    started = upload(client, "name,phone\n" + rows).json()
    sandbox.clock.advance(timedelta(seconds=1))
    halfway = client.get(f"/jobs/{started['id']}").json()
    arrived = client.get("/contacts", params={"keyword": "guest "}).json()["total"]
    sandbox.clock.advance(timedelta(seconds=1))
    finished = client.get(f"/jobs/{started['id']}").json()

    assert (started["status"], started["progress"], started["total_items"]) == ("processing", 0, 4_000)
    assert (halfway["status"], halfway["progress"], halfway["processed_items"]) == ("processing", 50, 2_000)
    assert arrived == 2_000
    assert (finished["status"], finished["progress"], finished["failed_items"]) == ("finished", 100, 0)
    assert client.get("/contacts", params={"keyword": "guest "}).json()["total"] == 4_000


def test_labels_and_unknown_columns_come_along(sandbox: Sandbox, client: httpx.Client) -> None:
    run(
        sandbox,
        client,
        "Name,Phone,whatsapp,labels,Shoe size\n"
        'Ada Byron,+1 (929) 555-0142,+19295550142,"vip_customers, brand new",38\n'
        "Bob,07700 900123,,,\n",
        phone_country="GB",
    )
    (ada,) = found(client, "ada byron")
    (bob,) = found(client, "+447700900123")

    assert ada["contact_field_data"] == {"Shoe size": "38"}
    assert label_names(ada) == ["vip_customers", "brand new"]
    assert (bob["name"], bob["contact_field_data"]) == ("Bob", {})


def test_rows_that_cannot_be_used_are_counted_and_explained(sandbox: Sandbox, client: httpx.Client) -> None:
    before = client.get("/contacts").json()["total"]
    job = run(sandbox, client, "name,phone\nReal,+12120550142\nOdd,n/a\n,\nFine,\n")

    assert (job["processed_items"], job["failed_items"], job["total_items"]) == (3, 2, 3)
    assert [error["row"] for error in job["errors"]] == [1, 2]
    assert "may belong to somebody" in job["errors"][0]["message"]
    assert client.get("/contacts").json()["total"] == before + 1


@pytest.mark.parametrize(
    ("strategy", "people", "labels"),
    [
        ("mark", ["Jane Twin", "Jane Smith"], [["duplicate", "newbie"], ["vip_customers", "newsletter"]]),
        ("skip", ["Jane Smith"], [["vip_customers", "newsletter"]]),
        ("update", ["Jane Twin"], [["vip_customers", "newsletter", "newbie"]]),
    ],
)
def test_each_strategy_treats_a_known_phone_its_own_way(
    sandbox: Sandbox, client: httpx.Client, strategy: str, people: list[str], labels: list[list[str]]
) -> None:
    job = run(
        sandbox,
        client,
        "name,phone,labels,city\nJane Twin,+19876543210,newbie,Rome\n",
        duplicate_strategy=strategy,
    )
    now = found(client, "+19876543210")

    assert (job["processed_items"], job["failed_items"]) == (1, 0)
    assert [person["name"] for person in now] == people
    assert [label_names(person) for person in now] == labels
    assert ("city" in now[0]["contact_field_data"]) == (strategy != "skip")


def test_an_import_never_takes_an_opt_out_away(sandbox: Sandbox, client: httpx.Client) -> None:
    run(sandbox, client, "name,phone,labels\nAda,+15550200001,DNC\n")
    run(sandbox, client, "name,phone,labels\nAda,+15550200001,vip_customers\n", duplicate_strategy="update")
    (ada,) = found(client, "+15550200001")
    refused = client.post(
        "/send_message", json={"phone_number": "+1234567890", "to_phone_number": "+15550200001", "content": "Hi"}
    )

    assert "DNC" in label_names(ada)
    assert refused.status_code == 422
    assert refused.json()["details"] == {"field": "to_phone_number", "code": "OPTED_OUT"}


@pytest.mark.parametrize(
    ("csv", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"\xff\xfe\x00", "INVALID_ENCODING"),
        (b"colour,size\nred,1\n", "MISSING_COLUMN"),
        (b"name,phone,Phone\nAda,,\n", "DUPLICATE_COLUMN"),
    ],
)
def test_a_file_without_contacts_is_refused(client: httpx.Client, csv: bytes, code: str) -> None:
    reply = upload(client, csv)

    assert reply.status_code == 422
    assert reply.json()["details"] == {"field": "file", "code": code}


def test_old_line_ends_and_a_byte_order_mark_are_read(sandbox: Sandbox, client: httpx.Client) -> None:
    job = run(sandbox, client, "\ufeffname,phone\rAda,+15550200001\rBob,+15550200002\r")

    assert (job["total_items"], job["failed_items"]) == (2, 0)
