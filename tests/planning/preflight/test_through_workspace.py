"""Preflight as people meet it: in plans of a workspace, live or embedded, and once more just before a send."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import KEY, Clock, campaign_draft
from tests.wire import LiveService
from toolkit.audience.segment import Segment
from toolkit.errors import PlanBlocked
from toolkit.models import CampaignType
from toolkit.plans.draft import CampaignDraft, MessageDraft, MessagesDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

TEXT = "Hello. Reply STOP to opt out."
NIGHT = 12  # hours after the start of tests, when it is five in the morning in Britain


def live_draft(**changes: object) -> CampaignDraft:
    fields = {"name": "Sale", "message": TEXT, "senders": ("Shop",)}
    return CampaignDraft.model_validate(fields | {"segment": Segment.any_of("vip")} | changes)


def of(plan: Plan, code: str) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == code]


def test_at_night_a_live_campaign_is_blocked_and_says_when_it_may_go(live: Workspace, clock: Clock) -> None:
    clock.move(hours=NIGHT)

    plan = live.plan(live_draft())

    (night,) = of(plan, "TIM001")
    assert night.is_blocking
    assert plan.is_blocked
    assert "Start at 2026-03-04T08:00+00:00" in night.fix
    assert night.contacts == 3


def test_a_reason_lifts_the_night_and_is_in_the_ledger(live: Workspace, clock: Clock) -> None:
    clock.move(hours=NIGHT)

    plan = live.plan(live_draft(overrides={"TIM001": "the customer asked for it"}))

    assert not plan.is_blocked
    assert "OVERRIDDEN" in str(plan)
    assert "the customer asked for it" in str(plan)
    assert "TIM001 overridden: the customer asked for it" in live.ledger.events(plan.id)[0].detail
    assert of(live.get_plan(plan.id).plan, "TIM001")[0].override == "the customer asked for it"


def test_a_list_of_personal_messages_is_held_to_the_hours_of_a_campaign(live: Workspace, clock: Clock) -> None:
    clock.move(hours=NIGHT)

    plan = live.plan(MessagesDraft(name="All", message="Hi {name}!", contact_ids=("c0", "c1"), sender="Shop"))

    assert of(plan, "TIM001")[0].is_blocking
    assert of(plan, "MSG006")


def test_a_scheduled_live_campaign_is_held_against_its_own_start(live: Workspace, clock: Clock) -> None:
    clock.move(hours=NIGHT)

    plan = live.plan(live_draft(start_at="2026-03-04T10:00:00+00:00"))

    assert not of(plan, "TIM001")


def test_at_night_the_embedded_workspace_only_warns(ws: Workspace, clock: Clock) -> None:
    clock.move(hours=NIGHT)

    plan = ws.plan(campaign_draft())

    assert {finding.severity for finding in of(plan, "TIM001")} == {"warn"}
    assert not plan.is_blocked


def test_who_had_a_text_today_is_told_before_the_next(ws: Workspace) -> None:
    first = ws.plan(campaign_draft())
    ws.send(first.approve(recipients=first.recipients, by="ana"))

    second = ws.plan(campaign_draft(name="Another"))

    told = of(second, "AUD008")
    assert [(finding.severity, finding.contacts) for finding in told] == [("warn", first.recipients)]


def test_a_policy_wants_a_test_send_of_the_same_text(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text("test_send_above = 5", encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock) as ws:
        assert of(ws.plan(campaign_draft()), "AUD012")
        person = ws.plan(campaign_draft()).recipient_ids[0]
        trial = ws.plan(MessageDraft(message=TEXT, contact_id=person, sender="Marketing Line"))
        ws.send(trial.approve(recipients=1, by="ana"))

        assert not of(ws.plan(campaign_draft()), "AUD012")


def test_an_empty_list_of_senders_allows_nobody(tmp_path: Path, live_service: LiveService, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text("senders = []", encoding="utf-8")
    settings = Settings.from_environment({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path)})
    with connect(settings, transport=live_service.transport, now=clock) as ws:
        assert of(ws.plan(live_draft()), "SND003")


def test_a_personal_message_is_filled_and_that_is_what_leaves(ws: Workspace, sandbox: Sandbox) -> None:
    person = ws.contacts(campaign_draft().segment).query("name.notna()").iloc[0]
    draft = MessageDraft(message="Hi {NAME}, see you!", contact_id=person["id"], sender="Marketing Line")

    plan = ws.plan(draft)

    assert plan.previews[0].text == f"Hi {person['name']}, see you!"
    assert not of(plan, "MSG005")


def test_a_personal_message_with_nothing_to_fill_in_is_blocked(ws: Workspace) -> None:
    person = ws.contacts(campaign_draft().segment).iloc[0]
    draft = MessageDraft(message="Hi {shoe size}", contact_id=person["id"], sender="Marketing Line")

    plan = ws.plan(draft)

    with pytest.raises(PlanBlocked, match="would stand as written"):
        plan.approve(recipients=plan.recipients, by="ana")


@pytest.mark.parametrize("type_", ["AI_AGENT", "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"])
def test_what_cannot_be_planned_here_is_blocked(ws: Workspace, type_: CampaignType) -> None:
    plan = ws.plan(campaign_draft().model_copy(update={"type": type_}))

    assert of(plan, "TYP001") or of(plan, "WAP001")
    assert plan.is_blocked


@pytest.mark.parametrize(("domains", "is_asked"), [('["example.com"]', True), ('["example.org"]', False)])
def test_planning_asks_no_address_that_the_policy_does_not_name(
    tmp_path: Path, live_service: LiveService, clock: Clock, domains: str, is_asked: bool
) -> None:
    (tmp_path / "policy.toml").write_text(f"link_domains = {domains}", encoding="utf-8")
    settings = Settings.from_environment({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path)})
    with connect(settings, transport=live_service.transport, now=clock) as ws:
        plan = ws.plan(live_draft(type="MMS", media_urls=("https://img.example.com/a.jpg",)))

    assert bool(of(plan, "MMS004")) is is_asked  # the service of the test answers with JSON
