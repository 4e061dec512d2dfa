# One file: a process that is killed, and all that is checked of it afterwards.
"""Sends that are killed or cut off at every statement, each in a process and on a workspace of its own.

Every run is a fork of a process that has sent before, so that tables are read and code is compiled: it costs the send
and little more.
"""

from __future__ import annotations

import os
import pickle
import resource
import shutil
import signal
import socket
import sqlite3
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import httpx
import psycopg

import toolkit
from tests.builders import Clock
from tests.ledger.team import copy_of
from tests.sending.truth import check_words
from toolkit.audience.segment import Segment
from toolkit.errors import SendInterrupted, ToolkitError
from toolkit.ledger.ledger import Ledger
from toolkit.plans.draft import CampaignDraft, LabelRemovalDraft, MessagesDraft
from toolkit.sandbox import Sandbox, transport
from toolkit.sandbox.faults import HEADER, Faults
from toolkit.sandbox.labels import DELETED
from toolkit.sandbox.options import Behaviour
from toolkit.sending.sent_summary import statement
from toolkit.settings import DialectName, Settings
from toolkit.workspace import Workspace, connect

SOURCE = Path(toolkit.__file__).parent
# Where a send passes on its way out: everything that is ours, and the embedded service's own steps.
WATCHED = tuple(
    str(SOURCE / name)
    for name in (
        *("planning/" + name + ".py" for name in ("address", "batches", "freeze", "planner", "read", "steps")),
        *("plans/" + name + ".py" for name in ("approval", "receipt", "states")),
        *("ledger/" + name + ".py" for name in ("audit", "canceled", "chain", "ledger", "limits", "plan_entry")),
        *("ledger/" + name + ".py" for name in ("claimed_people", "store", "team/postgres", "team/send_journal")),
        *("sending/" + name + ".py" for name in ("cancel", "kill_switch", "outbox", "plan_difference")),
        *("sending/" + name + ".py" for name in ("personal_texts", "sent_summary", "service_count")),
        "contact_reading.py",
        *("api/" + name + ".py" for name in ("caller", "client", "guide/requests", "guide/replies")),
        *("api/published/" + name + ".py" for name in ("requests", "replies", "listings")),
        "sandbox/transport.py",
        "sandbox/faults.py",
        "sandbox/delivery/launches.py",
        "sandbox/delivery/campaigns.py",
        "sandbox/store.py",
    )
)  # fmt: skip
NAME = "Spring Sale"
PERSONAL = 30  # people of a list, in as many requests as a campaign has
TWICE = "twice"  # a file that is there once a label was to be deleted that was deleted before
PUBLISHED = "published"  # a file beside a ledger whose service is spoken to so
TEAM = "team"  # a file with the address of a team's ledger, which is used in place of that file
STEPS = 2
What: TypeAlias = Literal["campaigns", "personal", "removal"]
Fault = tuple[str, str]  # the name of a fault of the embedded service, or of the network; and when


@dataclass(frozen=True)
class After:
    """What was found after a send ended, in whatever way: before anything was done about it, and after all was.

    `said` holds every sentence, with how many campaigns the service had before it and after it. `of` is how many steps
    the plan has; `is_twice` if a label was to be deleted again.
    """

    received: int
    state: str
    is_whole: bool
    at_last: int
    state_at_last: str
    said: tuple[tuple[str, int, int], ...]
    of: int
    is_twice: bool


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
    """The network before the embedded service, which breaks one POST or DELETE as it is told to."""

    def __init__(self, inner: httpx.BaseTransport, folder: Path, fault: Fault | None = None) -> None:
        self._inner = inner
        self._folder = folder
        self._fault = fault
        self.posts = 0
        self.at = 1

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return self._inner.handle_request(request)
        self.posts += 1
        if self._fault is None or self.posts != self.at:
            response = self._inner.handle_request(request)
            if request.method == "DELETE" and response.status_code == 404:
                (self._folder / TWICE).touch()
            return response
        name, when = self._fault
        if name == "disk full":
            self._inner.handle_request(request) if when == "after" else None
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file can grow or be written from here on
            raise httpx.ReadTimeout("as it was told to", request=request)
        if when == "service":
            request.headers[HEADER] = name
            if name == "latency":
                request.extensions["timeout"] = {"read": 0.01}
            return self._inner.handle_request(request)
        if when == "after":
            self._inner.handle_request(request)
        raise getattr(httpx, name)("as it was told to", request=request)


def open_workspace(folder: Path, fault: Fault | None = None, home: Path | None = None) -> Workspace:
    return _open(folder, Clock(), fault, home)[0]


def _open(
    folder: Path, clock: Clock, fault: Fault | None = None, home: Path | None = None
) -> tuple[Workspace, Sandbox]:
    faults = Behaviour(faults=Faults(latency_seconds=0.2))
    sandbox = Sandbox(folder / "sandbox.sqlite3", contacts=100, now=clock, behaviour=faults)
    edge = Edge(sandbox.transport(), folder, fault)
    settings = _settings(folder).model_copy(update={"home": home or folder})
    return connect(settings, sandbox=sandbox, transport=edge, now=clock, ledger=_team(folder)), sandbox


def _settings(folder: Path) -> Settings:
    dialect: DialectName = "published" if (folder / PUBLISHED).exists() else "guide"
    return Settings(home=folder, dialect=dialect)


def _team(folder: Path) -> str | None:
    return (folder / TEAM).read_text(encoding="utf-8") if (folder / TEAM).exists() else None


def prepare(folder: Path, dialect: DialectName = "guide", team: str | None = None, *, what: What = "campaigns") -> str:
    """A small workspace with an approved plan whose id this is: of two campaigns, of personal texts in two requests, or
    of the removal of a label; its copies speak the same dialect, and each has a ledger of its own, a copy of that of
    the `team` if it has the address of one."""
    folder.mkdir(parents=True)
    if dialect == "published":
        (folder / PUBLISHED).touch()
    if team:
        (folder / TEAM).write_text(team, encoding="utf-8")
    with open_workspace(folder) as ws:
        segment = Segment.all_of("vip_customers", "interest_shoes") | Segment.all_of("newsletter", "tier_gold")
        draft: CampaignDraft | MessagesDraft | LabelRemovalDraft = CampaignDraft(
            name=NAME,
            message="Hello. Reply STOP to opt out.",
            segment=segment,
            senders=("Marketing Line",),
            most_campaigns=STEPS,
        )
        if what == "removal":
            draft = LabelRemovalDraft(name=NAME, label=_label(folder, draft))
        elif what == "personal":
            everybody = ws.audience(Segment.everyone())
            ids = tuple(everybody.contacts.ids[everybody.recipients][:PERSONAL])
            text = "Hello {name}. Reply STOP to opt out."
            draft = MessagesDraft(name=NAME, message=text, contact_ids=ids, sender="Marketing Line")
        plan = ws.plan(draft)
        plan.approve(recipients=plan.recipients, by="ana")
        assert (len(plan.steps), plan.recipients > 0) == (1 if what == "removal" else STEPS, True)
    warm = copy(folder, folder.with_name(f"{folder.name}-warm"))
    restart(warm, plan.id, [])
    return plan.id


def _label(folder: Path, draft: CampaignDraft) -> str:
    """The name of a label that the recipients of a draft were given by an import."""
    clock = Clock()
    ws, _ = _open(folder, clock)
    plan = ws.plan(ws.imports.label(draft))
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    clock.move(minutes=1)
    return next(label.name for label in ws.snapshot().labels if label.name.startswith("seax:"))


def send(folder: Path, plan_id: str, fault: Fault | None = None, die_at: int = 0) -> tuple[str, str, int]:
    """Send the approved plan, and meet a fault or die before the statement of that number.

    What came of it and in which words, and how many statements there are.
    """
    is_cut = fault is not None and fault[0].startswith("cut ")
    ws = open_workspace(folder, None if is_cut else fault)
    approval = ws.approvals.latest(plan_id)
    if fault and is_cut:
        _cut_at(int(fault[0].removeprefix("cut ")), fault[1])
    count = _die_at(die_at)
    try:
        receipt = ws.send(approval)
        came, words = receipt.status, str(receipt)
    except (ToolkitError, SendInterrupted) as error:
        came, words = type(error).__name__, str(error)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    return came, words, count()


def cancel(folder: Path, plan_id: str, die_at: int = 0) -> tuple[str, int]:
    """Cancel the first campaign of a plan that was sent, or die before the statement of that number: what was said, and
    how many statements there are."""
    ws = open_workspace(folder)
    receipt = ws.get_plan(plan_id).receipt
    assert receipt is not None
    count = _die_at(die_at)
    try:
        words = str(ws.cancel(receipt.campaign_ids[0]))
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    return words, count()


def statements_of(folder: Path, plan_id: str) -> int:
    """How many statements of SQL a send runs on a team's ledger."""
    taken = _cut_at(0, "before")
    send(folder, plan_id)
    return taken()


def _cut_at(number: int, when: str) -> Callable[[], int]:
    """Cut the connection to a team's ledger at the statement of that number, in this process for good."""
    execute, taken = psycopg.Connection.execute, 0

    def run_one(db: Any, *arguments: Any, **more: Any) -> Any:
        nonlocal taken
        taken += 1
        if taken != number:
            return execute(db, *arguments, **more)
        if when == "after":
            execute(db, *arguments, **more)
        with socket.socket(fileno=os.dup(db.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
        if when == "after":
            raise psycopg.OperationalError("the connection was lost")
        return execute(db, *arguments, **more)

    psycopg.Connection.execute = run_one  # type: ignore[method-assign]
    return lambda: taken


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


def received(folder: Path, sandbox: Sandbox) -> int:
    """How many campaigns of the plan the service received, or how many labels it has deleted."""
    campaigns = sum(name == NAME or name.startswith(f"{NAME}, messages ") for name in sandbox.campaigns().values())
    with closing(sqlite3.connect(folder / "sandbox.sqlite3")) as db:
        deleted: int = db.execute("SELECT count(*) FROM labels WHERE is_system = ?", (DELETED,)).fetchone()[0]
    return campaigns + deleted


def run(stage: Path, folder: Path, plan_id: str, *, fault: Fault | None = None, die_at: int = 0) -> After:
    """One send of the staged plan that meets a fault or dies, and everything that was found afterwards."""
    copy(stage, folder)
    ended = in_child(send, folder, plan_id, fault, die_at)
    words = [] if ended is None else [(ended[1], 0)]
    after: After = in_child(restart, folder, plan_id, words)
    shutil.rmtree(folder)
    return after


def copy(stage: Path, folder: Path) -> Path:
    """A workspace and a ledger of its own for a run."""
    shutil.copytree(stage, folder, dirs_exist_ok=True)
    if (team := folder / TEAM).exists():
        name = f"copied_{folder.name}".replace("-", "_")
        team.write_text(copy_of(team.read_text(encoding="utf-8"), name), encoding="utf-8")
    return folder


def restart(folder: Path, plan_id: str, words: list[tuple[str, int]]) -> After:
    """What is found after a send ended, which said `words`; what somebody does about it, and what is found then.

    They send the approval again, have what is unknown looked up, and send the rest.
    """
    clock = Clock()
    ws, sandbox = _open(folder, clock)
    ledger = Ledger(_team(folder) or _settings(folder).ledger_place)

    def stands() -> str:
        entry = ledger.entry(plan_id)
        return f"{entry.receipt or ''} | {statement(entry.plan, entry.steps, can_go_on=True)}"

    at_first, state, is_whole = received(folder, sandbox), ledger.entry(plan_id).state, ledger.verify().is_whole
    said = [(each, before, at_first) for each, before in words] + [(stands(), at_first, at_first)]
    for minutes, is_send in ((0, True), (11, False), (0, True)):
        clock.move(minutes=minutes)
        before = received(folder, sandbox)
        try:
            answer = str(ws.send(ws.approvals.latest(plan_id)) if is_send else ws.ledger.reconcile(plan_id))
        except ToolkitError as error:
            answer = str(error)
        said.append((answer, before, received(folder, sandbox)))
        if ledger.entry(plan_id).state == "sent":
            break
    at_last = received(folder, sandbox)
    said.append((stands(), at_last, at_last))
    whole = is_whole and ledger.verify().is_whole
    of = len(ledger.entry(plan_id).plan.steps)
    return After(
        at_first, state, whole, at_last, ledger.entry(plan_id).state, tuple(said), of, (folder / TWICE).exists()
    )


def check(after: After) -> None:
    """The service received every step once or not at all, never twice; the ledger and every sentence say what is so."""
    assert after.is_whole, after
    assert after.received <= after.of, after
    assert not after.is_twice, after
    truth = {
        "approved": {0},
        "refused": {0},
        "partial": {1},
        "sent": {after.of},
        "sending": {0, 1, after.of},
        "unknown": {0, 1, after.of},
    }
    assert after.received in truth[after.state], after
    assert after.at_last <= after.of, after
    assert after.state_at_last in {"sent", "refused", "partial"}, after
    for words, before, now in after.said:
        for part in words.split(" | "):
            check_words(part, received=now, before=before, of=after.of)


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
DISK: tuple[Fault, ...] = (("disk full", "before"), ("disk full", "after"))
