"""A block is lifted by a reason that the draft names, that the yes is bound to, and that nobody can give for some."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.builders import campaign_draft
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding_catalogue import CHECKS, finding, overridden
from toolkit.workspace import Workspace

LIFTABLE = sorted(code for code, check in CHECKS.items() if "block" in check.severities and not check.is_final)
FINAL = sorted(code for code, check in CHECKS.items() if check.is_final)


def with_overrides(reasons: dict[str, str]) -> CampaignDraft:
    return CampaignDraft.model_validate(campaign_draft().model_dump() | {"overrides": reasons})


@pytest.mark.parametrize("code", LIFTABLE)
def test_a_block_is_lifted_by_its_own_reason_alone(code: str) -> None:
    found = finding(code, "It is so.", "Mend it.", severity="block")

    (lifted,) = overridden([found], {code: "the customer asked for it"})
    (kept,) = overridden([found], {"TIM001" if code != "TIM001" else "MSG009": "another"})

    assert (lifted.is_blocking, lifted.title) == (False, "overridden")
    assert "the customer asked for it" in str(lifted)
    assert kept.is_blocking


@pytest.mark.parametrize("code", FINAL)
def test_what_is_final_cannot_be_overridden(code: str) -> None:
    found = finding(code, "It is so.", "Mend it.", severity="block")

    assert overridden([found], {code: "please"})[0].is_blocking
    with pytest.raises(ValidationError, match="cannot be overridden"):
        with_overrides({code: "please"})


def test_opt_outs_missing_filters_and_placeholders_are_final() -> None:
    assert {"AUD001", "AUD002", "AUD007", "MSG005"} <= set(FINAL)


@pytest.mark.parametrize(
    ("reasons", "refusal"),
    [
        ({"TIM01": "night"}, "did you mean TIM001"),
        ({"TIM001": " "}, "has no reason"),
        ({"SND002": "two lines"}, "never blocks"),
    ],
)
def test_an_override_that_means_nothing_is_refused(reasons: dict[str, Any], refusal: str) -> None:
    with pytest.raises(ValidationError, match=refusal):
        with_overrides(reasons)


def test_the_reason_is_part_of_what_is_approved_but_not_of_the_wish(ws: Workspace) -> None:
    plain, lifted = ws.plan(campaign_draft()), ws.plan(with_overrides({"TIM001": "the customer asked for it"}))

    assert plain.digest != lifted.digest
    assert plain.intent == lifted.intent
    assert ws.get_plan(lifted.id).plan.draft == with_overrides({"TIM001": "the customer asked for it"})
