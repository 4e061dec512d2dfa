# One file: the same endings of a send, in every interface that reports them.
"""What is said after something left is so: in code, in the terminal, over MCP and in the panel."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import Clock, campaign_draft
from tests.ledger.broken_ledgers import BREAKS, Break
from tests.sending.truth import check_words
from tests.wire import Wire, fault
from toolkit.audience.segment import Segment
from toolkit.errors import (
    Halted,
    LedgerTampered,
    LedgerUnavailable,
    LimitReached,
    OutcomeUnknown,
    PlanChanged,
    RateLimited,
    SendInterrupted,
    SendRefused,
    ServiceError,
    SettingsError,
    ToolkitError,
)
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft, Draft, MessagesDraft
from toolkit.sandbox import Sandbox
from toolkit.sending.sent_summary import nothing_sent
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def personal(ws: Workspace, number: int = 5) -> MessagesDraft:
    ids = ws.audience(Segment.any_of("vip_customers")).frame["id"].tolist()[:number]
    return MessagesDraft(
        name="Thanks", message="Hi {name}. Reply STOP to opt out.", contact_ids=tuple(ids), sender="Marketing Line"
    )


def approved(ws: Workspace, draft: Draft) -> Approval:
    plan = ws.plan(draft)
    return plan.approve(recipients=plan.recipients, by="ana")


def reply(status: int) -> Callable[[], httpx.Response]:
    return lambda: httpx.Response(status, json={"message": "no", "retry_after": 5})


# How many left, and how many wait

ENDS: dict[str, tuple[Callable[[Workspace], httpx.Response | None], type[BaseException]]] = {
    "429": (lambda ws: reply(429)(), RateLimited),
    "403": (lambda ws: reply(403)(), ServiceError),
    "unreachable": (lambda ws: fault(httpx.ConnectError("refused"))(), ServiceError),  # type: ignore[func-returns-value]
    "halt": (lambda ws: ws.switch.halt(by="bob"), Halted),  # type: ignore[func-returns-value]
    "interrupt": (lambda ws: fault(KeyboardInterrupt())(), SendInterrupted),  # type: ignore[func-returns-value]
    "fault": (lambda ws: fault(RuntimeError("nobody thought of it"))(), SendRefused),  # type: ignore[func-returns-value]
}


def end_at(ws: Workspace, wire: Wire, how: str, posts: int, patch: pytest.MonkeyPatch) -> None:
    """Have a send end in this way once so many posts have left, without the next one reaching the service."""
    end, _ = ENDS[how]
    if how in {"429", "403", "unreachable"}:
        wire.before = lambda: end(ws) if len(wire.posts) == posts else None
        return
    look = ws._outbox._check_may_send

    def check(*now: Any) -> None:
        if len(wire.posts) == posts:
            end(ws)
        look(*now)

    patch.setattr(ws._outbox, "_check_may_send", check)


@pytest.mark.parametrize("how", ENDS)
def test_whatever_ends_a_send_midway_says_how_many_left_and_how_many_wait(
    ws: Workspace, wire: Wire, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = approved(ws, personal(ws))
    end_at(ws, wire, how, 2, monkeypatch)

    with pytest.raises(ENDS[how][1]) as caught:
        ws.send(approval)

    words = str(caught.value)
    assert len(wire.posts) == 2
    assert "2 of 5 steps (2 of 5 recipients) were handed to the service; 3 steps remain" in words
    assert "othing was sent" not in words
    assert ("Sending the same plan again before 17:30 UTC continues with the rest" in words) is (how != "fault")


@pytest.mark.parametrize("how", ENDS)
def test_whatever_ends_a_send_at_its_first_step_says_that_nothing_was_sent(
    ws: Workspace, wire: Wire, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = approved(ws, personal(ws))
    end_at(ws, wire, how, 0, monkeypatch)

    with pytest.raises(ENDS[how][1], match="Nothing was sent"):
        ws.send(approval)

    assert not wire.posts


def test_a_limit_reached_midway_says_how_many_left(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text("daily_messages = 2", encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as ws:
        approval = approved(ws, personal(ws))

        with pytest.raises(
            LimitReached, match=r"2 messages are sent or scheduled.*2 of 5 steps .* were handed to the service"
        ) as caught:
            ws.send(approval)

    assert "othing was sent" not in str(caught.value)


def test_a_rest_that_is_refused_later_says_what_was_sent_before(
    ws: Workspace, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = approved(ws, personal(ws))
    end_at(ws, wire, "429", 2, monkeypatch)
    with pytest.raises(RateLimited):
        ws.send(approval)
    wire.before = None
    clock.move(minutes=31)

    with pytest.raises(ToolkitError, match=r"2 of 5 steps .* were handed to the service; 3 steps remain") as caught:
        ws.send(approval)

    assert "othing was sent" not in str(caught.value)
    assert "continues with the rest" not in str(caught.value)


def test_a_later_call_that_sends_nothing_says_what_was_sent_before(
    ws: Workspace, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = approved(ws, personal(ws))
    before = nothing_sent(ws.get_plan(approval.plan_id))
    end_at(ws, wire, "429", 2, monkeypatch)
    with pytest.raises(RateLimited):
        ws.send(approval)

    after = nothing_sent(ws.get_plan(approval.plan_id))

    assert before == "Nothing was sent."
    assert after.startswith(
        "Nothing was sent now. 2 of 5 steps (2 of 5 recipients) were handed to the service; 3 steps"
    )


def test_an_unknown_step_is_neither_counted_as_sent_nor_as_waiting(ws: Workspace, wire: Wire) -> None:
    approval = approved(ws, personal(ws))
    wire.after = lambda: fault(httpx.ReadTimeout("slow"))() if len(wire.posts) == 3 else None  # type: ignore[func-returns-value]

    with pytest.raises(OutcomeUnknown) as caught:
        ws.send(approval)

    assert (
        "2 of 5 steps (2 of 5 recipients) were handed to the service; whether 1 step arrived is not known; 2 steps "
        "remain." in str(caught.value)
    )


# From the claim on, an unknown stays one


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("answer", ["accepted", "lost", "turned down"])
def test_a_ledger_that_fails_after_the_post_makes_it_unknown_and_says_what_to_do(
    ws: Workspace,
    wire: Wire,
    draft: CampaignDraft,
    tmp_path: Path,
    broken: Break,
    answer: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    approval = approved(ws, draft)

    def breaks() -> httpx.Response | None:
        broken(tmp_path / "embedded-ledger.sqlite3", monkeypatch)
        return reply(429)() if answer == "turned down" else None

    if answer == "turned down":
        wire.before = breaks
    else:
        wire.after = lambda: (breaks(), answer == "lost" and fault(httpx.ReadTimeout("slow"))())[0]  # type: ignore[func-returns-value]

    with pytest.raises(OutcomeUnknown) as caught:
        ws.send(approval)

    words = str(caught.value)
    assert {
        "accepted": "accepted it as ",
        "lost": "no definite answer",
        "turned down": "rejected the request",
    }[answer] in words
    assert "The ledger" in words
    assert f"`seax reconcile {approval.plan_id}" in words
    check_words(words, received=len(wire.posts), before=0, of=1)


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_a_ledger_that_fails_before_the_send_is_one_sentence_and_nothing_leaves(
    ws: Workspace, wire: Wire, draft: CampaignDraft, tmp_path: Path, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = approved(ws, draft)
    broken(tmp_path / "embedded-ledger.sqlite3", monkeypatch)

    with pytest.raises(LedgerUnavailable, match=r"The ledger .*(Nothing is sent without it|Nothing was sent)"):
        ws.send(approval)

    assert not wire.posts


def test_an_error_nobody_thought_of_after_the_claim_is_unknown(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    approval = approved(ws, draft)
    wire.after = fault(ValueError("odd"))  # type: ignore[assignment]

    with pytest.raises(OutcomeUnknown, match="ValueError: odd"):
        ws.send(approval)

    assert ws.get_plan(approval.plan_id).state == "unknown"


@pytest.mark.parametrize("after", [fault(httpx.ReadTimeout("slow")), lambda: httpx.Response(503)], ids=["lost", "503"])
def test_an_unknown_outcome_gives_no_advice_to_try_again(
    ws: Workspace, wire: Wire, draft: CampaignDraft, after: Callable[[], httpx.Response | None]
) -> None:
    approval = approved(ws, draft)
    wire.after = after

    with pytest.raises(OutcomeUnknown, match="not tried again") as caught:
        ws.send(approval)

    receipt = ws.get_plan(approval.plan_id).receipt
    assert receipt is not None
    assert "try again" not in f"{caught.value}{receipt}"


def test_a_step_on_its_way_is_not_told_by_the_receipt_of_an_earlier_try(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock
) -> None:
    approval = approved(ws, draft)
    wire.before = reply(429)
    with pytest.raises(RateLimited):
        ws.send(approval)
    ws._ledger.claim(approval, 1, at=clock())  # and then the power went

    receipt = ws.get_plan(approval.plan_id).receipt

    assert receipt is not None
    assert (receipt.status, [step.state for step in receipt.steps]) == ("unknown", ["sending"])


# Everything a step needs exists before its claim


def test_own_numbers_that_changed_between_two_steps_leave_no_step_on_its_way(
    tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock, draft: CampaignDraft
) -> None:
    def under(numbers: str) -> Workspace:
        (tmp_path / "policy.toml").write_text(f"test_numbers = [{numbers}]", encoding="utf-8")
        return connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock)

    ws = under('"+12025550147", "+12025550148"')
    approval = approved(ws, draft.as_test())
    wire.before = lambda: reply(429)() if len(wire.posts) == 1 else None
    with pytest.raises(RateLimited):
        ws.send(approval)
    wire.before = None

    with pytest.raises(PlanChanged, match=r"step 2 .* has changed.*1 of 2 steps"):
        under('"+12025550147"').send(approval)

    assert ws.get_plan(approval.plan_id).steps == ("sent", "waiting")
    assert len(wire.posts) == 1


# Interruptions, races, damage


def test_an_interruption_at_the_post_says_what_is_unknown_and_how_to_go_on(ws: Workspace, wire: Wire) -> None:
    approval = approved(ws, personal(ws))
    wire.after = lambda: fault(KeyboardInterrupt())() if len(wire.posts) == 3 else None  # type: ignore[func-returns-value]

    with pytest.raises(SendInterrupted) as caught:
        ws.send(approval)

    words = str(caught.value)
    assert words.startswith("Interrupted. 2 of 5 steps (2 of 5 recipients) were handed to the service; whether 1 step")
    assert f"`seax reconcile {approval.plan_id}`" in words
    assert ws.get_plan(approval.plan_id).steps == ("sent", "sent", "unknown", "waiting", "waiting")


def test_an_interruption_while_the_outcome_is_written_does_not_lose_it(
    ws: Workspace, wire: Wire, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = approved(ws, draft)
    settle, calls = ws._ledger.settle, []

    def interrupted(*given: Any, **more: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return settle(*given, **more)

    monkeypatch.setattr(ws._ledger, "settle", interrupted)

    with pytest.raises(SendInterrupted, match="All of it was handed to the service"):
        ws.send(approval)

    assert ws.get_plan(approval.plan_id).state == "sent"


def test_who_loses_a_race_waits_and_does_not_reconcile(
    ws: Workspace, wire: Wire, draft: CampaignDraft, sandbox: Sandbox, tmp_path: Path, clock: Clock
) -> None:
    approval = approved(ws, draft)
    at_the_service, may_answer = threading.Event(), threading.Event()
    wire.after = lambda: (at_the_service.set(), may_answer.wait(30))[2:]  # type: ignore[assignment,return-value]
    winner = threading.Thread(target=ws.send, args=(approval,))
    winner.start()
    at_the_service.wait(30)

    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as loser:
        with pytest.raises(
            OutcomeUnknown, match=r"another process is sending it.*Wait, and check `seax plans`"
        ) as lost:
            loser.send(approval)
        assert "is still sending after 17:10 UTC" in str(lost.value)
        assert str(lost.value).endswith("Nothing was sent now.")
        assert "another process is sending it" in loser.ledger.on_its_way(approval.plan_id)
    may_answer.set()
    winner.join()

    assert ws.get_plan(approval.plan_id).state == "sent"


def test_found_while_the_winner_still_sends_is_no_alarm_to_the_winner(
    ws: Workspace, wire: Wire, draft: CampaignDraft
) -> None:
    approval = approved(ws, draft)
    wire.after = lambda: ws.ledger.reconcile(approval.plan_id) and None  # type: ignore[assignment,return-value]

    assert ws.send(approval).status == "sent"


def test_a_copy_of_the_file_and_its_key_forgets_no_claim(
    ws: Workspace, wire: Wire, draft: CampaignDraft, sandbox: Sandbox, tmp_path: Path, clock: Clock
) -> None:
    approval = approved(ws, draft)
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(tmp_path / "embedded-ledger.key", copy)
    wire.after = lambda: shutil.copy(tmp_path / "embedded-ledger.sqlite3", copy) and None  # type: ignore[assignment,return-value]
    with closing(sqlite3.connect(tmp_path / "embedded-ledger.sqlite3")) as somebody_reads_it:
        somebody_reads_it.execute("SELECT count(*) FROM plans").fetchone()
        ws.send(approval)
        assert not list(tmp_path.glob("embedded-ledger.sqlite3-*"))
    wire.after = None

    restored = connect(Settings(home=copy), sandbox=sandbox, transport=wire, now=clock)
    with pytest.raises(OutcomeUnknown, match="not known yet"):
        restored.send(approval)

    assert len(wire.posts) == 1


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("truncated", r"is damaged. Keep the file and a copy of it.*\.recover.*With a new ledger"),
        ("emptied", "is empty: it was truncated"),
        ("overwritten", "is not a ledger"),
        ("locked", "is locked by another program: close what has it open"),
    ],
)
def test_a_broken_ledger_says_what_happened_what_to_keep_and_how_to_repair_it(
    ws: Workspace, draft: CampaignDraft, tmp_path: Path, broken: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        ws.plan(campaign_draft(f"{draft.name} {number}"))
    BREAKS[broken](tmp_path / "embedded-ledger.sqlite3", monkeypatch)

    with pytest.raises(LedgerUnavailable, match=says):
        ws.plans()
    with pytest.raises(SettingsError, match="The ledger"):
        connect(Settings(home=tmp_path), sandbox=Sandbox(tmp_path / "other.sqlite3", contacts=100))


@pytest.mark.parametrize("edit", ["UPDATE plans SET intent = 'x'", "UPDATE plans SET state = 'approved'"])
def test_an_earlier_send_that_the_ledger_no_longer_tells_stops_the_next(
    ws: Workspace, wire: Wire, draft: CampaignDraft, tmp_path: Path, edit: str
) -> None:
    ws.send(approved(ws, draft))
    with closing(sqlite3.connect(tmp_path / "embedded-ledger.sqlite3")) as db:
        db.executescript(f"DROP TRIGGER plans_move; {edit}")
    plan = ws.plan(draft)

    with pytest.raises(LedgerTampered, match="was changed or damaged"):
        ws.send(plan.approve(recipients=plan.recipients, by="ana"))

    assert len(wire.posts) == 1


# Scheduled


def scheduled_draft(clock: Clock) -> CampaignDraft:
    return campaign_draft().model_copy(update={"start_at": clock() + timedelta(hours=3)})


def test_the_receipt_of_a_scheduled_campaign_says_scheduled_and_when(ws: Workspace, clock: Clock) -> None:
    receipt = ws.send(approved(ws, scheduled_draft(clock)))

    assert receipt.status == "scheduled"
    assert str(receipt).startswith(f"scheduled: {receipt.campaign_id}")
    assert "starts 2026-03-03 20:00 UTC" in str(receipt)
    assert "Scheduled, once" in receipt.describe()[0].title


def test_what_the_service_holds_is_named_until_it_starts(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    plan = ws.plan(scheduled_draft(clock))
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    ws.send(approved(ws, campaign_draft("at once")))

    (held,) = ws.ledger.scheduled()

    assert (held.what, held.recipients, held.start_at) == ("Spring Sale", plan.recipients, plan.steps[0].start_at)
    assert ws.ledger.scheduled(plan.id) == [held]
    clock.move(hours=3)
    assert ws.ledger.scheduled() == []


# In the terminal


def in_terminal(*arguments: str, home: Path, at_post: str = "") -> subprocess.Popen[str]:
    """A command on the workspace of a folder; `at_post` is done when its request is at the service."""
    code = f"""
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background ignores it
from toolkit.cli import app
from toolkit.api.caller import Caller
once = Caller.once
def handle(self, *given, **more):
    answer = once(self, *given, **more)
    {at_post or "pass"}
    return answer
Caller.once = handle
sys.argv = ["seax", *{list(arguments)!r}]
app.main()
"""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"SEAX_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def small(home: Path) -> Workspace:
    """The embedded workspace of a folder, as the terminal opens it, and small."""
    Sandbox(home / "embedded-workspace.sqlite3", contacts=100).close()
    return connect(Settings(home=home))


def test_ctrl_c_in_the_terminal_says_what_happened_and_how_to_go_on(tmp_path: Path, draft: CampaignDraft) -> None:
    with small(tmp_path) as ws:
        approval = approved(ws, draft)
    waiting = "sys.stdout.write('posted\\n'); sys.stdout.flush(); time.sleep(30)"
    sending = in_terminal("send", approval.plan_id, home=tmp_path, at_post=waiting)
    assert sending.stdout is not None
    assert sending.stdout.readline() == "posted\n"

    sending.send_signal(signal.SIGINT)
    _, said = sending.communicate(timeout=30)

    words = " ".join(said.split())
    assert sending.returncode == 130
    assert words.startswith("Interrupted. Whether it arrived is not known.")
    assert f"`seax reconcile {approval.plan_id}` checks it" in words
    assert "Traceback" not in said


def test_the_terminal_says_how_many_left_of_a_plan_that_was_halted(tmp_path: Path) -> None:
    with small(tmp_path) as ws:
        approval = approved(ws, personal(ws))
    halting = "from toolkit.sending.kill_switch import KillSwitch; from pathlib import Path; import os; "
    halting += "KillSwitch(Path(os.environ['SEAX_HOME'])).halt(by='bob')"

    sending = in_terminal("send", approval.plan_id, home=tmp_path, at_post=halting)
    _, said = sending.communicate(timeout=60)

    assert sending.returncode == 1
    assert "1 of 5 steps (1 of 5 recipients) was handed to the service; 4 steps remain" in " ".join(said.split())
    assert "othing was sent" not in said


def test_halting_and_withdrawing_in_the_terminal_name_what_goes_out_all_the_same(
    tmp_path: Path, draft: CampaignDraft
) -> None:
    with small(tmp_path) as ws:
        tomorrow = (ws.service_time() + timedelta(days=1)).replace(hour=17, minute=0)
        reasons = {"TIM001": "nobody real is texted here"}
        plan = ws.plan(draft.model_copy(update={"start_at": tomorrow, "overrides": reasons}))
        receipt = ws.send(plan.approve(recipients=plan.recipients, by="ana"))

    said = []
    for command in (("halt",), ("withdraw", plan.id)):
        done = in_terminal(*command, home=tmp_path)
        said.append(" ".join(done.communicate(timeout=60)[0].split()))

    for words in said:
        assert "The service has already scheduled a campaign that starts later and goes out anyway" in words
        assert f"at {plan.steps[0].start_at:%Y-%m-%d %H:%M} UTC ({receipt.campaign_id})" in words
        assert "open it in SeaX under Campaigns" in words
    assert "nothing more is sent until `seax resume`" in said[0]


@pytest.mark.parametrize("broken", ["truncated", "emptied", "overwritten"])
def test_a_broken_ledger_in_the_terminal_is_one_sentence(
    tmp_path: Path, draft: CampaignDraft, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small(tmp_path) as ws:
        approval = approved(ws, draft)
    BREAKS[broken](tmp_path / "embedded-ledger.sqlite3", monkeypatch)

    done = in_terminal("send", approval.plan_id, home=tmp_path)
    _, said = done.communicate(timeout=60)

    assert done.returncode in {1, 2}
    assert "The ledger" in said
    assert "Traceback" not in said
