# One file: one service that lies in every way there is.
"""Services that cap, lie or answer with something else, over real HTTP: read whole, or refused soon and by name."""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
import stamina
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send

from tests.api.moving import row_of, served
from tests.api.test_client import KEY, REQUEST
from toolkit.api.arrow_schemas import LabelBook
from toolkit.api.caller import Caller, is_definite_refusal
from toolkit.api.client import Client
from toolkit.api.snapshot_read import iter_batches, read_all
from toolkit.errors import GarbledReply, ServiceError, SnapshotTorn, ToolkitError, UnexpectedReply

Answer = tuple[int, dict[str, str], bytes]
SOON = 5.0  # seconds


class Service:
    """Answers every request with `answer(offset, limit)`, and counts them."""

    def __init__(self, answer: Callable[[int, int], Answer]) -> None:
        self._answer = answer
        self.asked: list[tuple[int, int]] = []
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode())
        page = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["0"])[0])
        self.asked.append(page)
        self.paths.append(scope["path"])
        status, headers, body = self._answer(*page)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        pairs.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def client_to(service: Service) -> Iterator[Client]:
    with (
        served(service) as address,
        stamina.set_testing(True, attempts=2),
        closing(Client(Caller(address, "w", SecretStr(KEY)))) as client,
    ):
        yield client


def replied(body: bytes, status: int = 200, **headers: str) -> Answer:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def page(rows: list[Any], total: Any) -> Answer:
    return replied(json.dumps({"data": rows, "total": total}).encode())


def contacts(first: int, end: int) -> list[dict[str, Any]]:
    return [row_of(f"c{i}") for i in range(first, end)]


def logs(first: int, end: int) -> list[dict[str, Any]]:
    return [{"id": f"l{i}", "message_status": "sent"} for i in range(first, end)]


def phones(first: int, end: int) -> list[dict[str, Any]]:
    return [{"id": f"p{i}", "phone": f"+1555010{i:04}"} for i in range(first, end)]


Rows = Callable[[int, int], list[dict[str, Any]]]
READS: dict[str, tuple[Rows, Callable[[Client], int]]] = {
    "contacts": (contacts, lambda client: read_all(client.contacts(LabelBook())).rows.num_rows),
    "logs": (logs, lambda client: read_all(client.logs("c")).rows.num_rows),
    "batches": (contacts, lambda client: sum(x.num_rows for x in iter_batches(client.contacts(LabelBook())))),
    "phones": (phones, lambda client: len(client.phones())),
}
SIZE = 1_230


def refusing_more_than(most: int, rows: Rows, refusal: Any) -> Service:
    def answer(offset: int, limit: int) -> Answer:
        if limit > most:
            return replied(json.dumps(refusal).encode(), 422)
        return page(rows(offset, min(SIZE, offset + limit)), SIZE)

    return Service(answer)


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize(
    "refusal",
    [
        {"detail": [{"loc": ["query", "limit"], "msg": "ensure this value is less than or equal to 100"}]},
        {"error": "bad_request", "message": "limit too large"},
        {},
    ],
    ids=["fastapi", "guide", "silent"],
)
def test_a_refused_limit_is_met_with_smaller_pages(what: str, refusal: Any) -> None:
    rows, read = READS[what]
    service = refusing_more_than(120, rows, refusal)

    with client_to(service) as client:
        assert read(client) == SIZE
        refused = sum(limit > 120 for _, limit in service.asked)
        assert read(client) == SIZE

    assert refused <= 4
    assert sum(limit > 120 for _, limit in service.asked) == refused  # learned once


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("most", [100, 7, 2])
def test_a_silent_cap_is_read_by_smaller_pages(what: str, most: int) -> None:
    rows, read = READS[what]
    size = 45 * most
    service = Service(lambda offset, limit: page(rows(offset, min(size, offset + min(limit, most))), size))

    with client_to(service) as client:
        assert read(client) == size

    assert len(service.asked) < 6 * size / most


def test_a_refusal_of_something_else_is_not_taken_for_a_cap() -> None:
    refusal = {"detail": [{"loc": ["path", "campaign_id"], "msg": "value is not a valid uuid"}]}
    service = Service(lambda offset, limit: replied(json.dumps(refusal).encode(), 422))

    with client_to(service) as client, pytest.raises(ServiceError, match="valid uuid"):
        read_all(client.logs("c"))

    assert len(service.asked) == 1


def changing(rows: Rows) -> Callable[[int, int], Answer]:
    totals = iter(range(900, 10_000_000, 37))
    return lambda offset, limit: page(rows(offset, min(300, offset + min(limit, 100))), next(totals))


LIES: dict[str, Callable[[Rows], Callable[[int, int], Answer]]] = {
    "offset ignored": lambda rows: lambda offset, limit: page(rows(0, 30), 400),
    "offset ignored, pages full": lambda rows: lambda offset, limit: page(rows(0, limit), 5_000),
    "offset ignored, one page and a half": lambda rows: lambda offset, limit: page(rows(0, limit), 1_500),
    "total too big": lambda rows: lambda offset, limit: page(rows(offset, min(30, offset + limit)), 300),
    "total far too big": lambda rows: lambda offset, limit: page(rows(offset, min(1_050, offset + limit)), 10**7),
    "total too big by one": lambda rows: lambda offset, limit: page(rows(offset, min(1_050, offset + limit)), 1_051),
    "no row at all": lambda rows: lambda offset, limit: page([], 12),
    "total negative": lambda rows: lambda offset, limit: page(rows(offset, min(30, offset + limit)), -1),
    "total negative, empty": lambda rows: lambda offset, limit: page([], -1),
    "total a text": lambda rows: lambda offset, limit: page(rows(offset, min(30, offset + limit)), "30"),
    "total changing": changing,
}
LIES_OF_PAGES = {
    "total too small": lambda rows: lambda offset, limit: page(rows(offset, min(2_000, offset + limit)), 1_500),
    "total that of the page": lambda rows: lambda offset, limit: page(rows(offset, offset + limit), limit),
    "total that of the page, capped": lambda rows: lambda offset, limit: page(rows(offset, offset + 100), 100),
}


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_ends_soon_in_a_sentence(what: str, lie: str) -> None:
    rows, read = READS[what]
    service = Service(LIES[lie](rows))

    began = time.monotonic()
    with client_to(service) as client, pytest.raises(ServiceError) as caught:
        read(client)

    assert time.monotonic() - began < SOON
    assert len(service.asked) < 250
    assert isinstance(caught.value, (UnexpectedReply, SnapshotTorn))
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("what", ["contacts", "logs", "batches"])
@pytest.mark.parametrize("lie", list(LIES_OF_PAGES)[:2])
def test_a_count_of_less_than_there_is_ends_soon_in_a_sentence(what: str, lie: str) -> None:
    rows, read = READS[what]
    service = Service(LIES_OF_PAGES[lie](rows))

    with client_to(service) as client, pytest.raises(UnexpectedReply, match="rows end at"):
        read(client)

    assert len(service.asked) < 20


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("offset ignored", "gives the same 30 rows whatever offset is asked for"),
        ("offset ignored, pages full", "gives the same 1,000 rows whatever offset is asked for"),
        ("offset ignored, one page and a half", "contains the rows of the first page again"),
        ("total too big", "counts 300 rows and gives none after the first 30"),
        ("total too big by one", "counts 1,051 rows and gives none after the first 1,050"),
        ("no row at all", "counts 12 rows and gives 0 on a page"),
    ],
)
def test_the_sentence_says_what_the_service_did(lie: str, said: str) -> None:
    with client_to(Service(LIES[lie](contacts))) as client, pytest.raises(UnexpectedReply, match=said):
        read_all(client.contacts(LabelBook()))


PAGE_200 = "<!DOCTYPE html>\n<html><head><title>\nLog in\x1b[31m</title></head><body>…</body></html>"
OTHERS: dict[str, tuple[Answer, type[ServiceError], str]] = {
    "page": (
        replied(PAGE_200.encode(), content_type="text/html"),
        UnexpectedReply,
        r"a web page \(\"Log in .*SEAX_BASE",
    ),
    "portal": (replied(b"<html><body>Pay for Wi-Fi</body></html>"), UnexpectedReply, "a web page instead of JSON"),
    "latin page": (replied(b"<html><title>Jos\xe9</title>"), UnexpectedReply, "a web page"),
    "xml": (replied(b'<?xml version="1.0"?><a/>', content_type="text/xml"), UnexpectedReply, "XML instead of JSON"),
    "text": (replied(b"OK\nfine"), UnexpectedReply, 'the text "OK fine" instead of JSON'),
    "empty": (replied(b""), GarbledReply, "an empty reply"),
    "latin-1": (replied('{"data":["José"]}'.encode("latin-1")), GarbledReply, "not in UTF-8, perhaps in Latin-1"),
    "utf-16": (replied('{"data":[]}'.encode("utf-16")), GarbledReply, "UTF-16"),
    "cut": (replied(b'{"data":[{"id":"c'), GarbledReply, "cut off"),
    "not gzip": (replied(b'{"data":[]}', content_encoding="gzip"), GarbledReply, "compressed with gzip"),
    "half a gzip": (replied(gzip.compress(b"{}" * 99)[:-9], content_encoding="gzip"), GarbledReply, "gzip"),
    "brotli": (replied(b"\x0b\x02\x80", content_encoding="br"), GarbledReply, "not asked for"),
    "login": (
        replied(b"", 302, location="/login?next=secret"),
        UnexpectedReply,
        r"redirected .* to /login, .*SEAX_API_KEY",
    ),
    "elsewhere": (
        replied(b"", 307, location="http://elsewhere.invalid/x?key=1"),
        UnexpectedReply,
        "redirected the request to http://elsewhere.invalid/x, which was not followed",
    ),
    "nowhere": (replied(b"", 302, location="http://[::1"), UnexpectedReply, "redirected the request, which"),
    "page 404": (replied(b"<html>", 404), ServiceError, "a web page came, so check SEAX_BASE_URL"),
}


@pytest.mark.parametrize(("answer", "kind", "said"), OTHERS.values(), ids=OTHERS)
def test_what_came_instead_is_named(answer: Answer, kind: type[ServiceError], said: str) -> None:
    with client_to(Service(lambda offset, limit: answer)) as client:
        reads: list[Callable[[], object]] = [
            lambda: read_all(client.contacts(LabelBook())),
            lambda: client.campaign("c"),
            client.phones,
        ]
        for read in reads:
            with pytest.raises(kind, match=said) as caught:
                read()

            text = str(caught.value)
            assert text.isprintable()
            assert len(text) < 400
            assert not any(word in text.lower() for word in ("msgspec", "codec", "expected `", "malformed", "urllib3"))


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "page 404"])
def test_what_came_instead_of_an_answer_to_a_send_proves_nothing(name: str) -> None:
    service = Service(lambda offset, limit: OTHERS[name][0])

    with client_to(service) as client, pytest.raises(ServiceError) as caught:
        client.create_campaign(REQUEST)

    assert not is_definite_refusal(caught.value)
    assert len(service.asked) == 1


def test_a_redirect_is_never_followed() -> None:
    other = Service(lambda offset, limit: page([], 0))
    with served(other) as address:
        service = Service(lambda offset, limit: replied(b"", 307, location=f"{address}/elsewhere"))
        with client_to(service) as client, pytest.raises(UnexpectedReply):
            client.campaign("c")

    assert (len(service.asked), other.asked) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        replied(b"\xef\xbb\xbf" + page(contacts(0, 3), 3)[2], content_type="application/json; charset=utf-8"),
        replied(page(contacts(0, 3), 3)[2], content_type="text/plain"),
        replied(b"\n " + page(contacts(0, 3), 3)[2]),
        replied(gzip.compress(page(contacts(0, 3), 3)[2]), content_encoding="gzip"),
        replied(zlib.compress(page(contacts(0, 3), 3)[2]), content_encoding="deflate"),
        replied(zlib.compress(page(contacts(0, 3), 3)[2])[2:-4], content_encoding="deflate"),
    ],
    ids=["byte order mark", "text/plain", "space", "gzip", "deflate", "bare deflate"],
)
def test_json_is_read_whatever_surrounds_it(answer: Answer) -> None:
    with client_to(Service(lambda offset, limit: answer)) as client:
        assert read_all(client.contacts(LabelBook())).rows.num_rows == 3


def test_a_service_that_only_says_no_is_a_toolkit_error() -> None:
    for status in (300, 304, 400, 402, 403, 405, 409, 418, 451, 500, 511):
        answer = replied(b"[1]", status)
        with client_to(Service(lambda *_, answer=answer: answer)) as client, pytest.raises(ToolkitError):
            client.campaign("c")
