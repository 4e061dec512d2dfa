"""The embedded service over real HTTP, on a port of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from tests.judge import Judged
from toolkit.api.network.urllib3_transport import Network
from toolkit.platform_support import listen
from toolkit.sandbox import Sandbox


class Served(httpx.BaseTransport):
    """Sends each request to a port of this machine, over a connection as a live service has one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._network = Network(httpx.URL(f"http://127.0.0.1:{port}"))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._network.handle_request(request)


@pytest.fixture
def served(sandbox: Sandbox) -> Iterator[Judged]:
    """The embedded service over HTTP, each request and reply judged by the vendor's file."""
    with serving(sandbox) as transport:
        yield Judged(transport)


class serving:  # noqa: N801 — a context manager
    """A sandbox on a port of its own, for as long as the block lasts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._listening = listen(0)
        self._server = uvicorn.Server(uvicorn.Config(sandbox.app, log_level="warning"))
        run = {"sockets": [self._listening]}
        self._thread = threading.Thread(target=self._server.run, kwargs=run, daemon=True)

    def __enter__(self) -> Served:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return Served(self._listening.getsockname()[1])

    def __exit__(self, *failure: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
