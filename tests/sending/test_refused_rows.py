"""Rows that the service refused: its reasons, and the rows themselves to be corrected and imported again."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.wire import Wire
from toolkit.api.caller import Caller
from toolkit.api.client import Client
from toolkit.errors import DraftError, PlanNotFound
from toolkit.models import Job, RefusedRow
from toolkit.plans.draft import ImportDraft
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

CSV = (
    "name,phone,shoe size\n"
    "Ana,+19995550001,39\n"
    "\n"
    'Ben,+12120550141,"44, wide"\n'
    "=1+1,+12120550142,40\n"
    "Cem,+12120550143,\n"
)  # the embedded service refuses the rows 2, 3 and 4 of those that leave: the numbers are not fictional
WHY = "+12120550141 may belong to somebody; the sandbox takes fictional numbers only, such as +12125550142"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def imported(ws: Workspace, sandbox: Sandbox, file: Path, name: str = "Fair") -> str:
    """The id of the job that the file became, once it has finished."""
    plan = ws.plan(ImportDraft(name=name, path=file))
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(minutes=1))
    assert receipt.job_id is not None
    return receipt.job_id


def test_a_job_names_the_rows_it_refused_and_why(ws: Workspace, sandbox: Sandbox, file: Path) -> None:
    job = ws.imports.job(imported(ws, sandbox, file))

    assert [each.row for each in job.errors] == [2, 3, 4]
    assert job.errors[0] == RefusedRow(row=2, reason=WHY)
    assert "4 of 4 rows read, 3 refused" in repr(job)
    assert job.unnamed == 0
    assert "row 3" in job._repr_mimebundle_()["text/plain"]
    assert "may belong to somebody" in job._repr_mimebundle_()["text/plain"]


def test_phone_numbers_in_reasons_are_masked_where_a_notebook_keeps_them(
    ws: Workspace, sandbox: Sandbox, file: Path
) -> None:
    job = ws.imports.job(imported(ws, sandbox, file))

    assert "+12120550142" in job.errors[1].reason
    assert "20550142" not in str(job._repr_mimebundle_())


def test_refused_rows_come_back_whole_with_their_reason(ws: Workspace, sandbox: Sandbox, file: Path) -> None:
    rows = ws.imports.refused_rows(imported(ws, sandbox, file))

    assert list(rows.columns) == ["name", "phone", "labels", "shoe size", "reason"]
    assert set(rows.dtypes.astype(str)) == {"str"}
    assert rows.index.tolist() == [2, 3, 4]
    assert rows.loc[2].tolist() == ["Ben", "+12120550141", "", "44, wide", WHY]


def test_refused_rows_are_written_without_formulas_and_imported_once_corrected(
    ws: Workspace, sandbox: Sandbox, file: Path, tmp_path: Path
) -> None:
    rows = ws.imports.refused_rows(imported(ws, sandbox, file))

    path = rows.seax.to_csv(tmp_path / "refused.csv")
    written = path.read_text(encoding="utf-8-sig")
    cells = list(csv.DictReader(written.splitlines()))
    path.write_text(re.sub(r"(\"'?)\+1212055", r"\1+1999555", written), encoding="utf-8-sig")
    again = ws.imports.job(imported(ws, sandbox, path, name="Fair, corrected"))

    assert [row["name"] for row in cells] == ["Ben", "'=1+1", "Cem"]
    assert all(row["reason"] for row in cells)
    assert (again.processed, again.failed) == (3, 0)
    people = ws.contacts().set_index("phone")
    assert people.loc["+19995550142", "name"] == "=1+1"
    assert json.loads(people.loc["+19995550141", "fields"]) == {"shoe size": "44, wide"}


def test_an_import_without_refused_rows_has_an_empty_frame_with_the_same_columns(
    ws: Workspace, sandbox: Sandbox, file: Path
) -> None:
    file.write_text("name,phone,shoe size\nAna,+19995550001,39\n", encoding="utf-8")

    rows = ws.imports.refused_rows(imported(ws, sandbox, file))

    assert len(rows) == 0
    assert list(rows.columns) == ["name", "phone", "labels", "shoe size", "reason"]
    assert set(rows.dtypes.astype(str)) == {"str"}


def test_a_file_with_a_reason_of_its_own_keeps_it(ws: Workspace, sandbox: Sandbox, file: Path) -> None:
    file.write_text("name,phone,reason\nAna,+12120550141,asked for it\n", encoding="utf-8")

    rows = ws.imports.refused_rows(imported(ws, sandbox, file))

    assert rows.iloc[0].tolist() == ["Ana", "+12120550141", "", "asked for it", WHY]
    assert list(rows.columns) == ["name", "phone", "labels", "reason", "refused because"]


def test_rows_beyond_those_that_the_service_names_are_counted(ws: Workspace, sandbox: Sandbox, file: Path) -> None:
    file.write_text("name,phone\n" + "".join(f"P{at},+1212055{at:04d}\n" for at in range(130)), encoding="utf-8")

    job_id = imported(ws, sandbox, file)

    job = ws.imports.job(job_id)
    assert (job.failed, len(job.errors), job.unnamed) == (130, 100, 30)
    assert "30 more were refused that the service does not list" in job._repr_mimebundle_()["text/plain"]
    assert len(ws.imports.refused_rows(job_id)) == 100


def test_refused_rows_are_those_that_left_whatever_became_of_the_file(
    ws: Workspace, sandbox: Sandbox, file: Path
) -> None:
    job_id = imported(ws, sandbox, file)
    file.write_text(CSV.replace("Ben", "Eve"), encoding="utf-8")

    assert ws.imports.refused_rows(job_id)["name"].tolist() == ["Ben", "=1+1", "Cem"]


@pytest.mark.parametrize("content", [None, b"name,phone\n"])
def test_without_the_file_that_left_no_rows_are_made_up(
    ws: Workspace, sandbox: Sandbox, file: Path, content: bytes | None
) -> None:
    job_id = imported(ws, sandbox, file)
    (entry,) = ws.plans()
    assert entry.plan.file
    assert entry.plan.file.path
    entry.plan.file.path.unlink() if content is None else entry.plan.file.path.write_bytes(content)

    with pytest.raises(DraftError, match="is no longer here"):
        ws.imports.refused_rows(job_id)


def test_a_job_from_elsewhere_has_no_file_here(ws: Workspace, sandbox: Sandbox, file: Path, wire: Wire) -> None:
    url = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/import_contacts"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as http:
        job_id = http.post(url, files={"file": ("rows.csv", CSV)}).json()["id"]

    with pytest.raises(PlanNotFound, match="not known here"):
        ws.imports.refused_rows(job_id)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({}, []),
        ({"errors": None}, []),
        ({"errors": "none"}, []),
        ({"errors": [{"row": 2, "message": "bad phone"}]}, [(2, "bad phone")]),
        ({"errors": [{"row_number": "7", "reason": "bad\nphone"}]}, [(7, "bad phone")]),
        ({"errors": ["row 3: bad phone"]}, [(None, "row 3: bad phone")]),
        ({"errors": [{"row": True}, 5]}, [(None, "no reason was given"), (None, "5")]),
        ({"result": {"errors": [{"line": 1, "error": "x" * 500}]}}, [(1, "x" * 200)]),
        ({"result": ["a", "b"]}, [(None, "a"), (None, "b")]),
    ],
)
def test_reasons_are_read_in_any_shape_and_spoil_no_reply(
    told: dict[str, object], read: list[tuple[int | None, str]]
) -> None:
    job = job_told(**told)

    assert [(each.row, each.reason) for each in job.errors] == read


def job_told(**more: object) -> Job:
    time = "2026-03-03T10:00:00Z"
    body = {"id": "j", "status": "finished", "job_type": "import_contacts", "created_time": time, "updated_time": time}
    answer = httpx.MockTransport(lambda request: httpx.Response(200, json=body | more))
    return Client(Caller("https://example.com", "w", SecretStr("k"), transport=answer)).job("j")


def test_a_service_that_counts_nothing_is_not_said_to_have_read_no_rows() -> None:
    assert str(job_told()) == "The import is finished."
