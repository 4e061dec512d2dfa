"""Whatever changes between the approval and the send stops it, or does not concern it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import Clock, campaign_draft, live_draft
from tests.sending.approving import form_yes, yes
from tests.wire import LiveService, Wire
from toolkit.errors import (
    AudienceChanged,
    PlanBlocked,
    PlanChanged,
    PlanExpired,
)
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect


def test_someone_opting_out_after_the_yes_stops_the_send(
    ws: Workspace, wire: Wire, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    plan = ws.plan(draft)
    approval = yes(plan)
    person = plan.audience.frame.iloc[0]
    import_rows(f'{person["name"]},{person["phone"]},"vip_customers,DNC"')
    wire.posts.clear()

    with pytest.raises(AudienceChanged, match="0 contacts joined and 1 dropped out") as caught:
        ws.send(approval)

    assert caught.value.removed == (person["id"],)
    assert not wire.posts


def test_someone_joining_after_the_yes_stops_the_send(
    ws: Workspace, wire: Wire, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    approval = yes(ws.plan(draft))
    import_rows("New Person,+19995550001,vip_customers")

    with pytest.raises(
        AudienceChanged, match=r"1 contacts joined and 0 dropped out; joined: New Person \+1999•••0001"
    ) as caught:
        ws.send(approval)

    assert len(caught.value.added) == 1
    assert not wire.posts


def test_an_unchanged_audience_is_sent_though_other_contacts_changed(
    ws: Workspace, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    approval = yes(ws.plan(draft))
    import_rows("New Person,+19995550001,new_subscribers")

    assert ws.send(approval).status == "sent"


def test_a_recipient_with_another_phone_stops_the_send(live: Workspace, live_service: LiveService) -> None:
    plan = live.plan(live_draft())
    approval = form_yes(live, plan)
    live_service.contacts[0]["phone"] = "+999123456799"

    with pytest.raises(AudienceChanged, match="other phone numbers"):
        live.send(approval)

    assert not live_service.posts


def test_a_plan_that_becomes_blocked_is_not_sent(live: Workspace, live_service: LiveService, clock: Clock) -> None:
    starts = clock.time.replace(hour=18)
    plan = live.plan(live_draft().model_copy(update={"start_at": starts}))
    approval = form_yes(live, plan)
    passed = replace(live._planner._sources, service_now=lambda: starts)
    live._planner._sources = passed  # the service's clock passes the start, ours does not

    with pytest.raises(PlanBlocked, match="in the past"):
        live.send(approval)

    assert not live_service.posts


def test_another_sender_number_stops_the_send(ws: Workspace, wire: Wire, sandbox: Sandbox, tmp_path: Path) -> None:
    approval = yes(ws.plan(campaign_draft()))
    renumbered = Renumbered(sandbox)
    other = connect(Settings(home=tmp_path), sandbox=sandbox, transport=renumbered, now=ws._now)

    with pytest.raises(PlanChanged, match="senders"):
        other.send(approval)

    assert not renumbered.posts


class Renumbered(Wire):
    """A service whose Marketing Line has another number."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path.endswith("/phones"):
            return httpx.Response(200, content=response.read().replace(b"+1234567890", b"+15550109999"))
        return response


def test_a_plan_that_expires_while_it_is_checked_again_is_not_sent(
    ws: Workspace, wire: Wire, draft: CampaignDraft, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    approval = yes(ws.plan(draft))
    prepare = ws._planner.prepare

    def slowly(draft: CampaignDraft, **now: Any) -> object:
        clock.move(minutes=31)
        return prepare(draft, **now)

    monkeypatch.setattr(ws._planner, "prepare", slowly)
    monkeypatch.setattr(ws._planner, "_sources", replace(ws._planner._sources, service_now=lambda: clock.time))

    with pytest.raises((PlanExpired, AudienceChanged)):
        ws.send(approval)

    assert not wire.posts
