"""Checks of every request before the operations of either face: host, key, workspace, body type, body size, rate."""

import re
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from toolkit.sandbox.errors import PUBLISHED_PATH, Refused, refusal

OWN_HOST = "sandbox.invalid"  # of requests that stay within the process
_HOSTS = frozenset({OWN_HOST, "127.0.0.1", "localhost", "::1"})
MAX_BODY_BYTES = 32 * 1024 * 1024
_WORKSPACE_PATH = re.compile(
    r"(?P<base>/bulk-sms-api|/seax-api)/api/v1/workspace/(?P<workspace_id>[^/]*)(?P<operation>/.*)?"
)
_BODY_TYPES = {
    "/campaigns": "application/json",
    "/send_message": "application/json",
    "/import_contacts": "multipart/form-data",
}


class Limiter:
    """A sliding minute in which only a limited number of requests is served."""

    def __init__(self, requests_per_minute: int | None, now: Callable[[], datetime]) -> None:
        self._most = requests_per_minute
        self._now = now
        self._served: deque[datetime] = deque()

    def check(self) -> None:
        """Count one request, or refuse it with the seconds to wait."""
        if self._most is None:
            return
        now = self._now()
        while self._served and now - self._served[0] >= timedelta(minutes=1):
            self._served.popleft()
        if len(self._served) >= self._most:
            wait = timedelta(minutes=1) - (now - self._served[0])
            raise Refused(429, "Too many requests", retry_after=max(1, -(-wait // timedelta(seconds=1))))
        self._served.append(now)


class Gate:
    """ASGI middleware that rejects what no operation should receive."""

    def __init__(self, app: ASGIApp, *, workspace_id: str, api_key: str, limiter: Limiter) -> None:
        self._app = app
        self._workspace_id = workspace_id
        self._api_key = api_key
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except Refused as refused:
            await refusal(refused, scope)(scope, receive, send)
            return
        await self._app(scope, _bounded(receive), send)

    def _check(self, scope: Scope) -> None:
        _check_host(Headers(scope=scope))
        found = _WORKSPACE_PATH.fullmatch(scope["path"])
        if found is None:
            return
        headers = Headers(scope=scope)
        if headers.get("x-api-key") != self._api_key:
            raise Refused(401, "Invalid API key")
        self._limiter.check()
        if found["workspace_id"] != self._workspace_id:
            raise Refused(404, f"No workspace has the id {found['workspace_id']!r}")
        if int(headers.get("content-length") or 0) > MAX_BODY_BYTES:
            raise _too_large()
        is_guide = found["base"] != PUBLISHED_PATH  # the published face refuses a body that it cannot read by itself
        if is_guide and scope["method"] == "POST" and (wanted := _BODY_TYPES.get(found["operation"] or "")):
            given = headers.get("content-type", "").partition(";")[0].strip().lower()
            if given != wanted:
                raise Refused(415, f"The body must be {wanted}, not {given or 'without a Content-Type'}")


def _check_host(headers: Headers) -> None:
    """Reject pages of other sites, which a browser on this machine may have open."""
    if _host(f"//{headers.get('host', '')}") not in _HOSTS:
        raise Refused(421, "This service answers only on this machine: use http://127.0.0.1 and its port")
    if "origin" in headers and _host(headers["origin"]) not in _HOSTS:
        raise Refused(403, "A page of another site may not use this service")


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 — raises for a port that is not a number
    except ValueError:
        return ""
    return "" if "@" in parts.netloc else parts.hostname or ""


def _bounded(receive: Receive) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise HTTPException(413, str(_too_large()))
        return message

    return counted


def _too_large() -> Refused:
    return Refused(413, f"The body is larger than {MAX_BODY_BYTES // 1024 // 1024} MB")
