"""The third step from a draft to a plan: what is read, each distinct text once, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from toolkit.api.progress import progressing
from toolkit.planning.batches import Recipients
from toolkit.planning.imports import Rewrite, rewrite
from toolkit.planning.read import DraftReading
from toolkit.planning.wording import Wording, joined, word
from toolkit.plans.cost import Cost, Preview
from toolkit.plans.draft import CampaignDraft

_ONE_READS = 1  # previews of an arm in which all read the same


@dataclass(frozen=True, eq=False)
class Texts:
    """What the recipients read, by arm and all together, its cost and previews; `file` is uploaded for an import.

    `whole` is None where nothing goes to contacts, whose texts stand in the batches.
    """

    by_arm: Mapping[str, Wording] = field(default_factory=dict)
    whole: Wording | None = None
    cost: Cost | None = None
    previews: Sequence[Preview] = ()
    file: Rewrite | None = None


def word_all(reading: DraftReading, recipients: Recipients) -> Texts:
    """Word the text of each arm for all of its recipients; for an import, the file to upload in its place.

    Raises ToolkitError for half a character in a text.
    """
    if reading.file is not None:
        return Texts(file=rewritten(reading))
    audience, draft = recipients.audience, reading.draft
    if audience is None:
        return Texts()
    is_campaign = isinstance(draft, CampaignDraft)
    texts = (
        {arm: draft.for_arm(arm).message for arm in draft.arms}
        if isinstance(draft, CampaignDraft)
        else {"": recipients.batches[0].text}
    )
    is_filled = reading.fills_placeholders or not is_campaign
    nobody = np.zeros(len(audience.contacts), dtype=bool)
    by_arm = {}
    for arm, text in texts.items():
        members = [batch.members for batch in recipients.batches if batch.arm == arm]
        theirs = audience.only(np.logical_or.reduce([*members, nobody]))
        by_arm[arm] = word(text, theirs, is_filled=is_filled)
    whole = joined([*by_arm.values()], audience)
    return Texts(by_arm, whole, whole.cost(reading.priced, is_mms=reading.is_mms), _previews(by_arm))


def _previews(by_arm: Mapping[str, Wording]) -> list[Preview]:
    """What people read; of an experiment, arm by arm."""
    shown: list[Preview] = []
    for arm, wording in by_arm.items():
        some = wording.previews()
        if arm and wording.is_same_for_all:
            shown += [each.model_copy(update={"kind": arm}) for each in some[:_ONE_READS]]
        elif arm:
            shown += [each.model_copy(update={"kind": f"{arm}, {each.kind}"}) for each in some]
        else:
            shown += some
    return shown


def rewritten(reading: DraftReading) -> Rewrite:
    """The file to upload in place of the one that was read."""
    assert reading.file is not None
    contacts = reading.contacts
    with progressing("checking") as shown:
        return rewrite(
            reading.file,
            labels=[label.name for label in contacts.labels],
            label_names=contacts.label_names,
            fields=contacts.field_names,
            regions=reading.regions,
            progress=shown,
        )
