"""How much may happen: set outside, lowered in code, and stopped by a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders import KEY, Clock, live_draft
from tests.wire import LiveService, Wire
from toolkit.errors import Halted, ModeForbids, SettingsError
from toolkit.plans.draft import CampaignDraft
from toolkit.sandbox import Sandbox
from toolkit.sending.human_presence import answered_form
from toolkit.sending.kill_switch import KillSwitch
from toolkit.settings import MODES, Mode, Settings
from toolkit.workspace import Workspace, connect


def live_settings(home: Path, **more: str) -> Settings:
    return Settings.from_environment({"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(home)} | more)


def test_a_real_workspace_is_careful_unless_the_environment_says_otherwise(tmp_path: Path) -> None:
    assert live_settings(tmp_path).mode == "draft"
    assert [live_settings(tmp_path, SEAX_MODE=mode).mode for mode in MODES] == list(MODES)
    assert Settings(home=tmp_path).mode == "live"
    assert Settings.from_environment({"SEAX_HOME": str(tmp_path), "SEAX_MODE": "read"}).mode == "read"


def test_a_mistyped_mode_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'Live' is not a mode"):
        live_settings(tmp_path, SEAX_MODE="Live")


@pytest.mark.parametrize("outside", MODES)
@pytest.mark.parametrize("asked", MODES)
def test_an_argument_lowers_the_mode_and_never_raises_it(
    tmp_path: Path, live_service: LiveService, outside: Mode, asked: Mode
) -> None:
    settings = live_settings(tmp_path, SEAX_MODE=outside)

    with connect(settings, mode=asked, transport=live_service.transport) as ws:
        assert MODES.index(ws.mode) == min(MODES.index(outside), MODES.index(asked))


def test_settings_made_in_code_cannot_be_live_on_a_real_workspace(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="set SEAX_MODE=live outside"):
        Settings(home=tmp_path, api_key=KEY, workspace_id="w1", mode="live")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["draft", "test"])
def test_below_live_nothing_is_sent_whoever_approved(
    live: Workspace, live_service: LiveService, tmp_path: Path, clock: Clock, mode: str
) -> None:
    plan = live.plan(live_draft())
    with answered_form():
        approval = live.approvals.approve(plan.id, recipients=3, by="ana", via="form")
    careful = live_settings(tmp_path, SEAX_MODE=mode)

    with (
        connect(careful, transport=live_service.transport, now=clock) as ws,
        pytest.raises(ModeForbids, match="set SEAX_MODE=live"),
    ):
        ws.send(approval)

    assert not live_service.posts
    assert live.get_plan(plan.id).state == "approved"


def test_who_may_only_read_plans_and_approves_nothing(
    tmp_path: Path, sandbox: Sandbox, clock: Clock, draft: CampaignDraft, ws: Workspace, wire: Wire
) -> None:
    plan = ws.plan(draft)
    with connect(Settings(home=tmp_path, mode="read"), sandbox=sandbox, transport=wire, now=clock) as reader:
        with pytest.raises(ModeForbids, match="does not allow you to plan"):
            reader.plan(draft)
        with pytest.raises(ModeForbids, match="does not allow you to approve"):
            reader.approvals.approve(plan.id, recipients=plan.recipients, by="ana", via="code")
        assert len(reader.contacts()) == 400

    assert [entry.state for entry in ws.plans()] == ["planned"]


def test_halting_stops_what_has_not_been_posted(
    ws: Workspace, wire: Wire, draft: CampaignDraft, tmp_path: Path
) -> None:
    plan = ws.plan(draft)
    approval = plan.approve(recipients=plan.recipients, by="ana")
    KillSwitch(tmp_path).halt(by="bob", why="wrong list")

    with pytest.raises(Halted, match=r"bob .*: wrong list.*seax resume"):
        ws.send(approval)

    assert not wire.posts
    assert ws.get_plan(plan.id).state == "approved"
    KillSwitch(tmp_path).resume()
    assert ws.send(approval).status == "sent"


def test_halting_while_contacts_are_read_again_stops_it_too(ws: Workspace, wire: Wire, draft: CampaignDraft) -> None:
    plan = ws.plan(draft)
    approval = plan.approve(recipients=plan.recipients, by="ana")
    prepare = ws._planner.prepare

    def prepare_and_halt(draft: CampaignDraft, **now: Any) -> object:
        prepared = prepare(draft, **now)
        ws.switch.halt(by="bob")
        return prepared

    ws._planner.prepare = prepare_and_halt  # type: ignore[method-assign,assignment]

    with pytest.raises(Halted):
        ws.send(approval)

    assert not wire.posts


def test_a_switch_that_cannot_be_read_counts_as_halted(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "halted").mkdir()

    with pytest.raises(Halted, match="cannot be read"):
        ws.switch.check()
