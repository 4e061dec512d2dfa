"""A campaign's first few: they go alone, and the rest when they performed well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from tests.builders import Clock
from tests.sending.step_plans import CANARY, Connect, canary_sent
from tests.wire import Wire
from toolkit.api.arrow_schemas import Page
from toolkit.errors import (
    AudienceChanged,
    CanaryStopped,
    PlanWithdrawn,
)
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox


def test_the_first_few_go_alone_and_the_rest_when_they_fared_well(
    under: Connect, wire: Wire, sandbox: Sandbox, clock: Clock, draft: CampaignDraft
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, first = canary_sent(ws, draft)
        assert (first.status, len(wire.posts)) == ("partial", 1)
        assert "after 17:10 UTC" in first.detail
        approval = ws.approvals.latest(plan.id)
        clock.move(minutes=9)
        assert ws.send(approval).status == "partial"
        assert len(wire.posts) == 1

        clock.move(minutes=1)
        whole = ws.send(approval)

        assert whole.status == "sent"
        assert len(whole.campaign_ids) == len(wire.posts) == 2
        reached = [set(ws.logs(each)["contact_id"]) for each in whole.campaign_ids]
        assert len(reached[0]) == 15
        assert not reached[0] & reached[1]
        assert reached[0] | reached[1] == set(plan.recipient_ids)


def test_a_canary_that_fares_badly_stops_the_rest(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    with under(CANARY) as ws:
        plan, first = canary_sent(ws, draft)
        clock.move(minutes=10)
        client, campaign = ws._client, ws._client.campaign

        def failing(campaign_id: str) -> object:
            found = campaign(campaign_id)
            if campaign_id != first.campaign_id or found.statistics is None:
                return found
            counted = found.statistics.model_copy(update={"total": 15, "sent": 5, "failed": 10, "bounced": 0})
            return found.model_copy(update={"statistics": counted})

        monkeypatch.setattr(client, "campaign", failing)

        with pytest.raises(CanaryStopped, match=r"66\.7% of the first 15 messages failed"):
            ws.send(ws.approvals.latest(plan.id))

        assert ws.get_plan(plan.id).state == "stopped"
        assert ws.send(ws.approvals.latest(plan.id)).repeated
        assert len(wire.posts) == 1
        assert "66.7%" in ws.ledger.events(plan.id)[-1].detail


@pytest.mark.parametrize("rows", ["all", "failed", "none"])
def test_a_canary_whose_counters_cannot_be_read_is_judged_by_its_log(
    under: Connect, clock: Clock, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch, rows: str
) -> None:
    with under(CANARY + ("canary_margin = 1.0" if rows == "all" else "")) as ws:
        plan, _ = canary_sent(ws, draft)
        clock.move(minutes=10)
        client, campaign, logs = ws._client, ws._client.campaign, ws._client.logs

        def uncounted(campaign_id: str) -> object:
            return campaign(campaign_id).model_copy(update={"statistics": None, "status": "finished"})

        def other_logs(campaign_id: str) -> object:
            listing = logs(campaign_id)
            if rows == "none":
                return replace(listing, fetch=lambda offset, limit: b'{"data": [], "total": 0}')
            return listing if rows == "all" else replace(listing, decode=lambda body: as_failed(listing.decode(body)))

        monkeypatch.setattr(client, "campaign", uncounted)
        monkeypatch.setattr(client, "logs", other_logs)
        approval = ws.approvals.latest(plan.id)

        if rows == "all":
            assert ws.send(approval).status == "sent"
            return
        with pytest.raises(CanaryStopped, match="shows no message of theirs" if rows == "none" else "100.0% of the"):
            ws.send(approval)
        assert ws.get_plan(plan.id).state == "stopped"


@pytest.mark.parametrize("status", ["canceled", "Terminated", "finished"])
def test_a_canary_that_was_canceled_stops_the_rest(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, first = canary_sent(ws, draft)
        campaign = ws._client.campaign

        def stopped(campaign_id: str) -> object:
            found = campaign(campaign_id)
            if campaign_id != first.campaign_id or found.statistics is None:
                return found
            rest = 5 if status == "finished" else 0  # some counters say it where the status does not
            counted = {"total": 15, "sent": 15 - rest, "failed": 0, "delivered": 5, "bounced": 0, "canceled": rest}
            statistics = found.statistics.model_copy(update=counted)
            return found.model_copy(update={"statistics": statistics, "status": status})

        monkeypatch.setattr(ws._client, "campaign", stopped)

        with pytest.raises(CanaryStopped, match="The first few were canceled"):
            ws.send(ws.approvals.latest(plan.id))

        assert ws.get_plan(plan.id).state == "stopped"
        assert len(wire.posts) == 1


def as_failed(page: Page) -> Page:
    failed = pa.array(["failed"] * page.rows.num_rows)
    return replace(page, rows=page.rows.set_column(page.rows.schema.get_field_index("status"), "status", failed))


def test_who_opts_out_of_the_canary_keeps_nobody_else_waiting(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, import_rows: Callable[..., None]
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, _ = canary_sent(ws, draft)
        person = ws.contacts().set_index("id").loc[plan.recipients_of(1)[0]]
        import_rows(f'{person["name"]},{person["phone"]},"vip_customers,DNC"')
        clock.move(minutes=10)

        assert ws.send(ws.approvals.latest(plan.id)).status == "sent"


@pytest.mark.parametrize("change", ["joins", "leaves"])
def test_the_rest_is_not_sent_to_others_than_were_approved(
    under: Connect, wire: Wire, clock: Clock, draft: CampaignDraft, import_rows: Callable[..., None], change: str
) -> None:
    with under(CANARY + "canary_margin = 1.0") as ws:
        plan, _ = canary_sent(ws, draft)
        person = ws.contacts().set_index("id").loc[plan.recipients_of(2)[0]]
        leaves = f'{person["name"]},{person["phone"]},"vip_customers,DNC"'
        import_rows(leaves if change == "leaves" else "New Person,+19995550001,vip_customers")
        clock.move(minutes=10)
        campaigns = [body for body in wire.posts if body.url.path.endswith("/campaigns")]

        with pytest.raises(AudienceChanged, match="1 contacts joined" if change == "joins" else "1 dropped out"):
            ws.send(ws.approvals.latest(plan.id))

        assert len([body for body in wire.posts if body.url.path.endswith("/campaigns")]) == len(campaigns) == 1


def test_a_stopped_plan_is_not_approved_again(under: Connect, draft: CampaignDraft) -> None:
    with under(CANARY) as ws:
        plan, _ = canary_sent(ws, draft)
        assert ws.ledger.close_plan(plan.id, "withdrawn", by="ana", via="code")

        with pytest.raises(PlanWithdrawn, match="stopped after a part"):
            plan.approve(recipients=plan.recipients, by="ana")


def test_a_small_campaign_needs_no_canary(under: Connect, draft: CampaignDraft) -> None:
    with under("canary_above = 1000") as ws:
        assert len(ws.plan(draft).steps) == 1
