"""A workspace is a host and an id: what was sent under one address of it counts under every other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import KEY, Clock, live_draft
from tests.wire import LiveService
from toolkit.errors import LimitReached
from toolkit.plans.plan import Plan
from toolkit.plans.receipt import Receipt
from toolkit.sending import human_presence
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

OLD, NEW = "https://seax.example/bulk-sms-api", "https://SEAX.example:443/seax-api/"
Under = Callable[..., Workspace]


@pytest.fixture
def under(tmp_path: Path, live_service: LiveService, clock: Clock) -> Under:
    """The same live workspace under an address, with a policy."""

    def run(address: str, policy: str = "") -> Workspace:
        (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
        environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
        settings = Settings.from_environment(environ | {"SEAX_BASE_URL": address})
        return connect(settings, transport=live_service.transport, now=clock)

    return run


def sent(ws: Workspace, plan: Plan) -> Receipt:
    with human_presence.answered_form():
        return ws.send(ws.approvals.approve(plan.id, recipients=plan.recipients, by="ana", via="form"))


def test_one_draft_under_two_addresses_is_sent_once(under: Under, live_service: LiveService) -> None:
    with under(OLD) as ws:
        receipt = sent(ws, ws.plan(live_draft()))

    with under(NEW) as ws:
        again = ws.plan(live_draft())

    assert again.id == receipt.plan_id
    assert again.already_sent
    assert len(live_service.posts) == 1


def test_a_plan_approved_under_one_address_is_sent_under_the_other(under: Under, live_service: LiveService) -> None:
    with under(OLD) as ws:
        plan = ws.plan(live_draft())

    with under(NEW) as ws:
        assert [entry.plan.id for entry in ws.plans()] == [plan.id]
        assert sent(ws, plan).status == "sent"

    with under(OLD) as ws:
        assert ws.get_plan(plan.id).state == "sent"
        assert ws.campaign_ids() == ["campaign_1"]
    assert len(live_service.posts) == 1


def test_the_daily_limit_counts_every_address(under: Under, live_service: LiveService) -> None:
    with under(OLD) as ws:
        sent(ws, ws.plan(live_draft()))

    with under(NEW, "daily_messages = 5") as ws, pytest.raises(LimitReached, match="3 messages are sent"):
        sent(ws, ws.plan(live_draft().model_copy(update={"name": "Second"})))

    assert len(live_service.posts) == 1


def test_nobody_is_texted_more_often_than_the_policy_says_under_another_address(under: Under) -> None:
    with under(OLD) as ws:
        sent(ws, ws.plan(live_draft()))

    with under(NEW, "max_per_day = 1") as ws:
        plan = ws.plan(live_draft().model_copy(update={"name": "Second"}))

    assert plan.recipients == 0


def test_one_mirror_serves_every_address(under: Under, tmp_path: Path) -> None:
    with under(OLD) as ws:
        ws.mirror(tmp_path / "mirror").refresh()

    with under(NEW) as ws:
        assert ws.mirror(tmp_path / "mirror").refresh().contacts == 3
