"""Pages that cannot be read are explained by row and field; what is new in them is kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.test_client import REQUEST, Script, client_of, page
from toolkit.api.arrow_schemas import LabelBook
from toolkit.api.client import Client
from toolkit.api.snapshot_read import read_all
from toolkit.errors import (
    InvalidRequest,
    UnexpectedReply,
)


def contact(number: int, **more: Any) -> dict[str, Any]:
    time = "2026-03-03T10:00:00"
    return {"id": f"c{number}", "created_time": time, "updated_time": time, "contact_labels": [], **more}


def read(client: Client) -> Any:
    return read_all(client.contacts(LabelBook()), limit=2).rows


def spoiled(**more: Any) -> httpx.Response:
    """A page of two contacts, of which the second is not as documented; None leaves a field out."""
    row = {name: value for name, value in contact(1, **more).items() if value is not None}
    return page([contact(0), row], 2)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (spoiled(contact_labels=[{"name": "l"}]), r"row 2 \(id 'c1'\) has no contact_labels\.id"),
        (spoiled(contact_labels="DNC"), r"row 2 \(id 'c1'\) has 'DNC' where contact_labels should be a list"),
        (spoiled(contact_labels=["DNC"]), r"row 2 \(id 'c1'\) has 'DNC' where contact_labels should be an object"),
        (spoiled(id=5), r"row 2 \(id '5'\) has 5 where id should be a text"),
        (spoiled(id=None), r"row 2 has no id"),
        (
            spoiled(contact_field_data='{"tier":"gold"}'),
            r"row 2 \(id 'c1'\) has .*gold.* where contact_field_data should be an object",
        ),
        (
            spoiled(contact_field_data=[{"tier": "gold"}]),
            r"row 2 \(id 'c1'\) has .*gold.* where contact_field_data should be an object",
        ),
        (page([contact(0), 5], 2), "row 2 has 5 where it should be an object"),
        (page([], None), "the reply has None where total should be a whole number"),
        (httpx.Response(200, json={"data": [], "total": "400"}), "the reply has '400' where total should be a whole"),
        (page([], -1), "it counts -1 rows in all"),
        (httpx.Response(200, json=[]), r"the reply has \[\] where it should be an object"),
        (httpx.Response(200, json={"error": "none"}), "the reply has no data"),
        (httpx.Response(200), "it is an empty reply"),
        (httpx.Response(200, text='{"data": [], "tot'), "it is JSON that is cut off or broken"),
        (httpx.Response(200, content=page([contact(0)], 1).text.encode("utf-16-le")), "it is text in UTF-16"),
        (httpx.Response(200, content=page([contact(0)], 1).text.encode("utf-16")), "it is text in UTF-16"),
        (
            httpx.Response(200, content=spoiled(name="y").content.replace(b'"y"', b'"Jos\xe9"')),
            "it is text that is not in UTF-8, perhaps in Latin-1",
        ),
        (
            httpx.Response(200, content=spoiled(contact_field_data={"x": "y"}).content.replace(b'"y"', b'"\xff"')),
            "it is text that is not in UTF-8",
        ),
        (httpx.Response(200, content=b'{"data":' + b"[" * 100_000), "it is JSON that is cut off or broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_page_that_cannot_be_read_is_explained_by_row_and_field(reply: httpx.Response, said: str) -> None:
    with pytest.raises(UnexpectedReply, match=f"^The page at offset 0 cannot be read: .*{said}.*; try again.*$"):
        read(client_of(Script(reply)))


def test_the_page_that_cannot_be_read_is_told_by_its_offset() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        return page([contact(i) for i in range(offset, offset + 2)], 9) if offset < 4 else spoiled(id=None)

    with pytest.raises(UnexpectedReply, match="page at offset 4 cannot"):
        read(client_of(answer))


def test_a_log_that_cannot_be_read_is_explained_too() -> None:
    row = {"id": ["l1"], "message_status": "sent"}

    with pytest.raises(UnexpectedReply, match=r"row 1 .* has \['l1'\] where id should be a text"):
        read_all(client_of(Script(page([row], 1))).logs("c"))


def test_fields_that_nobody_reads_are_told_once_a_reading() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        offset = int(request.url.params["offset"])
        ids = range(offset, min(6, offset + 2))
        return page([contact(i, workspace_id="w", birthday="1990-01-01") for i in ids], 6)

    with pytest.warns(UserWarning, match=r"does not read: birthday\.$") as told:
        read(client_of(answer))

    assert len(told) == 1


def test_values_that_nobody_knows_are_kept() -> None:
    log = {"id": "l1", "message_status": "teleported"}
    phone = {"id": "p1", "phone": "+15550100001", "type": "SATELLITE", "country": "ZZ"}

    rows = read_all(client_of(Script(page([log], 1))).logs("c")).rows
    phones = client_of(Script(page([phone], 1))).phones()

    assert rows["status"].to_pylist() == ["teleported"]
    assert [(phone.type, phone.country) for phone in phones] == [("SATELLITE", "ZZ")]


def test_times_with_and_without_a_zone_are_utc() -> None:
    rows = [contact(0, created_time="2026-03-03T10:00:00.000Z"), contact(1, created_time="2026-03-03T18:00:00+08:00")]

    table = read(client_of(Script(page([*rows, contact(2)], 3))))

    assert {str(time) for time in table["created_time"].to_pylist()} == {"2026-03-03 10:00:00+00:00"}


def test_an_error_text_from_the_service_stays_on_one_short_line() -> None:
    script = Script(httpx.Response(422, json={"message": "a\x1b[31m\nb" + "c" * 5000}))

    with pytest.raises(InvalidRequest) as caught:
        client_of(script).create_campaign(REQUEST)

    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
