"""An approval page on a team's ledger shows at once what another home plans."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.builders import Clock, campaign_draft
from tests.ledger.team import TeamLedger
from tests.ledger.test_news import LONG, until_somebody_waits
from tests.sending.interrupted.test_team_ledger_lost import opened
from tests.wire import Wire
from toolkit.approval_page import page_server
from toolkit.approval_page.page_server import ApprovalPage
from toolkit.sandbox import Sandbox


def test_an_open_list_shows_a_plan_of_another_home_long_before_it_would_look_again(
    tmp_path: Path, team: TeamLedger, sandbox: Sandbox, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_server, "_EVERY", 5 * LONG)
    with (
        opened(team.address("ana"), tmp_path / "ana", sandbox, wire, clock) as ana,
        opened(team.address("assistant"), tmp_path / "assistant", sandbox, wire, clock) as assistant,
        ThreadPoolExecutor(1) as browser,
    ):
        page = ApprovalPage(ana, from_terminal=True)
        html = page.answer({"token": page.address().rpartition("/")[2]})
        (key,) = set(re.findall('name="key" value="([^"]+)"', html))
        asked = browser.submit(page.answer, {"doing": "wait", "key": key})
        until_somebody_waits(team)

        plan = assistant.plan(campaign_draft())

        assert f'value="{plan.id}"' in asked.result(LONG)
        page.close()
