"""Who of a campaign's recipients is sent to in which step, and when: all at once, a canary and the rest, or by zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from toolkit.audience.targets.targeting import Targeting
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.errors import DraftError
from toolkit.planning.arms import Arm
from toolkit.planning.canary import canary_of
from toolkit.planning.zones import ZoneSplit
from toolkit.plans.catalogue import finding
from toolkit.plans.finding import Finding
from toolkit.plans.plan import Plan
from toolkit.sections import n_recipients, when

ASLEEP = frozenset({"TIM001", "TIM004"})  # findings on hours, which a campaign split by zone keeps to by its starts


@dataclass(frozen=True, eq=False)
class Share:
    """A mask of recipients who are sent to together."""

    what: str
    members: Mask
    start_at: datetime | None
    is_canary: bool = False
    arm: str = ""

    def called(self, name: str, number: int, parts: int) -> str:
        """What the step is called that is a part of this share."""
        return ", ".join(filter(None, [name, self.what, f"part {number} of {parts}" if parts > 1 else ""]))


def shares_of(arm: Arm, size: int) -> list[Share]:
    """All of an arm at once, or a canary of `size` and the rest; no canary with 0."""
    audience, at = arm.audience, arm.draft.start_at
    if not len(audience):
        return []
    first = canary_of(audience, size)
    if first is None:
        return [Share("", audience.recipients, at)]
    return [Share("canary", first, at, is_canary=True), Share("the rest", audience.recipients & ~first, at)]


def shares_by_zone(audience: Audience, split: ZoneSplit) -> list[Share]:
    """Those who can be texted together, soonest first; DraftError if some can be texted at no time."""
    if split.never:
        raise DraftError(
            f"{n_recipients(len(split.never))}, {split.never[0]!r} first, can be texted at no hour of the next "
            "week that is long enough: exclude them, or send fewer."
        )
    ids = audience.contacts.ids
    return [_from(batch.start_at, audience.recipients & ids.isin(list(batch.contact_ids))) for batch in split.batches]


def shares_as_approved(arm: Arm, approved: Plan) -> list[Share]:
    """The steps of an arm in an approved plan with their recipients as they are now; who joined comes last, and so
    shows."""
    ids, joined = arm.audience.contacts.ids, arm.audience.recipients.copy()
    shares = []
    for step in approved.steps:
        if step.arm == arm.name:
            members = arm.audience.recipients & ids.isin(list(approved.recipients_of(step.number)))
            shares.append(_from(step.start_at, members))
            joined &= ~members
    return [share for share in [*shares, _from(arm.draft.start_at, joined)] if share.members.any()]


def check_starts(shares: Sequence[Share], now: datetime) -> Iterator[Finding]:
    """A finding if the time of a share has passed."""
    past = [share.start_at for share in shares if share.start_at is not None and share.start_at <= now]
    if past:
        yield finding(
            "TIM002",
            f"{len(past):,} of {len(shares):,} steps were to start by {when(max(past))}, and have not.",
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
    return Share(f"from {start_at.astimezone(UTC):%a %H:%M} UTC" if start_at else "", members, start_at)
