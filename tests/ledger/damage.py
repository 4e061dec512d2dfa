"""Ledgers that are damaged: bits that flipped, ends that are gone. What is said and sent on them is held against the
service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.builders import Clock
from tests.sending.truth import check_words
from tests.wire import Wire
from toolkit.audience.segment import Segment
from toolkit.errors import ToolkitError
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

LEDGER = "embedded-ledger.sqlite3"


def draft(name: str) -> CampaignDraft:
    segment = Segment.any_of("vip_customers")
    text = "Hello. Reply STOP to opt out."
    return CampaignDraft(name=name, message=text, segment=segment, senders=("Marketing Line",))


@dataclass(frozen=True)
class Stage:
    """A workspace with a ledger in which one campaign was sent and another one is approved."""

    sandbox: Sandbox
    wire: Wire
    folder: Path
    clock: Clock
    sent: str
    waiting: str


def stage(folder: Path) -> Stage:
    clock = Clock()
    sandbox = Sandbox(folder / "workspace.sqlite3", contacts=100, now=clock)
    wire = Wire(sandbox)
    with connect(Settings(home=folder), sandbox=sandbox, transport=wire, now=clock) as ws:
        ids = []
        for name in ("sent", "waiting"):
            plan = ws.plan(draft(name))
            approval = plan.approve(recipients=plan.recipients, by="ana")
            if name == "sent":
                ws.send(approval)
            ids.append(plan.id)
    wire.posts.clear()
    return Stage(sandbox, wire, folder, clock, *ids)


def flips(content: bytes, number: int) -> Iterator[bytes]:
    """The content with one bit flipped, so many times, all over it."""
    for at in range(number):
        place = at * len(content) // number
        yield content[:place] + bytes([content[place] ^ (1 << at % 8)]) + content[place + 1 :]


def cuts(content: bytes, number: int) -> Iterator[bytes]:
    """The content without its end, so many times, from nothing to nearly all."""
    for at in range(number):
        yield content[: at * len(content) // number]


def check_damaged(here: Stage, content: bytes, folder: Path) -> list[str]:
    """Send again what was sent, and what waits, on a damaged ledger; what was said.

    AssertionError if the first left once more, the second more than once, or a sentence is wrong; whatever is raised
    that is none of the toolkit's errors comes through.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / LEDGER).write_bytes(content)
    shutil.copy((here.folder / LEDGER).with_suffix(".key"), folder)
    here.wire.posts.clear()
    said = []
    for name, plan_id in (("sent", here.sent), ("waiting", here.waiting)):
        for is_planned_again in (False, True):
            before = _posted(here, name)
            words = _send(here, folder, name, "" if is_planned_again else plan_id)
            after = _posted(here, name)
            once = int(name == "sent")
            check_words(words, received=after + once, before=before + once, of=1)
            assert after + once <= 1, words
            said.append(words)
    return said


def _send(here: Stage, folder: Path, name: str, plan_id: str) -> str:
    """Send a plan, or the same draft planned again; what was said."""
    try:
        with connect(Settings(home=folder), sandbox=here.sandbox, transport=here.wire, now=here.clock) as ws:
            return str(ws.send(ws.approvals.latest(plan_id or _approved_again(ws, name))))
    except ToolkitError as error:
        return str(error)


def _approved_again(ws: Workspace, name: str) -> str:
    plan = ws.plan(draft(name))
    plan.approve(recipients=plan.recipients, by="ana")
    return plan.id


def _posted(here: Stage, name: str) -> int:
    return [body["name"] for body in here.wire.bodies].count(name)
