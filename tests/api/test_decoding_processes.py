"""Pages that processes decode are the same as those decoded here, whatever becomes of the processes."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from toolkit.api import guide, pagination
from toolkit.api.arrow_schemas import CONTACTS, LOGS, LabelBook, Listing
from toolkit.api.decoding_processes import Decoded, Decoding, Processes
from toolkit.api.snapshot_read import Reading, read_all
from toolkit.errors import UnexpectedReply

ROWS = 900
Change = Callable[[list[dict[str, Any]]], None]


def nothing(people: list[dict[str, Any]]) -> None:
    """Change no contact."""


def listing(book: LabelBook, change: Change = nothing) -> Listing:
    """Contacts whose later ones have further labels."""
    people: list[dict[str, Any]] = [
        {
            "id": f"c{at}",
            "name": f"Ann {at}",
            "phone": f"+1202555{at:04d}",
            "created_time": "2025-07-07T18:13:04.845276",
            "updated_time": "2025-07-07T18:13:04.845276",
            "contact_field_data": {"tier": "gold"},
            "contact_labels": [{"id": f"l{at // 100}", "name": f"label {at // 100}"}, {"id": "a", "name": "all"}],
        }
        for at in range(ROWS)
    ]
    change(people)

    def fetch(offset: int, limit: int) -> bytes:
        return json.dumps({"data": people[offset : offset + limit], "total": ROWS}).encode()

    return Listing(fetch, Decoding(guide, book), CONTACTS)


def read(some: Listing, *, threads: int = 4) -> Reading:
    return read_all(some, limit=30, threads=threads)


class Patient(SimpleQueue[Any]):
    """Waits a moment for a process that is busy."""

    def get_nowait(self) -> Any:
        return self.get(timeout=0.2)


class Watched(Processes):
    """Processes that are ready as soon as they are there, are waited for, and remember what they decoded."""

    made: list[Watched]

    def __init__(self, decoding: Decoding) -> None:
        super().__init__(decoding)
        self.decoded: list[bool] = []
        self.made.append(self)
        deadline = time.monotonic() + 60
        while self._free.empty() and time.monotonic() < deadline:
            time.sleep(0.01)
        waited, self._free = self._free, Patient()
        while not waited.empty():
            self._free.put(waited.get())

    def decode(self, body: bytes) -> Decoded | None:
        found = super().decode(body)
        self.decoded.append(found is not None)
        return found


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Watched]]:
    """The processes that reads started, for lists of any size."""
    Watched.made = []
    monkeypatch.setattr(pagination, "LONG", 100)
    monkeypatch.setattr(pagination, "Processes", Watched)
    yield Watched.made
    for each in Watched.made:
        assert all(one._process.poll() is not None for one in each._all), "a process outlives its read"


def test_a_long_list_is_the_same_with_processes_and_without(made: list[Watched]) -> None:
    here, there = LabelBook(), LabelBook()
    expected = read(listing(here), threads=1)
    assert not made

    found = read(listing(there))

    assert any(made[0].decoded)
    assert found.rows.equals(expected.rows)
    assert there.labels == here.labels
    assert (there.codes, there.nameless) == (here.codes, here.nameless)


def test_delivery_logs_are_the_same_too(made: list[Watched]) -> None:
    rows = [
        {"id": f"m{at}", "contact_id": f"c{at}", "message_status": "delivered", "sent_time": "2025-07-07T18:30:15.123Z"}
        for at in range(ROWS)
    ]

    def fetch(offset: int, limit: int) -> bytes:
        return json.dumps({"data": rows[offset : offset + limit], "total": ROWS}).encode()

    logs = Listing(fetch, Decoding(guide), LOGS)

    assert read(logs).rows.equals(read(logs, threads=1).rows)
    assert any(made[0].decoded)


def test_processes_that_end_are_done_without(made: list[Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(self: Watched, body: bytes) -> Decoded | None:
        if sum(self.decoded) == 3:
            for each in self._all:
                each._process.kill()
        return once(self, body)

    once = Watched.decode
    monkeypatch.setattr(Watched, "decode", decode)

    assert read(listing(LabelBook())).rows.equals(read(listing(LabelBook()), threads=1).rows)
    assert 3 <= sum(made[0].decoded) < len(made[0].decoded)


def test_where_no_process_may_be_started_all_is_read_here(made: list[Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("no more processes")

    monkeypatch.setattr(pagination, "Processes", Processes)
    monkeypatch.setattr("toolkit.api.decoding_processes.subprocess.Popen", refuse)

    assert read(listing(LabelBook())).rows.num_rows == ROWS


def test_a_page_that_cannot_be_read_is_reported_as_ever(made: list[Watched]) -> None:
    def break_one(people: list[dict[str, Any]]) -> None:
        del people[700]["id"]

    with pytest.raises(UnexpectedReply) as here:
        read(listing(LabelBook(), break_one), threads=1)
    with pytest.raises(UnexpectedReply) as there:
        read(listing(LabelBook(), break_one))

    assert made
    assert str(there.value) == str(here.value)


def test_a_label_without_a_name_is_told_once(made: list[Watched]) -> None:
    def unname(people: list[dict[str, Any]]) -> None:
        for person in people[400:500]:
            person["contact_labels"] = [{"id": "l4"}]

    told = []
    for threads in (1, 4):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            read(listing(LabelBook(), unname), threads=threads)
        told.append([str(each.message) for each in caught])

    assert any(made[0].decoded)
    assert told[0] == told[1]
    assert len(told[0]) == 1


def test_values_that_cannot_be_read_are_counted_as_ever(made: list[Watched]) -> None:
    def spoil(people: list[dict[str, Any]]) -> None:
        people[800]["name"] = ["Ann"]

    with pytest.warns(UserWarning, match=r"missing here: name \(1\)"):
        read(listing(LabelBook(), spoil))


def test_a_list_whose_pages_are_changed_as_they_come_has_none(made: list[Watched]) -> None:
    plain = listing(LabelBook())

    read(Listing(plain.fetch, lambda body: plain.decode(body), plain.schema))

    assert not made


def test_an_interrupted_read_ends_them(made: list[Watched]) -> None:
    plain = listing(LabelBook())

    def fetch(offset: int, limit: int) -> bytes:
        if offset > 500:
            raise KeyboardInterrupt
        return plain.fetch(offset, limit)

    with pytest.raises(KeyboardInterrupt):
        read(Listing(fetch, plain.decode, plain.schema))

    assert made


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the system does not show it")
def test_they_are_not_given_the_key(made: list[Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAX_API_KEY", "not-a-key")

    processes = Watched(Decoding(guide))
    known = Path(f"/proc/{processes._all[0]._process.pid}/environ").read_bytes()
    processes.end()

    assert os.fsencode(os.environ["PATH"]) in known
    assert b"SEAX_" not in known
