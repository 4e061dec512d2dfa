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
        """Answer one request; a late or broken reply raises as the network's would."""
        exchange = _Exchange(request, request.read())
        running = asyncio.run_coroutine_threadsafe(exchange.run(self._app), _private_loop())
        try:
            running.result(request.extensions.get("timeout", {}).get("read"))
        except TimeoutError as error:
            running.cancel()
            raise httpx.ReadTimeout("The reply took too long.", request=request) from error
        except ConnectionResetError as error:
            raise httpx.ReadError(str(error), request=request) from error
        return exchange.response()


class _Exchange:
    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self._request = request
        self._body = body
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []

    async def run(self, app: ASGIApp) -> None:
        """Run the application over this one request."""
        await app(self._scope(), self._receive, self._send)

    def response(self) -> httpx.Response:
        """Return the reply."""
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
