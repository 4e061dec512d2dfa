"""What a service leaves out of its replies: the count when a campaign is created, and whose a message was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import Clock, campaign_draft
from toolkit.audience.segment import Segment
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


class Changing(httpx.BaseTransport):
    """Passes requests on, and changes what is answered to those whose path ends so."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self.changes: dict[str, Callable[[Any], None]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        for end, change in self.changes.items():
            if request.method == "GET" and request.url.path.endswith(end):
                body = json.loads(response.read())
                change(body)
                return httpx.Response(response.status_code, json=body)
        return response


@pytest.fixture
def wire(sandbox: Sandbox) -> Changing:
    return Changing(sandbox.transport())


@pytest.fixture
def ws(tmp_path: Path, sandbox: Sandbox, wire: Changing, clock: Clock) -> Iterator[Workspace]:
    with connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, transport=wire, now=clock) as ws:
        yield ws


def sent(ws: Workspace, sandbox: Sandbox) -> Receipt:
    plan = ws.plan(campaign_draft())
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(hours=8))
    return receipt


@pytest.mark.parametrize(("more", "is_said"), [(0, False), (1, True), (-1, True)])
def test_a_count_that_comes_later_is_compared_with_what_was_approved(
    ws: Workspace, sandbox: Sandbox, wire: Changing, more: int, is_said: bool
) -> None:
    receipt = sent(ws, sandbox)
    wire.changes[str(receipt.campaign_id)] = lambda body: body["statistics"].update(
        total=body["statistics"]["total"] + more, delivered=body["statistics"]["delivered"] + more
    )
    said = f"the service counts {receipt.recipients + more} recipients, {receipt.recipients} were approved"

    *_, last = ws.follow(str(receipt.campaign_id))
    report = ws.report(str(receipt.campaign_id))

    assert receipt.accepted is None
    assert (said in last.counters) == is_said
    assert (said in str(report.problems)) == is_said


def test_too_few_are_not_said_before_it_has_finished(ws: Workspace, sandbox: Sandbox, wire: Changing) -> None:
    receipt = sent(ws, sandbox)

    def unfinished(body: Any) -> None:
        body["status"] = "RUNNING"
        body["statistics"].update(dict.fromkeys(body["statistics"], 0) | {"total": 1, "sent": 1})

    wire.changes[str(receipt.campaign_id)] = unfinished

    assert ws.campaign(str(receipt.campaign_id)).counters == ""


def without_conversation(body: Any) -> None:
    for row in body["campaign_logs"]["data"]:
        row["message"]["conversation"] = None


def test_a_message_without_a_conversation_is_that_of_the_contact_with_its_number(
    ws: Workspace, sandbox: Sandbox, wire: Changing
) -> None:
    receipt = sent(ws, sandbox)
    campaign_id = str(receipt.campaign_id)
    whole = ws.logs(campaign_id)
    rule = Segment.received(campaign_id)
    received = set(ws.contacts(rule)["id"])
    person = ws.get_plan(receipt.plan_id).plan.recipient_ids[0]
    history = ws.history(person)
    wire.changes["/logs"] = without_conversation

    found = ws.logs(campaign_id)

    assert found["contact_id"].tolist() == whole["contact_id"].tolist()
    assert found.attrs == whole.attrs
    assert ws.ledger.check_campaign_recipients(campaign_id).is_exact
    assert ws.history(person).deliveries == history.deliveries
    assert set(ws.contacts(rule)["id"]) == received
    assert received


def test_a_number_that_no_contact_has_stays_without_one(ws: Workspace, sandbox: Sandbox, wire: Changing) -> None:
    receipt = sent(ws, sandbox)

    def strange(body: Any) -> None:
        without_conversation(body)
        body["campaign_logs"]["data"][0]["to_number"] = "+19995559999"

    wire.changes["/logs"] = strange

    found = ws.logs(str(receipt.campaign_id))

    assert found["contact_id"].isna().tolist() == (found["phone"] == "+19995559999").tolist()
    assert found["contact_id"].isna().sum() == 1


@pytest.mark.parametrize(
    ("changed", "severity", "why"),
    [
        ({"us_app_to_person_registered": False}, "block", "it is not registered"),
        ({"campaign_usecases": [{"campaign_status": "PENDING"}]}, "warn", "no use case of it is verified (PENDING)"),
        ({"campaign_usecases": []}, "", ""),
    ],
)
def test_what_the_carriers_know_of_the_senders_is_in_the_plan(
    ws: Workspace, wire: Changing, changed: dict[str, Any], severity: str, why: str
) -> None:
    assert "SND005" not in {finding.code for finding in ws.plan(campaign_draft("Registered")).findings}
    (service,) = ws._client.services()
    wire.changes[service.id] = lambda body: body.update(changed)

    found = [finding for finding in ws.plan(campaign_draft()).findings if finding.code == "SND005"]

    assert [finding.severity for finding in found] == [severity] * bool(severity)
    assert all(why in finding.message for finding in found)


def test_what_is_odd_in_a_registration_stops_no_plan(ws: Workspace, wire: Changing) -> None:
    (service,) = ws._client.services()
    for odd in (None, "many", [{"campaign_status": None, "rate_limits": {"att": {"mps": "75 a second"}}}]):
        wire.changes[service.id] = lambda body, odd=odd: body.update(  # type: ignore[misc]
            us_app_to_person_registered=None, campaign_usecases=odd
        )
        plan = ws.plan(campaign_draft())
        assert not any(finding.code == "SND005" and finding.is_blocking for finding in plan.findings)
