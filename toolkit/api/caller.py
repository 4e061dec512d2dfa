"""The only place with HTTP, over `toolkit.api.network.urllib3_transport`.

Reads are retried with backoff; a `retry_after` delays every read until it is over; where a `limit` is refused,
smaller pages are requested. Redirects are not followed, so the key goes to one host alone. What changes something
outside (`once`) is never retried.
Requests go straight to an httpx transport, because httpx's client costs nearly as much per page as fetching it.
The key is kept in a SecretStr and in open requests only, so it is in no repr, log or traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import SecretStr

from toolkit.api import guide
from toolkit.api.dialect import ApiCall, Dialect
from toolkit.api.dialect_detection import ServiceChoice, Spoken
from toolkit.api.error_replies import one_line, read_error
from toolkit.api.network.non_json_replies import json_of
from toolkit.api.network.throttle import Pause
from toolkit.api.network.urllib3_transport import DeadlinePassed, Network, ReplyTooLarge
from toolkit.errors import (
    ConnectionLost,
    GarbledReply,
    InvalidRequest,
    NotFound,
    RateLimited,
    RequestTooLarge,
    ServiceError,
    SettingsError,
    Unauthorized,
    UnexpectedReply,
    Unreachable,
)
from toolkit.settings import host_of

logging.getLogger("stamina").addHandler(logging.NullHandler())  # retries go to logs, not to a notebook

_TIMEOUTS = {"timeout": httpx.Timeout(60, connect=10).as_dict()}
_HEADERS = {"accept": "application/json", "accept-encoding": "gzip, deflate", "user-agent": "seax-toolkit"}
PAGE_ROWS = 1_000  # senders, campaigns, jobs and the like, a page
_SMALLER = (500, 250, 200, 100, 50, 25, 20, 10)  # rows per page, tried in this order where a limit is refused
_LONGEST_WAIT = 120.0  # seconds; a longer wait is reported as an error

# Errors raised before a byte of the request was sent: the caller may try again.
_NOT_STARTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


_T = TypeVar("_T")


@dataclass(frozen=True)
class ServiceReply:
    """A reply as it came, whatever its status."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Caller:
    """Sends requests and gives replies as bytes, or errors as ours; safe to use from several threads.

    Where the service is and which dialect it speaks may be a `ServiceChoice`, which is made at the first call.
    """

    def __init__(
        self,
        base_url: str,
        workspace_id: str,
        key: SecretStr,
        *,
        dialect: Dialect | ServiceChoice = guide,
        transport: httpx.BaseTransport | None = None,
        pause: Pause | None = None,
    ) -> None:
        self.workspace_id = workspace_id
        self._key = key
        self._pause = pause or Pause()
        self._choice = dialect if isinstance(dialect, ServiceChoice) else None
        self.spoken = dialect.known() if isinstance(dialect, ServiceChoice) else Spoken(base_url, dialect)
        self._choosing = Lock()
        self._most_rows: dict[str, int] = {}  # per page, by path, where the service refused more
        try:
            url, self.host = httpx.URL(base_url), host_of(base_url)
            self.name = url.host  # fails for a name that no host can have
        except (httpx.InvalidURL, ValueError) as error:  # the latter for an invalid host name or port
            raise SettingsError(f"SEAX_BASE_URL {base_url!r} is not a web address: correct it.") from error
        self.given_transport = transport  # None where requests go over the network
        self._transport = transport or Network(url)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def ask_again(self) -> Spoken:
        """Ask the service once more where and how it answers; what was set stays."""
        if self._choice is None or self._choice.is_set:
            return self.speak()
        self.spoken = self._choice.ask(lambda base_url, call: self.read(call, base_url=base_url))
        return self.spoken

    def speak(self) -> Spoken:
        """Where and how the service is spoken to; it is asked if that is not known."""
        with self._choosing:
            if self.spoken is None:
                assert self._choice is not None  # without one it is given
                self.spoken = self._choice.ask(lambda base_url, call: self.read(call, base_url=base_url))
            return self.spoken

    def rows(
        self,
        page: Callable[[int, int], ApiCall],
        read: Callable[[bytes], tuple[list[_T], int]],
        *,
        is_thinned: bool = False,
    ) -> Iterator[_T]:
        """The rows of a small list, page by page; of one that is thinned, a page may have fewer rows than it holds."""
        offset, total = 0, 1
        while offset < total:
            rows, total = read(self.page(page, offset, PAGE_ROWS))
            yield from rows
            if not rows and not is_thinned:
                return  # some were deleted meanwhile
            offset += PAGE_ROWS if is_thinned else len(rows)

    def page(self, ask: Callable[[int, int], ApiCall], offset: int, limit: int) -> bytes:
        """A page of a list: with fewer rows than `limit`, where the service refuses that many."""
        call = ask(offset, limit)
        limit = min(limit, self._most_rows.get(call.path, limit))
        try:
            return self.read(ask(offset, limit))
        except InvalidRequest as error:
            if error.field not in {None, "limit"} or "order_by" in call.params:
                raise
            for smaller in _SMALLER:
                if smaller < limit:
                    with suppress(InvalidRequest):
                        body = self.read(ask(offset, smaller))
                        self._most_rows[call.path] = smaller
                        return body
            raise  # it has another reason

    def read(self, call: ApiCall, *, base_url: str = "") -> bytes:
        """The reply to a read, which is tried again where that may help; at the service's address unless given."""
        import stamina  # which loads asyncio, and is not needed before the first request

        for attempt in stamina.retry_context(_read_again, attempts=6, timeout=300.0, wait_max=20.0):
            with attempt:
                self._pause.wait()
                response = self._request("GET", call.path, call.params, base_url=base_url)
                if response.status_code not in call.success:
                    error = self._error(response)
                    if isinstance(error, RateLimited) and _read_again(error):
                        self._pause.extend(error.retry_after or 0)
                    raise error
        return json_of(response.content)

    def look(self, call: ApiCall, *, key: SecretStr | None = None) -> ServiceReply:
        """The reply to a read as it comes, asked once; with another key than the workspace's, if given."""
        response = self._request("GET", call.path, call.params, key=key)
        return ServiceReply(response.status_code, response.content, response.headers)

    def once(self, call: ApiCall) -> bytes:
        """The reply to what changes something; never tried again."""
        response = self._request(call.method, call.path, call.params, content=call.content)
        if not response.is_success:
            error = self._error(response)
            if isinstance(error, RequestTooLarge):
                error.bytes = len(httpx.Request("POST", f"https://{self.name}/", **call.content).read())
            raise error
        return b"" if response.status_code == 204 else json_of(response.content)

    def _error(self, response: httpx.Response) -> ServiceError:
        """The message of a refusal, with the key removed should the service repeat it."""
        key = self._key.get_secret_value()
        body = response.content.replace(key.encode(), b"(key)")
        location = response.headers.get("location", "").replace(key, "(key)")
        return read_error(response.status_code, body, response.headers.get("retry-after"), location)

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        *,
        content: Mapping[str, Any] | None = None,
        base_url: str = "",
        key: SecretStr | None = None,
    ) -> httpx.Response:
        address = f"{base_url or self.speak().base_url}/api/v1/workspace/{self.workspace_id}/{path}"
        url = f"{address}?{urlencode(params)}" if params else address
        request = httpx.Request(method, url, headers=_HEADERS, extensions=_TIMEOUTS, **(content or {}))
        request.headers["X-API-KEY"] = (key or self._key).get_secret_value()
        try:
            response = self._transport.handle_request(request)
            try:
                response.read()
            finally:
                response.close()
        except httpx.RequestError as error:
            raise self._failure(error, "; try again." if method == "GET" else ".") from error
        finally:
            del request.headers["X-API-KEY"]  # a debugger or error reporter would print it
        return response

    def _failure(self, error: httpx.RequestError, end: str) -> ServiceError:
        """The error for a request without a complete reply: Unreachable only if no byte of it was sent."""
        why = one_line(str(error)) or type(error).__name__
        if isinstance(error, _NOT_STARTED):
            return Unreachable(
                f"{self.name} could not be reached ({why}): check the network and SEAX_BASE_URL. Nothing was sent."
            )
        if isinstance(error, ReplyTooLarge):
            return UnexpectedReply(f"The reply of {self.name} was not read, because {why}: check SEAX_BASE_URL.")
        if isinstance(error, httpx.DecodingError):
            return GarbledReply(f"The reply of {self.name} cannot be read: {why}{end}")
        return ConnectionLost(f"The connection to {self.name} broke before an answer came ({why}){end}")


def is_definite_refusal(error: ServiceError) -> bool:
    """True if the error proves that the service did not act on a request: it was never sent, or was rejected."""
    if isinstance(error, (Unreachable, Unauthorized, NotFound, InvalidRequest, RateLimited)):
        return True
    return error.status is not None and 400 <= error.status < 500 and error.status != 408


def _read_again(error: Exception) -> bool:
    if isinstance(error, RateLimited):
        return (error.retry_after or 0) <= _LONGEST_WAIT
    if isinstance(error, (Unreachable, ConnectionLost)):
        return not isinstance(error.__cause__, DeadlinePassed)  # a slow request would be slow again
    return isinstance(error, ServiceError) and error.status in {500, 502, 503, 504}
