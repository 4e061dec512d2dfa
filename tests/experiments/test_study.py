"""An experiment is read out by what was registered, from orders of whoever was drawn, when its time has come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from tests.builders import Clock
from tests.experiments.studies import draft, first, orders_of, pass_time, registration, send
from toolkit import plots
from toolkit.errors import DraftError, ToolkitError, UnknownColumn
from toolkit.experiments.metric import FAILURES, Metric
from toolkit.experiments.registration import Guardrail
from toolkit.experiments.result import Result
from toolkit.plans.plan import Plan
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace

HOUR = timedelta(hours=1)


class Ran:
    """An experiment that was sent, with the clocks in hand."""

    def __init__(self, ws: Workspace, sandbox: Sandbox, clock: Clock, **changes: Any) -> None:
        self.ws, self._sandbox, self._clock = ws, sandbox, clock
        self.plan: Plan = ws.plan(draft(**changes))
        send(ws, self.plan)
        self.sent_at = ws.service_time()
        self.wait(hours=1)

    def wait(self, **by: float) -> None:
        pass_time(self.ws, self._sandbox, self._clock, **by)

    def orders(self, shares: dict[str, float], **changes: Any) -> pd.DataFrame:
        return orders_of(self.plan, shares, at=self.sent_at + 10 * HOUR, **changes)

    def read(self, orders: Any = None) -> Result:
        return self.ws.experiments.read_out(self.plan.id, orders)


@pytest.fixture
def ran(ws: Workspace, sandbox: Sandbox, clock: Clock) -> Ran:
    return Ran(ws, sandbox, clock)


def test_a_gain_that_was_wanted_is_shipped(ran: Ran) -> None:
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.1, "friendly": 0.7}))

    assert result.verdict is not None
    assert (result.verdict.word, result.verdict.arm) == ("ship", "friendly")
    assert [(each.arm, each.total, each.assigned) for each in result.arms] == [
        (arm, round(share * len(ran.plan.assigned[arm])), len(ran.plan.assigned[arm]))
        for arm, share in (("plain", 0.1), ("friendly", 0.7))
    ]
    assert "an opt-out" in str(result.guardrails[0])
    assert result.guardrails[0].state == "holds"


def test_a_gain_below_what_was_wanted_is_stopped(ran: Ran) -> None:
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.2, "friendly": 0.2}))

    assert result.verdict is not None
    assert result.verdict.word == "stop"
    assert "All of the interval lies below 30.0 points" in result.verdict.why


def test_what_cannot_be_told_is_extended_by_so_many_people(ran: Ran) -> None:
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.1, "friendly": 0.35}))

    assert result.verdict is not None
    assert result.verdict.word == "extend"
    assert (result.verdict.people or 0) > min(each.assigned for each in result.arms)
    assert "the measured gain is below 30.0 points" in result.verdict.why


def test_a_peek_gives_no_verdict(ran: Ran) -> None:
    result = ran.read(ran.orders({"plain": 0.1, "friendly": 0.7}))

    assert (result.verdict, result.effects, result.lift) == (None, (), None)
    assert result.problems[0].startswith("Too early: arms are compared from ")
    assert any(row[0].startswith("To be counted from ") for row in result.describe()[-1].rows)


def test_looks_that_were_registered_may_be_early(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    ran = Ran(ws, sandbox, clock, registration=registration(analysis="always_valid", least_lift=0.4))
    ran.wait(hours=20)
    orders = ran.orders({"plain": 0.05, "friendly": 0.95})

    early = ran.read(orders)

    fixed = early.effects[0]
    assert early.verdict is not None
    assert early.until == ws.service_time()
    assert fixed.high - fixed.low > 0.2


def test_orders_before_and_after_the_span_do_not_count(ran: Ran) -> None:
    ran.wait(hours=72)
    arms = {"plain": 0.5, "friendly": 0.5}
    early = orders_of(ran.plan, arms, at=ran.sent_at - HOUR)
    late = orders_of(ran.plan, arms, at=ran.sent_at + 60 * HOUR)

    result = ran.read(pd.concat([early, late]))

    assert [each.total for each in result.arms] == [0, 0]


def test_times_of_another_zone_are_the_same_times(ran: Ran) -> None:
    ran.wait(hours=72)
    orders = ran.orders({"plain": 0.1, "friendly": 0.7})

    elsewhere = orders.assign(time=orders["time"].dt.tz_convert("America/New_York"))

    assert ran.read(elsewhere).arms == ran.read(orders).arms


def test_who_is_named_by_phone_in_any_writing_is_found(ran: Ran) -> None:
    ran.wait(hours=72)
    ids = ran.orders({"plain": 0.1, "friendly": 0.7})
    phones = ran.ws.contacts().set_index("id")["phone"]
    written = [f"{p[:2]} ({p[2:5]}) {p[5:8]}-{p[8:]}" for p in phones.loc[ids["contact_id"]]]
    by_phone = registration(metric=Metric(name="an order", by="phone"))

    other = ran.ws.plan(draft(name="By phone", experiment="by phone", registration=by_phone))
    send(ran.ws, other)
    sent_at = ran.ws.service_time()
    ran.wait(hours=72)
    result = ran.ws.experiments.read_out(other.id, pd.DataFrame({"phone": written, "time": sent_at + HOUR}))

    assert sum(each.total for each in result.arms) == len(set(ids["contact_id"]) & set(other.recipient_ids))


def test_what_was_odd_about_the_rows_is_said(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    ran = Ran(ws, sandbox, clock, registration=registration(metric=Metric(name="an order", value="amount")))
    ran.wait(hours=72)
    orders = ran.orders({"plain": 0.2, "friendly": 0.7})
    strange = orders.head(3).assign(contact_id="somebody else")
    returns = orders.head(2).assign(amount=-40.0)

    result = ran.read(pd.concat([orders, orders.head(1), strange, returns]))

    assert result.notes == (
        f"{len(orders) + 6:,} rows are in the period that counts.",
        "3 of them are of nobody who was assigned: their contact_id is that of no contact.",
        "1 row has the person, time and value of another one; without an order id all were counted.",
        "2 rows are returns (below 0), counted against the orders of the same person.",
    )
    assert sum(each.total for each in result.arms) == len(orders) - 1  # one returned all, the other had two orders


def test_returns_are_subtracted_and_repeated_orders_counted_once(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    spending = Metric(name="amount", kind="mean", value="amount", order="order")
    rule = registration(metric=spending, least_lift=30.0, baseline=4.0, spread=20.0)
    ran = Ran(ws, sandbox, clock, registration=rule)
    ran.wait(hours=72)
    orders = ran.orders({"plain": 0.1, "friendly": 0.5}).assign(order=lambda f: [f"o{i}" for i in range(len(f))])
    returned = orders.tail(1).assign(amount=-10.0)

    result = ran.read(pd.concat([orders, orders.head(4), returned]))

    sums = {arm: 40.0 * len(first(ran.plan.assigned[arm], share)) for arm, share in (("plain", 0.1), ("friendly", 0.5))}
    assert {each.arm: pytest.approx(each.total) for each in result.arms} == sums | {"friendly": sums["friendly"] - 10}
    assert "4 rows repeat an order, which counts once." in result.notes
    assert "1 row is a return (below 0), subtracted." in result.notes


def test_everybody_texted_is_held_against_who_was_held_out(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    ran = Ran(ws, sandbox, clock, holdout=0.3, registration=registration(least_lift=0.35))
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.5, "friendly": 0.5, "held out": 0.1}))

    assert result.lift is not None
    assert (result.lift.arm, result.lift.other) == ("texted", "held out")
    assert 0.2 < result.lift.difference < 0.6
    assert result.arms[-1].sent is None


def test_a_guardrail_on_clicks_that_nobody_can_count_by_person_is_open_with_its_reason(
    ws: Workspace, sandbox: Sandbox, clock: Clock
) -> None:
    clicks = Guardrail(metric=Metric(name="a click", source="clicks"), margin=0.05)
    rule = registration(guardrails=(*registration().guardrails, clicks))
    ran = Ran(ws, sandbox, clock, registration=rule)
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.1, "friendly": 0.7}))

    assert [each.state for each in result.guardrails] == ["holds", "open"]
    assert "a click, at most +5.0 points worse: open. This service reports clicks" in str(result.guardrails[1])
    assert result.verdict is not None
    assert (result.verdict.word, result.verdict.people) == ("extend", None)
    assert "a click cannot be judged" in result.verdict.why
    assert "This service reports clicks" in str(plots.guardrails(result))
    assert "This service reports clicks" in str(ws.experiments.memo(ran.plan.id, ran.orders({"plain": 0.1})))


def test_failures_are_a_guardrail_by_person(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    rule = registration(guardrails=(Guardrail(metric=FAILURES, margin=0.9),))
    ran = Ran(ws, sandbox, clock, registration=rule)
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.1, "friendly": 0.7}))

    logs = ws.logs(ws.get_plan(ran.plan.id).receipt.campaign_ids)  # type: ignore[union-attr]
    lost = set(logs[logs["status"].isin(["failed", "undelivered", "bounced"])]["contact_id"])
    failed = result.guardrails[0]
    share = len(lost & set(ran.plan.assigned["friendly"])) / len(ran.plan.assigned["friendly"])
    assert failed.levels[0] == FAILURES.said(share)
    assert failed.state == "holds"


def test_segments_show_how_the_effect_differs(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    ran = Ran(ws, sandbox, clock, registration=registration(segments=("field.customer_tier",)))
    ran.wait(hours=72)

    result = ran.read(ran.orders({"plain": 0.1, "friendly": 0.7}))

    by_tier = result.segments[0]
    assert by_tier.column == "field.customer_tier"
    assert 0 <= by_tier.interaction_p <= 1
    spread = [abs(each.shrunk - 0.6) <= abs(each.difference - 0.6) + 0.1 for each in by_tier.segments]
    assert all(spread)


def test_another_experiment_on_the_same_people_is_looked_at(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    ran = Ran(ws, sandbox, clock)
    other = ws.plan(draft(name="Other", experiment="other"))
    send(ws, other)
    ran.wait(hours=72)
    spoiled = set(other.assigned["friendly"])
    orders = ran.orders({"plain": 0.1, "friendly": 1.0})
    is_spoiled = orders["contact_id"].isin(spoiled) & orders["contact_id"].isin(ran.plan.assigned["friendly"])

    result = ran.read(orders[~is_spoiled])

    found = result.segments[-1]
    assert found.column == "the experiment other"
    assert found.interaction_p < 0.01
    assert any("In the experiment 'other', too: " in line for line in result.checks)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda f: f.rename(columns={"time": "when"}), UnknownColumn, "no column 'time'.*registered with"),
        (lambda f: f.assign(time=f["time"].dt.tz_localize(None)), ToolkitError, "not a time with a zone"),
        (lambda f: None, ToolkitError, "counted from orders: pass a frame"),
        (lambda f: [1, 2], ToolkitError, "Orders are a frame of pandas, Polars, DuckDB or Spark"),
        (lambda f: pd.concat([f, f[["time"]]], axis=1), ToolkitError, "whose columns differ in their names"),
    ],
)
def test_a_frame_that_cannot_be_read_is_refused(ran: Ran, change: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ran.read(change(ran.orders({"plain": 0.1, "friendly": 0.7})))


def test_without_a_registration_there_is_no_rule(ws: Workspace, sandbox: Sandbox, clock: Clock) -> None:
    ran = Ran(ws, sandbox, clock, registration=None)

    with pytest.raises(DraftError, match="Nothing was registered"):
        ran.read(ran.orders({"plain": 0.1}))
