from __future__ import annotations

from dataclasses import replace

import pytest

from tests.widgets.forms.test_campaign_form import FULL
from toolkit.errors import DraftError
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets.forms.arms import ArmsForm
from toolkit.widgets.forms.campaign_form import CampaignForm

TWO = ArmsForm(("Hi. Reply STOP to opt out.",), held_out=0.1, counts="an order", rate=0.06, gain=0.03)
ALIKE = replace(TWO, strata="field.customer_tier")


def test_a_second_text_makes_an_experiment_of_equal_arms_with_what_counts_registered() -> None:
    draft = replace(FULL, arms=TWO).draft()

    assert draft.experiment is not None
    assert draft.experiment.arms == {"A": 0.5, "B": 0.5}
    assert draft.experiment.holdout == 0.1
    assert draft.for_arm("A").message == FULL.message
    assert draft.for_arm("B").message == TWO.texts[0]
    assert draft.experiment.registration is not None
    assert draft.experiment.registration.words == "share of those assigned with an order, 3.0 points better than 'A'"
    assert (draft.experiment.strata, draft.experiment.registration.segments) == ("", ())


def test_a_column_that_arms_have_alike_is_one_that_results_are_shown_by() -> None:
    experiment = replace(FULL, arms=ALIKE).draft().experiment

    assert experiment is not None
    assert experiment.registration is not None
    assert (experiment.strata, experiment.registration.segments) == ("field.customer_tier", ("field.customer_tier",))


@pytest.mark.parametrize("arms", [ArmsForm(), ArmsForm(("b",)), ArmsForm(("b", "c", "d")), TWO, ALIKE])
def test_a_form_of_a_draft_with_arms_makes_the_same_draft(arms: ArmsForm) -> None:
    draft = replace(FULL, arms=arms).draft()

    assert CampaignForm.from_draft(draft).draft() == draft


@pytest.mark.parametrize(
    "experiment",
    [
        Experiment(name=FULL.name, arms={"A": 0.9, "B": 0.1}),
        Experiment(name=FULL.name, arms={"A": 0.5, "B": 0.5}, layer="copy"),
        Experiment(name="another", arms={"A": 0.5, "B": 0.5}),
    ],
)
def test_an_experiment_with_more_to_it_than_can_be_filled_in_is_refused(experiment: Experiment) -> None:
    draft = CampaignDraft(**{**dict(FULL.draft()), "experiment": experiment, "messages": {"B": "Hi"}})

    with pytest.raises(DraftError, match=r"equal shares.*use ws\.plan"):
        CampaignForm.from_draft(draft)


def test_an_arm_without_a_text_and_shares_that_cannot_be_are_said() -> None:
    with pytest.raises(DraftError, match="Write the message of arm C"):
        replace(FULL, arms=ArmsForm(("b", " "))).draft()
    with pytest.raises(DraftError, match="come to 100 % or more"):
        replace(FULL, arms=replace(TWO, rate=0.9, gain=0.2)).draft()
    with pytest.raises(DraftError, match="Personal messages have one text"):
        replace(FULL, arms=TWO).personal_draft(["1"])


def test_what_the_size_can_show_is_said_of_the_people_in_each_arm() -> None:
    assert TWO.size_words(1_672) == (
        "About 752 people an arm can show a rise from 6.0% to 9.9% or more, 4 times in 5. "
        "Each person is drawn on their own, so an arm has about its share of them."
    )
    assert "alike in field.tier, to one person" in replace(TWO, strata="field.tier").size_words(1_672)
    assert "cannot show any rise" in TWO.size_words(2)
    assert "once they are counted" in TWO.size_words(None)
