"""Labels that mean "opted out" under any name: nobody with one is texted; where it is doubtful, a person is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.builders import KEY, Clock, live_draft
from tests.wire import LiveService
from toolkit.audience.segment import Segment
from toolkit.errors import SettingsError
from toolkit.plans.draft import MessageDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

NAMES = ["Do Not Contact", "opt-out", "OPTED_OUT ", "stop", "Désinscrit", "退订", "D\u200bNC", "no sms"]


def labelled(service: LiveService, name: str, *, contact: int = 1) -> None:
    """Give one more label to one of the service's contacts."""
    label: dict[str, Any] = {"id": "l-other", "name": name, "is_system": False}
    service.contacts[contact]["contact_labels"] = [*service.contacts[contact]["contact_labels"], label]


def connected(folder: Path, service: LiveService, clock: Clock, policy: str) -> Workspace:
    (folder / "policy.toml").write_text(policy, encoding="utf-8")
    environ = {"SEAX_API_KEY": KEY, "SEAX_WORKSPACE_ID": "w1", "SEAX_HOME": str(folder), "SEAX_MODE": "live"}
    return connect(Settings.from_environment(environ), transport=service.transport, now=clock)


def asked(plan: Plan) -> list[Finding]:
    return [finding for finding in plan.findings if finding.code == "AUD013"]


@pytest.mark.parametrize("name", NAMES)
def test_nobody_with_a_label_that_means_opted_out_is_texted(
    live: Workspace, live_service: LiveService, name: str
) -> None:
    labelled(live_service, name)

    plan = live.plan(live_draft())

    assert plan.recipient_ids == ("c0", "c2")
    assert [step.count for step in plan.waterfall if step.outcome == "opted_out"] == [1]
    assert f"none of: {name}" in plan.addressing  # by the request too
    assert not asked(plan)


def test_nobody_with_a_label_that_means_a_wrong_number_is_texted(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "Wrong number")

    plan = live.plan(live_draft())

    assert plan.recipient_ids == ("c0", "c2")
    assert [step.count for step in plan.waterfall if step.outcome == "unreachable"] == [1]


def test_who_shares_a_number_with_such_a_label_is_not_texted(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "Do Not Text")
    live_service.contacts[2]["phone"] = live_service.contacts[1]["phone"]

    assert live.plan(live_draft()).recipient_ids == ("c0",)


def test_the_audience_says_which_label_keeps_somebody_out(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "Do Not Contact")

    assert "(the label Do Not Contact)" in live.audience(Segment.any_of("vip")).why("c1")


@pytest.mark.parametrize("name", ["bus stop", "Stop & Shop customers", "opted_in", "not opted out", "nonstop_travel"])
def test_who_has_an_innocent_label_is_texted(live: Workspace, live_service: LiveService, name: str) -> None:
    labelled(live_service, name)

    plan = live.plan(live_draft())

    assert len(plan.recipient_ids) == 3
    assert not asked(plan)


def test_a_doubtful_label_asks_a_person(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "stop list")

    plan = live.plan(live_draft())

    (question,) = asked(plan)
    assert question.contact_ids == ("c1",)
    assert "stop list (1)" in question.message
    assert "opt_out_labels" in question.fix
    assert plan.is_blocked


def test_a_reason_answers_for_a_doubtful_label(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "stop list")

    plan = live.plan(live_draft().model_copy(update={"overrides": {"AUD013": "it is a list of bus stops"}}))

    assert not plan.is_blocked


def test_a_draft_that_names_a_doubtful_label_means_these_people(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "inactive")

    plan = live.plan(live_draft().model_copy(update={"segment": Segment.all_of("vip", "inactive")}))

    assert plan.recipient_ids == ("c1",)
    assert not asked(plan)


def test_a_single_message_asks_about_a_doubtful_label_too(live: Workspace, live_service: LiveService) -> None:
    labelled(live_service, "blocked")

    assert asked(live.plan(MessageDraft(message="Your order is here.", contact_id="c1", sender="Shop")))
    assert not asked(live.plan(MessageDraft(message="Your order is here.", contact_id="c0", sender="Shop")))


@pytest.mark.parametrize(
    ("name", "policy", "texted"),
    [
        ("stop list", 'opt_out_labels = ["Stop List"]', ("c0", "c2")),
        ("stop list", 'not_opt_out_labels = ["stop-list"]', ("c0", "c1", "c2")),
        ("Blue", 'opt_out_labels = ["blue"]', ("c0", "c2")),
        ("STOP", 'not_opt_out_labels = ["stop"]', ("c0", "c1", "c2")),
        ("Blue", 'opt_out_labels = ["blue"]\nnot_opt_out_labels = ["blue"]', ("c0", "c2")),
    ],
)
def test_the_policy_decides_what_a_name_means(
    tmp_path: Path, live_service: LiveService, clock: Clock, name: str, policy: str, texted: tuple[str, ...]
) -> None:
    labelled(live_service, name)
    with connected(tmp_path, live_service, clock, policy) as ws:
        plan = ws.plan(live_draft())

    assert plan.recipient_ids == texted
    assert not asked(plan)


@pytest.mark.parametrize("name", ["DNC", "Unsubscribed", "d.n.c."])
def test_no_policy_makes_dnc_or_unsubscribed_mean_something_else(
    tmp_path: Path, live_service: LiveService, clock: Clock, name: str
) -> None:
    with pytest.raises(SettingsError, match="always means that somebody opted out"):
        connected(tmp_path, live_service, clock, f'not_opt_out_labels = ["{name}"]')


@pytest.mark.parametrize(
    ("name", "follows"),
    [("DNC", "stops all further messages to them"), ("blocked", "blocks later plans until somebody decides")],
)
def test_a_campaign_that_would_opt_out_its_own_recipients_is_pointed_out(
    live: Workspace, live_service: LiveService, name: str, follows: str
) -> None:
    labelled(live_service, name, contact=2)
    draft = live_draft()

    found = {each.code: each for each in live.plan(draft.model_copy(update={"attach_labels": (name,)})).findings}

    assert follows in found["AUD015"].message
    assert "AUD015" not in {each.code for each in live.plan(draft).findings}
