"""An httpx transport into the sandbox: synchronous, in process, from any thread, also under a running loop."""

import asyncio
import threading

import httpx
from starlette.types import ASGIApp, Message, Scope

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def _private_loop() -> asyncio.AbstractEventLoop:
    """Return the process's one event loop for sandboxes, on a thread of its own that ends with the process."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="seax-sandbox", daemon=True).start()
        return _loop


class Transport(httpx.BaseTransport):
    """Hands requests to an ASGI application and waits for the reply."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; a connection that breaks raises as the network's would."""
        body = request.read()
        exchange = _Exchange(request, body)
        asyncio.run_coroutine_threadsafe(exchange.run(self._app), _private_loop()).result()
        return exchange.response()


class _Exchange:
    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self._request = request
        self._body = body
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._is_complete = False

    async def run(self, app: ASGIApp) -> None:
        """Run the application over this one request."""
        await app(self._scope(), self._receive, self._send)

    def response(self) -> httpx.Response:
        """Return the reply, or raise when it broke off."""
        if not self._is_complete:
            raise httpx.RemoteProtocolError(
                "The connection was closed before the whole reply had arrived.", request=self._request
            )
        return httpx.Response(self._status, headers=self._headers, stream=httpx.ByteStream(b"".join(self._parts)))

    def _scope(self) -> Scope:
        url = self._request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._request.method,
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "query_string": url.query,
            "root_path": "",
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 0),
        }

    async def _receive(self) -> Message:
        body, self._body = self._body, b""
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = list(message["headers"])
        else:
            self._parts.append(message.get("body", b""))
            self._is_complete = not message.get("more_body", False)
