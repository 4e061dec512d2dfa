"""Segments that ask what became of messages, on a whole workspace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.builders import campaign_draft
from toolkit.audience.segment import Segment
from toolkit.errors import NotFound
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


def delivered(ws: Workspace, campaign_id: str) -> set[str]:
    log = ws.logs(campaign_id)
    return set(log.loc[log["status"] == "delivered", "contact_id"])


def sent_campaign(ws: Workspace, sandbox: Sandbox) -> str:
    plan = ws.plan(campaign_draft())
    receipt = ws.send(plan.approve(recipients=plan.recipients, by="ana"))
    sandbox.clock.advance(timedelta(hours=8))
    return str(receipt.campaign_id)


def test_who_received_a_campaign_is_left_out_of_the_next(ws: Workspace, sandbox: Sandbox) -> None:
    campaign_id = sent_campaign(ws, sandbox)
    again = campaign_draft().model_copy(update={"name": "Again", "segment": ~Segment.received(campaign_id)})

    plan = ws.plan(again)

    assert delivered(ws, campaign_id)
    assert not delivered(ws, campaign_id) & set(plan.recipient_ids)
    ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def test_delivered_lately_is_read_from_the_logs_of_all_known_campaigns(ws: Workspace, sandbox: Sandbox) -> None:
    campaign_id = sent_campaign(ws, sandbox)
    lately = Segment.parse("delivered in 1d")

    found = set(ws.contacts(lately)["id"])

    assert ws.campaign_ids() == [*sandbox.campaigns()]
    assert campaign_id in ws.campaign_ids()
    assert found == delivered(ws, campaign_id)
    assert lately.count(ws.snapshot(lately)) == len(found)


def test_a_tier_is_told_of_everybody(ws: Workspace) -> None:
    everybody = Segment.where("tier").is_present()
    contacts = ws.snapshot(everybody)

    tiers = {tier: Segment.parse(f"tier = {tier}").count(contacts) for tier in contacts.column("tier").unique()}

    assert sum(tiers.values()) == everybody.count(contacts) == len(contacts) == 400
    assert len(tiers) > 3


def test_a_campaign_that_is_not_there_is_refused(ws: Workspace) -> None:
    with pytest.raises(NotFound):
        ws.contacts(Segment.received("campaign_none"))
