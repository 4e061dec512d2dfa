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

from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.api.network.throttle import Pause
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
