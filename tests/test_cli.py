# One file: every command of the terminal, run as a person runs it.
from __future__ import annotations

import io
import os
import re
import runpy
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import toolkit
from tests.terminal import SEAX, at_terminal
from toolkit.cli.plans import approve
from toolkit.errors import ApprovalRefused, Halted
from toolkit.settings import Settings
from toolkit.workspace import connect, open_sandbox

ROOT = Path(__file__).parent.parent


def seax(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SEAX, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        check=False,
        encoding="utf-8",
    )


def draft() -> toolkit.CampaignDraft:
    return toolkit.CampaignDraft(
        name="Spring Sale",
        message="Hello. Reply STOP to opt out.",
        segment=toolkit.Segment.any_of("vip_customers"),
        senders=("Marketing Line",),
    )


@pytest.mark.parametrize(
    ("dialect", "said"),
    [
        ("guide", ("3,000 rows read, 0 refused", "Half were delivered within")),
        ("published", ("The import is finished.", "this service reports no delivery times")),
    ],
)
def test_the_demo_sends_and_measures_with_the_count_that_make_passes(dialect: str, said: tuple[str, ...]) -> None:
    count = runpy.run_path(str(ROOT / "tasks.py"))["RECIPIENTS"]

    done = seax("demo", "--yes-recipients", count, SEAX_DIALECT=dialect)

    assert done.returncode == 0, done.stderr
    assert f"{int(count):,} planned" in done.stdout
    assert [words for words in said if words not in done.stdout] == []
    assert re.search(r"delivered +[│|] [\d,]+ +[│|] [\d,]+ sent", done.stdout)


def test_a_wrong_count_in_the_demo_sends_nothing() -> None:
    done = seax("demo", "--yes-recipients", "5")

    assert done.returncode == 1
    assert "Nothing was sent" in done.stderr
    assert "Send it, once" not in done.stdout


def test_without_a_terminal_the_demo_says_what_is_missing() -> None:
    done = seax("demo")

    assert done.returncode == 1
    assert "No person is at a terminal" in done.stderr


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"SEAX_API_KEY": "0" * 64}, "set it to the workspace's id"),
        ({"SEAX_API_KEY": "0" * 64, "SEAX_WORKSPACE_ID": "w", "SEAX_BASE_URL": "nowhere"}, "is not an address"),
        ({"SEAX_HOME": "/dev/null/home"}, "set SEAX_HOME to a folder you can write"),
    ],
)
def test_wrong_settings_are_one_sentence_without_a_traceback(env: dict[str, str], says: str) -> None:
    done = seax("plans", **env)

    assert done.returncode == 2
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_workspace_file_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "embedded-workspace.sqlite3").write_text(
        "just text, and long enough to be looked at as a database", encoding="utf-8"
    )

    done = seax("approve", "plan_1", SEAX_HOME=str(tmp_path))

    assert done.returncode == 2
    assert "SEAX_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_plans_of_every_face_are_listed() -> None:
    with connect() as ws:
        plan = ws.plan(draft())

    listed = seax("plans")

    assert plan.id in listed.stdout
    assert "planned" in listed.stdout


def test_a_workspace_of_any_size_is_made_once() -> None:
    made = seax("sandbox", "seed", "--contacts", "1_000")
    again = seax("sandbox", "seed", "--contacts", "2_000")

    assert made.returncode == 0, made.stderr
    assert again.returncode == 2
    assert "already exists" in again.stderr
    with connect() as ws:
        assert len(ws.contacts()) == 1_000


class Terminal(io.StringIO):
    """A keyboard with a person at it."""

    def isatty(self) -> bool:
        return True


def approve_typing(plan_id: str, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed + "\n"))
    approve(plan_id)


def test_typing_the_count_in_a_terminal_approves(monkeypatch: pytest.MonkeyPatch) -> None:
    with connect() as ws:
        plan = ws.plan(draft())

        approve_typing(plan.id, f"{plan.recipients:,}", monkeypatch)

        entry = ws.get_plan(plan.id)
        assert entry.state == "approved"
        assert ws.send(ws.approvals.latest(plan.id)).status == "sent"


@pytest.mark.parametrize("typed", ["no", "1", "-", "١"])
def test_typing_anything_else_approves_nothing(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect() as ws:
        plan = ws.plan(draft())

        with pytest.raises(ApprovalRefused, match="Nothing was sent"):
            approve_typing(plan.id, typed, monkeypatch)

        assert ws.get_plan(plan.id).state == "planned"


def test_approving_without_a_terminal_is_refused(tmp_path: Path) -> None:
    with connect() as ws:
        plan = ws.plan(draft())

    done = seax("approve", plan.id)

    assert done.returncode == 1
    assert "No person is at a terminal" in done.stderr
    assert draft().message in done.stdout


def test_somebody_makes_a_key_at_a_terminal_and_signs_with_it() -> None:
    words = "correct horse battery"
    _, made = at_terminal("approver", "create", "ana", answers=[words, words])
    with connect() as ws:
        plan = ws.plan(draft())

    _, signed = at_terminal("approve", plan.id, "--sign", "ana", answers=[str(plan.recipients), words])
    listed = seax("approver", "list").stdout
    refused = seax("approver", "pin", "ana")
    _, declined = at_terminal("approver", "pin", "ana", answers=["yes"])
    _, pinned = at_terminal("approver", "pin", "ana", answers=["ana"])

    assert "is not pinned" in listed
    assert (refused.returncode, "by a person at a terminal" in refused.stderr) == (2, True)
    assert "nothing was pinned" in declined
    assert "count on live workspaces" in pinned
    assert "not pinned" not in seax("approver", "list").stdout
    line = at_terminal("audit", "anchor", "--sign", "ana", answers=[words])[1].strip().splitlines()[-1]
    held = seax("audit", "verify", "--anchor", line)
    assert (held.returncode, "that ana signed" in " ".join(held.stdout.split())) == (0, True)
    forged = seax("audit", "verify", "--anchor", line.replace("seax-anchor 1 2", "seax-anchor 1 1"))
    assert (forged.returncode, "not ana's" in forged.stderr) == (1, True)
    assert "give the whole line" in seax("audit", "verify", "--anchor", line[:60]).stderr
    assert "ana signs with key" in made
    assert "Approved until" in signed
    assert words not in made + signed
    with connect() as ws:
        approval = ws.approvals.latest(plan.id)
        assert approval.key in made
        assert ws.send(approval).status == "sent"
    assert approval.key in seax("approver", "list").stdout


def test_what_was_approved_at_a_terminal_is_sent_there_once() -> None:
    with connect() as ws:
        plan = ws.plan(draft())
    refused = seax("send", plan.id)

    _, approved = at_terminal("approve", plan.id, answers=[f"{plan.recipients:,}"])
    sent, again = seax("send", plan.id), seax("send", plan.id)

    assert (refused.returncode, "was never approved" in refused.stderr) == (1, True)
    assert f"`seax send {plan.id}`" in approved
    assert (sent.returncode, again.returncode) == (0, 0)
    with connect() as ws:
        campaigns = [ws.campaign(each) for each in ws.campaign_ids()]
        assert [campaign.name for campaign in campaigns].count(draft().name) == 1
        assert campaigns[-1].id in sent.stdout


def test_a_passphrase_comes_from_a_terminal_and_from_nowhere_else() -> None:
    done = seax("approver", "create", "ana")

    assert done.returncode == 2
    assert "typed at a terminal" in done.stderr


def test_what_happened_to_a_plan_is_told_and_held_against_the_chain() -> None:
    with connect() as ws:
        plan = ws.plan(draft())
        plan.approve(recipients=plan.recipients, by="ana")

    told = seax("events", plan.id, COLUMNS="200")
    withdrawn = seax("withdraw", plan.id)
    whole = seax("audit", "verify")
    with sqlite3.connect(Path(os.environ["SEAX_HOME"]) / "embedded-ledger.sqlite3") as db:
        db.execute("UPDATE plans SET digest = 'other'")
    db.close()
    edited = seax("audit", "verify")

    assert "approved" in told.stdout
    assert "ana" in told.stdout
    assert "it is withdrawn" in withdrawn.stdout
    assert (whole.returncode, "1 plan and 3 events are consistent" in whole.stdout) == (0, True)
    assert (edited.returncode, plan.id in edited.stdout) == (1, True)


def test_halting_and_resuming_say_so() -> None:
    halted = seax("halt", "wrong list")
    with connect() as ws:
        plan = ws.plan(draft())
        with pytest.raises(Halted, match="wrong list"):
            ws.send(plan.approve(recipients=plan.recipients, by="ana"))

    assert "Halted" in halted.stdout
    refused = seax("resume")
    assert (refused.returncode, "stays halted" in refused.stderr) == (2, True)
    _, declined = at_terminal("resume", answers=["yes"])
    assert "wrong list" in declined
    assert "stays halted" in declined
    assert "Sending is resumed" in at_terminal("resume", answers=["resume"])[1]
    assert "is not halted" in seax("resume").stdout


def test_a_terminal_without_emoji_shows_which_one_is_there() -> None:
    with connect() as ws:
        plan = ws.plan(draft().model_copy(update={"message": "Hello 🌸. Reply STOP to opt out."}))

    _, shown = at_terminal("approve", plan.id, answers=["no"], PYTHONIOENCODING="ascii")

    assert r"Hello \U0001f338. Reply STOP" in shown
    assert "Traceback" not in shown


def test_reconciling_says_what_was_found_or_that_nothing_was() -> None:
    done = seax("reconcile", "plan_x", "--nothing", "--found", "x")

    assert done.returncode == 2
    assert "--found ID, or --nothing" in done.stderr


@contextmanager
def served(*options: str) -> Iterator[tuple[str, str, str]]:
    """The two addresses of contacts and the key of the served workspace."""
    command = [SEAX, "sandbox", "--port", str(_free_port()), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as server:
        try:
            assert server.stdout is not None
            url, published, key = (server.stdout.readline().strip() for _ in range(3))
            if "--speed" in options:
                assert "clock runs" in server.stdout.readline()
            yield url, published, key.removeprefix("X-API-KEY: ")
        finally:
            server.terminate()
            assert server.communicate(timeout=10) == ("", "")
    assert server.returncode == 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_the_served_sandbox_answers_curl() -> None:
    with served() as (url, published, key):
        reply, as_published = _get(url, key), _get(published, key)

    assert reply.status_code == as_published.status_code == 200
    assert reply.json()["total"] == as_published.json()["total"] == 5_000
    assert "/seax-api/" in published


def test_the_served_sandbox_turns_away_who_asks_too_often() -> None:
    with served("--requests-per-minute", "1") as (url, _, key):
        replies = [_get(url, key), _get(url, key)]

    assert [reply.status_code for reply in replies] == [200, 429]
    assert 0 < replies[1].json()["retry_after"] <= 60


def test_the_clock_runs_fast_only_while_the_sandbox_is_served() -> None:
    sandbox = open_sandbox(Settings.from_environment())
    with served("--speed", "100000") as (url, _, key):
        _get(url, key)
        meanwhile = sandbox.clock.speed
    afterwards = sandbox.clock.speed
    sandbox.close()

    assert (meanwhile, afterwards) == (100_000, 1)


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = seax("sandbox", "--port", str(taken.getsockname()[1]))

    assert (done.returncode, done.stdout) == (2, "")
    assert "choose another with --port" in done.stderr


def _get(url: str, key: str) -> httpx.Response:
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.get(url, headers={"X-API-KEY": key})
        except httpx.ConnectError:
            if time.monotonic() > deadline:
                raise
