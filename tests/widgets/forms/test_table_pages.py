from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import polars as pl
import pytest

from toolkit.errors import ToolkitError
from toolkit.widgets.forms.table_pages import FrameSource, TablePages, TableView

FRAME = pd.DataFrame(
    {
        "id": ["7", "8", "9", "10"],
        "name": ["Ana", "بدر", "+12025550147", None],
        "phone": ["+12025550101", "+12025550102", None, "+12025550104"],
        "labels": [["vip", "news"], ["news"], [], None],
        "orders": [3.0, 10.0, None, 2.5],
        "status": pd.Categorical(["sent", "failed", "sent", "sent"]),
        "enabled": [True, False, True, True],
        "sent_time": pd.to_datetime(["2026-11-12T10:00", "2026-12-01", None, "2026-11-13"], utc=True, format="ISO8601"),
        "odd": [1, "two", (3,), None],
    }
)


@pytest.fixture
def pages() -> TablePages:
    return TablePages(FrameSource(FRAME))


def test_cells_are_read_by_people_and_numbers_masked(pages: TablePages) -> None:
    assert pages.source.columns == ["name", "phone", "labels", "orders", "status", "enabled", "sent_time", "odd", "id"]
    assert pages.page(TableView())[0] == [
        *("Ana", "+1202•••0101", "vip, news", "3", "sent", "yes", "2026-11-12 10:00", "1", "7")
    ]
    assert pages.page(TableView())[2] == ["+1202•••0147", "", "", "", "sent", "yes", "", "(3,)", "9"]
    assert pages.page(TableView())[1][6] == "2026-12-01"


@pytest.mark.parametrize(
    ("column", "typed", "rows"),
    [
        ("name", "AN", [0]),
        ("labels", "news", [0, 1]),
        ("labels", "v", [0]),
        ("status", "sent", [0, 2, 3]),
        ("enabled", "no", [1]),
        ("orders", "3", [0]),
        ("orders", "2.5 to 3", [0, 3]),
        ("orders", ">= 3", [0, 1]),
        ("orders", "< 3", [3]),
        ("sent_time", "2026-11", [0, 3]),
        ("sent_time", "2026-11-12", [0]),
        ("sent_time", "2026", [0, 1, 3]),
        ("sent_time", "> 2026-11-12", [1, 3]),
        ("sent_time", "<= 2026-11-13", [0, 3]),
        ("sent_time", "2026-11-12T10:00 to 2026-11-13", [0, 3]),
        ("sent_time", "2026-12-01 to 2026-12-31", [1]),
        ("name", " ", [0, 1, 2, 3]),
    ],
)
def test_what_is_typed_above_a_column_narrows_to_it(
    pages: TablePages, column: str, typed: str, rows: list[int]
) -> None:
    assert pages.rows(TableView(filters=((column, typed),))).tolist() == rows


@pytest.mark.parametrize(
    ("column", "typed", "hint"),
    [
        ("orders", "many", "3 to 10"),
        ("sent_time", "soon", "2026-11"),
        ("sent_time", "2026-13", "2026-11"),
        ("sent_time", "9999", "2026-11"),
    ],
)
def test_what_cannot_be_read_says_what_can(pages: TablePages, column: str, typed: str, hint: str) -> None:
    with pytest.raises(ToolkitError, match=hint):
        pages.rows(TableView(filters=((column, typed),)))


def test_any_text_is_found_and_every_column_sorts_with_the_missing_last(pages: TablePages) -> None:
    assert pages.rows(TableView(find="vip")).tolist() == [0]
    assert pages.rows(TableView(find="FAILED")).tolist() == [1]
    assert pages.rows(TableView(sort="orders")).tolist() == [3, 0, 1, 2]
    assert pages.rows(TableView(sort="orders", descending=True)).tolist() == [1, 0, 3, 2]
    assert pages.rows(TableView(sort="status")).tolist() == [1, 0, 2, 3]
    for column in pages.source.columns:
        assert sorted(pages.rows(TableView(sort=column)).tolist()) == [0, 1, 2, 3]


def test_other_frames_are_shown_too() -> None:
    frame = pl.DataFrame({"phone": ["+12025550101"], "at": [datetime(2026, 11, 1, 9, tzinfo=UTC)], "n": [1_234]})
    pages = TablePages(FrameSource(frame))

    assert pages.page(TableView(filters=(("at", "2026-11-01"),))) == [["+1202•••0101", "2026-11-01 09:00", "1,234"]]


def test_any_text_is_found_in_typed_lists_too() -> None:
    pages = TablePages(FrameSource(pl.DataFrame({"labels": [["vip", "news"], ["news"]]})))

    assert pages.kinds == ["list"]
    assert pages.rows(TableView(find="vip")).tolist() == [0]


def test_the_fields_of_contacts_are_words_and_no_json() -> None:
    frame = pd.DataFrame({"fields": ['{"tier": "gold", "orders": 1200, "call": "+12025550147"}', "none", None]})

    assert TablePages(FrameSource(frame)).page(TableView()) == [
        ["tier: gold, orders: 1,200, call: +1202•••0147"],
        ["none"],
        [""],
    ]


def test_a_frame_without_rows_has_its_columns_and_one_page() -> None:
    pages = TablePages(FrameSource(FRAME.head(0)))

    assert pages.last_page(TableView(sort="name")) == 0
    assert pages.page(TableView(sort="name")) == []
