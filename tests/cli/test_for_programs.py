"""What programs read of the terminal: JSON, exit statuses, no colours, completions."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import toolkit
from tests.terminal import SEAX
from toolkit.cli.app import app
from toolkit.plans.plan import Plan
from toolkit.workspace import connect

TEXT = "Łódź :wave: [bold]now[/bold] 🌸. Reply STOP to opt out."


def read(*words: str, status: int = 0) -> Any:
    """What a command says with --json."""
    done = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    assert done.exit_code == status, done.output
    assert done.stdout.isascii()
    return json.loads(done.stdout)


@pytest.fixture
def planned() -> Plan:
    with connect() as ws:
        return ws.plan(
            toolkit.CampaignDraft(
                name="Łódź :wave:",
                message=TEXT,
                segment=toolkit.Segment.any_of("vip_customers"),
                senders=("Marketing Line",),
            )
        )


ACTING = {  # what they do is done, or written to a file, and their exit status says so
    *(
        "demo",
        "notebooks",
        "lab",
        "import",
        "remove-label",
        "inbox",
        "approve",
        "send",
        "withdraw",
        "reconcile",
        "memo",
        "report",
    ),
    *("halt", "cancel", "resume", "sandbox seed", "approver create", "approver pin", "audit anchor"),
    *("ledger init", "ledger upgrade", "ledger copy", "ledger recover", "mcp config"),
}


def commands(found: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """The commands of a group with their whole names."""
    for name, inner in found.commands.items():
        if hasattr(inner, "commands"):
            yield from commands(inner, *path, name)
        else:
            yield " ".join((*path, name)), inner


def test_every_command_that_reads_is_read_by_programs() -> None:
    options = {name: [word for x in found.params for word in x.opts] for name, found in commands(get_command(app))}

    assert {name for name, words in options.items() if "--json" not in words} == ACTING


def test_plans_are_read_by_programs(planned: Plan) -> None:
    (row,) = read("plans")

    assert (row["id"], row["name"], row["state"]) == (planned.id, "Łódź :wave:", "planned")
    assert (row["recipients"], row["digest"], row["receipt"]) == (planned.recipients, planned.digest, None)


def test_what_happened_to_a_plan_and_whether_the_ledger_is_whole_are_read_by_programs(planned: Plan) -> None:
    (event,) = read("events", planned.id)
    audit = read("audit", "verify")

    assert (event["plan_id"], event["event"]) == (planned.id, "planned")
    assert (audit["is_whole"], audit["plans"], audit["problems"]) == (True, 1, [])


def test_rules_and_approvers_are_read_by_programs() -> None:
    rules = read("rules", "--place", "US-OR", "--on", "2025-12-31")

    coming = [rule for rule in rules if not rule["in_force"]]
    assert min(rule["from"] for rule in coming) == "2026-01-01"
    assert all(rule["source"] and rule["what"] and rule["read_on"] for rule in rules)
    assert read("approver", "list") == []
    assert read("rules", "--stale", "--on", "2030-01-01", status=1)


def test_a_job_is_read_by_programs_with_the_refused_rows_written(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,phone\nAna,+19992000001\nBen,+19992000002\n", encoding="utf-8")
    with connect() as ws:
        plan = ws.plan(toolkit.ImportDraft(name="people", path=tmp_path / "people.csv"))
        job_id = ws.send(plan.approve(recipients=plan.recipients, by="ana")).job_id

    job = read("job", str(job_id))

    assert (job["id"], job["processed"], job["failed"]) == (job_id, 2, 0)


def test_a_text_is_shown_as_it_is_and_no_code_in_it_becomes_a_picture(planned: Plan) -> None:
    shown = CliRunner().invoke(app, ["approve", planned.id], input="").stdout

    assert TEXT in shown


def test_the_help_says_what_exit_statuses_mean() -> None:
    said = " ".join(CliRunner().invoke(app, ["--help"]).output.split())

    assert "Exit status: 0 done" in said
    assert "130 stopped by Ctrl+C" in said


def test_no_color_takes_the_colours_away() -> None:
    forced = os.environ | {"FORCE_COLOR": "1", "TERM": "xterm-256color", "SEAX_MODE": "loud"}
    forced.pop("NO_COLOR", None)
    shown = [
        subprocess.run([SEAX, "doctor"], env=forced | more, capture_output=True, encoding="utf-8", check=False).stdout
        for more in ({}, {"NO_COLOR": "1"})
    ]

    assert ["\x1b[32m" in each for each in shown] == [True, False]
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", shown[1])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_shells_complete_commands(shell: str) -> None:
    environment = {"_SEAX_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "seax not", "COMP_CWORD": "1"}
    words = environment | {"COMP_WORDS": "seax not", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    words |= {"_TYPER_COMPLETE_WORD_TO_COMPLETE": "not"}

    done = CliRunner().invoke(app, [], env=os.environ | words, prog_name="seax")

    assert "notebooks" in done.stdout
    assert "plans" not in done.stdout
