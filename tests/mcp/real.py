"""A workspace that looks real: an embedded service behind a proxy on this machine that gives everybody another number.

The numbers are worked out as they pass, from fictional ones, so that none that could be dialled is written down here.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from mcp_server.connection import Connection
from mcp_server.guard.server_settings import Options
from mcp_server.server import build_server
from tests.builders import Clock
from tests.mcp.host import Host
from toolkit.sandbox import Sandbox
from toolkit.sending.approver_keys import Approvers
from toolkit.settings import Settings
from toolkit.texting.numbering.phones import is_fictional
from toolkit.workspace import Workspace, connect

WORDS = SecretStr("correct horse battery")
_NUMBER = re.compile(r"(\+|%2B)(\d{8,15})")


class Renumbered(httpx.BaseTransport):
    """The embedded service with numbers that could be anybody's; `posts` are the requests that changed something."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._inner = sandbox.transport()
        self._fictional: dict[str, str] = {}
        self.posts: list[tuple[str, dict[str, Any]]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = self._back(request.read().decode())
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        inner = httpx.Request(request.method, self._back(str(request.url)), headers=headers, content=body.encode())
        answer = self._inner.handle_request(inner)
        text = _NUMBER.sub(self._out, answer.read().decode())
        if request.method == "POST" and answer.is_success:
            self.posts.append((request.url.path, json.loads(text)))
        return httpx.Response(answer.status_code, text=text, headers={"content-type": answer.headers["content-type"]})

    @property
    def recipients(self) -> int:
        """How many recipients the service counts in all campaigns that it was sent."""
        return sum(answer["target_contact_count"] for _, answer in self.posts if "target_contact_count" in answer)

    def _out(self, found: re.Match[str]) -> str:
        phone = f"+{found[2]}"
        if not is_fictional(phone):
            return found[0]
        other = renumbered(phone)
        self._fictional[other] = phone
        return other

    def _back(self, text: str) -> str:
        return _NUMBER.sub(lambda found: self._fictional.get(f"+{found[2]}", found[0]).replace("+", found[1]), text)


def renumbered(phone: str) -> str:
    """A number of the same country, and of the same area where there is one, that is set aside for nobody."""
    if phone.startswith(("+1555", "+1999")):
        return f"+1{int(phone[2:5]) % 343 + 201}{phone[5:]}"  # an area code that there is
    for at in range(5, len(phone)):
        other = f"{phone[:at]}{(int(phone[at]) + 1) % 10}{phone[at + 1 :]}"
        if not is_fictional(other):
            return other
    raise AssertionError(phone)


@contextmanager
def loopback(transport: httpx.BaseTransport, base: str = "http://127.0.0.1") -> Iterator[str]:
    """The address on this machine at which a transport answers real HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = httpx.Request(self.command, f"{base}{self.path}", headers=dict(self.headers), content=body)
            answer = transport.handle_request(request)
            self.send_response(answer.status_code)
            self.send_header("content-type", answer.headers.get("content-type", "application/json"))
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_GET  # noqa: N815 — the base class's name for it

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Real:
    """One home on a real-looking workspace; each of its hosts has a server and connections of its own."""

    def __init__(self, home: Path, sandbox: Sandbox, url: str, service: Renumbered, clock: Clock) -> None:
        self.home = home
        self.service = service
        self.environ = {
            "SEAX_API_KEY": sandbox.api_key,
            "SEAX_WORKSPACE_ID": sandbox.workspace_id,
            "SEAX_BASE_URL": url,
            "SEAX_MODE": "live",
            "SEAX_HOME": str(home),
        }
        self.clock = clock
        self._open = ExitStack()

    def __enter__(self) -> Real:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def keys(self) -> Approvers:
        return Approvers(self.home / "approvers")

    def pin(self, name: str = "ana") -> None:
        """A person made a key and pinned it."""
        self.keys.create(name, WORDS)
        self.keys.pin(name)

    def workspace(self, **environ: str) -> Workspace:
        settings = Settings.from_environment(self.environ | environ)
        return self._open.enter_context(connect(settings, face="mcp", now=self.clock))

    def host(self, mode: str = "2026-07-28", *, environ: dict[str, str] | None = None, **options: Any) -> Host:
        """A host with a server of its own, as a process of its own has it."""
        settings = Settings.from_environment(self.environ | (environ or {}))
        chosen = Options.from_environment(settings).model_copy(update=options)
        ws = self.workspace(**(environ or {}))
        return Host(build_server(Connection(lambda: ws, chosen), are_limited=False), mode)

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.sqlite3"
