"""One seeded read of contacts that move, through everything that can go wrong on the way, and its judge."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pandas as pd
import stamina
from pydantic import SecretStr

from tests.api.moving import MovingList, row_of, served
from tests.builders import START, Clock
from toolkit.api import pagination
from toolkit.api.arrow_schemas import LabelBook
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.api.network.throttle import Pause
from toolkit.api.snapshot_read import read_all
from toolkit.data.contacts import Contacts
from toolkit.errors import ServiceError
from toolkit.sandbox import Behaviour, Faults, Sandbox
from toolkit.sandbox.faults import Fault, FaultInjector
from toolkit.sandbox.transport import Transport
from toolkit.settings import Settings
from toolkit.workspace import connect

KINDS: tuple[Fault, ...] = ("429", "reset", "truncate", "shift", "503-before")
NEWCOMERS = 12  # in one import, at most


def read_moving(seed: int, *, over_http: bool = False) -> str:
    """Read a list that grows and shrinks: "exact", the name of the error it ended with, or what is wrong."""
    draw = random.Random(seed)
    model = MovingList(draw.choice([1, 40, 300, 900]), _mover(draw), _repeater(draw))
    app = FaultInjector(model.app, faults=_faults(draw, seed), shift=model.add)
    limit, threads, book = draw.choice([20, 50, 100]), draw.choice([1, 4, 8]), LabelBook()
    with ExitStack() as stack:
        address = stack.enter_context(served(app)) if over_http else "http://moving.invalid"
        transport = None if over_http else Transport(app)
        stack.enter_context(_tries())
        stack.enter_context(patch.object(pagination, "_QUICK", draw.choice([0, pagination._QUICK])))
        client = Client(
            Caller(address, "w", SecretStr("0" * 64), transport=transport, pause=Pause(sleep=lambda _: None))
        )
        stack.callback(client.close)
        try:
            rows = read_all(client.contacts(book), limit=limit, threads=threads).rows
        except ServiceError as error:
            return type(error).__name__
    frame = Contacts(rows, tuple(book.labels), START).frame
    if tuple(frame["id"]) not in model.states:
        return "WRONG contacts"
    return "exact" if _says(frame) == [_said(row_of(i)) for i in frame["id"]] else "WRONG contents"


def read_embedded(seed: int, template: Path, folder: Path) -> str:
    """Read the embedded workspace while people are imported; as `read_moving`."""
    draw, clock = random.Random(seed), Clock()
    file = folder / f"{seed}.sqlite3"
    shutil.copy(template, file)
    quiet = Sandbox(file, now=clock)
    faulty = Sandbox(file, now=clock, behaviour=Behaviour(faults=_faults(draw, seed)))
    there = _ids(quiet)
    importing = Importing(faulty, lambda: _import(quiet, clock, draw))
    with connect(Settings(home=folder), sandbox=faulty, transport=importing, now=clock) as ws, _tries():
        try:
            read = ws.contacts()["id"].tolist()
        except ServiceError as error:
            return type(error).__name__
        finally:
            after = _ids(quiet)
            quiet.close()
            faulty.close()
    return "exact" if read == after[-len(read) :] and len(read) >= len(there) else "WRONG contacts"


def make_template(path: Path) -> Path:
    """A workspace of 2,500 people, which is three pages."""
    Sandbox(path, contacts=2_500, now=Clock()).close()
    return path


class Importing(httpx.BaseTransport):
    """The embedded service, with something that happens before each request."""

    def __init__(self, sandbox: Sandbox, before: Callable[[], object]) -> None:
        self._inner, self._before = sandbox.transport(), before

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._before()
        return self._inner.handle_request(request)


@contextmanager
def _tries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=6):  # as outside tests, without the waits
        yield


def _faults(draw: random.Random, seed: int) -> Faults:
    """10 % of requests go wrong, or 10 % in each of the ways."""
    rate = draw.choice([0.1 / len(KINDS), 0.1])
    return Faults(rates=dict.fromkeys(KINDS, rate), retry_after_seconds=30, seed=seed)


def _mover(draw: random.Random) -> Callable[[MovingList], None]:
    joining, leaving, purging = draw.choice([0, 0.05, 0.3]), draw.choice([0, 0.05, 0.2]), draw.choice([0, 0.02])

    def move(moving: MovingList) -> None:
        if draw.random() < joining:
            for _ in range(draw.randint(1, NEWCOMERS)):
                moving.add()
        if draw.random() < leaving and moving.ids:
            moving.ids.pop(draw.randrange(len(moving.ids)))
        if draw.random() < purging:
            start = draw.randrange(len(moving.ids) + 1)
            del moving.ids[start : start + draw.randint(1, 60)]

    return move


def _repeater(draw: random.Random) -> Callable[[list[dict[str, Any]]], None]:
    """Puts a row of a page on it twice, in 10 % of replies: as one more, or in the place of another."""

    def repeat(rows: list[dict[str, Any]]) -> None:
        if len(rows) > 1 and draw.random() < 0.1:
            at = draw.randrange(len(rows))
            rows[at : at + draw.randint(0, 1)] = [draw.choice(rows)]

    return repeat


def _import(sandbox: Sandbox, clock: Clock, draw: random.Random) -> None:
    if draw.random() < 0.2:
        file = "name\n" + "".join(f"Person {draw.random()}\n" for _ in range(draw.randint(1, NEWCOMERS)))
        with _http(sandbox) as http:
            http.post("import_contacts", files={"file": ("c.csv", file)}).raise_for_status()
    clock.move(milliseconds=draw.choice([0, 1, 50]))


def _ids(sandbox: Sandbox) -> list[str]:
    """All contacts of a sandbox that rests, newest first."""
    with _http(sandbox) as http:
        return [row["id"] for row in http.get("contacts", params={"limit": 10_000}).json()["data"]]


def _http(sandbox: Sandbox) -> httpx.Client:
    address = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/"
    return httpx.Client(base_url=address, headers={"X-API-KEY": sandbox.api_key}, transport=sandbox.transport())


def _says(frame: pd.DataFrame) -> list[tuple[object, ...]]:
    return [(r.name, r.fields, list(r.labels)) for r in frame[["name", "fields", "labels"]].itertuples(index=False)]


def _said(row: dict[str, Any]) -> tuple[object, ...]:
    return row["name"], json.dumps(row["contact_field_data"]), [label["name"] for label in row["contact_labels"]]
