"""`seax rules` says what holds where on a day, and what should be read again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_cli import seax

WIDE = {"COLUMNS": "240"}


def rows(*arguments: str) -> tuple[str, str, int]:
    """What is in force, what begins later, and the exit status."""
    done = seax("rules", *arguments, **WIDE)
    now, _, later = done.stdout.partition("Begins after")
    return now, later, done.returncode


def test_a_rule_moves_from_what_begins_to_what_holds_on_its_day() -> None:
    before, coming, _ = rows("--place", "us-or", "--on", "2025-12-31")
    now, later, status = rows("--place", "US-OR", "--on", "2026-01-01")

    assert "HB 3865" not in before
    assert "HB 3865" in coming
    assert "HB 3865" in now
    assert "HB 3865" not in later
    assert "postscript.io/blog/oregon-house-bill-3865" in now
    assert "at most 3 messages" in now
    assert "does not apply with an established business relationship" in now
    assert "US-FL" not in now
    assert status == 0


def test_all_rules_are_listed_with_when_they_were_read_and_how_sure_they_are() -> None:
    now, later, _ = rows("--on", "2026-12-01")

    for code in ("US", "US-UT", "US-PA", "GB", "*"):
        assert re.search(rf"[│|] {code} ", now)
    assert "not verified" in now
    assert re.search(r"2026-12-01 [│|] low", now)
    assert "opt-out of everything" in later


def test_what_was_read_long_ago_is_status_1(tmp_path: Path) -> None:
    done = seax("rules", "--stale", "--on", "2027-05-23", **WIDE)
    assert (done.returncode, "nothing" in done.stdout) == (0, True)

    done = seax("rules", "--stale", "--on", "2027-05-24", **WIDE)
    assert done.returncode == 1
    assert re.search(r"[│|] DE ", done.stdout)
    assert not re.search(r"[│|] US-OR ", done.stdout)


@pytest.mark.parametrize("place", ["Oregon", "U", "US-OREGON", ""])
def test_a_place_that_is_none_is_refused_in_a_sentence(place: str) -> None:
    done = seax("rules", "--place", place or " ")

    assert done.returncode == 2
    assert "is not a place" in done.stderr


def test_the_hours_of_the_policy_are_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('hours_file = "hours.toml"\nconsent = ["express"]\n', encoding="utf-8")
    (tmp_path / "hours.toml").write_text(
        '[[jurisdiction]]\ncode = "US-UT"\nwindows = { mon-fri = "10:00-16:00" }\nopen_on_holidays = true\n'
        'consent = "express"\nbasis = "law"\napplies_to = "texts"\nsource = "our lawyers"\nread_on = 2026-11-30\n'
        'confidence = "high"\n',
        encoding="utf-8",
    )

    done = seax("rules", "--place", "US-UT", SEAX_HOME=str(tmp_path), **WIDE)

    assert "our lawyers" in done.stdout
    assert "given by all recipients (policy)" in done.stdout
    assert "13-25a-103" not in done.stdout

    (tmp_path / "hours.toml").write_text('[[jurisdiction]]\ncode = "US-UT"\nas_of = "2026-11"\n', encoding="utf-8")
    refused = seax("rules", SEAX_HOME=str(tmp_path))
    assert refused.returncode == 2
    assert "Row 1 of" in refused.stderr
    assert "Traceback" not in refused.stderr
