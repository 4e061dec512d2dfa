"""The panel where a policy asks for signatures, on a service that is taken for a real one; the page is played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ipywidgets import Widget
from pydantic import SecretStr

from tests.builders import Clock
from tests.widgets.page import Browser, PageComm, controls, page_html
from tests.wire import LiveService
from toolkit.audience.segment import Segment
from toolkit.errors import ApprovalRefused
from toolkit.plans.draft import CampaignDraft
from toolkit.sending.approver_keys import Approvers
from toolkit.settings import Settings
from toolkit.widgets import SendPanel
from toolkit.workspace import Workspace, connect

PASSPHRASE = "seven green bottles"
DRAFT = CampaignDraft(name="Live", message="Hi. Reply STOP.", segment=Segment.any_of("vip"), senders=("Shop",))


@pytest.fixture
def service() -> LiveService:
    return LiveService()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text("signed_above = 0\n", encoding="utf-8")
    return path


@pytest.fixture
def live(tmp_path: Path, service: LiveService, clock: Clock, policy: Path) -> Iterator[Workspace]:
    environ = {"SEAX_API_KEY": "0" * 64, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(tmp_path), "SEAX_MODE": "live"}
    settings = Settings.from_environment(environ)
    keys = Approvers(settings.approvers_path)
    for name in ("ana", "ben"):
        keys.create(name, SecretStr(PASSPHRASE))
        keys.pin(name)
    with connect(settings, transport=service.transport, now=clock) as workspace:
        yield workspace
        Widget.close_all()


def panel_of(live: Workspace, browser: Browser, *, by: str = "ana", passphrase: str = PASSPHRASE) -> SendPanel:
    """A panel with the count, the name and the passphrase typed."""
    panel = SendPanel(live, live.plan(DRAFT))
    fill(browser, panel, by=by, passphrase=passphrase)
    return panel


def fill(browser: Browser, panel: SendPanel, *, by: str, passphrase: str) -> None:
    page = controls(panel)
    browser.edit(page["seax-count"], value="3")
    names = [value for _, value in page["seax-by"].options]
    browser.edit(page["seax-by"], index=names.index(by))
    browser.edit(page["seax-passphrase"], value=passphrase)


def test_a_person_signs_with_their_passphrase_and_it_is_sent_once(
    live: Workspace, browser: Browser, service: LiveService
) -> None:
    panel = panel_of(live, browser)
    button = controls(panel)["seax-send"]
    assert button.description == "Sign and send"
    assert "LIVE workspace" in page_html(panel)

    browser.click(button)
    browser.click(button)

    assert len(service.posts) == 1
    assert panel.value is not None
    assert panel.value.status == "sent"
    assert live.approvals.latest(panel._plan.id).is_signed
    panel.retire()


def test_the_passphrase_is_in_no_state_and_no_message_to_the_page(live: Workspace, browser: Browser) -> None:
    panel = panel_of(live, browser)
    field = controls(panel)["seax-passphrase"]

    assert (field.value, field.is_filled) == ("", True)
    assert PASSPHRASE not in repr(Widget.get_manager_state())
    assert PASSPHRASE not in "".join(PageComm.told)
    assert PASSPHRASE not in repr(panel._repr_mimebundle_())
    assert PASSPHRASE not in repr(vars(field))
    browser.edit(controls(panel)["seax-count"], value="4")
    panel.retire()
    assert field.take() is None


@pytest.mark.parametrize("left_out", ["by", "passphrase"])
def test_the_button_waits_for_who_signs_and_for_the_passphrase(
    live: Workspace, browser: Browser, left_out: str
) -> None:
    panel = SendPanel(live, live.plan(DRAFT))
    page = controls(panel)
    browser.edit(page["seax-count"], value="3")
    if left_out == "passphrase":
        browser.edit(page["seax-by"], index=1)
    else:
        browser.edit(page["seax-passphrase"], value=PASSPHRASE)

    assert page["seax-send"].disabled
    assert ("Choose who signs" if left_out == "by" else "Type the passphrase") in page["seax-outcome"].value


def test_a_wrong_passphrase_is_refused_in_the_panel_and_nothing_leaves(
    live: Workspace, browser: Browser, service: LiveService
) -> None:
    panel = panel_of(live, browser, passphrase="seven red bottles")

    browser.click(controls(panel)["seax-send"])

    assert "for the key of ana is wrong" in controls(panel)["seax-outcome"].value
    assert 'role="alert"' in controls(panel)["seax-outcome"].value
    assert service.posts == []


def test_where_two_people_are_needed_the_second_sends(
    live: Workspace, browser: Browser, service: LiveService, policy: Path
) -> None:
    live.policy = live.policy.model_copy(update={"two_person_above": 0})
    live.approvals._approver._policy = live._outbox._policy = live.policy
    first = panel_of(live, browser)
    browser.click(controls(first)["seax-send"])
    assert "1 of 2 people approved" in controls(first)["seax-outcome"].value
    assert service.posts == []

    second = SendPanel(live, live.get_plan(first._plan.id).plan)
    fill(browser, second, by="ben", passphrase=PASSPHRASE)
    browser.click(controls(second)["seax-send"])

    assert len(service.posts) == 1
    assert second.value is not None
    second.retire()


def test_code_cannot_press_the_button_of_a_signed_plan(live: Workspace, browser: Browser, service: LiveService) -> None:
    panel = panel_of(live, browser)

    with pytest.raises(ApprovalRefused, match="by a person in a browser"):
        controls(panel)["seax-send"].click()

    assert service.posts == []


def test_a_plan_that_ended_says_so(live: Workspace, browser: Browser) -> None:
    plan = live.plan(DRAFT)
    live.ledger.close_plan(plan.id, "withdrawn", by="ana", via="panel")

    panel = SendPanel(live, plan)

    assert "This plan is withdrawn" in controls(panel)["seax-outcome"].value
    assert controls(panel)["seax-send"].disabled
