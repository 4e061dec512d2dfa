"""Files that a page handed over: kept for their plan, readable by their owner only, gone a day later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toolkit.ledger.uploads import keep_upload

NOW = 1_772_550_000.0


def test_a_file_that_somebody_else_left_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "elsewhere").symlink_to(tmp_path.parent)
    os.utime(tmp_path / "notes.txt", (0, 0))

    kept = keep_upload(tmp_path, "people.csv", b"name,phone\n", now=NOW)

    assert kept.read_bytes() == b"name,phone\n"
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "elsewhere").is_symlink()


def test_a_file_is_kept_for_its_owner_alone_and_once(tmp_path: Path) -> None:
    first = keep_upload(tmp_path / "uploads", "people.csv", b"name,phone\n", now=NOW)
    again = keep_upload(tmp_path / "uploads", "people.csv", b"name,phone\n", now=NOW)

    assert first == again
    assert first.read_bytes() == b"name,phone\n"
    assert first.stat().st_mode & 0o077 == 0
    assert first.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../../up.csv", "/etc/up.csv", "..", "", "."])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    path = keep_upload(tmp_path / "uploads", name, b"x", now=NOW)

    assert path.resolve().parents[1] == tmp_path / "uploads"
    assert path.name in {"up.csv", "contacts.csv"}


def test_a_file_goes_a_day_after_it_was_handed_over(tmp_path: Path) -> None:
    old = keep_upload(tmp_path / "uploads", "old.csv", b"old", now=NOW)
    os.utime(old.parent, (NOW, NOW))

    keep_upload(tmp_path / "uploads", "new.csv", b"new", now=NOW + 23 * 3600)
    assert old.exists()
    keep_upload(tmp_path / "uploads", "new.csv", b"new", now=NOW + 25 * 3600)
    assert not old.exists()
