"""Sends that are killed or cut off at every statement, each in a process and on a workspace of its own.

Every run is a fork of a process that has sent before, so that tables are read and code is compiled: it costs the send
and little more.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

import toolkit
from tests.builders import Clock
from toolkit.audience.segment import Segment
from toolkit.errors import OutcomeUnknown, ServiceError
from toolkit.sandbox import Sandbox, transport
from toolkit.sandbox.behaviour import Behaviour
from toolkit.sandbox.faults import HEADER, Faults
from toolkit.sending.draft import CampaignDraft
from toolkit.sending.ledger import Ledger
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

SOURCE = Path(toolkit.__file__).parent
# Where a send passes on its way out: everything that is ours, and the embedded service's own steps.
WATCHED = tuple(
    str(SOURCE / name)
    for name in (
        *("sending/" + name + ".py" for name in (
            "approval", "arms", "audit", "campaigns", "chain", "circumstances", "drift", "entry", "halt", "ledger",
            "limits", "outbox", "planner", "reader", "receipt", "shares", "states", "steps", "store",
        )),
        "api/client.py",
        "api/guide.py",
        "sandbox/transport.py",
        "sandbox/faults.py",
        "sandbox/launches.py",
        "sandbox/campaigns.py",
        "sandbox/store.py",
    )
)  # fmt: skip
NAME = "Spring Sale"
Fault = tuple[str, str]  # the name of a fault of the embedded service, or of the network; and when


@dataclass(frozen=True)
class After:
    """What was found after a send ended, in whatever way: before anything was done about it, and after all was."""

    received: int
    state: str
    is_whole: bool
    at_last: int
    state_at_last: str
    said: str


def in_child(work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work` returns in a process of its own; None if that was killed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        transport._loop = None  # its thread stayed in the other process
        try:
            said = pickle.dumps((True, work(*arguments)))
        except BaseException:  # noqa: BLE001 — told to the one who forked
            said = pickle.dumps((False, traceback.format_exc()))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(said)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        return None
    is_well, result = pickle.loads(said)
    assert is_well, result
    return result


class Edge(httpx.BaseTransport):
    """The network before the embedded service, which breaks one POST as it is told to."""

    def __init__(self, inner: httpx.BaseTransport, fault: Fault | None = None) -> None:
        self._inner = inner
        self._fault = fault
        self.posts = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return self._inner.handle_request(request)
        self.posts += 1
        if self._fault is None:
            return self._inner.handle_request(request)
        name, when = self._fault
        if when == "service":
            request.headers[HEADER] = name
            if name == "latency":
                request.extensions["timeout"] = {"read": 0.01}
            return self._inner.handle_request(request)
        if when == "after":
            self._inner.handle_request(request)
        raise getattr(httpx, name)("as it was told to", request=request)


def open_workspace(folder: Path, fault: Fault | None = None, *, later: timedelta = timedelta(0)) -> Workspace:
    clock = Clock()
    clock.time += later
    faults = Behaviour(faults=Faults(latency_seconds=0.2))
    sandbox = Sandbox(folder / "sandbox.sqlite3", contacts=100, now=clock, behaviour=faults)
    return connect(Settings(home=folder), sandbox=sandbox, transport=Edge(sandbox.transport(), fault), now=clock)


def prepare(folder: Path) -> str:
    """A small workspace with an approved plan, whose id this is."""
    folder.mkdir(parents=True)
    with open_workspace(folder) as ws:
        segment = Segment.any_of("vip_customers", "new_subscribers")
        draft = CampaignDraft(
            name=NAME, message="Hello. Reply STOP to opt out.", segment=segment, senders=("Marketing Line",)
        )
        plan = ws.plan(draft)
        plan.approve(recipients=plan.recipients, by="ana")
        assert plan.recipients > 0
    warm = folder.with_name(f"{folder.name}-warm")
    shutil.copytree(folder, warm)
    go_on(warm, plan.id)
    return plan.id


def send(folder: Path, plan_id: str, fault: Fault | None = None, die_at: int = 0) -> tuple[str, int]:
    """Send the approved plan, and die before the statement of that number; what came of it, and how many there are."""
    ws = open_workspace(folder, fault)
    approval = ws.approval_of(plan_id)
    count = _die_at(die_at)
    try:
        came = ws.send(approval).status
    except (OutcomeUnknown, ServiceError) as error:
        came = type(error).__name__
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    return came, count()


def _die_at(number: int) -> Callable[[], int]:
    taken = 0

    def step(frame: Any, event: str, argument: Any) -> Any:
        nonlocal taken
        if event == "line":
            taken += 1
            if taken == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return step

    def enter(frame: Any, event: str, argument: Any) -> Any:
        return step if frame.f_code.co_filename in watched else None

    watched = frozenset(WATCHED)
    threading.settrace(enter)
    sys.settrace(enter)
    return lambda: taken


def look(folder: Path, plan_id: str) -> tuple[int, str, bool]:
    """How often the service received the campaign, where the ledger says it stands, and whether the ledger is whole."""
    clock = Clock()
    box = Sandbox(folder / "sandbox.sqlite3", now=clock)
    received = list(box.campaigns().values()).count(NAME)
    box.close()
    ledger = Ledger(folder / "embedded-ledger.sqlite3")
    return received, ledger.entry(plan_id).state, ledger.verify().is_whole


def go_on(folder: Path, plan_id: str) -> str:
    """What somebody does after a crash: sends the approval again, and has what is unknown looked up."""
    ws = open_workspace(folder)
    try:
        return str(ws.send(ws.approval_of(plan_id)).status)
    except OutcomeUnknown:
        later = open_workspace(folder, later=timedelta(minutes=11))
        return f"{later.reconcile(plan_id).status} as was found out"


def run(stage: Path, folder: Path, plan_id: str, *, fault: Fault | None = None, die_at: int = 0) -> After:
    """One send of the staged plan that meets a fault or dies, and everything that was found afterwards."""
    copy(stage, folder)
    in_child(send, folder, plan_id, fault, die_at)
    after: After = in_child(restart, folder, plan_id)
    shutil.rmtree(folder)
    return after


def copy(stage: Path, folder: Path) -> Path:
    """A workspace and a ledger of its own for a run."""
    shutil.copytree(stage, folder, dirs_exist_ok=True)
    return folder


def restart(folder: Path, plan_id: str) -> After:
    """What is found after a send ended, what is done about it, and what is found then."""
    received, state, is_whole = look(folder, plan_id)
    said = go_on(folder, plan_id)
    at_last, state_at_last, still_whole = look(folder, plan_id)
    return After(received, state, is_whole and still_whole, at_last, state_at_last, said)


def check(after: After) -> None:
    """The service received it once or not at all, never twice; the ledger says what is so; nothing stays unknown."""
    assert after.is_whole, after
    assert after.received <= 1, after
    truth = {"approved": {0}, "refused": {0}, "sent": {1}, "sending": {0, 1}, "unknown": {0, 1}}
    assert after.received in truth[after.state], after
    assert after.at_last <= 1, after
    assert after.at_last in {"sent": {1}, "refused": {0}}[after.state_at_last], after
    if after.state in {"sending", "unknown"}:
        assert after.at_last == after.received, after  # finding out sends nothing


NETWORK: tuple[Fault, ...] = tuple(
    (name, when)
    for name in (
        "ConnectError",
        "ConnectTimeout",
        "PoolTimeout",
        "WriteError",
        "WriteTimeout",
        "ReadError",
        "ReadTimeout",
        "CloseError",
        "RemoteProtocolError",
        "ProxyError",
    )
    for when in ("before", "after")
    if not (when == "after" and name in {"ConnectError", "ConnectTimeout", "PoolTimeout"})  # no connection, no after
)
SERVICE: tuple[Fault, ...] = tuple(
    (name, "service")
    for name in ("latency", "429", "500-before", "503-before", "500-after", "503-after", "reset", "truncate")
)
