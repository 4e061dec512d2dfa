"""What counts toward the limits of a policy after a campaign was canceled: what had been sent, if that is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import Clock, campaign_draft, in_both_ledgers
from tests.wire import Wire
from toolkit.errors import LimitReached
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sandbox import Sandbox
from toolkit.sending.cancel import Cancellation
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

PER_PERSON, DAILY = "max_per_day = 1", "daily_messages = {size}"


class Limited:
    """A workspace that is opened again under one policy or another."""

    def __init__(self, home: Path, sandbox: Sandbox, clock: Clock, ledger: str | None) -> None:
        self.home, self.sandbox, self.clock, self.ledger = home, sandbox, clock, ledger
        self.start: datetime | None = None

    def under(self, policy: str = "") -> Workspace:
        (self.home / "policy.toml").write_text(policy, encoding="utf-8")
        settings = Settings(home=self.home, dialect="published")
        return connect(settings, sandbox=self.sandbox, transport=Wire(self.sandbox), now=self.clock, ledger=self.ledger)

    def plan(self, ws: Workspace, name: str) -> Plan:
        return ws.plan(campaign_draft(name).model_copy(update={"start_at": self.start}))

    def send(self, ws: Workspace, name: str) -> Receipt:
        plan = self.plan(ws, name)
        return ws.send(plan.approve(recipients=plan.recipients, by="ana"))


@pytest.fixture
def limited(tmp_path: Path, sandbox: Sandbox, clock: Clock, ledger_address: str | None) -> Limited:
    (tmp_path / "home").mkdir(mode=0o700)
    return Limited(tmp_path / "home", sandbox, clock, ledger_address)


@in_both_ledgers
def test_people_of_a_campaign_canceled_before_it_began_count_toward_no_limit(limited: Limited) -> None:
    with limited.under() as ws:
        limited.start = ws.service_time() + timedelta(hours=3)
        first = limited.send(ws, "First")
        with limited.under(PER_PERSON) as again:
            assert limited.plan(again, "Second").recipients == 0, "it counts until it is canceled"
        assert ws.cancel(str(first.campaign_id)).is_canceled

    with limited.under(f"{PER_PERSON}\n{DAILY.format(size=first.recipients)}") as ws:
        second = limited.send(ws, "Second")
        assert limited.plan(ws, "Third").recipients == 0
        assert ws.ledger.audit().is_whole

    assert (second.status, second.recipients) == ("scheduled", first.recipients)


def test_of_one_that_ran_what_was_sent_counts_and_everybody_as_it_is_not_known_who(
    limited: Limited, sandbox: Sandbox
) -> None:
    with limited.under() as ws:
        first = limited.send(ws, "First")
        sandbox.clock.advance(timedelta(seconds=0.5))
        sent = ws.cancel(str(first.campaign_id)).spent
    assert sent is not None
    assert 0 < sent < first.recipients

    with limited.under(PER_PERSON) as ws:
        assert limited.plan(ws, "Second").recipients == 0
    with limited.under(DAILY.format(size=first.recipients + sent - 1)) as ws, pytest.raises(LimitReached):
        limited.send(ws, "Second")
    with limited.under(DAILY.format(size=first.recipients + sent)) as ws:
        assert limited.send(ws, "Second").status == "sent"


def test_where_the_service_counts_none_everybody_counts(limited: Limited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cancellation, "spent", None)
    with limited.under() as ws:
        limited.start = ws.service_time() + timedelta(hours=3)
        first = limited.send(ws, "First")
        assert ws.cancel(str(first.campaign_id)).is_canceled

    with limited.under(PER_PERSON) as ws:
        assert limited.plan(ws, "Second").recipients == 0
    with limited.under(DAILY.format(size=first.recipients)) as ws, pytest.raises(LimitReached):
        limited.send(ws, "Second")
