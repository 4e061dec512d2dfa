"""The import as a person uses it, on the embedded service; the page is played by messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget

from tests.builders import Clock
from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, PageComm, Wire, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.widgets import ContactImport
from toolkit.workspace import Workspace

CSV = 'name,phone,labels,shoe size\nAna,+19995550001,"vip_customers",39\nBen,+19995550002,"vip_custmers",44\n'


@pytest.fixture
def form(ws: Workspace, browser: Browser) -> Iterator[ContactImport]:
    form = ContactImport(ws)
    yield form
    form.close()


def drop(browser: Browser, form: ContactImport, content: str, name: str = "people.csv") -> None:
    """Drop a file on the button, as the page tells of it."""
    file = {"name": name, "type": "text/csv", "size": len(content), "last_modified": 0, "content": b""}
    message = {"method": "update", "state": {"value": [file]}, "buffer_paths": [["value", 0, "content"]]}
    browser.handling = "comm_msg"
    controls(form)["seax-upload"]._handle_msg({"content": {"data": message}, "buffers": [memoryview(content.encode())]})
    browser.handling = "execute_request"


def test_a_dropped_file_is_read_and_shown_with_its_phones_masked(browser: Browser, form: ContactImport) -> None:
    assert form.value is None

    drop(browser, form, CSV)

    assert form.value is not None
    assert (form.value.name, form.value.path.name, form.value.on_duplicate) == ("people", "people.csv", "mark")
    shown = controls(form)["seax-file"].value
    assert "shoe size" in shown
    assert "+19995550001" not in page_html(form)
    assert "2 rows" in controls(form)["seax-see-plan-said"].value


def test_no_byte_of_the_file_stays_in_the_page_s_state(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, CSV)

    assert controls(form)["seax-upload"].value == ()
    assert "+19995550001" not in repr(Widget.get_manager_state())
    assert "+19995550001" not in "".join(PageComm.told)


def test_rows_are_checked_before_anything_leaves(
    ws: Workspace, browser: Browser, wire: Wire, form: ContactImport
) -> None:
    there = ws.contacts(Segment.any_of("vip_customers"))["phone"].dropna().iloc[0]
    gone = ws.contacts(Segment.any_of("DNC"))["phone"].dropna().iloc[0]
    drop(browser, form, f"{CSV}Cem,{there},,\nDia,{gone},,\nEva,+19995550001,,\nFay,5550100,,\n")

    browser.click(controls(form)["seax-see-plan"])

    said = controls(form)["seax-plan"].value
    for code in ("IMP002", "IMP003", "IMP004", "IMP005", "IMP016"):
        assert code in said
    assert "vip_custmers: did you mean vip_customers?" in said
    assert "marked as duplicates" in said
    assert wire.posts == 0


def test_it_is_approved_once_and_followed_to_its_counts(
    ws: Workspace, browser: Browser, wire: Wire, clock: Clock, form: ContactImport
) -> None:
    drop(browser, form, CSV)
    browser.edit(controls(form)["seax-strategy"], index=1)
    browser.click(controls(form)["seax-see-plan"])
    assert "number of rows" in controls(form)["seax-outcome"].value
    browser.edit(controls(form)["seax-count"], value="2")
    browser.edit(controls(form)["seax-by"], value="ana")

    browser.click(controls(form)["seax-send"])
    browser.click(controls(form)["seax-send"])
    clock.move(minutes=5)
    controls(form)["seax-monitor"].wait(10)

    assert wire.posts == 1
    assert "2 of 2 rows read, 0 refused" in controls(form)["seax-figures"].value
    assert (
        len(ws.contacts(Segment.where("name").is_in("Ana", "Ben") & Segment.where("field.shoe size").is_present())) == 2
    )


def test_refused_rows_are_listed_with_reasons_and_saved_whole(
    ws: Workspace, browser: Browser, clock: Clock, form: ContactImport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    drop(browser, form, f"name,phone\nAna,+19995550001\n{HOSTILE},n/a\nEve,+12120550142\n")
    browser.click(controls(form)["seax-see-plan"])
    browser.edit(controls(form)["seax-count"], value="3")
    browser.edit(controls(form)["seax-by"], value="ana")
    browser.click(controls(form)["seax-send"])
    clock.move(minutes=5)
    monitor = controls(form)["seax-monitor"]
    monitor.wait(10)

    assert "3 of 3 rows read, 2 refused" in controls(form)["seax-figures"].value
    assert "row 2" in controls(form)["seax-refused"].value
    assert "20550142" not in page_html(form)
    browser.click(controls(form)["seax-save-refused"])
    browser.click(controls(form)["seax-save-refused"])
    (saved,) = tmp_path.glob("refused-rows-*.csv")
    assert saved.name in controls(form)["seax-saved"].value
    assert "2 rows are in" in controls(form)["seax-saved"].value
    assert HOSTILE in saved.read_text(encoding="utf-8-sig")
    assert tags(page_html(form)) <= SAFE_TAGS | {"th"}


def test_an_import_of_which_all_was_taken_offers_nothing_to_save(
    browser: Browser, clock: Clock, form: ContactImport
) -> None:
    drop(browser, form, CSV)
    browser.click(controls(form)["seax-see-plan"])
    browser.edit(controls(form)["seax-count"], value="2")
    browser.edit(controls(form)["seax-by"], value="ana")
    browser.click(controls(form)["seax-send"])
    clock.move(minutes=5)
    controls(form)["seax-monitor"].wait(10)

    assert controls(form)["seax-save-refused"].layout.display == "none"


@pytest.mark.parametrize(
    ("content", "said"),
    [("name,city\nAna,Rome\n", "no column of phones"), ("", "is empty"), ("\udcff", "encoding is not certain")],
)
def test_a_file_that_cannot_be_imported_is_refused_in_the_widget(
    browser: Browser, form: ContactImport, csv_of: Callable[[str], Path], content: str, said: str
) -> None:
    path = csv_of("")
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    shown = ContactImport(form._workspace, path)

    assert shown.value is None
    assert said in controls(shown)["seax-see-plan-said"].value
    assert controls(shown)["seax-see-plan"].disabled
    shown.close()


def test_a_name_with_a_path_stays_in_the_folder(browser: Browser, form: ContactImport, tmp_path: Path) -> None:
    drop(browser, form, CSV, name="../../escaped.csv")

    assert form.value is not None
    assert form.value.path.name == "escaped.csv"
    assert form.value.path.parents[1] == tmp_path / "uploads"


def test_a_plan_of_a_dropped_file_holds_after_the_page_is_gone(
    ws: Workspace, browser: Browser, wire: Wire, form: ContactImport
) -> None:
    drop(browser, form, CSV)
    browser.click(controls(form)["seax-see-plan"])
    form.close()

    (entry,) = ws.plans()
    receipt = ws.send(ws.approve(entry.plan.id, recipients=2, by="ana", via="code"))

    assert receipt.status == "sent"
    assert wire.posts == 1


def test_nothing_hostile_becomes_markup(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, f'name,phone,labels,{HOSTILE}\n"{HOSTILE}",+19995550001,"{HOSTILE}",x\n', name=f"{HOSTILE}.csv")
    browser.click(controls(form)["seax-see-plan"])

    assert "&lt;img" in controls(form)["seax-plan"].value
    assert tags(page_html(form)) <= SAFE_TAGS | {"th"}
    assert tags(form._repr_mimebundle_()["text/html"]) <= SAFE_TAGS


def test_every_control_has_a_label(form: ContactImport) -> None:
    shown: dict[str, Any] = controls(form)

    assert all(c.description for c in shown.values() if hasattr(c, "description") and c._model_name != "HTMLModel")
