"""An odd value in an optional field spoils that value alone, and is said; what people depend on is never guessed at."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from toolkit.api.arrow_schemas import CONTACTS, LOGS, LabelBook, Listing
from toolkit.api.guide import read_campaign, read_contacts, read_logs, read_phones
from toolkit.api.snapshot_read import read_all
from toolkit.errors import UnexpectedReply

TIME = "2026-03-03T10:00:00"


def listing(rows: list[dict[str, Any]], *, logs: bool = False, book: LabelBook | None = None) -> Listing:
    labels = book or LabelBook()

    def fetch(offset: int, limit: int) -> bytes:
        return json.dumps({"data": rows[offset : offset + limit], "total": len(rows)}).encode()

    if logs:
        return Listing(fetch, read_logs, LOGS)
    return Listing(fetch, lambda body: read_contacts(body, labels), CONTACTS)


def contact(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"c{number}", "name": f"Person {number}", "created_time": TIME, "updated_time": TIME, **more}


def contacts_of(*odd: dict[str, Any], book: LabelBook | None = None) -> list[dict[str, Any]]:
    rows = [contact(at, **more) for at, more in enumerate(odd)]
    table = read_all(listing(rows, book=book)).rows
    result: list[dict[str, Any]] = table.to_pylist()
    return result


@pytest.mark.parametrize("blank", [[], "", None, {}, "  "], ids=repr)
def test_blank_contact_fields_are_no_fields(blank: object) -> None:
    one, other = contacts_of({"contact_field_data": blank}, {"contact_field_data": {"tier": "gold"}})

    assert json.loads(one["fields"]) in ({}, None)
    assert json.loads(other["fields"]) == {"tier": "gold"}


@pytest.mark.parametrize("text", ['{"tier":"gold"}', "gold", [1], [{"tier": "gold"}], 5, True], ids=repr)
def test_contact_fields_that_are_no_object_name_the_contact(text: object) -> None:
    with pytest.raises(UnexpectedReply, match=r"row 2 \(id 'c1'\) .* contact_field_data should be an object"):
        contacts_of({}, {"contact_field_data": text})


def test_a_contact_without_times_is_read_with_none() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = contacts_of({}, {"created_time": None, "updated_time": None})

    assert [row["created_time"] is None for row in rows] == [False, True]
    assert [row["updated_time"] is None for row in rows] == [False, True]


def test_odd_values_are_missing_and_counted_once_a_reading() -> None:
    rows = [contact(at) for at in range(60)]
    for at in (3, 18, 59):
        rows[at]["created_time"] = "yesterday"
    rows[18]["name"] = ["A", "B"]

    with pytest.warns(UserWarning, match=r"missing here: created_time \(3\), name \(1\)\.$") as told:
        table = read_all(listing(rows), limit=20).rows

    assert len(told) == 1
    assert [at for at, time in enumerate(table["created_time"].to_pylist()) if time is None] == [3, 18, 59]
    assert [at for at, name in enumerate(table["name"].to_pylist()) if name is None] == [18]


def test_numbers_where_text_should_be_are_text() -> None:
    (row,) = contacts_of({"phone": 15550100001, "note": 7.5, "whatsapp_phone": 15550100002.0})

    assert (row["phone"], row["note"], row["whatsapp_phone"]) == ("15550100001", "7.5", "15550100002")


@pytest.mark.parametrize(
    "time", ["2026-03-03T10:00:00.1234567", "2026-03-03 10:00:00", "20260303T100000", "2026-03-03T10:00:00z"]
)
def test_times_in_other_forms_of_iso_8601_are_read(time: str) -> None:
    (row,) = contacts_of({"created_time": time})

    assert row["created_time"].isoformat().startswith("2026-03-03T10:00:00")


def test_half_a_character_spoils_that_character() -> None:
    body = b'{"data":[{"id":"c0","name":"Ann \\ud83d","created_time":null,"updated_time":null}],"total":1}'

    page = read_contacts(body, LabelBook())

    assert page.rows["name"].to_pylist() == ["Ann \ufffd"]


def test_a_label_without_a_name_is_called_by_its_id_and_said() -> None:
    book = LabelBook()
    with pytest.warns(UserWarning, match="no name for the label l1, .* opt-out"):
        contacts_of({"contact_labels": [{"id": "l1", "name": None}]}, book=book)

    assert [label.name for label in book.labels] == ["l1"]


def test_a_label_that_is_named_later_has_its_name() -> None:
    book = LabelBook()
    rows = [contact(at, contact_labels=[{"id": "l1", "name": "DNC" if at > 40 else None}]) for at in range(60)]

    with pytest.warns(UserWarning, match="no name"):
        read_all(listing(rows, book=book), limit=20)

    assert [label.name for label in book.labels] == ["DNC"]


@pytest.mark.parametrize("blank", [[], "", None, {}], ids=repr)
def test_blank_labels_are_none(blank: object) -> None:
    (row,) = contacts_of({"contact_labels": blank})

    assert row["labels"] == []


def log(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"l{number}", "message_status": "failed", "sent_time": TIME, **more}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (30007, "30007"),
        ({"code": 30007, "message": "filtered"}, "30007 filtered"),
        ({"message": "filtered", "code": "30007", "more": {"x": None}}, "30007 filtered"),
        ([{"code": 30007}], "30007"),
        ("filtered", "filtered"),
        ([], None),
        (None, None),
    ],
    ids=repr,
)
def test_an_error_of_any_type_is_read_as_text(error: object, text: str | None) -> None:
    rows = read_all(listing([log(0), log(1, error_message=error)], logs=True)).rows

    assert rows["error"].to_pylist() == [None, text]


def test_an_odd_row_does_not_spoil_the_log() -> None:
    odd = log(1, sent_time="5 o'clock", contact_name={"first": "Ann"}, contact_phone=15550100001, message_status=3)

    with pytest.warns(UserWarning, match=r"missing here: contact_name \(1\), sent_time \(1\)"):
        rows = read_all(listing([log(0), odd, log(2)], logs=True)).rows

    assert rows["phone"].to_pylist() == [None, "15550100001", None]
    assert rows["status"].to_pylist() == ["failed", "3", "failed"]
    assert rows["sent_time"].null_count == 1


def test_statuses_are_one_word_in_any_case() -> None:
    words = ["DELIVERED", " Delivered ", "delivered", "Read", "undelivered_by_carrier", "", None, "\n"]

    rows = read_all(listing([log(at, message_status=word) for at, word in enumerate(words)], logs=True)).rows

    assert rows["status"].to_pylist() == [*["delivered"] * 3, "read", "undelivered_by_carrier", None, None, None]


def test_an_odd_value_in_one_sender_does_not_hide_the_others() -> None:
    rows = [
        {"id": "p0", "phone": "+15550100001", "phone_capability": [], "enabled": None},
        {"id": "p1", "phone": "+15550100002", "phone_capability": {"sms": True}, "name": 5},
    ]

    phones, total = read_phones(json.dumps({"data": rows, "total": 2}).encode())

    assert [(phone.id, phone.sms, phone.name) for phone in phones] == [("p0", False, ""), ("p1", True, "5")]
    assert total == 2


def test_a_campaign_that_lacks_what_is_required_is_explained_in_our_words() -> None:
    known = {"id": "c", "name": "n", "type": "SMS", "status": "sending", "created_time": TIME, "updated_time": "soon"}

    with pytest.raises(UnexpectedReply, match="has 'soon' where updated_time should be an ISO 8601 time") as caught:
        read_campaign(json.dumps(known).encode())
    with pytest.raises(UnexpectedReply, match="the reply has no name"):
        read_campaign(json.dumps({"id": "c"}).encode())

    assert "`" not in str(caught.value)


def test_an_odd_optional_value_leaves_a_campaign_readable() -> None:
    known = {"id": "c", "name": "n", "type": "SMS", "status": "sending", "created_time": TIME, "updated_time": TIME}

    campaign = read_campaign(json.dumps(known | {"statistics": [], "phones": None, "job_id": 7}).encode())

    assert (campaign.statistics, campaign.senders, campaign.job_id) == (None, (), "7")
