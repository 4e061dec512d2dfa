"""Whoever a file says to have opted out is in no plan after its import, whatever cell or column says so."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import campaign_draft
from tests.planning.imports.label_cells import BASE, CELLS, WORDS, random_file
from toolkit.audience.segment import Segment
from toolkit.plans.draft import ImportDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def plan_of(ws: Workspace, folder: Path, text: str, **more: object) -> Plan:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return ws.plan(ImportDraft.model_validate({"name": "people", "path": path} | more))


def imported(ws: Workspace, sandbox: Sandbox, plan: Plan) -> set[str]:
    """Import a file; the phones that a campaign to its label would text."""
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(minutes=5))
    campaign = ws.plan(campaign_draft().model_copy(update={"segment": Segment.any_of(BASE)}))
    contacts = ws.contacts().set_index("id")
    return set(contacts.loc[list(campaign.recipient_ids), "phone"])


def found(plan: Plan, code: str) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == code]


@pytest.mark.parametrize("seed", range(5))
def test_who_opts_out_in_a_file_is_never_a_recipient(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, seed: int
) -> None:
    text, out, kept = random_file(random.Random(seed))
    plan = plan_of(ws, tmp_path, text)
    assert not plan.is_blocked, [str(finding) for finding in plan.findings]

    texted = imported(ws, sandbox, plan)

    assert not texted & out
    assert texted == kept


@pytest.mark.parametrize("cell", CELLS)
def test_every_form_of_a_label_cell_opts_out(ws: Workspace, sandbox: Sandbox, tmp_path: Path, cell: str) -> None:
    lines = ["name\tphone\tlabels", f"Al\t+19995550100\t{BASE}"]
    for at, word in enumerate(WORDS, 1):
        quoted = cell.format(base=BASE, word=word).replace('"', '""')
        lines.append(f'P{at}\t+199955501{at:02}\t"{quoted}"')
    plan = plan_of(ws, tmp_path, "\n".join(lines))
    assert not plan.is_blocked, [str(finding) for finding in plan.findings]

    assert imported(ws, sandbox, plan) == {"+19995550100"}
    assert plan.file is not None
    assert set(plan.file.new_labels) <= {BASE}


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Email opt out", "yes"),
        ("status", "unsubscribed"),
        ("last reply", "STOP"),
        ("Opt-in/Opt-out", "1"),
        ("Active", "no"),
        ("Werbung", "nein"),
        ("Publicidad", "no"),
    ],
)
def test_a_column_that_may_say_it_blocks_until_the_mapping_says_what_it_is(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, header: str, value: str
) -> None:
    text = f"name,phone,labels,{header}\nAl,+19995550101,{BASE},{value}\nBo,+19995550102,{BASE},\n"
    blocked = plan_of(ws, tmp_path, text)
    assert header in found(blocked, "IMP010")[0].message
    assert blocked.is_blocked

    out = "opted in" if header in {"Active", "Werbung", "Publicidad"} else "opted out"
    mapped = plan_of(ws, tmp_path, text, mapping={header: out})

    assert not mapped.is_blocked
    assert "+19995550101" not in imported(ws, sandbox, mapped)


@pytest.mark.parametrize("header", ["Kontakt erlaubt", "Autorisation SMS", "Darf kontaktiert werden", "Permiso"])
def test_a_permission_column_of_another_language_opts_out(
    ws: Workspace, sandbox: Sandbox, tmp_path: Path, header: str
) -> None:
    text = f"name,phone,labels,{header}\nAl,+19995550101,{BASE},no\nBo,+19995550102,{BASE},1\n"

    assert imported(ws, sandbox, plan_of(ws, tmp_path, text)) == {"+19995550102"}


def test_a_mapping_can_make_a_field_of_such_a_column_and_the_plan_says_so(ws: Workspace, tmp_path: Path) -> None:
    text = f"name,phone,labels,Email opt out\nAl,+19995550101,{BASE},yes\n"

    plan = plan_of(ws, tmp_path, text, mapping={"Email opt out": "email_opt_out"})

    assert not plan.is_blocked
    assert "Email opt out" in found(plan, "IMP025")[0].message


def test_a_cell_that_says_neither_yes_nor_no_blocks_with_its_row(ws: Workspace, tmp_path: Path) -> None:
    plan = plan_of(ws, tmp_path, "name,phone,Opted Out\nAl,+19995550101,no\nBo,+19995550102,perhaps\n")

    assert "'perhaps'): row 3" in found(plan, "IMP011")[0].message
    assert plan.is_blocked


def test_an_opt_out_of_a_contact_is_not_skipped_away(ws: Workspace, sandbox: Sandbox, tmp_path: Path) -> None:
    imported(ws, sandbox, plan_of(ws, tmp_path, f"name,phone,labels\nAl,+19995550101,{BASE}\nBo,+19995550102,{BASE}\n"))
    text = "name,phone,labels\nAl,(999) 555-0101,DNC\n"

    assert found(plan_of(ws, tmp_path, text, on_duplicate="skip"), "IMP021")[0].is_blocking
    assert imported(ws, sandbox, plan_of(ws, tmp_path, text, on_duplicate="update")) == {"+19995550102"}


def test_labels_that_record_an_opt_out_are_not_replaced_away(ws: Workspace, tmp_path: Path, sandbox: Sandbox) -> None:
    there = f"name,phone,labels\nAl,+19995550101,Do not text\nBo,+19995550102,{BASE}\n"
    imported(ws, sandbox, plan_of(ws, tmp_path, there))
    published = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, now=sandbox.clock.now)
    text = f"name,phone,labels\nAl,(999) 555-0101,{BASE}\nBo,+19995550102,{BASE}\n"

    (lost,) = found(plan_of(published, tmp_path, text, on_duplicate="replace"), "IMP021")
    assert (lost.is_blocking, lost.contacts) == (True, 1)
    assert not found(plan_of(published, tmp_path, text, on_duplicate="merge"), "IMP021")
    repeated = text.replace(f"101,{BASE}", "101,Do not text")
    assert not found(plan_of(published, tmp_path, repeated, on_duplicate="replace"), "IMP021")


@pytest.mark.parametrize("label", ["email unsubscribed", "not DNC", "DNC: no"])
def test_a_doubtful_label_is_asked_about_and_a_reason_lifts_it(ws: Workspace, tmp_path: Path, label: str) -> None:
    text = f"name,phone,labels\nAl,+19995550101,{label}\n"
    assert found(plan_of(ws, tmp_path, text), "IMP012")[0].is_blocking

    lifted = plan_of(ws, tmp_path, text, overrides={"IMP012": "it is about e-mail alone"})

    assert not lifted.is_blocked
    assert lifted.file is not None
    assert lifted.file.new_labels == (label,)


def test_every_new_label_is_named(ws: Workspace, tmp_path: Path) -> None:
    names = [f"brand_new_{at}" for at in range(30)]
    rows = "".join(f"P{at},+199955501{at:02},{name}\n" for at, name in enumerate(names))

    plan = plan_of(ws, tmp_path, f"name,phone,labels\n{rows}")

    assert [line.split(":")[0] for line in found(plan, "IMP005")[0].evidence] == names
    assert all(name in str(plan) for name in names)
