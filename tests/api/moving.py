"""A list that changes while it is read and remembers every state it was in, in process or behind HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from toolkit.api import guide
from toolkit.api.arrow_schemas import CONTACTS, LabelBook, Listing

TIME = "2026-03-03T10:00:00"


class MovingList:
    """A list newest first; `move` changes it before each answer, `spoil` what is answered. Remembers every state."""

    def __init__(
        self,
        size: int,
        move: Callable[[MovingList], object] = lambda _: None,
        spoil: Callable[[list[dict[str, Any]]], object] = lambda _: None,
    ) -> None:
        self.ids = [f"c{i}" for i in range(size)]
        self.states: set[tuple[str, ...]] = set()
        self.asked: list[tuple[int, int]] = []
        self._move, self._spoil = move, spoil
        self._came = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        """Somebody joins."""
        self._came += 1
        self.ids.insert(0, f"n{self._came}")

    def answer(self, offset: int, limit: int) -> bytes:
        """A page, after the list has moved."""
        with self._lock:
            self.asked.append((offset, limit))
            self._move(self)
            self.states.add(tuple(self.ids))
            rows = [row_of(i) for i in self.ids[offset : offset + limit]]
            total = len(self.ids)
            self._spoil(rows)
        return json.dumps({"data": rows, "total": total}).encode()

    @property
    def listing(self) -> Listing:
        """The list, read without a network."""
        book = LabelBook()
        return Listing(self.answer, lambda body: guide.read_contacts(body, book), CONTACTS)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The list as an ASGI application, whatever the path."""
        query = parse_qs(scope["query_string"].decode())
        body = self.answer(int(query["offset"][0]), int(query["limit"][0]))
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def row_of(contact_id: str) -> dict[str, Any]:
    """The contact of an id, as the service would show it."""
    number = int(contact_id[1:])
    label = {"id": f"l{number % 3}", "name": f"label {number % 3}"}
    return {
        "id": contact_id,
        "name": f"Person {contact_id}",
        "contact_field_data": {"number": number},
        "contact_labels": [label] if number % 2 else [],
        "created_time": TIME,
        "updated_time": TIME,
    }


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The address at which an ASGI application answers real HTTP on this machine."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", ws="none", log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            thread.join(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
