from __future__ import annotations

import sys

import pandas as pd
import pytest

from tests.widgets.page import HOSTILE, Browser, tags
from toolkit.audience.segment import Segment
from toolkit.widgets import FrameTable
from toolkit.workspace import Workspace


def test_a_table_is_asked_and_says_where_the_rows_are(ws: Workspace, browser: Browser) -> None:
    frame = ws.contacts()
    table = FrameTable(frame, what="contacts")
    assert (table.shown["found"], table.shown["total"], table.shown["what"]) == (len(frame), len(frame), "contacts")

    browser.edit(table, asked=table.asked | {"filters": [["labels", "vip_customers"]], "sort": "name"})

    found = frame.iloc[table.places]
    assert 0 < len(found) < len(frame)
    assert all("vip_customers" in labels for labels in found["labels"])
    assert [row[0] for row in table.shown["rows"]] == found["name"].head(25).tolist()
    assert table.shown["caption"] == f"{len(found):,} of {len(frame):,} contacts, sorted by name"


def test_a_filter_that_cannot_be_read_is_said_and_a_wrong_request_changes_nothing(
    ws: Workspace, browser: Browser
) -> None:
    table = FrameTable(ws.contacts())

    browser.edit(table, asked=table.asked | {"filters": [["created_time", "soon"]]})
    assert "“soon” cannot be read here" in table.shown["problem"]
    assert table.shown["rows"] == []
    browser.edit(table, asked=table.asked | {"filters": []})
    assert table.shown["problem"] == ""


def test_the_next_page_is_there_before_it_is_asked_for(browser: Browser) -> None:
    table = FrameTable(pd.DataFrame({"n": range(60)}))
    for page, expected in enumerate([list(range(25, 50)), list(range(50, 60)), []]):
        browser.edit(table, asked=table.asked | {"page": page})

        assert table.shown["page"] == page
        assert table.shown["following"] == [[str(n)] for n in expected]


def test_another_frame_of_the_same_columns_keeps_what_was_asked(browser: Browser) -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]})
    table = FrameTable(frame)
    browser.edit(table, asked=table.asked | {"filters": [["n", ">= 2"]]})

    table.show(frame + 5)
    assert [row[0] for row in table.shown["rows"]] == ["6", "7", "8"]
    table.show(frame.rename(columns={"n": "m"}))
    assert table.value.filters == ()


def test_the_rows_of_a_hostile_frame_are_escaped_without_a_kernel(browser: Browser) -> None:
    table = FrameTable(pd.DataFrame({HOSTILE: [HOSTILE], "phone": ["+12025550147"]}))

    data, _ = table._repr_mimebundle_()
    assert "img" not in tags(data["text/html"])
    assert "+1202•••0147" in data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_notebook_gets_a_table_and_a_program_its_frame(
    ws: Workspace, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = ws.contacts()
    assert ws.table(frame) is frame

    ws.face = "notebook"
    assert isinstance(ws.table(frame), FrameTable)
    assert ws.table(ws.audience(Segment.any_of("vip_customers"))).shown["steps"]
    assert ws.table(ws.ledger.calendar()).shown["total"] == 0
    monkeypatch.setitem(sys.modules, "toolkit.widgets.frame_table", None)
    assert ws.table(frame) is frame
