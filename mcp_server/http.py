"""The server over streamable HTTP, for hosts that cannot start a program: on this machine, and never without a token.

A page in a browser is rejected by the checks of Host and Origin, which are compared as hosts and never by prefix;
other programs on the machine by the bearer token, which is compared in constant time. With an issuer it is an
OAuth resource server instead: it accepts only tokens that were issued by it, for this server. Workers on one SEAX_HOME
share the key of questions, so that any of them can accept an answer:
`uvicorn --factory mcp_server.http:app --workers 4`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import RequestStateSecurity
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from mcp_server.connection import Connection
from mcp_server.guard.auth import Access, JwtVerifier
from mcp_server.guard.server_key import server_key
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from toolkit.settings import Settings

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Bearer:
    """Lets requests in that carry the token; everything else gets 401 and no details."""

    def __init__(self, app: App, token: str) -> None:
        self._app = app
        self._digest = _digest(token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not self._is_let_in(scope):
            headers = [(b"www-authenticate", b'Bearer realm="seax"'), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)

    def _is_let_in(self, scope: Scope) -> bool:
        given = [value for name, value in scope.get("headers", ()) if name.lower() == b"authorization"]
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        return hmac.compare_digest(_digest(token.strip()), self._digest) and scheme.lower() == b"bearer"


class SameHost:
    """Rejects requests that were addressed to another host (421), or come from a page of another one (403)."""

    def __init__(self, app: App, own: str = "") -> None:
        self._app = app
        self._hosts = {("http", host) for host in LOOPBACK} | ({("https", own)} if own else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and (status := self._refusal(scope)):
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> int | None:
        headers = scope.get("headers", ())
        hosts, origins = (
            [value for name, value in headers if name.lower() == wanted] for wanted in (b"host", b"origin")
        )
        if len(hosts) != 1 or _host(b"//" + hosts[0])[1] not in {host for _, host in self._hosts}:
            return 421
        return 403 if any(_host(origin) not in self._hosts for origin in origins) else None


def _host(address: bytes) -> tuple[str, str]:
    """Scheme and host of an origin; empty if it is anything but a scheme, a host and a port."""
    try:
        parts = urlsplit(address.decode("ascii"))
        port = parts.port
    except ValueError:
        return "", ""
    named = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    is_plain = parts.netloc.lower() == (named if port is None else f"{named}:{port}")
    return (parts.scheme, parts.hostname or "") if is_plain and not (parts.path or parts.query) else ("", "")


def build_app(connection: Connection, access: Access, **server: Any) -> App:
    """The ASGI application; `access` describes who may call it."""
    state = RequestStateSecurity(keys=[server_key(connection.options.home, "questions")])
    if access.issuer is None:
        assert access.token
        app = _streamable(build_server(connection, state=state, **server), access)
        return Bearer(app, access.token.get_secret_value())
    auth = AuthSettings(
        issuer_url=AnyHttpUrl(access.issuer),
        resource_server_url=AnyHttpUrl(access.resource),
        required_scopes=["seax:read"],
        validate_token_resource=True,
    )
    verifier = JwtVerifier(access)
    return _streamable(build_server(connection, state=state, auth=auth, token_verifier=verifier, **server), access)


def app() -> App:
    """The application configured from the environment, for `uvicorn --factory`.

    A worker does not know what the others have read, so each starts as one that has read text written by others.
    """
    settings = Settings.from_environment()
    connection, access = Connection.to(settings, Options.from_environment(settings)), Access.from_environment()
    connection.is_tainted = True
    return build_app(connection, access)


def _streamable(server: Any, access: Access) -> App:
    checked_here = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    own = urlsplit(access.resource).hostname if access.resource else None
    return SameHost(server.streamable_http_app(transport_security=checked_here), own or "")


def _digest(token: bytes) -> bytes:
    """Of equal length for any input, so that comparing reveals nothing."""
    return hashlib.sha256(token).digest()
