"""Reads are retried and whole; sends are never retried; the key shows nowhere."""

from __future__ import annotations

import gzip
import logging
import threading
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest
import stamina
from pydantic import SecretStr

from toolkit.api.arrow_schemas import LabelBook
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.api.snapshot_read import read_all
from toolkit.api.throttle import Pause
from toolkit.errors import (
    ConnectionLost,
    InvalidRequest,
    NotFound,
    NotSupported,
    RateLimited,
    ServiceError,
    UnexpectedReply,
    Unreachable,
)
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest, Target

KEY = "f" * 8 + "0" * 56
REQUEST = CampaignRequest(name="x", type="SMS", message="x", sender_ids=("p",), target=Target(any_of=("l",)))

SENDS: list[Callable[[Client], Any]] = [
    lambda client: client.create_campaign(REQUEST),
    lambda client: client.send_message(MessageRequest(sender="a", to="b", text="c")),
    lambda client: client.import_contacts(ImportRequest(filename="f.csv", content=b"name")),
]


def client_of(answer: Callable[[httpx.Request], httpx.Response], pause: Pause | None = None) -> Client:
    transport = httpx.MockTransport(answer)
    return Client(Caller("https://example.com/api", "w", SecretStr(KEY), transport=transport, pause=pause))


class Script:
    """Answers one after the other; the last one for ever. An exception is raised."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


def campaign(**more: Any) -> httpx.Response:
    times = {"created_time": "2026-03-03T10:00:00Z", "updated_time": "2026-03-03T10:00:00.123456"}
    return httpx.Response(200, json={"id": "c", "name": "n", "type": "SMS", "status": "sending", **times, **more})


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(429, json={"message": "slow down", "retry_after": 2}),
        httpx.Response(500),
        httpx.Response(503, text="<html>busy</html>"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.ConnectError("refused"),
    ],
    ids=str,
)
def test_a_read_is_tried_again(fault: httpx.Response | Exception) -> None:
    script = Script(fault, campaign())

    assert client_of(script).campaign("c").id == "c"
    assert script.asked == 2


@pytest.mark.parametrize(
    "limited",
    [
        httpx.Response(429, json={"retry_after": 7}),
        httpx.Response(429, headers={"Retry-After": "7"}, text="<html>busy</html>"),
        httpx.Response(429, headers={"Retry-After": "99"}, json={"retry_after": 7}),
    ],
    ids=["body", "header", "both"],
)
def test_a_wait_asked_of_one_read_holds_back_all(limited: httpx.Response) -> None:
    time, asked_at = [0.0], []
    pause = Pause(now=lambda: time[0], sleep=lambda seconds: time.insert(0, time[0] + seconds))
    script = Script(limited, campaign())

    def answer(request: httpx.Request) -> httpx.Response:
        asked_at.append(time[0])
        return script(request)

    client = client_of(answer, pause)
    with stamina.set_testing(True, attempts=1), pytest.raises(RateLimited):
        client.campaign("one")
    client.campaign("another")

    assert asked_at == [0.0, 7.0]


def test_a_wait_of_an_hour_is_reported_instead_of_kept() -> None:
    script = Script(httpx.Response(429, json={"retry_after": 3600}))

    waits: list[float] = []
    client = client_of(script, Pause(sleep=waits.append))
    for _ in range(2):
        with pytest.raises(RateLimited, match="wait 3600 s"):
            client.campaign("c")

    assert (script.asked, waits) == (2, [])


@pytest.mark.parametrize("status", [400, 401, 404, 422, 302])
def test_a_read_that_was_refused_is_not_tried_again(status: int) -> None:
    script = Script(httpx.Response(status))

    with pytest.raises(ServiceError):
        client_of(script).campaign("c")

    assert script.asked == 1


@pytest.mark.parametrize("send", SENDS, ids=["campaign", "message", "import"])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.Response(429, json={"retry_after": 1}), RateLimited),
        (httpx.Response(500), ServiceError),
        (httpx.Response(422, json={"detail": [{"loc": ["x"]}]}), InvalidRequest),
        (httpx.Response(200, text="not json"), UnexpectedReply),
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ReadTimeout("slow"), ConnectionLost),
        (httpx.WriteError("cut"), ConnectionLost),
    ],
    ids=str,
)
def test_a_send_is_never_tried_again(
    send: Callable[[Client], Any], fault: httpx.Response | Exception, error: type[Exception]
) -> None:
    script = Script(fault)

    with pytest.raises(error):
        send(client_of(script))

    assert script.asked == 1


def test_an_identifier_cannot_lead_to_another_path() -> None:
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(404, json={"message": "none"})

    client = client_of(answer)
    for identifier in ("..", "../contacts", "a/b?c=d"):
        with pytest.raises(NotFound):
            client.campaign(identifier)

    assert all(path.startswith(b"/api/api/v1/workspace/w/campaigns/") and b".." not in path for path in paths)
    assert not any(b"?" in path for path in paths)


def test_a_service_without_jobs_says_what_to_do_instead() -> None:
    with pytest.raises(NotSupported, match="read the contacts again"):
        client_of(Script(httpx.Response(404))).job("j")


def test_the_key_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = client_of(Script(httpx.Response(500, text=KEY[:0])))

    with pytest.raises(ServiceError) as caught:
        client.campaign("c")

    shown = [
        repr(client),
        repr(vars(client)),
        str(caught.value),
        caplog.text,
        *traceback.format_exception(caught.value),
    ]
    shown += [str(local) for frame, _ in traceback.walk_tb(caught.tb) for local in frame.f_locals.values()]
    assert not any(KEY in text for text in shown)


def page(rows: list[Any], total: int | None) -> httpx.Response:
    return httpx.Response(200, json={"data": rows, "total": total})


def contact(number: int, **more: Any) -> dict[str, Any]:
    time = "2026-03-03T10:00:00"
    return {"id": f"c{number}", "created_time": time, "updated_time": time, "contact_labels": [], **more}


@pytest.mark.parametrize("fault", [campaign(), httpx.Response(404), httpx.ReadError("cut")], ids=str)
def test_the_key_is_in_a_request_only_while_it_is_out(fault: httpx.Response | Exception) -> None:
    requests, keys = [], []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        keys.append(request.headers["X-API-KEY"])
        return Script(fault)(request)

    with stamina.set_testing(True, attempts=1), suppress(ServiceError):
        client_of(answer).campaign("c")

    assert keys == [KEY]
    assert "X-API-KEY" not in requests[0].headers


def test_a_compressed_reply_is_read() -> None:
    packed = gzip.compress(campaign().content)

    def answer(request: httpx.Request) -> httpx.Response:
        assert "gzip" in request.headers["accept-encoding"]
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed)

    assert client_of(answer).campaign("c").id == "c"


class Proxy(BaseHTTPRequestHandler):
    """Answers for every address, and keeps what it was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Proxy.asked.append(self.path)
        body = campaign().content
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def test_the_proxy_that_the_environment_names_is_used_unless_it_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{server.server_port}")
        monkeypatch.setenv("no_proxy", "")
        with closing(Client(Caller("http://seax.invalid", "w", SecretStr(KEY)))) as client:
            assert client.campaign("c").id == "c"
        monkeypatch.setenv("no_proxy", "invalid")
        with (
            closing(Client(Caller("http://seax.invalid", "w", SecretStr(KEY)))) as client,
            stamina.set_testing(True, attempts=1),
            pytest.raises(Unreachable),
        ):
            client.campaign("c")
        server.shutdown()

    assert Proxy.asked == ["http://seax.invalid/api/v1/workspace/w/campaigns/c"]


def test_every_sender_is_read_enabled_or_not() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        on, offset = request.url.params["enabled"] == "true", int(request.url.params["offset"])
        ids = [f"{'on' if on else 'off'}{i}" for i in range(7)]
        rows = [{"id": i, "phone": "+15550100001", "enabled": on} for i in ids[offset : offset + 3]]
        return page(rows, len(ids))

    phones = client_of(answer).phones()

    assert len(phones) == 14
    assert sum(phone.enabled for phone in phones) == 7


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
