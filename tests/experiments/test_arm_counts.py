"""How arms stand, by person, with the verdict that the read-out gives, and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Clock, in_both_dialects
from tests.experiments.studies import draft, pass_time, registration, send
from toolkit.errors import DraftError, ToolkitError
from toolkit.experiments.metric import OPT_OUTS, Metric
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

LINK = "Shoes: https://shop.example/shoes Reply STOP to opt out."
GREETED = "Hello you! Shoes: https://shop.example/shoes Reply STOP to opt out."
OPTED_OUT = registration(metric=OPT_OUTS, guardrails=(), baseline=0.4)


def ran(ws: Workspace, sandbox: Sandbox, clock: Clock, *, hours: float = 73, **changes: Any) -> Plan:
    plan = ws.plan(draft(**changes))
    send(ws, plan)
    pass_time(ws, sandbox, clock, hours=hours)
    return plan


def test_arms_have_the_counts_of_the_read_out_and_its_verdict(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    plan = ran(ws, sandbox, clock, registration=OPTED_OUT, holdout=0.2)

    arms, result = ws.experiments.arms(plan.id), ws.experiments.read_out(plan.id)

    assert arms.verdict == str(result.verdict)
    assert [(each.arm, each.people, each.sent, each.delivered, each.opted_out) for each in arms.arms] == [
        (each.arm, each.assigned, each.sent, each.delivered, each.total) for each in result.arms
    ]
    assert arms.rows[-1][0] == "held out"
    assert arms.rows[-1][2:6] == ["–", "–", "–", "–"]
    first = arms.arms[0]
    assert first.delivered
    assert first.sent
    assert arms.rows[0][3] == f"{first.delivered:,} · {first.delivered / first.sent:.1%}"
    assert f"{first.people:,} people" in str(arms)
    assert arms.verdict in str(arms)


def test_before_its_time_it_says_from_when_on_arms_are_compared(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    several: tuple[dict[str, Any], ...] = (
        {"registration": OPTED_OUT},
        {"registration": registration(), "name": "Other", "experiment": "b"},
    )
    for changes in several:
        plan = ran(ws, sandbox, clock, hours=1, **changes)
        verdict = ws.experiments.arms(plan.id).verdict

        assert verdict.startswith("Too early: arms are compared from ")
        assert " to " not in verdict


def test_shares_are_shown_when_no_report_is_missing_or_those_missing_do_not_come(
    ws: Workspace, sandbox: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = ran(ws, sandbox, clock, hours=0.01)

    early = ws.experiments.arms(plan.id)
    monkeypatch.setattr("toolkit.groups.experiments.REPORTED_WITHIN", timedelta(seconds=30))
    late = ws.experiments.arms(plan.id)

    assert not early.settled
    assert early.rows[0][4] == f"{early.arms[0].waiting:,}" != "0"
    assert "%" not in str(early)
    assert "Shares are shown when all have a report, or 3 days after the last start." in str(early)
    assert late.settled
    assert late.arms[0].waiting
    assert "%" in late.rows[0][3]


def test_what_is_counted_from_orders_has_no_verdict_without_them(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    plan = ran(ws, sandbox, clock)

    assert ws.experiments.arms(plan.id).verdict == (
        "“an order” is counted from your own orders: with them, "
        "ws.experiments.read_out(plan_id, orders) has the verdict."
    )


def test_what_was_not_registered_has_no_verdict(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    plan = ran(ws, sandbox, clock, registration=None)

    assert "Nothing was registered" in ws.experiments.arms(plan.id).verdict


def test_a_refusal_of_the_read_out_is_said_in_its_words(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    clicks = registration(metric=Metric(name="a click", source="clicks"), guardrails=())
    plan = ran(ws, sandbox, clock, registration=clicks, message=LINK, messages={"friendly": GREETED})

    with pytest.raises(ToolkitError) as refused:
        ws.experiments.read_out(plan.id)
    assert ws.experiments.arms(plan.id).verdict == str(refused.value)


@in_both_dialects
def test_clicks_are_counted_by_person_or_by_campaign_and_dashed_where_nobody_counts_them(
    ws: Workspace, sandbox: Sandbox, clock: Clock, dialect: str
) -> None:
    texts: dict[str, Any] = {"message": LINK, "messages": {"friendly": GREETED}, "registration": None}
    since = ws.service_time()
    counted = ran(ws, sandbox, clock, shorten_links=True, **texts)
    plain = ran(ws, sandbox, clock, name="Plain", experiment="b", **texts)

    found = {each.arm: each.clicked for each in ws.experiments.arms(counted.id).arms}

    entry = ws.get_plan(counted.id)
    assert entry.receipt
    if dialect == "guide":
        ids = {step.arm: each.campaign_id for step, each in zip(counted.steps, entry.receipt.steps, strict=True)}
        assert found == {arm: ws.campaign(each or "").clicks for arm, each in ids.items()}
    else:
        messages = ws.replies.messages(since)
        ours = messages["campaign_id"].isin(entry.receipt.campaign_ids)
        clicked = set(messages[ours & (messages["clicks"] > 0)]["contact_id"])
        assert found == {arm: len(clicked & set(ids)) for arm, ids in counted.assigned.items() if ids}
    assert sum(each or 0 for each in found.values()) > 0
    arms = ws.experiments.arms(plain.id)
    assert [each.clicked for each in arms.arms] == [None, None]
    assert [row[5] for row in arms.rows] == ["–", "–"]


def test_a_plan_without_arms_or_that_is_still_to_be_sent_is_refused(ws: Workspace) -> None:
    later = ws.plan(draft(start_at=ws.service_time() + timedelta(hours=30)))
    send(ws, later)
    plain = ws.plan(draft(name="Plain").model_copy(update={"experiment": None, "messages": {}}))

    with pytest.raises(ToolkitError, match="No message of this experiment has been sent yet"):
        ws.experiments.arms(later.id)
    with pytest.raises(DraftError, match="has no experiment"):
        ws.experiments.arms(plain.id)
