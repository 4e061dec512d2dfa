from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.data.export import to_csv, to_parquet
from toolkit.errors import ToolkitError
from toolkit.workspace import Workspace

FORMULAS = ['=HYPERLINK("http://example.com")', "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_cell_that_a_spreadsheet_would_run_becomes_text(tmp_path: Path) -> None:
    frame = pd.DataFrame({"=name": pd.Series([*FORMULAS, "Ana", None], dtype="str"), "n": range(-1, len(FORMULAS) + 1)})

    head, *rows = cells(to_csv(frame, tmp_path / "out.csv"))

    assert head == ["'=name", "n"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in FORMULAS), "Ana", ""]
    assert rows[0][1] == "-1", "a number is no formula"


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_no_text_at_all_begins_as_a_formula_and_each_can_be_read_again(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = to_csv(pd.DataFrame({"x": pd.Series([text], dtype="str")}), tmp_path_factory.mktemp("export") / "x.csv")

    read = cells(path)[1][0]
    assert read[:1] not in tuple("=+-@\t\r\n＝＋－＠")
    assert read in {text, f"'{text}"}


def test_phones_stay_text_times_are_iso_and_lists_are_joined(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "phone": pd.Series(["+12025550147", None], dtype="str"),
            "sent_time": pd.Series([datetime(2026, 3, 3, 17, tzinfo=UTC), None], dtype="datetime64[us, UTC]"),
            "labels": pd.Series([["vip", "=nyc"], []], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
            "status": pd.Categorical(["=sent", None]),
        }
    )

    rows = cells(to_csv(frame, tmp_path / "out.csv"))[1:]

    assert rows[0] == ["'+12025550147", "2026-03-03T17:00:00.000000Z", "vip; =nyc", "'=sent"]
    assert rows[1] == ["", "", "", ""]


def test_a_log_is_the_same_after_parquet(ws: Workspace, tmp_path: Path) -> None:
    logs = ws.logs(ws.campaign_ids()[:2])

    read = pd.read_parquet(to_parquet(logs, tmp_path / "log.parquet"))

    pd.testing.assert_frame_equal(read, logs, check_dtype=True)


@pytest.mark.parametrize("write", [to_csv, to_parquet])
def test_a_file_that_is_there_is_left_as_it_is(write: Callable[[pd.DataFrame, Path], Path], tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("mine", encoding="utf-8")

    with pytest.raises(ToolkitError, match="already exists, and was not changed: choose another name"):
        write(pd.DataFrame({"a": [1]}), path)

    assert path.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolkitError, match=r"cannot be written .*: choose a folder that exists"):
        to_csv(pd.DataFrame({"a": [1]}), tmp_path / "nowhere" / "out.csv")
