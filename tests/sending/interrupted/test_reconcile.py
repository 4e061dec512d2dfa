# One file: one act, reconciling, in every state that it meets.
"""Finding out what became of a plan: the truth is taken whatever differs beside it, and nothing frees what arrived."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.builders import KEY, Clock, live_draft
from tests.wire import LiveService, Wire, fault
from toolkit.errors import OutcomeUnknown
from toolkit.plans.draft import CampaignDraft, Draft, ImportDraft
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.sending.human_presence import answered_form
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

LOST = fault(httpx.ReadTimeout("slow"))


def left(ws: Workspace, draft: Draft) -> Plan:
    """A plan whose outcome is not known."""
    plan = ws.plan(draft)
    with pytest.raises(OutcomeUnknown):
        ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    return plan


def arrived(ws: Workspace, wire: Wire, draft: Draft) -> Plan:
    """A plan whose request arrived and whose answer did not."""
    wire.after = LOST  # type: ignore[assignment]
    plan = left(ws, draft)
    wire.after = None
    return plan


def broken_off(ws: Workspace, wire: Wire, draft: Draft) -> Plan:
    """A plan whose request never arrived."""
    wire.before = fault(httpx.WriteError("broken"))  # type: ignore[assignment]
    plan = left(ws, draft)
    wire.before = None
    return plan


class Terminal(io.StringIO):
    """A keyboard with a person at it."""

    def isatty(self) -> bool:
        return True


# Found


def counting(wire: Wire, recipients: int, patch: pytest.MonkeyPatch) -> None:
    """Have the service count other recipients of every campaign."""
    handle = wire.handle_request

    def recount(request: httpx.Request) -> httpx.Response:
        response = handle(request)
        if request.method == "GET" and "/campaigns/" in request.url.path:
            said = httpx.Response(200, content=response.read()).json()
            return httpx.Response(200, json=said | {"statistics": said["statistics"] | {"total_contacts": recipients}})
        return response

    patch.setattr(wire, "handle_request", recount)


@pytest.mark.parametrize("is_named", [True, False], ids=["--found", "asked"])
def test_a_campaign_of_another_count_is_found_with_an_alarm(
    ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft, is_named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = arrived(ws, wire, draft)
    (found,) = [each for each, name in sandbox.campaigns().items() if name == draft.name]
    counting(wire, plan.recipients + 1, monkeypatch)

    receipt = ws.ledger.reconcile(plan.id, found=found if is_named else ..., by="ana")

    assert (receipt.status, receipt.campaign_id, receipt.accepted) == ("sent", found, plan.recipients + 1)
    assert f"ATTENTION: the service counts {plan.recipients + 1:,} recipients" in receipt.detail
    assert ws.send(ws.approvals.latest(plan.id)).repeated
    assert len(wire.posts) == 1


def test_a_campaign_made_earlier_by_the_services_clock_is_found_with_an_alarm(
    live_service: LiveService, tmp_path: Path, clock: Clock
) -> None:
    plan, served = live_left_unknown(live_service, tmp_path, clock)
    with served(created="2026-03-03T09:00:00Z") as ws:  # hours before, by a clock that is slow
        receipt = ws.ledger.reconcile(plan.id, found="campaign_1", by="ana")

    assert (receipt.status, receipt.campaign_id) == ("sent", "campaign_1")
    assert "WARNING: by the service's clock campaign_1 was created at 2026-03-03 09:00 UTC" in receipt.detail


@pytest.mark.parametrize(
    ("change", "says"),
    [({"name": "Other"}, "its name is 'Other', not 'Live'"), ({"message": "Bye"}, "its text is 'Bye', not 'Hi")],
    ids=["name", "text"],
)
def test_what_does_not_match_is_named(
    live_service: LiveService,
    tmp_path: Path,
    clock: Clock,
    change: dict[str, str],
    says: str,
) -> None:
    plan, served = live_left_unknown(live_service, tmp_path, clock)

    with served(**change) as ws, pytest.raises(OutcomeUnknown, match=says) as caught:
        ws.ledger.reconcile(plan.id, found="campaign_1", by="ana")

    assert (" and its " in str(caught.value)) is False


def test_a_campaign_the_embedded_service_made_on_a_slow_clock_is_found(
    tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock, draft: CampaignDraft
) -> None:
    sandbox.clock.set_speed(0)
    clock.move(hours=2)
    ws = connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock)
    plan = arrived(ws, wire, draft)
    clock.move(hours=5)

    assert ws.ledger.reconcile(plan.id).status == "sent"


def test_an_earlier_campaign_of_the_same_name_and_text_is_not_taken_for_it(
    ws: Workspace, wire: Wire, sandbox: Sandbox, draft: CampaignDraft, clock: Clock
) -> None:
    wire.after = LOST  # type: ignore[assignment]
    first = left(ws, draft)
    wire.after = None
    body = wire.bodies[0]
    url = f"{sandbox.base_url}/api/v1/workspace/{sandbox.workspace_id}/campaigns"
    with httpx.Client(transport=sandbox.transport(), headers={"X-API-KEY": sandbox.api_key}) as colleague:
        colleague.post(url, json=body | {"name": "Summer"}).raise_for_status()
    clock.move(minutes=30)
    second = broken_off(ws, wire, draft.model_copy(update={"name": "Summer"}))
    clock.move(minutes=11)

    assert ws.ledger.reconcile(first.id).status == "sent"
    assert ws.ledger.reconcile(second.id).status == "refused"


def test_an_id_in_an_answer_that_could_not_be_read_is_asked_for(
    live_service: LiveService, tmp_path: Path, clock: Clock
) -> None:
    plan, served = live_left_unknown(live_service, tmp_path, clock, answer={"id": "campaign_1"})
    clock.move(minutes=11)
    with served() as ws:
        with pytest.raises(OutcomeUnknown, match=r"did arrive: It is campaign campaign_1.*seax reconcile"):
            ws.ledger.reconcile(plan.id, found=None, by="ana", ask=lambda prompt: "not there")

        receipt = ws.ledger.reconcile(plan.id)

    assert (receipt.status, receipt.campaign_id) == ("sent", "campaign_1")


# Nothing


def test_nothing_is_not_taken_of_what_the_service_has(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock
) -> None:
    plan = arrived(ws, wire, draft)
    clock.move(minutes=11)

    with pytest.raises(OutcomeUnknown, match=r"did arrive: It is campaign campaign_.* `seax reconcile"):
        ws.ledger.reconcile(plan.id, found=None, by="ana")

    assert ws.get_plan(plan.id).state == "unknown"
    assert ws.ledger.reconcile(plan.id).status == "sent"


def test_nothing_is_taken_once_nothing_can_appear_any_more_and_says_how_long_and_why(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock
) -> None:
    plan = broken_off(ws, wire, draft)

    with pytest.raises(OutcomeUnknown, match=r"can wait in the network .* 10 have to pass.*after 17:10 UTC"):
        ws.ledger.reconcile(plan.id, found=None, by="ana")
    clock.move(minutes=10)
    ws.ledger.reconcile(plan.id, found=None, by="ana")

    again = ws.plan(draft)
    assert ws.send(again.approve(recipients=again.recipients, by="ana")).status == "sent"
    assert len(wire.posts) == 1


@pytest.mark.parametrize("typed", ["", "yes", "there", None])
def test_on_a_live_workspace_a_person_types_that_nothing_is_there(
    live_service: LiveService,
    tmp_path: Path,
    clock: Clock,
    typed: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan, served = live_left_unknown(live_service, tmp_path, clock)
    clock.move(minutes=11)
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return typed or ""

    with served() as ws:
        with pytest.raises(
            OutcomeUnknown, match="Confirm that nothing arrived, at a terminal" if typed is None else "No person"
        ):
            ws.ledger.reconcile(plan.id, found=None, by="ana", ask=None if typed is None else ask)
        assert not prompts
        monkeypatch.setattr(sys, "stdin", Terminal())
        if typed is not None:
            with pytest.raises(OutcomeUnknown, match="stays unknown"):
                ws.ledger.reconcile(plan.id, found=None, by="ana", ask=ask)
            assert "under Campaigns for 'Live'" in prompts[0]
        assert ws.get_plan(plan.id).state == "unknown"

        receipt = ws.ledger.reconcile(plan.id, found=None, by="ana", ask=lambda prompt: "not there")

    assert receipt.status == "refused"


# Imports


def rows(tmp_path: Path, *phones: str) -> ImportDraft:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["name,phone", *(f"New Person,{phone}" for phone in phones)]), encoding="utf-8")
    return ImportDraft(name="Spring fair", path=path)


NEW = ("+12025550181", "+12025550182")


def test_a_lost_import_is_found_among_the_contacts(
    ws: Workspace, wire: Wire, sandbox: Sandbox, tmp_path: Path, clock: Clock
) -> None:
    plan = arrived(ws, wire, rows(tmp_path, *NEW))
    sandbox.clock.advance(timedelta(minutes=1))

    receipt = ws.ledger.reconcile(plan.id)

    assert receipt.status == "sent"
    assert "2 of 2 numbers of the file are contacts, 2 of them added or changed since it was uploaded" in receipt.detail
    assert ws.send(ws.approvals.latest(plan.id)).repeated


def without_jobs(wire: Wire, patch: pytest.MonkeyPatch) -> None:
    """A service that has no call for jobs."""
    handle = wire.handle_request
    no = httpx.Response(404, json={"message": "no such path"})
    patch.setattr(wire, "handle_request", lambda request: no if "/jobs/" in request.url.path else handle(request))


def test_a_lost_import_is_settled_as_found_where_the_service_has_no_job_call(
    ws: Workspace, wire: Wire, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = arrived(ws, wire, rows(tmp_path, *NEW))
    sandbox.clock.advance(timedelta(minutes=1))
    without_jobs(wire, monkeypatch)

    receipt = ws.ledger.reconcile(plan.id, found="job_77", by="ana")

    assert (receipt.status, receipt.job_id) == ("sent", "job_77")


def test_an_import_that_did_not_arrive_is_not_found(
    ws: Workspace, wire: Wire, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = broken_off(ws, wire, rows(tmp_path, *NEW))
    without_jobs(wire, monkeypatch)
    clock.move(minutes=11)

    with pytest.raises(OutcomeUnknown, match="0 of 2 numbers of the file are contacts"):
        ws.ledger.reconcile(plan.id, found="job_77", by="ana")

    assert ws.ledger.reconcile(plan.id).status == "refused"


def test_contacts_that_were_there_before_do_not_tell_whether_a_file_arrived(
    ws: Workspace, wire: Wire, tmp_path: Path, clock: Clock
) -> None:
    known = ws.contacts()["phone"].dropna().iloc[0]
    plan = broken_off(ws, wire, rows(tmp_path, known))
    clock.move(minutes=11)

    with pytest.raises(OutcomeUnknown, match=r"the contacts do not show whether .* arrived.*--nothing"):
        ws.ledger.reconcile(plan.id)

    assert ws.ledger.reconcile(plan.id, found=None, by="ana").status == "refused"


def test_another_file_in_its_place_is_not_held_against_the_contacts(ws: Workspace, wire: Wire, tmp_path: Path) -> None:
    plan = arrived(ws, wire, rows(tmp_path, *NEW))
    assert plan.file
    assert plan.file.path
    plan.file.path.write_bytes(plan.file.path.read_bytes().replace(NEW[0].encode(), b"+12025550199"))

    with pytest.raises(OutcomeUnknown, match=r"is no longer here.*Look in SeaX under Contacts"):
        ws.ledger.reconcile(plan.id)


# A live workspace whose campaign can be looked at


def live_left_unknown(
    service: LiveService, tmp_path: Path, clock: Clock, *, answer: dict[str, str] | None = None
) -> tuple[Plan, Callable[..., Workspace]]:
    """A plan of a live workspace whose answer was lost or cut, and the workspace in which its campaign can be read."""

    def environ() -> Settings:
        told = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
        return Settings.from_environment(told)

    def lose(request: httpx.Request) -> httpx.Response:
        response = service._answer(request)
        if request.method == "POST":
            if answer is None:
                raise httpx.ReadTimeout("slow", request=request)
            return httpx.Response(200, json=answer)
        return response

    with connect(environ(), transport=httpx.MockTransport(lose), now=clock) as ws:
        plan = ws.plan(live_draft())
        with answered_form():
            approval = ws.approvals.approve(plan.id, recipients=3, by="ana", via="form")
        with pytest.raises(OutcomeUnknown):
            ws.send(approval)

    def served(created: str = "2026-03-03T17:00:00Z", **change: str) -> Workspace:
        known = {"id": "campaign_1", "name": "Live", "type": "SMS", "message": "Hi. Reply STOP.", "status": "finished"}
        times = {"created_time": created, "updated_time": created, "target_contact_count": 3}

        def handle(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/campaigns/campaign_1"):
                return httpx.Response(200, json=known | times | change)
            return service._answer(request)

        return connect(environ(), transport=httpx.MockTransport(handle), now=clock)

    return plan, served
