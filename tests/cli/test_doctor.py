"""`seax doctor` says what is wrong on this machine and what to do, and asks no service."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import toolkit
from toolkit.cli.app import app
from toolkit.workspace import connect


def doctor(*words: str, **env: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *words], env=env)


def verdicts(**env: str) -> dict[str, tuple[str, str]]:
    checks = json.loads(doctor("--json", **env).stdout)
    return {check["what"]: (check["verdict"], check["detail"]) for check in checks}


def home() -> Path:
    return Path(os.environ["SEAX_HOME"])


def test_on_a_machine_that_is_as_it_should_be_nothing_is_wrong() -> None:
    done = doctor()

    assert done.exit_code == 0, done.output
    assert "wrong" not in done.output
    assert [name for name, (verdict, _) in verdicts().items() if verdict == "wrong"] == []
    assert not (home() / "embedded-workspace.sqlite3").exists(), "looking makes nothing"


def test_wrong_settings_are_said_and_nothing_that_rests_on_them() -> None:
    found = verdicts(SEAX_MODE="loud")

    assert found["settings"][0] == "wrong"
    assert "SEAX_MODE" in found["settings"][1]
    assert "ledger" not in found
    assert doctor(SEAX_MODE="loud").exit_code == 1


def test_a_home_that_others_can_look_into_is_wrong() -> None:
    home().mkdir(mode=0o755)

    before = verdicts()["home"]
    home().chmod(0o700)

    assert (before[0], "chmod 700" in before[1]) == ("wrong", True)
    assert verdicts()["home"][0] == "ok"


def test_a_policy_that_cannot_be_read_is_wrong_and_one_that_windows_saved_is_not() -> None:
    home().mkdir(mode=0o700)
    (home() / "policy.toml").write_text("max_recipients = ", encoding="utf-8")
    before = verdicts()["policy"]
    (home() / "policy.toml").write_text("max_recipients = 5\r\n", encoding="utf-8-sig")  # as Notepad may

    assert before[0] == "wrong"
    assert verdicts()["policy"][0] == "ok"


def test_an_edited_ledger_is_wrong_and_a_halt_is_good_to_know() -> None:
    with connect() as ws:
        ws.plan(toolkit.CampaignDraft(
            name="Spring Sale", message="Hello. Reply STOP to opt out.",
            segment=toolkit.Segment.any_of("vip_customers"), senders=("Marketing Line",),
        ))  # fmt: skip
    whole = verdicts()["ledger"]
    CliRunner().invoke(app, ["halt", "wrong list"])
    with sqlite3.connect(home() / "embedded-ledger.sqlite3") as db:
        db.execute("UPDATE plans SET digest = 'other'")
    db.close()

    found = verdicts()

    assert whole == ("ok", "1 plan and 1 event match")
    assert found["ledger"][0] == "wrong"
    assert (found["sending"][0], "wrong list" in found["sending"][1]) == ("note", True)


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from toolkit.cli import doctor as module

    there = module._is_installed
    monkeypatch.setattr(module, "_is_installed", lambda name: name not in {"polars", "httpx"} and there(name))

    found = verdicts()

    assert (found["packages"][0], "httpx" in found["packages"][1]) == ("wrong", True)
    assert (found["[polars]"][0], "polars" in found["[polars]"][1]) == ("note", True)
    assert found["[duckdb]"][0] == "ok"
