import pytest

from tests.builders import START
from toolkit.audience.segment import Segment
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.widgets.forms.send_form import SendForm


@pytest.fixture
def plan() -> Plan:
    draft = CampaignDraft(name="Sale", message="Hello", segment=Segment.everyone(), senders=("Marketing Line",))
    return Plan(
        id="plan_1",
        digest="d",
        audience_digest="a",
        request_digest="r",
        intent="i",
        host="example.com",
        workspace_id="w",
        live=False,
        draft=draft,
        recipients=1250,
        selected=1300,
        created_at=START,
        expires_at=START,
    )


@pytest.mark.parametrize("typed", ["1250", "1,250", " 1250 "])
def test_the_exact_number_and_a_name_are_enough(plan: Plan, typed: str) -> None:
    form = SendForm(plan, typed=typed, by="ana")

    assert form.missing == ""
    assert form.recipients == 1250


@pytest.mark.parametrize("typed", ["1249", "12,50", "1250.0", "-1250", "SEND", "١٢٥٠", "1250 people"])
def test_anything_but_the_exact_number_is_not_enough(plan: Plan, typed: str) -> None:
    assert "is not the number of recipients" in SendForm(plan, typed=typed, by="ana").missing


def test_the_number_is_asked_for_first_and_then_the_name(plan: Plan) -> None:
    assert "type the exact number" in SendForm(plan).missing
    assert "your name" in SendForm(plan, typed="1250", by=" ").missing


def test_a_blocked_plan_cannot_be_sent_whatever_is_typed(plan: Plan) -> None:
    finding = Finding(code="AUD010", severity="block", message="Nobody is left.", fix="Widen it.")
    blocked = plan.model_copy(update={"findings": (finding,)})

    assert "blocked" in SendForm(blocked, typed="1250", by="ana").missing
