"""Any set of contacts is reached exactly: by labels, by id, or by a label made for it; and counted by the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.builders import Clock, campaign_draft
from tests.filling import new_sandbox
from tests.judge import Judged
from toolkit.api import published
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.errors import AudienceChanged, DraftError, InvalidRequest, PlanChanged, SendRefused
from toolkit.experiments.split import Experiment
from toolkit.plans.approval import Approval
from toolkit.plans.draft import CampaignDraft, Draft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Behaviour, Sandbox
from toolkit.sandbox.options import Published
from toolkit.settings import DialectName, Settings
from toolkit.workspace import Workspace, connect


class Watched(httpx.BaseTransport):
    """Passes requests on, keeps what was posted, and does `before_count` when the service is asked to count."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.bodies: list[dict[str, list[str]]] = []
        self.counts = 0
        self.before_count: Callable[[], None] = lambda: None
        self.change: Callable[[httpx.URL], httpx.URL] = lambda url: url

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/contacts") and request.url.params.get("limit") == "1":
            self.counts += 1
            self.before_count()
            request.url = self.change(request.url)
        if request.method == "POST" and request.url.path.endswith("/campaigns"):
            self.bodies.append(json.loads(request.read()))
        return self._inner.handle_request(request)


@pytest.fixture
def watched(served: Judged) -> Watched:
    return Watched(served)


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, watched: Watched, clock: Clock) -> Workspace:
    return connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=watched, now=clock)


def reachable(ws: Workspace) -> list[str]:
    """The ids of everybody who can be texted, those without a label among them, in an arbitrary order."""
    audience = build_audience(Segment.everyone(), ws.snapshot(), live=False, by_label=False)
    ids = sorted(audience.contacts.ids[audience.recipients].tolist())
    return list(np.random.default_rng(7).permutation(ids).tolist())


def draft_to(ids: list[str], name: str = "Exactly these") -> CampaignDraft:
    return campaign_draft(name).model_copy(update={"segment": Segment.from_contacts(ids)})


def yes(plan: Plan) -> Approval:
    return plan.approve(recipients=plan.recipients, by="ana")


def send(ws: Workspace, draft: Draft) -> Receipt:
    return ws.send(yes(ws.plan(draft)))


def logged(ws: Workspace, receipt: Receipt) -> list[str]:
    return sorted(ws.logs(receipt.campaign_ids)["contact_id"])


def relabel(ws: Workspace, sandbox: Sandbox, contact_id: str, change: Callable[[set[str]], set[str]]) -> None:
    """What a colleague does to a contact's labels in SeaX."""
    contacts = ws.snapshot()
    row = contacts.ids.get_loc(contact_id)
    theirs = {contacts.labels[code].id for code in contacts.table["labels"][int(row)].as_py()}
    base = "/seax-api/api/v1/workspace"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        body = {"contact_label_ids": sorted(change(theirs))}
        colleague.patch(
            f"http://localhost{base}/{sandbox.workspace_id}/contacts/{contact_id}", json=body
        ).raise_for_status()


def test_an_arbitrary_set_is_named_by_id_with_people_who_have_no_label(
    ws: Workspace, sandbox: Sandbox, watched: Watched
) -> None:
    contacts, ids = ws.snapshot(), reachable(ws)[:90]
    unlabelled = [each for each in ids if not len(contacts.table["labels"][int(contacts.ids.get_loc(each))])]
    assert unlabelled

    plan = ws.plan(draft_to(ids))
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))

    assert plan.recipients == 90
    assert plan.addressing[0].startswith("90 contacts by id and nobody else, because")
    assert "no label" in plan.addressing[0]
    (body,) = watched.bodies
    assert body["addition_contact_ids"] == sorted(ids)
    assert body["exclude_any_contact_label_ids"]
    assert "any_contact_label_ids" not in body
    assert logged(ws, receipt) == sorted(ids)
    assert ws.ledger.check_plan_recipients(plan.id).is_exact


def test_what_labels_alone_reach_is_asked_for_by_labels(ws: Workspace, watched: Watched) -> None:
    send(ws, campaign_draft())

    (body,) = watched.bodies
    assert "addition_contact_ids" not in body
    assert "exclude_contact_ids" not in body
    assert watched.counts == 1


def test_five_thousand_arbitrary_contacts_are_reached_by_id(tmp_path: Path, clock: Clock) -> None:
    box = new_sandbox(tmp_path / "s.sqlite3", contacts=7_000, now=clock)
    box.clock.advance(timedelta(minutes=15))
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=box, now=clock)
    ids = reachable(ws)[:5_000]

    plan = ws.plan(draft_to(ids))
    receipt = ws.send(yes(plan))
    box.clock.advance(timedelta(hours=9))

    assert plan.addressing[0].startswith("5,000 contacts by id and nobody else")
    assert logged(ws, receipt) == sorted(ids)


def test_a_set_too_large_for_ids_is_reached_by_labels_made_for_it(
    ws: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, watched: Watched
) -> None:
    monkeypatch.setattr(published, "MOST_NAMED", 20)
    ids = reachable(ws)[:120]
    texts = {arm: f"Hello {arm}. Reply STOP to opt out." for arm in ("a", "b")}
    halves = Experiment(name="two texts", arms={"a": 0.5, "b": 0.5})
    draft = draft_to(ids).model_copy(update={"experiment": halves, "messages": texts})
    before = ws.plan(draft)

    imported = send(ws, ws.imports.label(draft))
    sandbox.clock.advance(timedelta(hours=1))
    plan = ws.plan(draft)
    receipt = ws.send(yes(plan))
    sandbox.clock.advance(timedelta(hours=9))

    assert imported.job_id
    assert before.recipients < 120  # without a label they could not be addressed
    assert plan.recipients == 120
    assert [line.startswith("all of: seax:") for line in plan.addressing] == [True, False, True, False]
    assert all("exclude_contact_ids" not in body for body in watched.bodies)
    assert watched.counts == 2
    assert logged(ws, receipt) == sorted(ids)
    assert ws.ledger.check_plan_recipients(plan.id).is_exact


def test_labels_for_a_campaign_on_whatsapp_go_to_its_recipients_who_have_another_number_for_texts(
    ws: Workspace, sandbox: Sandbox
) -> None:
    on_whatsapp = {"type": "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"}
    people = ws.contacts().dropna(subset=["whatsapp_phone"]).set_index("id")
    ids = [each for each in reachable(ws) if each in people.index][:5]
    number, count = "+15550190199", len(ws.snapshot())
    assert number not in {*ws.contacts()["phone"]}
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        url = f"http://localhost/seax-api/api/v1/workspace/{sandbox.workspace_id}"
        colleague.patch(f"{url}/contacts/{ids[0]}", json={"whatsapp_phone": number}).raise_for_status()

        send(ws, ws.imports.label(draft_to(ids).model_copy(update=on_whatsapp)))
        sandbox.clock.advance(timedelta(hours=1))

        labels = ws.contacts().set_index("id")["labels"]
        assert sorted(labels.index[labels.map(lambda each: any("seax:" in name for name in each))]) == sorted(ids)
        assert len(labels) == count

        csv = b"name,phone,whatsapp,labels\r\nPaula,,+15550190198,paulas\r\n"
        colleague.post(f"{url}/import_contacts", files={"file": ("p.csv", csv)}).raise_for_status()
    sandbox.clock.advance(timedelta(hours=1))
    rule = "labels:paulas or labels:vip_customers"
    draft = campaign_draft("Paula").model_copy(update=on_whatsapp | {"segment": Segment.parse(rule)})

    with pytest.raises(DraftError, match=r"1 recipient has no phone.*`phone is present`"):
        ws.imports.label(draft)
    rest = draft.model_copy(update={"segment": Segment.parse(f"({rule}) and phone is present")})
    assert ws.imports.label(rest).path.is_file()


@pytest.mark.parametrize("who", ["an outsider", "a recipient"])
def test_a_label_that_others_edit_is_exact_or_refused(
    ws: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, watched: Watched, who: str
) -> None:
    monkeypatch.setattr(published, "MOST_NAMED", 20)
    everybody = reachable(ws)
    ids, outsider = everybody[:60], everybody[60]
    send(ws, ws.imports.label(draft_to(ids)))
    sandbox.clock.advance(timedelta(hours=1))
    approval = yes(ws.plan(draft_to(ids)))
    label = next(label.id for label in ws.snapshot().labels if label.name.startswith("seax:"))

    if who == "an outsider":
        relabel(ws, sandbox, outsider, lambda theirs: theirs | {label})
    else:
        relabel(ws, sandbox, ids[0], lambda theirs: theirs - {label})

    with pytest.raises(SendRefused):
        ws.send(approval)
    assert watched.bodies == []
    again = ws.plan(draft_to(ids, "Again"))
    if who == "an outsider":
        assert again.recipients == 60
        assert "minus 1 contacts by id" in again.addressing


@pytest.mark.parametrize("dialect", ["guide", "published"])
def test_a_label_given_in_the_last_moment_is_counted_and_refused_with_both_numbers(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, dialect: DialectName
) -> None:
    watched = Watched(sandbox.transport())
    ws = connect(Settings(home=tmp_path, dialect=dialect), sandbox=sandbox, transport=watched, now=clock)
    plan = ws.plan(campaign_draft())
    contacts = ws.snapshot()
    label = next(label.id for label in contacts.labels if label.name == "vip_customers")
    alike = set(plan.recipient_ids)
    outsider = next(
        contact_id
        for contact_id, codes in zip(contacts.ids, contacts.table["labels"].to_pylist(), strict=True)
        if contact_id not in alike and not codes
    )
    watched.before_count = lambda: relabel(ws, sandbox, outsider, lambda theirs: theirs | {label})

    with pytest.raises(PlanChanged, match=r"The service counts \d+ contacts where step 1 \(.*\) is for \d+"):
        ws.send(yes(plan))

    assert (watched.counts, watched.bodies) == (1, [])
    assert ws.get_plan(plan.id).state == "approved"


def test_a_service_to_which_ids_alone_are_no_filter_is_sent_nothing(tmp_path: Path, clock: Clock) -> None:
    other = Behaviour(published=Published(are_additions_a_filter=False))
    box = new_sandbox(tmp_path / "s.sqlite3", contacts=400, now=clock, behaviour=other)
    watched = Watched(Judged(box.transport()))
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=box, transport=watched, now=clock)
    approval = yes(ws.plan(draft_to(reachable(ws)[:30])))

    with pytest.raises((InvalidRequest, PlanChanged)):
        ws.send(approval)

    assert ws.get_plan(approval.plan_id).state == "approved"


def test_a_service_that_ignores_ids_is_sent_nothing(ws: Workspace, watched: Watched) -> None:
    watched.change = lambda url: url.copy_remove_param("addition_contact_ids")
    approval = yes(ws.plan(draft_to(reachable(ws)[:300])))

    with pytest.raises(PlanChanged, match=r"is for 100: .*Plan the draft again"):
        ws.send(approval)

    assert watched.bodies == []


def test_somebody_named_by_id_who_opts_out_after_the_approval_is_not_texted(
    ws: Workspace, sandbox: Sandbox, watched: Watched
) -> None:
    ids = reachable(ws)[:30]
    approval = yes(ws.plan(draft_to(ids)))
    dnc = next(label.id for label in ws.snapshot().labels if label.name == "DNC")
    relabel(ws, sandbox, ids[0], lambda theirs: theirs | {dnc})

    with pytest.raises(AudienceChanged):
        ws.send(approval)

    assert watched.bodies == []
    receipt = send(ws, draft_to(ids, "Again"))
    sandbox.clock.advance(timedelta(hours=9))
    assert logged(ws, receipt) == sorted(ids[1:])
