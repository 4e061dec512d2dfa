"""Placeholders of any sender's syntax stop what would be sent with them as written; ordinary punctuation does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import START, campaign_draft
from tests.planning.preflight.cases import Draft, single
from tests.texting.placeholder_cases import INNOCENT, TAGS
from toolkit.experiments.split import Experiment
from toolkit.planning.preflight.text_check import check_text
from toolkit.plans.draft import MessageDraft, MessagesDraft
from toolkit.plans.plan import Plan
from toolkit.plans.policy import SendPolicy
from toolkit.sandbox import Sandbox
from toolkit.settings import Settings
from toolkit.workspace import Workspace, connect

FIELD_CASES = json.loads((Path(__file__).parent / "text_merge_tags.json").read_text(encoding="utf-8"))
STANDING = [tag for tag in TAGS if tag.casefold() not in {"{name}", "https://x.example/?n={name}"}]


def is_blocked(plan: Plan) -> bool:
    return any(finding.code == "MSG005" and finding.is_blocking for finding in plan.findings)


@pytest.mark.parametrize("text", [case["text"] for case in FIELD_CASES])
def test_a_tag_of_another_sender_stops_a_campaign_and_personal_messages(ws: Workspace, text: str) -> None:
    people = tuple(ws.contacts(campaign_draft().segment).query("name.notna()")["id"][:2])

    assert is_blocked(ws.plan(campaign_draft(message=text)))
    assert is_blocked(ws.plan(MessageDraft(message=text, contact_id=people[0], sender="Marketing Line")))
    assert is_blocked(ws.plan(MessagesDraft(name="All", message=text, contact_ids=people, sender="Marketing Line")))


@pytest.mark.parametrize("tag", TAGS)
def test_a_campaign_sends_no_tag_as_written(tag: str) -> None:
    found = check_text(f"Hi {tag}, sale today. Reply STOP to opt out.", policy=SendPolicy(), now=START)

    assert "MSG005" in {each.code for each in found}


@pytest.mark.parametrize("tag", STANDING)
def test_a_personal_message_sends_no_tag_as_written(tag: str) -> None:
    assert "MSG005" in {each.code for each in single(f"Hi {tag}, your order is here.")}


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_punctuation_stops_nothing(text: str) -> None:
    found = check_text(f"{text} Reply STOP to opt out.", policy=SendPolicy(), now=START)

    assert "MSG005" not in {each.code for each in found}
    assert "MSG005" not in {each.code for each in single(text)}


def test_the_workspace_s_own_fields_are_placeholders_in_any_brackets() -> None:
    draft = Draft(fields={"message": "Hi [tier]. Reply STOP to opt out."})

    assert "MSG005" in {each.code for each in draft.findings()}


def test_a_value_with_a_tag_in_it_is_data() -> None:
    people = [{"id": "a", "phone": "+12025550101", "name": "{x} %NAME%", "labels": ["vip"], "fields": "{}"}]
    draft = Draft(people=people, is_filled=True, fields={"message": "Hi {name}. Reply STOP to opt out."})

    assert "MSG005" not in {each.code for each in draft.findings()}


def test_an_arm_of_an_experiment_is_stopped_by_its_own_text(ws: Workspace) -> None:
    experiment = Experiment(name="opening", arms={"plain": 0.5, "friendly": 0.5})
    arms = {"experiment": experiment, "messages": {"friendly": "Hi [First Name]. Reply STOP to opt out."}}

    plan = ws.plan(campaign_draft().model_copy(update=arms))

    (stopped,) = [finding for finding in plan.findings if finding.code == "MSG005"]
    assert stopped.message.startswith("In friendly: ")
    assert "[First Name]" in stopped.message


@pytest.mark.parametrize(("text", "stopped"), [("Hi *|FNAME|*! Reply STOP.", True), ("Hi! Reply STOP.", False)])
def test_a_test_with_a_tag_in_its_text_is_stopped(
    tmp_path: Path, sandbox: Sandbox, text: str, *, stopped: bool
) -> None:
    (tmp_path / "policy.toml").write_text('test_numbers = ["+12025550147"]', encoding="utf-8")
    with connect(Settings(home=tmp_path), sandbox=sandbox) as ws:
        assert is_blocked(ws.plan(campaign_draft(message=text).as_test())) is stopped
