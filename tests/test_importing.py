"""`seax import` as a person at a terminal uses it, on the embedded workspace."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal import CTRL_C, at_terminal
from tests.test_cli import seax
from toolkit.cli import imports
from toolkit.errors import ApprovalRefused, NotSupported, PlanBlocked, SettingsError
from toolkit.models import Job
from toolkit.settings import Settings
from toolkit.workspace import connect, open_sandbox

CSV = "name,phone,labels,shoe size\nAna,+19995550001,vip_customers,39\nBen,+12120550141,,44\n=1+1,+12120550142,,\n"


@pytest.fixture(autouse=True)
def _small_workspace() -> None:
    open_sandbox(Settings.from_environment(), contacts=100).close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


class Keyboard(io.StringIO):
    """A keyboard with a person at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody who types this at the terminal."""
    return lambda typed: monkeypatch.setattr(sys, "stdin", Keyboard(f"{typed}\n"))


def jobs() -> list[Job]:
    """The imports that left from here."""
    with connect() as ws:
        receipts = [entry.receipt for entry in ws.plans()]
        return [ws.imports.job(receipt.job_id) for receipt in receipts if receipt and receipt.job_id]


def test_a_file_is_planned_approved_by_its_count_and_followed_to_its_refused_rows(file: Path) -> None:
    status, shown = at_terminal("import", str(file), answers=["3"])

    assert status == 0
    assert "Import plan: people" in shown
    assert "3 of 3 rows read, 2 refused" in shown
    assert re.search(r"row 2  \+12[^\d\s]\S*41 may belong to somebody", shown)
    (job,) = jobs()
    assert (job.processed, job.failed) == (3, 2)
    refused = file.with_name("people-refused.csv")
    assert str(refused) in shown
    with refused.open(encoding="utf-8-sig", newline="") as written:
        rows = list(csv.DictReader(written))
    assert [row["name"] for row in rows] == ["Ben", "'=1+1"]
    assert rows[0]["reason"].startswith("'+12120550141 may belong to somebody")


def test_ctrl_c_at_the_question_imports_nothing_and_says_how_to_go_on(file: Path) -> None:
    status, shown = at_terminal("import", str(file), answers=[CTRL_C])

    assert status == 1
    assert "Stopped. Nothing was uploaded. The plan stays open until" in shown
    assert "`seax approve plan_" in shown
    assert "Traceback" not in shown
    assert jobs() == []


def test_options_of_the_command_are_those_of_the_draft(
    file: Path, tmp_path: Path, typing: Callable[[str], None]
) -> None:
    file.write_bytes("Who;Phone;Size = EU\nAna;+447700900001;39\nZoë;+12120550141;40\n".encode("cp1252"))
    typing("2")

    imports.import_file(
        file, "Fair", "skip", "GB", ["Size = EU=ignore", "Who=name"], ";", "cp1252", tmp_path / "others.csv"
    )

    assert (tmp_path / "others.csv").exists()
    with connect() as ws:
        (entry,) = ws.plans()
    draft = entry.plan.draft
    assert draft.kind == "import"
    assert (draft.name, draft.on_duplicate, draft.phone_country) == ("Fair", "skip", "GB")
    assert (draft.separator, draft.encoding) == (";", "cp1252")
    assert draft.mapping == {"Size = EU": "ignore", "Who": "name"}
    assert "Zoë" in (tmp_path / "others.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("typed", "said"), [("4", "The plan imports 3 rows and 4 were approved"), ("no", "That is not a number")]
)
def test_whoever_does_not_type_the_count_imports_nothing(
    file: Path, typing: Callable[[str], None], typed: str, said: str
) -> None:
    typing(typed)

    with pytest.raises(ApprovalRefused, match=f"{said}.*Nothing was sent"):
        imports.import_file(file)

    assert jobs() == []


def test_a_blocked_file_ends_before_anybody_is_asked(
    file: Path, typing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("name,phone\n", encoding="utf-8")
    typing("0")

    with pytest.raises(PlanBlocked, match="no rows"):
        imports.import_file(file)

    shown = capsys.readouterr().out
    assert "Import plan: people" in shown
    assert "Type the number" not in shown


def test_without_a_terminal_the_plan_is_shown_and_nobody_approves_it(file: Path) -> None:
    done = seax("import", str(file))

    assert done.returncode == 1
    assert "Import plan: people" in done.stdout
    assert "No person is at a terminal" in done.stderr
    assert jobs() == []


def test_a_file_is_uploaded_once_and_its_job_is_shown_again(
    file: Path, typing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typing("3")
    imports.import_file(file)

    typing("")
    imports.import_file(file)

    shown = capsys.readouterr().out
    assert "nothing was sent now" in shown
    assert shown.count("3 of 3 rows read, 2 refused") == 2
    assert len(jobs()) == 1
    assert file.with_name("people-refused-2.csv").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"on_duplicate": "marge"}, "on_duplicate cannot be 'marge': did you mean merge\\?"),
        ({"phone_country": "Britain"}, "phone_country 'Britain' is not a country"),
        ({"column": ["Mobile"]}, "is not THEIRS=OURS, such as 'Mobile=phone'"),
        ({"column": ["=phone"]}, "is not THEIRS=OURS"),
        ({"name": "x" * 201}, "name has 201 characters"),
        ({"separator": "abc"}, "Separator 'abc' is not one character"),
        ({"encoding": "klingon"}, "Encoding 'klingon' is not known"),
    ],
)
def test_a_wrong_option_is_one_sentence_before_anything_is_read(file: Path, options: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=f"{said}.*Nothing was done"):
        imports.import_file(file, **options)  # type: ignore[arg-type]  # each is of the option's type


def test_what_the_service_cannot_do_with_duplicates_is_one_sentence(file: Path) -> None:
    with pytest.raises(NotSupported, match="cannot merge duplicates: set on_duplicate to one of mark, skip, update"):
        imports.import_file(file, on_duplicate="merge")


def test_no_file_that_is_there_is_written_over(file: Path) -> None:
    done = seax("import", str(file), "--refused", str(file))

    assert (done.returncode, done.stdout) == (2, "")
    assert "already exists: choose another with --refused. Nothing was done" in done.stderr


def test_a_job_is_looked_at_again_and_its_refused_rows_are_written_where_one_says(
    file: Path, tmp_path: Path, typing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    typing("3")
    imports.import_file(file)
    (job,) = jobs()
    capsys.readouterr()

    imports.follow_job(job.id)
    looked = capsys.readouterr().out
    imports.follow_job(job.id, tmp_path / "again.csv")

    assert f"`seax job {job.id} --refused FILE`" in looked
    assert "2 refused rows written to" in capsys.readouterr().out
    assert (tmp_path / "again.csv").exists()
