"""Where a difference has no interval there is no verdict, and the read-out and the memo say why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Clock
from tests.experiments.studies import registration
from tests.experiments.test_study import Ran
from toolkit.experiments.metric import Metric
from toolkit.sandbox import Sandbox
from toolkit.workspace import Workspace


@pytest.mark.parametrize(
    ("metric", "change", "words"),
    [
        (
            Metric(name="x", kind="mean", value="amount"),
            lambda f: f.assign(amount=0.0),
            "Everybody has the same amount",
        ),
        (
            Metric(name="x", kind="ratio", value="amount", per="items"),
            lambda f: f[f["is_plain"]].assign(items=1),
            "Nobody in 'friendly' has any items",
        ),
        (Metric(name="x"), lambda f: f.head(0), "No row of the frame is in the period"),
        (Metric(name="x"), lambda f: f.assign(contact_id="nobody"), "rows is of a contact of this workspace"),
    ],
)
def test_what_has_no_interval_is_not_compared(
    ws: Workspace, sandbox: Sandbox, clock: Clock, metric: Metric, change: Any, words: str
) -> None:
    rule = registration(metric=metric, spread=0.4, least_lift=0.3)
    ran = Ran(ws, sandbox, clock, registration=rule)
    ran.wait(hours=72)
    orders = ran.orders({"plain": 0.2, "friendly": 0.7})
    orders = orders.assign(is_plain=orders["contact_id"].isin(ran.plan.assigned["plain"]))

    result = ran.read(change(orders))

    assert (result.verdict, result.effects) == (None, ())
    assert words in result.problems[0]
    assert words in str(ws.experiments.memo(ran.plan.id, change(orders))).replace("&#x27;", "'").replace("&#39;", "'")
