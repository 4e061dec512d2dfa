"""Single messages and contact files go through the same door as campaigns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.wire import Wire
from toolkit.audience.eligibility import Outcome
from toolkit.errors import ApprovalRefused, DraftError, PlanBlocked, PlanChanged
from toolkit.plans.draft import CampaignDraft, ImportDraft, MessageDraft
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def message_to(ws: Workspace, contact_id: str, **more: str) -> MessageDraft:
    return MessageDraft(message="Your order is on its way.", contact_id=contact_id, sender="Marketing Line", **more)


def test_a_message_reaches_one_person_once(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    person = ws.audience(draft.segment).frame.iloc[0]
    plan = ws.plan(message_to(ws, person["id"]))
    assert plan.recipients == 1

    first = ws.send(plan.approve(recipients=1, by="ana"))
    second = ws.send(ws.plan(message_to(ws, person["id"])).approve(recipients=1, by="ana"))

    assert first.message_id is not None
    assert second.repeated
    assert [(body["to_phone_number"], body["content"]) for body in wire.bodies] == [
        (person["phone"], "Your order is on its way.")
    ]


def test_another_name_sends_the_same_text_again(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    contact_id = ws.audience(draft.segment).frame.iloc[0]["id"]
    for name in ("first", "second"):
        ws.send(ws.plan(message_to(ws, contact_id, name=name)).approve(recipients=1, by="ana"))

    assert len(wire.posts) == 2


def test_a_person_who_opted_out_gets_no_message(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    contact_id = ws.audience(draft.segment).ids(Outcome.OPTED_OUT)[0]
    plan = ws.plan(message_to(ws, contact_id))

    with pytest.raises(PlanBlocked, match="There are no recipients"):
        plan.approve(recipients=plan.recipients, by="ana")

    assert not wire.posts


CSV = 'name,phone,labels,shoe size\nAna,+19995550001,"vip_customers,spring_fair",39\nBen,+19995550002,spring_fair,44\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def test_an_approved_file_becomes_contacts_once(ws: Workspace, wire: Wire, sandbox: Sandbox, file: Path) -> None:
    draft = ImportDraft(name="Fair", path=file)
    plan = ws.plan(draft)
    with pytest.raises(ApprovalRefused):
        plan.approve(recipients=3, by="ana")
    before = len(ws.contacts())

    receipt = ws.send(plan.approve(recipients=2, by="ana"))
    again = ws.send(ws.plan(draft).approve(recipients=2, by="ana"))
    sandbox.clock.advance(timedelta(minutes=1))

    assert receipt.job_id is not None
    job = ws.imports.job(receipt.job_id)
    assert (job.is_finished, job.processed, job.failed) == (True, 2, 0)
    assert again.repeated
    assert len(wire.posts) == 1
    contacts = ws.contacts()
    assert len(contacts) == before + 2
    ana = contacts.set_index("phone").loc["+19995550001"]
    assert list(ana["labels"]) == ["vip_customers", "spring_fair"]
    assert "39" in ana["fields"]


def test_a_file_changed_after_the_yes_is_not_uploaded(ws: Workspace, wire: Wire, file: Path) -> None:
    approval = ws.plan(ImportDraft(name="Fair", path=file)).approve(recipients=2, by="ana")
    file.write_text(CSV.replace("Ana", "Eve"), encoding="utf-8")

    with pytest.raises(PlanChanged):
        ws.send(approval)

    assert not wire.posts


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"first,second\n1,2\n", "no recognizable phone column"),
        (b"", "is empty"),
        (b"PK\x03\x04 xl/workbook.xml", "an Excel workbook"),
        (b"name,phone\nMich\x8ale,+12025550101\n", "Set the right one with encoding='mac_roman'"),
        (b"Ann,+12025550101\n", "has no header"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_imported_is_a_sentence(
    ws: Workspace, file: Path, content: bytes | None, says: str
) -> None:
    file.unlink() if content is None else file.write_bytes(content)

    with pytest.raises(DraftError, match=says):
        ws.plan(ImportDraft(name="Fair", path=file))


def test_a_file_of_real_looking_phones_is_pointed_out_before_it_leaves(ws: Workspace, file: Path) -> None:
    file.write_text(f"name,phone\nAna,+44207946{9999}\nBen,02025550\n", encoding="utf-8")

    findings = {finding.code: finding for finding in ws.plan(ImportDraft(name="Fair", path=file)).findings}

    assert findings["PHN003"].severity == "warn"
    assert findings["IMP016"].message == "1 phone cannot be read as a number of US: row 3."


def test_one_phone_is_named_in_the_singular(ws: Workspace, file: Path) -> None:
    file.write_text("name,phone\nAna,1.20255E+10\nBen,+12025550102\n", encoding="utf-8")

    findings = {finding.code: finding.message for finding in ws.plan(ImportDraft(name="Fair", path=file)).findings}

    assert findings["IMP016"].startswith("1 phone is cut to powers of ten by Excel, as 1.20255E+10, so ")


@pytest.mark.parametrize(
    ("header", "reason"), [("Nom", "it means last name"), ("Nom,Prénom", "last name, joined with the others")]
)
def test_a_name_alone_is_joined_with_nothing(ws: Workspace, file: Path, header: str, reason: str) -> None:
    cells = "Lee" + ",Ann" * header.count(",")
    file.write_text(f"{header},phone\n{cells},+12025550102\n", encoding="utf-8")

    columns = ws.imports.check(ImportDraft(name="Fair", path=file)).file.columns

    assert columns[0].reason == reason


def test_a_live_workspace_takes_no_fictional_contacts(live: Workspace, file: Path) -> None:
    assert live.plan(ImportDraft(name="Fair", path=file)).is_blocked


def test_an_empty_file_is_blocked(ws: Workspace, file: Path) -> None:
    file.write_text("name,phone\n", encoding="utf-8")

    assert [finding.code for finding in ws.plan(ImportDraft(name="Fair", path=file)).findings] == ["IMP001"]
