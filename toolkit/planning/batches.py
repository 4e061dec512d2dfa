"""The second step from a draft to a plan: who is sent to together, and when.

Each way of splitting takes batches and gives batches: by the texts of an experiment's arms, then by zone, or into a
canary and the rest, or as it was approved. The draws are of contact ids alone, so planning the same draft again gives
everybody the text that was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np

from toolkit.audience.caps import Cap, DayCap, Starts
from toolkit.audience.eligibility import Outcome
from toolkit.audience.waterfall import Audience, build_audience
from toolkit.data.bitmaps import Mask
from toolkit.display import n_recipients
from toolkit.errors import DraftError
from toolkit.experiments.split import Split
from toolkit.planning.canary import canary_of, size_of_canary
from toolkit.planning.read import DraftReading
from toolkit.planning.wording import joined, word
from toolkit.planning.zones import ZoneSplit, split_by_zone
from toolkit.plans.draft import CampaignDraft, ImportDraft, LabelRemovalDraft, MessageDraft, MessagesDraft, TestDraft
from toolkit.plans.earlier_sends import Past
from toolkit.plans.plan import LIFETIME, Plan
from toolkit.plans.policy import SendPolicy


@dataclass(frozen=True, eq=False)
class SendBatch:
    """Those who get a text together: a mask of contacts; nobody's if it goes to no contact.

    `arm` is the experiment's, and `start_at` None at once. `what` is what sets it apart from others with the same
    text, and `number` that of the step in the plan whose rest it is of; 0 if it is of none.
    """

    text: str
    members: Mask
    arm: str = ""
    start_at: datetime | None = None
    is_canary: bool = False
    what: str = ""
    number: int = 0


@dataclass(frozen=True, eq=False)
class Recipients:
    """Everybody, with who gets something and why the others do not, and the batches of those who do.

    `starts` are when each of their messages is sent. `drawn` is how an experiment
    drew its arms. `audience` is None where what is sent goes to no contacts.
    """

    audience: Audience | None
    batches: tuple[SendBatch, ...]
    starts: Starts
    drawn: Split | None = None


def split(reading: DraftReading) -> Recipients:
    """Who of those read gets what, together and when; SegmentError or DraftError if that cannot be."""
    starts, nobody = Starts(reading.start), np.zeros(0, dtype=bool)
    match reading.draft:
        case CampaignDraft():
            return _split_campaign(reading, reading.draft, starts)
        case MessageDraft() | MessagesDraft():
            audience = people_reached(reading, reading.draft, starts)
            return Recipients(audience, (SendBatch(reading.draft.message, audience.recipients),), starts)
        case TestDraft():
            return Recipients(None, tuple(SendBatch(text, nobody) for text in reading.draft.texts), starts)
        case ImportDraft():
            return Recipients(None, (SendBatch("", nobody),), starts)
        case LabelRemovalDraft():
            return Recipients(None, (), starts)


def _split_campaign(reading: DraftReading, draft: CampaignDraft, starts: Starts) -> Recipients:
    audience = people_reached(reading, draft, None if draft.by_zone else starts)
    drawn = draft.experiment.split(audience) if draft.experiment else None
    arms = batches = split_by_arm(draft, audience, drawn)
    if reading.approved and (draft.by_zone or reading.waiting):
        batches = split_as_approved(batches, audience, reading.approved, reading.waiting)
    elif draft.by_zone:
        batches = split_by_zones(reading, batches, audience)
    else:
        batches = split_canary(batches, audience, reading.policy)
    if draft.by_zone:
        starts = replace(starts, others=[(each.start_at, each.members) for each in batches if each.start_at])
        if reading.policy.max_per_day is not None:  # whom it excludes depends on when their message is sent
            audience = people_reached(reading, draft, starts)
            drawn = draft.experiment.split(audience) if draft.experiment else None
    kept = [replace(each, members=each.members & audience.recipients) for each in batches]
    texted, due = _any_of(arms, audience), _any_of(kept, audience)
    audience = audience if drawn is None else audience.only(~drawn.reserved, Outcome.RESERVED)
    audience = audience.only(texted, Outcome.HELD_OUT).only(due)
    return Recipients(audience, tuple(each for each in kept if each.members.any()), starts, drawn)


def people_reached(
    reading: DraftReading, draft: CampaignDraft | MessageDraft | MessagesDraft, starts: Starts | None
) -> Audience:
    """Those whom the draft means, and of them who can be texted; those with `starts` are checked against the
    policy's cap."""
    is_whatsapp = isinstance(draft, CampaignDraft) and draft.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE"
    build = partial(
        build_audience,
        draft.segment,
        reading.contacts,
        live=reading.live,
        channel="whatsapp_phone" if is_whatsapp else "phone",
        caps=day_caps(reading.policy, reading.past, starts) if starts else (),
        holdout=None if draft.holdout_exempt else reading.policy.held_out,
    )
    return whom_it_can_address(build, reading.most_named) if isinstance(draft, CampaignDraft) else build(by_label=False)


def whom_it_can_address(build: Callable[..., Audience], most_named: int) -> Audience:
    """An audience of a campaign, from what builds it with and without people who have no label: with them as long as
    all can be named by id."""
    labelled = build(by_label=True)
    if not 0 < len(labelled) + len(labelled.ids(Outcome.UNLABELLED)) <= most_named:
        return labelled
    return build(by_label=False) if labelled.ids(Outcome.UNLABELLED) else labelled


def day_caps(policy: SendPolicy, past: Past, starts: Starts) -> list[Cap]:
    """The policy's cap, if it has one, on messages sent then."""
    return [] if policy.max_per_day is None else [DayCap(policy.max_per_day, "24h", {}, past.sent, starts)]


def split_by_arm(draft: CampaignDraft, audience: Audience, drawn: Split | None) -> list[SendBatch]:
    """The recipients of each arm of an experiment that gets a text; without one all of them together."""
    if drawn is None:
        return [SendBatch(draft.message, audience.recipients, start_at=draft.start_at)]
    return [SendBatch(draft.for_arm(arm).message, drawn.members(arm), arm, draft.start_at) for arm in draft.arms]


def split_canary(batches: Sequence[SendBatch], audience: Audience, policy: SendPolicy) -> list[SendBatch]:
    """The first few of each batch alone, if the policy sets a canary for this many, and then the rest of all."""
    size = size_of_canary(int(np.count_nonzero(_any_of(batches, audience))), policy)
    found = []
    for each in batches:
        first = canary_of(audience.contacts, each.members, size)
        if first is None:
            found.append(each)
        else:
            found.append(replace(each, members=first, is_canary=True, what="canary"))
            found.append(replace(each, members=each.members & ~first, what="the rest"))
    return sorted(found, key=lambda batch: not batch.is_canary)


def split_by_zones(reading: DraftReading, batches: Sequence[SendBatch], audience: Audience) -> list[SendBatch]:
    """Those who can be texted together, soonest first; DraftError if some can be texted at no time."""
    found = []
    for each in batches:
        by_zone = zones(reading, [each], audience, start=max(reading.start, reading.now + LIFETIME))
        if by_zone.never:
            raise DraftError(
                f"{n_recipients(len(by_zone.never))}, {by_zone.never[0]!r} first, can be texted at no hour of the next "
                "week that is long enough: exclude them, or send fewer."
            )
        ids = audience.contacts.ids
        found += [
            _from(each, zone.start_at, each.members & ids.isin(list(zone.contact_ids))) for zone in by_zone.batches
        ]
    return found


def zones(reading: DraftReading, batches: Sequence[SendBatch], audience: Audience, *, start: datetime) -> ZoneSplit:
    """When those of some batches can be texted, at the pace at which their texts can be sent."""
    theirs = audience.only(_any_of(batches, audience))
    is_filled = reading.fills_placeholders
    wordings = [word(each.text, audience.only(each.members), is_filled=is_filled) for each in batches]
    duration = joined(wordings, theirs).duration(
        reading.policy, parts_per_second=reading.parts_per_second, is_mms=reading.is_mms
    )
    local = reading.draft.local_time if isinstance(reading.draft, CampaignDraft) else None
    return split_by_zone(
        theirs, start=start, now=reading.now, duration=duration, table=reading.policy.hours, local=local
    )


def split_as_approved(
    batches: Sequence[SendBatch], audience: Audience, approved: Plan, waiting: frozenset[int]
) -> list[SendBatch]:
    """The steps of an approved plan with their recipients as they are now; of one sent in part those that wait, without
    whoever is done. Who joined comes last, and so shows."""
    ids = audience.contacts.ids
    done = [step.number for step in approved.steps if waiting and step.number not in waiting]
    is_done = ids.isin([each for number in done for each in approved.recipients_of(number)])
    found = []
    for after, each in enumerate(batches, len(approved.steps) + 1):
        joined = each.members & ~is_done
        for step in approved.steps:
            if step.arm == each.arm and step.number not in done:
                members = each.members & ~is_done & ids.isin(list(approved.recipients_of(step.number)))
                found.append(replace(_from(each, step.start_at, members), is_canary=step.is_canary, number=step.number))
                joined = joined & ~members
        found.append(replace(_from(each, each.start_at, joined), number=after))
    return found


def _from(batch: SendBatch, start_at: datetime | None, members: Mask) -> SendBatch:
    words = f"from {start_at.astimezone(UTC):%a %H:%M} UTC" if start_at else ""
    return replace(batch, members=members, start_at=start_at, what=words)


def _any_of(batches: Sequence[SendBatch], audience: Audience) -> Mask:
    members: Mask = np.logical_or.reduce([each.members for each in batches] or [np.zeros_like(audience.recipients)])
    return members
