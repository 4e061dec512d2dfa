# One file: one page, used as a person does, from a file to its counts.
"""The import as a person uses it, on the embedded service; the page is played by messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget

from tests.builders import Clock
from tests.widgets.page import HOSTILE, SAFE_TAGS, Browser, PageComm, Wire, controls, page_html, tags
from toolkit.audience.segment import Segment
from toolkit.sandbox import Sandbox
from toolkit.settings import DialectName, Settings
from toolkit.widgets import ContactImport
from toolkit.workspace import Workspace, connect

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
    browser.wait()


def test_a_dropped_file_is_read_and_shown_with_its_phones_masked(browser: Browser, form: ContactImport) -> None:
    assert form.value is None

    drop(browser, form, CSV)

    assert form.value is not None
    assert (form.value.name, form.value.path.name, form.value.on_duplicate) == ("people", "people.csv", "mark")
    shown = controls(form)["seax-file"].value
    assert "shoe size" in shown
    assert "+19995550001" not in page_html(form)
    assert "rows to upload</td>" in shown
    assert "•••" in shown


@pytest.mark.parametrize(
    ("dialect", "taken"),
    [("guide", ("mark", "skip", "update")), ("published", ("mark", "merge", "replace"))],
)
def test_the_page_offers_what_the_service_can_do_with_existing_contacts(
    tmp_path: Path, sandbox: Sandbox, browser: Browser, dialect: DialectName, taken: tuple[str, ...]
) -> None:
    form = ContactImport(connect(Settings(home=tmp_path, dialect=dialect), sandbox=sandbox))

    assert tuple(value for _, value in controls(form)["seax-strategy"].options) == taken


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
    drop(browser, form, f"name,phone\nAna,+19995550001\n{HOSTILE},+12120550141\nEve,+12120550142\n")
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
    assert "2 rows written to" in controls(form)["seax-saved"].value
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
    [("name,city\nAna,Rome\n", "no recognizable phone column"), ("", "is empty"), ("\udcff", "encoding is uncertain")],
)
def test_a_file_that_cannot_be_imported_is_refused_in_the_widget(
    browser: Browser, form: ContactImport, csv_of: Callable[[str], Path], content: str, said: str
) -> None:
    path = csv_of("")
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    shown = ContactImport(form._workspace, path)
    browser.wait()

    assert shown.value is None
    assert said in controls(shown)["seax-see-plan-said"].value
    assert controls(shown)["seax-see-plan"].disabled
    shown.close()


THEIRS = "Nombre;Teléfono;Grupos;Shoe size;Do not text\nAna;+19995550001;vip_customers;39;\nBen;+19995550002;;44;yes\n"


def chosen(form: ContactImport) -> dict[str, str]:
    """What the table of the mapping shows for each column of theirs."""
    found = controls(form)
    names = [name for name in found if re.fullmatch(r"seax-column-\d+", name)]
    return {found[name].description: found[name].value for name in names}


def test_the_mapping_is_proposed_with_separator_and_encoding_as_detected(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, THEIRS)

    assert chosen(form) == {
        "Nombre": "name",
        "Teléfono": "phone",
        "Grupos": "labels",
        "Shoe size": "a field",
        "Do not text": "opted out",
    }
    shown = controls(form)
    assert shown["seax-separator"].options[0] == ("detected: semicolon", "")
    assert shown["seax-encoding"].options[0] == ("detected: UTF-8", "")
    assert "e.g. 39, 44" in shown["seax-column-4-about"].value
    assert form.value is not None
    assert (form.value.mapping, form.value.separator, form.value.encoding) == ({}, None, None)


def test_a_choice_is_the_draft_s_and_shows_at_once_what_leaves(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, THEIRS)
    assert "Shoe size" in after(form)
    browser.click(controls(form)["seax-see-plan"])
    assert controls(form)["seax-plan"].value

    browser.edit(controls(form)["seax-column-4"], index=9)  # ignore
    browser.wait()

    assert form.value is not None
    assert form.value.mapping == {"Shoe size": "ignore"}
    assert "Shoe size" not in after(form)
    assert "seax-plan" not in controls(form)
    browser.edit(controls(form)["seax-column-4"], index=7)  # a contact field
    browser.edit(controls(form)["seax-column-4-field"], value="shoes")
    browser.wait()
    assert form.value.mapping == {"Shoe size": "shoes"}
    assert "shoes" in after(form)


def after(form: ContactImport) -> str:
    """The first rows as they leave."""
    return str(controls(form)["seax-file"].value).partition("The same rows as uploaded")[2].partition("Findings")[0]


def test_what_a_person_chose_is_what_the_plan_says(ws: Workspace, browser: Browser, form: ContactImport) -> None:
    drop(browser, form, THEIRS)
    browser.edit(controls(form)["seax-column-4"], index=9)
    browser.wait()

    browser.click(controls(form)["seax-see-plan"])

    (entry,) = ws.plans()
    assert entry.plan.file is not None
    assert entry.plan.file.mapping["Shoe size"] == "ignore"
    assert entry.plan.draft == form.value
    assert controls(form)["seax-file"].value == ""  # the plan says it, and each finding is on the page once
    assert "Shoe size" in controls(form)["seax-plan"].value


def test_a_column_that_may_say_who_opted_out_waits_for_a_choice(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, "name,phone,note\nAna,+19995550001,x\nBen,+19995550002,STOP\n")

    assert chosen(form)["note"] == ""
    assert "<b>Choose:" in controls(form)["seax-column-3-about"].value
    assert "■ Block" in controls(form)["seax-file"].value
    browser.edit(controls(form)["seax-column-3"], index=5)  # opted out
    browser.wait()
    assert "■ Block" not in controls(form)["seax-file"].value
    assert "rows of people who opted out" in controls(form)["seax-file"].value


def test_a_file_without_a_phone_says_so_and_its_column_can_be_chosen(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, "name,where\nAna,+19995550001\n")
    assert form.value is None
    assert "no recognizable phone column" in controls(form)["seax-see-plan-said"].value
    assert controls(form)["seax-see-plan"].disabled

    browser.edit(controls(form)["seax-column-2"], index=2)
    browser.wait()

    assert form.value is not None
    assert form.value.mapping == {"where": "phone"}
    assert not controls(form)["seax-see-plan"].disabled


def test_another_separator_or_encoding_is_read_at_once(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, "name,phone,size;shoes\nAna,+19995550001,1;2\n")
    assert list(chosen(form)) == ["name", "phone", "size;shoes"]

    browser.edit(controls(form)["seax-separator"], index=2)

    browser.wait()
    assert list(chosen(form)) == ["name,phone,size", "shoes"]
    browser.edit(controls(form)["seax-separator"], index=0)
    browser.edit(controls(form)["seax-encoding"], index=2)
    browser.wait()
    assert form.value is not None
    assert form.value.encoding == "cp1252"


def test_another_file_forgets_what_was_chosen_of_the_first(browser: Browser, form: ContactImport) -> None:
    drop(browser, form, THEIRS)
    browser.edit(controls(form)["seax-column-4"], index=9)
    browser.edit(controls(form)["seax-separator"], index=2)
    browser.wait()

    drop(browser, form, CSV, name="others.csv")

    assert form.value is not None
    assert (form.value.mapping, form.value.separator, form.value.path.name) == ({}, None, "others.csv")


def test_trying_mappings_leaves_no_plans_behind(
    ws: Workspace, browser: Browser, wire: Wire, form: ContactImport
) -> None:
    drop(browser, form, THEIRS)
    for choice in (9, 7, 3):
        browser.edit(controls(form)["seax-column-4"], index=choice)
        browser.wait()

    assert ws.plans() == []
    assert wire.posts == 0


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
    receipt = ws.send(ws.approvals.approve(entry.plan.id, recipients=2, by="ana", via="code"))

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
