"""Processes that send one approval at the same moment."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.sending.interrupted.killed_sends import Edge, open_workspace
from tests.sending.truth import check_words
from toolkit.audience.segment import Segment
from toolkit.errors import OutcomeUnknown
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox

_FORK = multiprocessing.get_context("spawn")  # the one that starts them has threads


@contextmanager
def racers(folder: Path, number: int, *, homes: int = 1) -> Iterator[list[Connection]]:
    """So many processes on one workspace, each of which sends the approvals it is handed; in so many homes, if they
    share a team's ledger."""
    start = _FORK.Barrier(number)
    ends = [_FORK.Pipe() for _ in range(number)]
    processes = [
        _FORK.Process(target=_race, args=(folder, there, start, at % homes), daemon=True)
        for at, (_, there) in enumerate(ends)
    ]
    for process in processes:
        process.start()
    try:
        for here, _ in ends:
            assert here.recv() == "ready"
        yield [here for here, _ in ends]
    finally:
        for here, _ in ends:
            here.send(None)
        for process in processes:
            process.join(30)


def race(folder: Path, lanes: list[Connection], name: str) -> Counter[str]:
    """Have everybody send the approval of a new plan at once: what each got, and the posts that left.

    What each of them was told is held against what the service received: one campaign, from whoever posted it.
    """
    with open_workspace(folder) as ws:
        draft = CampaignDraft(
            name=name,
            message="Hello. Reply STOP to opt out.",
            segment=Segment.any_of("vip_customers", "new_subscribers"),
            senders=("Marketing Line",),
            overrides={"AUD008": "nobody real is texted this often"},
        )
        plan = ws.plan(draft)
        approval = plan.approve(recipients=plan.recipients, by="ana")
    for lane in lanes:
        lane.send(approval.model_dump_json())
    outcomes: Counter[str] = Counter()
    for lane in lanes:
        said, posts, words = lane.recv()
        check_words(words, received=1, before=1 - posts, of=1)
        if said == "on its way":
            assert "another process is sending it" in words, words
            assert "check `seax plans`" in words, words
        outcomes[said] += 1
        outcomes["posts"] += posts
    return outcomes


def received(folder: Path, name: str) -> int:
    """How many campaigns of that name the service has."""
    box = Sandbox(folder / "sandbox.sqlite3")
    try:
        return list(box.campaigns().values()).count(name)
    finally:
        box.close()


def _race(folder: Path, lane: Connection, start: Barrier, home: int) -> None:
    ws = open_workspace(folder, home=folder / f"home{home}" if home else folder)
    edge = ws._client._caller._transport
    assert isinstance(edge, Edge)
    lane.send("ready")
    while body := lane.recv():
        before = edge.posts
        start.wait(60)
        try:
            receipt = ws.send(Approval.model_validate_json(body))
            said, words = "repeated" if receipt.repeated else receipt.status, str(receipt)
        except OutcomeUnknown as error:
            said, words = "on its way", str(error)
        lane.send((said, edge.posts - before, words))
