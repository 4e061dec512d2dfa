"""The arms of an experiment are steps of one plan: each gets its own text once, and the control arm nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.builders import Clock
from tests.wire import Wire, fault
from toolkit.audience.segment import Segment
from toolkit.errors import AudienceChanged, DraftError, PlanChanged, Unreachable
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

SEGMENT = Segment.any_of("vip_customers")
EXPERIMENT = Experiment(name="opening", arms={"plain": 0.4, "friendly": 0.4, "control": 0.2}, holdout=0.1)
PLAIN, FRIENDLY = "Shoes are here. Reply STOP to opt out.", "Hello you! Shoes are here. Reply STOP to opt out."


def draft(**changes: object) -> CampaignDraft:
    fields = {
        "name": "Opening",
        "message": PLAIN,
        "segment": SEGMENT,
        "senders": ("Marketing Line",),
        "experiment": EXPERIMENT,
        "messages": {"friendly": FRIENDLY, "control": None},
    }
    return CampaignDraft(**(fields | changes))  # type: ignore[arg-type]  # what is wrong is the test's


def send(ws: Workspace, plan: Plan) -> Receipt:
    return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


def test_each_arm_gets_its_own_text_and_the_others_nothing(ws: Workspace, wire: Wire, sandbox: Sandbox) -> None:
    split = EXPERIMENT.split(ws.audience(SEGMENT))
    plan = ws.plan(draft())

    receipt = send(ws, plan)

    assert [(step.arm, step.recipients) for step in plan.steps] == [
        (arm, split.counts[arm]) for arm in ("plain", "friendly")
    ]
    assert [set(plan.recipient_ids[:n]) for n in [split.counts["plain"]]] == [set(split.ids("plain"))]
    assert set(plan.recipients_of(2)) == set(split.ids("friendly"))
    held_out = next(step.count for step in plan.waterfall if step.outcome == "held_out")
    assert held_out == len(split.held_out) + split.counts["control"] > len(split.held_out) > 0
    assert receipt.status == "sent"
    assert [(body["name"], body["message"]) for body in wire.bodies] == [
        ("Opening, plain", PLAIN),
        ("Opening, friendly", FRIENDLY),
    ]
    sandbox.clock.advance(timedelta(hours=1))  # one dialect lists messages only once they were sent
    logs = ws.logs(receipt.campaign_ids)
    assert set(logs["contact_id"]) == set(plan.recipient_ids)


def test_the_person_sees_every_text_and_who_gets_none(ws: Workspace) -> None:
    shown = str(ws.plan(draft()))

    assert PLAIN in shown
    assert FRIENDLY in shown
    assert "control" in shown
    assert "gets nothing" in shown


def test_one_yes_sends_all_arms_and_a_second_nothing(ws: Workspace, wire: Wire) -> None:
    first = send(ws, ws.plan(draft()))

    again = send(ws, ws.plan(draft()))

    assert again.repeated
    assert (again.campaign_ids, len(wire.posts)) == (first.campaign_ids, 2)


def test_a_stop_between_two_arms_is_resumed_with_the_one_that_waits(ws: Workspace, wire: Wire) -> None:
    plan = ws.plan(draft())
    approval = plan.approve(recipients=plan.recipients, by="ana")
    wire.before = lambda: fault(httpx.ConnectError("no way"))() if wire.posts else None
    with pytest.raises(Unreachable):
        ws.send(approval)
    assert ws.get_plan(plan.id).state == "partial"
    wire.before = None

    receipt = ws.send(approval)

    assert receipt.status == "sent"
    assert [body["message"] for body in wire.bodies] == [PLAIN, FRIENDLY]


def test_the_arm_that_waits_is_not_sent_to_somebody_who_joined(
    ws: Workspace, wire: Wire, import_rows: Callable[..., None]
) -> None:
    plan = ws.plan(draft())
    approval = plan.approve(recipients=plan.recipients, by="ana")
    wire.before = lambda: fault(httpx.ConnectError("no way"))() if wire.posts else None
    with pytest.raises(Unreachable):
        ws.send(approval)
    wire.before = None
    import_rows(*(f"Newcomer,+1202555013{i},vip_customers" for i in range(10)))

    with pytest.raises(AudienceChanged, match="joined"):
        ws.send(approval)

    assert len(wire.posts) == 1


def test_another_text_of_an_arm_is_another_plan(ws: Workspace, wire: Wire) -> None:
    plan = ws.plan(draft())
    approval = plan.approve(recipients=plan.recipients, by="ana")
    other = ws.plan(draft(messages={"friendly": f"{FRIENDLY} Now!", "control": None}))
    assert other.digest != plan.digest
    assert other.intent != plan.intent
    prepare = ws._planner.prepare
    ws._planner.prepare = lambda was, **now: prepare(other.draft, **now)  # type: ignore[method-assign]

    with pytest.raises(PlanChanged, match="text"):
        ws.send(approval)

    assert not wire.posts


def test_what_a_text_of_one_arm_lacks_is_said_of_that_arm(ws: Workspace) -> None:
    plan = ws.plan(draft(messages={"friendly": "Hello you!", "control": None}))

    told = [finding.message for finding in plan.findings if finding.code == "MSG006"]

    assert [message.partition(":")[0] for message in told] == ["In friendly"]


def test_limits_are_held_against_all_arms_together(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text(
        "price_per_part = 0.01\nmax_cost = 0.5\ntest_send_above = 5", encoding="utf-8"
    )
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock) as ws:
        plan = ws.plan(draft())

    assert plan.cost is not None
    assert plan.cost.total_parts == plan.recipients
    assert max(step.recipients for step in plan.steps) * 0.01 < 0.5 < plan.recipients * 0.01
    assert {"CST001", "AUD012"} <= {finding.code for finding in plan.findings if finding.is_blocking}


def test_every_text_has_to_be_tested(tmp_path: Path, sandbox: Sandbox, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text('test_send_above = 5\ntest_numbers = ["+12025550188"]', encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, now=clock) as ws:
        alone = draft(name="Plain", experiment=None, messages={})
        send(ws, ws.plan(alone.as_test()))
        assert "AUD012" not in {finding.code for finding in ws.plan(alone).findings}
        assert "AUD012" in {finding.code for finding in ws.plan(draft()).findings}

        send(ws, ws.plan(draft().as_test()))

        assert "AUD012" not in {finding.code for finding in ws.plan(draft()).findings}


def test_the_first_few_of_every_arm_go_before_the_rest_of_any(
    tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock
) -> None:
    (tmp_path / "policy.toml").write_text("canary_above = 50\ncanary_size = 10", encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as ws:
        plan = ws.plan(draft())
        receipt = send(ws, plan)

    assert [(step.arm, step.is_canary) for step in plan.steps] == [
        ("plain", True),
        ("friendly", True),
        ("plain", False),
        ("friendly", False),
    ]
    assert (receipt.status, len(wire.posts)) == ("partial", 2)


def test_arms_by_zone_start_where_it_is_day(ws: Workspace) -> None:
    plan = ws.plan(draft(by_zone=True))

    assert {step.arm for step in plan.steps} == {"plain", "friendly"}
    assert all(step.start_at for step in plan.steps)
    assert send(ws, plan).status == "scheduled"


def test_a_test_shows_every_text(tmp_path: Path, sandbox: Sandbox, wire: Wire, clock: Clock) -> None:
    (tmp_path / "policy.toml").write_text('test_numbers = ["+12025550188"]', encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox, transport=wire, now=clock) as ws:
        send(ws, ws.plan(draft().as_test()))

    assert [body["content"] for body in wire.bodies] == [PLAIN, FRIENDLY]


def test_a_draft_that_names_no_arm_or_none_with_a_text_is_refused() -> None:
    with pytest.raises(DraftError, match="did you mean friendly"):
        draft(messages={"freindly": "Hi"})
    with pytest.raises(DraftError, match="set `experiment`"):
        draft(experiment=None)
    with pytest.raises(DraftError, match="o arm of the experiment gets a message"):
        draft(messages=dict.fromkeys(EXPERIMENT.arms))
