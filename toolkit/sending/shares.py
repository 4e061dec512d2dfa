"""Who of a campaign's recipients is sent to in which step, and when: all at once, a canary and the rest, or by zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from toolkit.audience.targeting import Targeting
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.errors import DraftError
from toolkit.sending.canary import canary_of
from toolkit.sending.catalogue import finding
from toolkit.sending.draft import CampaignDraft
from toolkit.sending.finding import Finding
from toolkit.sending.plan import Plan
from toolkit.sending.policy import SendPolicy
from toolkit.sending.zones import ZoneSplit

ASLEEP = frozenset({"TIM001", "TIM004"})  # findings on hours, which a campaign split by zone keeps to by its starts


@dataclass(frozen=True, eq=False)
class Share:
    """Some of the recipients, one truth a contact, sent to together."""

    what: str
    members: Mask
    start_at: datetime | None
    is_canary: bool = False

    def called(self, name: str, number: int, parts: int) -> str:
        """What the step is called that is a part of this share."""
        return ", ".join(filter(None, [name, self.what, f"part {number} of {parts}" if parts > 1 else ""]))


def shares_of(draft: CampaignDraft, audience: Audience, policy: SendPolicy) -> list[Share]:
    """All at once, or a canary and the rest."""
    if not len(audience):
        return []
    first = canary_of(audience, policy)
    if first is None:
        return [Share("", audience.recipients, draft.start_at)]
    rest = audience.recipients & ~first
    return [Share("canary", first, draft.start_at, is_canary=True), Share("the rest", rest, draft.start_at)]


def shares_by_zone(audience: Audience, split: ZoneSplit) -> list[Share]:
    """Those who can be texted together, soonest first; DraftError if some can be texted at no time."""
    if split.never:
        raise DraftError(
            f"{len(split.never):,} recipients, {split.never[0]!r} first, can be texted at no hour of the next "
            "week that is long enough: leave them out, or send fewer."
        )
    ids = audience.contacts.ids
    return [_from(batch.start_at, audience.recipients & ids.isin(list(batch.contact_ids))) for batch in split.batches]


def shares_as_approved(audience: Audience, approved: Plan) -> list[Share]:
    """The steps of an approved plan with its recipients as they are now; who joined is in the last, and so shows."""
    ids = audience.contacts.ids
    shares = [
        _from(step.start_at, audience.recipients & ids.isin(list(approved.recipients_of(step.number))))
        for step in approved.steps
    ]
    joined = audience.recipients & ~np.logical_or.reduce([share.members for share in shares])
    shares[-1] = replace(shares[-1], members=shares[-1].members | joined)
    return [share for share in shares if share.members.any()]


def check_starts(shares: Sequence[Share], now: datetime) -> Iterator[Finding]:
    """A finding if the time of a share has passed."""
    past = [share.start_at for share in shares if share.start_at is not None and share.start_at <= now]
    if past:
        yield finding(
            "TIM002",
            f"{len(past):,} of {len(shares):,} steps were to start by {max(past):%Y-%m-%d %H:%M} UTC, and have not.",
            "Plan the draft again: it gets new starts.",
        )


def together(targetings: Sequence[Targeting]) -> Targeting | None:
    """Several targetings as one; None of none."""
    if len(targetings) < 2:
        return targetings[0] if targetings else None
    return Targeting(
        tuple(part for each in targetings for part in each.parts),
        sum(each.unavoidable for each in targetings),
        sum(each.at_least for each in targetings),
    )


def _from(start_at: datetime | None, members: Mask) -> Share:
    return Share(f"from {start_at:%a %H:%M} UTC" if start_at else "", members, start_at)
