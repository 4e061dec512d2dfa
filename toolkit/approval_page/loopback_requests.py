"""HTTP on both loopback addresses for one page: its own forms and nothing else, by exact Host and Origin."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs

from toolkit.approval_page import page_views
from toolkit.errors import SettingsError, ToolkitError
from toolkit.widgets.views.markup import refusal

_MOST = 20_000  # bytes of a request


class Answering(Protocol):
    """What answers the forms sent to an origin."""

    @property
    def origin(self) -> str:
        """The one origin whose forms are accepted."""

    def answer(self, form: Mapping[str, str]) -> str:
        """The page that a form leads to."""


class LoopbackServer(ThreadingHTTPServer):
    """A server of one page; it answers in threads that end with the program."""

    daemon_threads = True
    page: Answering

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing where a browser was closed before it was answered."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Answer nothing more, and free the port."""
        self.shutdown()
        with suppress(OSError):
            self.server_close()


class _ServerV6(LoopbackServer):
    address_family = socket.AF_INET6


class _Requests(BaseHTTPRequestHandler):
    """GET shows the way in; everything else is a POST of a form from the page itself."""

    server: LoopbackServer
    server_version, sys_version = "seax", ""
    timeout = 30

    def do_GET(self) -> None:
        token = self.path.removeprefix("/open/")
        if self._is_here() and token != self.path and token.replace("-", "").replace("_", "").isalnum():
            self._say(200, page_views.way_in(token))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        page, length = self.server.page, self.headers.get("Content-Length", "")
        is_form = self.headers.get_content_type() == "application/x-www-form-urlencoded"
        if not self._is_here() or self.headers.get_all("Origin") != [page.origin] or self.path != "/" or not is_form:
            self.send_error(403)
            return
        if not (length.isascii() and length.isdigit()) or int(length) > _MOST:
            self.send_error(413)
            return
        try:
            fields = parse_qs(self.rfile.read(int(length)).decode(), max_num_fields=20)
            html = page.answer({name: values[-1] for name, values in fields.items()})
        except (ToolkitError, ValueError) as error:
            html = page_views.closed(refusal(str(error)))
        self._say(200, html)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Without details."""
        self._say(code, page_views.closed("<h1>There is nothing here</h1>"))

    def log_message(self, *_: Any) -> None:
        """Nothing: an address would be in it."""

    def _is_here(self) -> bool:
        return self.headers.get_all("Host") == [self.server.page.origin.removeprefix("http://")]

    def _say(self, code: int, html: str) -> None:
        body = html.encode()
        self.send_response(code)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", page_views.policy())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # no-referrer would send Origin: null with the page's own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def listening(page: Answering) -> list[LoopbackServer]:
    """Servers on one free port of both loopback addresses, as localhost may be either: nobody else can answer there."""
    for _ in range(20):
        servers: list[LoopbackServer] = [LoopbackServer(("127.0.0.1", 0), _Requests)]
        try:
            servers.append(_ServerV6(("::1", servers[0].server_address[1]), _Requests))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                servers[0].server_close()
                continue  # another program has that port of the other address
        for server in servers:
            server.page = page
        return servers
    raise SettingsError("No port is free on this machine: close some programs and try again.")
