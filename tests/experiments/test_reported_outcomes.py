"""What people did is counted by person where the service lists messages, and elsewhere refused with its reason."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import Clock, in_both_dialects
from tests.experiments.studies import draft, orders_of, pass_time, registration, send
from tests.filling import new_sandbox
from toolkit.audience.segment import Segment
from toolkit.experiments.metric import COMPLAINTS, Metric
from toolkit.experiments.registration import Guardrail
from toolkit.experiments.result import Result
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.sandbox.published import inbox
from toolkit.settings import Settings
from toolkit.texting.opt_out_replies import is_complaint
from toolkit.workspace import Workspace, connect

CLICKS = Metric(name="a click", source="clicks")
LINK = "Shoes: https://shop.example/shoes Reply STOP to opt out."
GREETED = "Hello you! Shoes: https://shop.example/shoes Reply STOP to opt out."
in_published = pytest.mark.parametrize("dialect", ["published"], indirect=True)


def planned(ws: Workspace, **changes: Any) -> Plan:
    return ws.plan(draft(message=LINK, messages={"friendly": GREETED}, **({"shorten_links": True} | changes)))


def read_later(ws: Workspace, sandbox: Sandbox, clock: Clock, plan: Plan) -> Result:
    send(ws, plan)
    at = ws.service_time() + timedelta(hours=1)
    pass_time(ws, sandbox, clock, hours=73)
    return ws.experiments.read_out(plan.id, orders_of(plan, {"plain": 0.1, "friendly": 0.7}, at=at))


def found(plan: Plan, code: str = "EXP003") -> list[str]:
    return [each.message for each in plan.findings if each.code == code]


@in_published
def test_clicks_are_counted_by_person_where_messages_are_listed(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    plan = planned(ws, registration=registration(metric=CLICKS))
    sent_at = ws.service_time()

    result = read_later(ws, sandbox, clock, plan)

    messages = ws.replies.messages(sent_at)
    is_clicked = (messages["clicks"] > 0) & (messages["first_click_time"] < result.until)
    clicked = set(messages[is_clicked & messages["campaign_id"].notna()]["contact_id"])
    assert not found(plan)
    assert {each.arm: each.total for each in result.arms} == {
        arm: len(clicked & set(ids)) for arm, ids in plan.assigned.items() if ids
    }
    assert sum(each.total for each in result.arms) > 0
    assert "Clicks of programs that open links are among those counted" in str(result)


@in_both_dialects
def test_a_plan_says_whether_clicks_and_complaints_are_known(ws: Workspace, dialect: str) -> None:
    guards = (Guardrail(metric=CLICKS, margin=0.1), Guardrail(metric=COMPLAINTS, margin=0.1))

    shown = found(planned(ws, registration=registration(guardrails=guards)))

    if dialect == "guide":
        assert len(shown) == 1
        assert "This service lists no messages" in shown[0]
        assert "a click, a complaint cannot be read out" in shown[0]
    else:
        assert shown == []


@in_published
def test_clicks_on_links_that_are_not_shortened_are_not_counted(ws: Workspace) -> None:
    shown = found(planned(ws, shorten_links=False, registration=registration(metric=CLICKS)))

    assert shown == ["Links are not shortened, so nobody's clicks are counted and a click cannot be read out."]


@pytest.mark.parametrize(("answer", "complains"), [("This is SPAM, I will report you!", True), ("Great shoes", False)])
def test_complaints_are_a_guardrail_by_person(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, answer: str, complains: bool
) -> None:
    monkeypatch.setattr(inbox, "_ANSWERS", (answer,))
    sandbox = new_sandbox(tmp_path / "answers.sqlite3", contacts=3_000, now=clock)
    sandbox.clock.advance(timedelta(minutes=15))
    ws = connect(Settings(home=tmp_path, dialect="published"), sandbox=sandbox, now=clock)
    rule = registration(guardrails=(Guardrail(metric=COMPLAINTS, margin=0.9),))
    plan = planned(ws, segment=Segment.any_of("newsletter", "vip_customers"), registration=rule)
    sent_at = ws.service_time()

    result = read_later(ws, sandbox, clock, plan)

    replies = ws.replies.since(sent_at)
    replies = replies[replies["text"] == answer]
    who = set(replies[replies["campaign_id"].notna() & (replies["created_time"] < result.until)]["contact_id"])
    friendly = set(plan.assigned["friendly"])
    assert who & friendly
    share = len(who & friendly) / len(friendly) if complains else 0.0
    assert result.guardrails[0].levels[0] == COMPLAINTS.said(share)  # type: ignore[union-attr]


def test_a_guardrail_on_complaints_that_nobody_can_count_is_open(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    guards = (Guardrail(metric=COMPLAINTS, margin=0.01),)

    result = read_later(ws, sandbox, clock, planned(ws, registration=registration(guardrails=guards)))

    assert "This service lists no replies, so nobody can say who complained" in str(result.guardrails[0])
    assert result.verdict is not None
    assert result.verdict.word == "extend"


@pytest.mark.parametrize(
    ("reply", "complains"),
    [
        ("SPAM!!", True),
        ("Who gave you my number?", True),
        ("Voy a denunciarlos", True),
        ("C'est du harcèlement", True),
        ("这是骚扰", True),
        ("STOP", False),
        ("Where is the shop?", False),
        ("Report card day, see you at 5", False),
    ],
)
def test_a_reply_is_a_complaint_if_it_names_one(reply: str, complains: bool) -> None:
    assert is_complaint(reply) is complains
