"""Media is asked for its type and size without the key, and silence is not taken for an answer."""

from __future__ import annotations

import httpx
import pytest
from pydantic import SecretStr

from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.models import Media

URL = "https://example.com/a.png"


def asked(answer: httpx.Response | httpx.HTTPError) -> tuple[Media | None, list[httpx.Request]]:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    client = Client(Caller("https://service.example", "w", SecretStr("k"), transport=httpx.MockTransport(handle)))
    return client.media(URL), requests


def test_type_and_size_are_read_from_the_headers_without_the_key() -> None:
    media, (request,) = asked(httpx.Response(200, headers={"content-type": "image/png", "content-length": "700000"}))

    assert media == Media(type="image/png", size=700_000)
    assert (request.method, str(request.url)) == ("HEAD", URL)
    assert "X-API-KEY" not in request.headers


def test_a_size_that_is_not_told_is_not_known() -> None:
    assert asked(httpx.Response(200, headers={"content-type": "image/png"}))[0] == Media(type="image/png", size=None)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(302, headers={"location": "https://10.0.0.1/"}),
        httpx.ConnectError("no"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_what_does_not_open_gives_nothing(answer: httpx.Response | httpx.HTTPError) -> None:
    media, requests = asked(answer)

    assert media is None
    assert len(requests) == 1
