"""What a live workspace and the ledger never hold or pass on: fictional numbers, keys, phones, others' plans."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.builders import KEY, Clock, live_draft
from tests.sending.approving import form_yes
from tests.wire import LiveService, fault
from toolkit.errors import (
    ConnectionLost,
    PlanChanged,
    PlanNotFound,
    Unauthorized,
)
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def test_a_live_workspace_texts_no_fictional_number(live: Workspace, live_service: LiveService) -> None:
    live_service.contacts[1]["phone"] = "+12025550147"

    plan = live.plan(live_draft())

    assert plan.recipient_ids == ("c0", "c2")
    assert {step.outcome: step.count for step in plan.waterfall} == {"locked": 1, "recipient": 2}


def test_a_key_that_the_service_repeats_is_not_passed_on(tmp_path: Path, clock: Clock) -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(401, json={"message": f"Invalid API key {request.headers['X-API-KEY']}"})

    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
    echoing = connect(Settings.from_environment(environ), transport=httpx.MockTransport(echo), now=clock)

    with pytest.raises(Unauthorized) as caught:
        echoing.contacts()

    assert KEY not in str(caught.value)
    assert "(key)" in str(caught.value)


def test_an_error_of_the_network_carries_no_key(tmp_path: Path, clock: Clock) -> None:
    broken = httpx.MockTransport(lambda request: fault(httpx.ReadTimeout("slow", request=request))())  # type: ignore[arg-type,return-value]
    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}

    with pytest.raises(ConnectionLost) as caught:
        connect(Settings.from_environment(environ), transport=broken, now=clock).contacts()

    cause = caught.value.__cause__
    assert isinstance(cause, httpx.RequestError)
    assert KEY not in str(list(cause.request.headers.raw))


def test_the_key_is_in_no_ledger_row_repr_or_plan(live: Workspace, tmp_path: Path) -> None:
    plan = live.plan(live_draft())
    approval = form_yes(live, plan)
    receipt = live.send(approval)

    shown = [
        repr(live),
        repr(plan),
        str(plan),
        plan._repr_html_(),
        repr(approval),
        repr(receipt),
        plan.model_dump_json(),
    ]
    assert not any(KEY in text for text in shown)
    assert KEY.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("ledger*"))


def test_full_phone_numbers_of_people_are_not_in_the_ledger(live: Workspace, tmp_path: Path) -> None:
    live.plan(live_draft())

    assert b"+99912345678" not in b"".join(path.read_bytes() for path in tmp_path.glob("ledger*"))


def test_a_plan_of_another_workspace_cannot_be_touched(
    live: Workspace, live_service: LiveService, tmp_path: Path, clock: Clock
) -> None:
    plan = live.plan(live_draft())
    approval = form_yes(live, plan)
    for env in ({"SEAX_WORKSPACE_ID": "w2"}, {"SEAX_BASE_URL": "https://staging.example"}):
        environ = {
            "SEAX_API_KEY": KEY,
            "SEAX_WORKSPACE_ID": "w1",
            "SEAX_HOME": str(tmp_path),
            "SEAX_MODE": "live",
        } | env
        other = connect(Settings.from_environment(environ), transport=live_service.transport, now=clock)

        assert other.plans() == []
        with pytest.raises(PlanNotFound):
            other.get_plan(plan.id)
        with pytest.raises(PlanNotFound):
            other.ledger.close_plan(plan.id, "declined", by="x", via="code")
        with pytest.raises(PlanNotFound):
            other.ledger.reconcile(plan.id, found=None, by="x")
        with pytest.raises(PlanNotFound):
            form_yes(other, plan)
        with pytest.raises(PlanChanged):
            other.send(approval)
        assert not live_service.posts
        assert other.plan(live_draft()).intent != plan.intent
