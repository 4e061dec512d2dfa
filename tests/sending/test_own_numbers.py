"""A test goes to the operator's own numbers, and to no others."""

from __future__ import annotations

import pytest

from tests.sending.step_plans import Connect, approved_and_sent
from tests.wire import Wire
from toolkit.errors import (
    ModeForbids,
    PlanBlocked,
)
from toolkit.plans.draft import CampaignDraft

OWN = 'test_numbers = ["+12025550147", "+12025550148"]\n'


def test_a_test_goes_to_the_operators_own_numbers_and_to_no_others(
    under: Connect, wire: Wire, draft: CampaignDraft
) -> None:
    with under(OWN) as ws:
        plan = ws.plan(draft.as_test())

        receipt = approved_and_sent(ws, plan)

    assert (receipt.status, plan.recipients) == ("sent", 2)
    assert [body["to_phone_number"] for body in wire.bodies] == ["+12025550147", "+12025550148"]
    assert {body["content"] for body in wire.bodies} == {draft.message}


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("", "lists no number"),
        ("test_numbers = []", "lists no number"),
        ('test_numbers = ["+999123456789"]', "texts no others"),
        ('test_numbers = ["555"]', "not written as"),
    ],
)
def test_without_numbers_of_ones_own_a_test_reaches_nobody(
    under: Connect, wire: Wire, draft: CampaignDraft, policy: str, says: str
) -> None:
    with under(policy) as ws:
        plan = ws.plan(draft.as_test())
        with pytest.raises(PlanBlocked, match=says):
            plan.approve(recipients=plan.recipients, by="ana")

    assert not wire.posts


def test_mode_test_sends_tests_and_nothing_else(under: Connect, wire: Wire, draft: CampaignDraft) -> None:
    with under(OWN, "test") as ws:
        with pytest.raises(ModeForbids):
            approved_and_sent(ws, ws.plan(draft))
        assert not wire.posts
        assert approved_and_sent(ws, ws.plan(draft.as_test())).status == "sent"

    with under(OWN, "draft") as ws, pytest.raises(ModeForbids, match="SEAX_MODE=test"):
        approved_and_sent(ws, ws.plan(draft.model_copy(update={"name": "other"}).as_test()))


def test_above_a_size_the_policy_wants_a_test_first(under: Connect, draft: CampaignDraft) -> None:
    with under(OWN + "test_send_above = 1") as ws:
        assert "AUD012" in {finding.code for finding in ws.plan(draft).findings}

        approved_and_sent(ws, ws.plan(draft.as_test()))

        assert "AUD012" not in {finding.code for finding in ws.plan(draft).findings}
        edited = draft.model_copy(update={"message": f"{draft.message} Now."})
        assert "AUD012" in {finding.code for finding in ws.plan(edited).findings}
