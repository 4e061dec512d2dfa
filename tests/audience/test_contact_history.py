"""Why somebody was, or was not, messaged, read without keeping everybody else: the answer is that of the whole list."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from tests.builders import START, Row, make_contacts
from toolkit.api.arrow_schemas import Listing
from toolkit.api.snapshot_read import iter_batches
from toolkit.audience import related_contacts
from toolkit.audience.contact_history import contact_history
from toolkit.audience.related_contacts import RelatedContacts
from toolkit.data.contacts import Contacts
from toolkit.data.logs import logs_frame
from toolkit.errors import SegmentError, SnapshotTorn
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def test_deliveries_are_in_order_and_whole(ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids())
    contact_id = logs["contact_id"].value_counts().index[0]

    history = ws.history(contact_id, logs=logs)

    times = [x.sent_time for x in history.deliveries if x.sent_time]
    assert len(history.deliveries) == (logs["contact_id"] == contact_id).sum()
    assert times == sorted(times)
    assert {x.campaign_id for x in history.deliveries} | set(history.missed) == set(ws.campaign_ids())


def test_somebody_who_opted_out_is_told_so(ws: Workspace) -> None:
    frame = ws.contacts()
    stopped = next(row.id for row in frame.itertuples() if "unsubscribed" in row.labels and row.phone == row.phone)

    history = ws.history(stopped)

    assert history.outcome in {"opted_out", "malformed"}
    assert "unsubscribed" in history.labels
    assert history.standing


def test_a_failed_message_says_what_its_code_means(ws: Workspace) -> None:
    logs = ws.logs(ws.campaign_ids())
    failed = logs[logs["status"] == "undelivered"].iloc[0]

    history = ws.history(failed["contact_id"], logs=logs)

    lost = [x for x in history.deliveries if x.status in {"failed", "undelivered"}]
    assert all(x.failure_class and x.action and x.error for x in lost)
    assert all(not x.failure_class for x in history.deliveries if x.status == "delivered")


def test_a_contact_is_found_by_phone_and_name(ws: Workspace) -> None:
    frame = ws.contacts().dropna(subset="phone")
    alone = frame[~frame["phone"].duplicated(keep=False) & ~frame["name"].duplicated(keep=False)].iloc[0]
    logs = ws.logs(ws.campaign_ids()[:1])

    found = {ws.history(alone[column], logs=logs).contact_id for column in ("id", "phone", "name")}

    assert found == {alone["id"]}


def test_nobody_and_several_are_refused(ws: Workspace) -> None:
    frame = ws.contacts()
    shared = frame["name"][frame["name"].duplicated()].iloc[0]

    with pytest.raises(SegmentError, match="use the id of one"):
        ws.history(shared)
    with pytest.raises(SegmentError, match="No contact has"):
        ws.history("nobody")


def test_a_history_keeps_nothing_of_the_others(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = ws.logs(ws.campaign_ids())
    contact_id = logs["contact_id"].iloc[0]
    held = []
    monkeypatch.setattr(
        "toolkit.audience.contact_history.contact_history",
        lambda *read, **k: held.append(read) or contact_history(*read, **k),
    )

    found = ws.history(contact_id)

    contacts, name, kept = held[0]
    assert found == ws.history(contact_id, contacts=ws.snapshot(), logs=logs)
    assert name == contact_id
    assert kept["contact_id"].unique().tolist() == [contact_id]
    assert contacts.table["fields"].null_count == len(contacts)
    assert list(kept["campaign_id"].cat.categories) == ws.campaign_ids()


def test_a_list_that_changes_while_it_is_read_is_read_in_one_piece(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(listing: Listing, **how: Any) -> Iterator[pa.RecordBatch]:
        yield from iter_batches(listing, **how)
        raise SnapshotTorn("The list changed.")

    contact_id = ws.logs(ws.campaign_ids())["contact_id"].iloc[0]
    expected = ws.history(contact_id)
    monkeypatch.setattr("toolkit.contact_reading.iter_batches", torn)

    assert ws.history(contact_id) == expected


def in_escapes(body: bytes) -> bytes:
    """JSON that says the same in other words: every digit of its texts escaped."""
    texts = rb'"(?:[^"\\]|\\.)*"'
    return re.sub(texts, lambda text: re.sub(rb"\d", lambda digit: b"\\u%04x" % digit[0][0], text[0]), body)


@pytest.mark.parametrize("written", [bytes, in_escapes], ids=["plainly", "in escapes"])
def test_the_few_pages_that_name_somebody_are_read_whole_however_they_are_written(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, written: Callable[[bytes], bytes]
) -> None:
    class Service(httpx.BaseTransport):
        def __init__(self) -> None:
            self.inner = sandbox.transport()

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = self.inner.handle_request(request)
            if not request.url.path.endswith("/logs"):
                return response
            return httpx.Response(200, content=written(response.read()))

    logs = ws.logs(ws.campaign_ids())
    contact_id = logs["contact_id"].value_counts().index[0]
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=Service()) as read:
        history = read.history(contact_id)

    assert history.deliveries == ws.history(contact_id, logs=logs).deliveries
    assert len(history.deliveries) > 1


NO_LOGS = logs_frame({}, START)
WRITTEN = (
    *(f"+1202555010{last}" for last in range(6)),
    *("(202) 555-0101", "202-555-0102", "2025550103", "+1 202 555 0104", "1 202 555 0105 x7"),
    *("+442079460101", "2079460101", "020 7946 0101", "0044 20 7946 0102"),
    *("+447700900101", "07700 900101", "+44 (0)7700 900102", "07700900102", "12", "none", None, None),
)
NAMES = ("Ann", "Ben", "Cleo", "+12025550101", None)
LABELS = ("vip", "DNC", "unreachable", "duplicate")


def drawn(seed: int, rows: int = 60) -> Contacts:
    draw = random.Random(seed)
    people: list[Row] = [
        {
            "id": f"id{at}",
            "name": draw.choice(NAMES),
            "phone": draw.choice(WRITTEN),
            "whatsapp_phone": draw.choice((None, *WRITTEN)),
            "labels": draw.sample(LABELS, draw.choice((0, 1, 1, 2))),
            "created_time": START - timedelta(days=draw.randrange(5)),
        }
        for at in range(rows)
    ]
    return make_contacts(people).in_countries(draw.choice((("US",), ("GB",), ("US", "GB"), ("SG",))))


def related(contacts: Contacts, contact: str) -> Contacts:
    among = RelatedContacts(contact, contacts.countries)
    for page in contacts.table.to_batches(max_chunksize=10):
        among.add(page)
    rows, own = among.found()
    return Contacts(rows, contacts.labels, contacts.read_time, countries=contacts.countries, own_countries=own)


def outcome(contacts: Contacts, contact: str) -> object:
    try:
        return contact_history(contacts, contact, NO_LOGS, live=False)
    except SegmentError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(3))
def test_whoever_is_asked_for_gets_the_answer_of_the_whole_list(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(related_contacts, "_PACKED", 3)
    contacts = drawn(seed)
    asked = [*contacts.ids, *filter(None, (*WRITTEN, *NAMES)), "+1 (202) 555-0101", "nobody"]

    for contact in random.Random(seed).sample(asked, 15):
        assert outcome(related(contacts, contact), contact) == outcome(contacts, contact)


ELSEWHERE = [  # each of three countries has more numbers than the people below
    {"id": f"{number}", "phone": f"+{number}"}
    for first in (33639980100, 491713920010, 46701740610)
    for number in range(first, first + 7)
]


@pytest.mark.parametrize(
    ("people", "contact", "expected"),
    [
        (
            [
                {"id": "a", "phone": "+447700900101"},
                {"id": "b", "phone": "+447700900101", "whatsapp_phone": "+447700900102"},
                {"id": "c", "phone": "0044 7700 900102"},
                {"id": "d", "phone": "+447700900104"},
            ],
            "a",
            ["a", "b", "c"],
        ),
        ([{"id": "a", "phone": "+447700900101"}, {"id": "b", "phone": "07700 900101"}], "a", ["a", "b"]),
        ([{"id": "a", "phone": "+442079460123"}, {"id": "b", "phone": "+442079460124"}], "2079460123", ["a"]),
        ([{"id": "a", "phone": "+447700900101"}], "nobody", []),
        ([], "nobody", []),
    ],
    ids=["through another", "in the country of most", "in its second reading", "no match", "an empty list"],
)
def test_those_who_share_a_number_are_kept_and_nobody_else(
    people: list[Row], contact: str, expected: list[str]
) -> None:
    contacts = make_contacts(people).in_countries(("US", "GB") if contact.isdigit() else ("US",))

    assert related(contacts, contact).table["id"].to_pylist() == expected


def test_an_odd_number_is_read_by_the_countries_of_the_whole_list() -> None:
    people: list[Row] = [
        {"id": "a", "phone": "+447700900101", "whatsapp_phone": "+447700900102", "labels": ["vip"]},
        {"id": "b", "phone": "+447700900102", "whatsapp_phone": "+447700900103", "labels": ["vip"]},
        {"id": "c", "phone": "07700 900101", "whatsapp_phone": "+447700900103", "labels": ["DNC"]},
    ]
    few = make_contacts(people).in_countries(("US",))
    everybody = make_contacts([*people, *ELSEWHERE]).in_countries(("US",))

    assert contact_history(few, "a", NO_LOGS, live=False).outcome == "opted_out"
    assert contact_history(everybody, "a", NO_LOGS, live=False).outcome == "recipient"
    assert contact_history(related(everybody, "a"), "a", NO_LOGS, live=False).outcome == "recipient"
