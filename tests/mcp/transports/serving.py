"""The real HTTP application on a free port of this machine, as a program for checkers that run outside Python.

Prints its address as the first line and ends when standard input closes. `--open` adds the token to every request, for
a checker that cannot send one itself.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import uvicorn
from pydantic import SecretStr

from mcp_server.connection import Connection
from mcp_server.guard.auth import Access
from mcp_server.guard.server_settings import Options
from mcp_server.http import build_app
from toolkit.settings import Settings
from toolkit.workspace import connect

TOKEN = "t" * 40


class WithToken:
    """The application behind a gateway that knows the token."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [*scope["headers"], (b"authorization", f"Bearer {TOKEN}".encode())]}
        await self._app(scope, receive, send)


def main(is_open: bool) -> None:
    settings = Settings.from_environment()
    connection = Connection(lambda: connect(settings), Options.from_environment(settings))
    app: Any = build_app(connection, Access(token=SecretStr(TOKEN)), are_limited=False)
    server = uvicorn.Server(uvicorn.Config(WithToken(app) if is_open else app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}/mcp\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.should_exit = server.force_exit = True
    thread.join(10)
    connection.close()


if __name__ == "__main__":
    main("--open" in sys.argv)
