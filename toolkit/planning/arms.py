"""A campaign in several texts: an experiment draws who of its recipients gets which, and who gets none.

The draw is of contact ids alone, so planning the same draft again gives everybody the text that was shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from toolkit.audience.eligibility import Outcome, Outcomes
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.experiments.split import Split
from toolkit.plans.draft import CampaignDraft


@dataclass(frozen=True, eq=False)
class Arm:
    """Recipients who get one text, and the draft as it is for them; `name` is empty where all get the same."""

    name: str
    draft: CampaignDraft
    audience: Audience


def draw_arms(draft: CampaignDraft, audience: Audience) -> tuple[Audience, list[Arm], Split | None]:
    """The audience without whom the experiment sends nothing, its arms, and how they were drawn; of a draft without
    an experiment a single arm."""
    if draft.experiment is None:
        return audience, [Arm("", draft, audience)], None
    split = draft.experiment.split(audience)
    members = {arm: split.members(arm) for arm in draft.arms}
    texted = np.logical_or.reduce(list(members.values()))
    kept = replace(audience, outcomes=_less(audience, ~split.reserved, Outcome.RESERVED))
    whole = replace(kept, outcomes=_less(kept, texted, Outcome.HELD_OUT))
    arms = [
        Arm(arm, draft.for_arm(arm), replace(whole, outcomes=_less(whole, mask, Outcome.NOT_SELECTED)))
        for arm, mask in members.items()
    ]
    return whole, arms, split


def _less(audience: Audience, kept: Mask, outcome: Outcome) -> Outcomes:
    left: Outcomes = np.where(audience.recipients & ~kept, np.int8(outcome), audience.outcomes)
    return left
