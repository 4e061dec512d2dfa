"""From a campaign's draft to its steps: who gets which text, when, and how exactly these people are addressed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.audience.caps import Starts
from toolkit.audience.contact_numbers import Channel, untextable
from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.targets.targeting import Targeting, compile_targeting
from toolkit.audience.targets.targeting import TargetPart as TargetPart
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.experiments.read_out import HELD_OUT
from toolkit.experiments.split import Split
from toolkit.models import CampaignRequest, Phone, Target
from toolkit.planning.arms import Arm, draw_arms
from toolkit.planning.canary import size_of_canary
from toolkit.planning.circumstances import Circumstances, checked
from toolkit.planning.outline import Outline
from toolkit.planning.preflight import Past
from toolkit.planning.shares import (
    ASLEEP,
    Share,
    check_starts,
    shares_as_approved,
    shares_by_zone,
    shares_of,
    together,
)
from toolkit.planning.steps import Part, people
from toolkit.planning.wording import Wording, joined, word
from toolkit.planning.zones import ZoneSplit, split_by_zone
from toolkit.plans.cost import Preview
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import LIFETIME, Plan

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ONE_READS = 1  # previews of an arm in which all read the same


@dataclass(frozen=True, eq=False)
class Rest:
    """The steps of a plan that still wait, as they are now, and everybody who is due a message."""

    audience: Audience
    due: tuple[str, ...]
    parts: Mapping[int, Part]
    senders: Sequence[tuple[str, str]]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class _Reading:
    """A draft in its circumstances: everybody it reaches, arm by arm, and what each arm reads."""

    draft: CampaignDraft
    past: Past
    audience: Audience
    arms: Sequence[Arm]
    wordings: Sequence[Wording]
    senders: Sequence[Phone]
    starts: Starts
    split: Split | None = None

    @property
    def contacts(self) -> Contacts:
        return self.audience.contacts


class Campaigns:
    """Outlines the campaigns of one workspace."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._here = circumstances

    def outline(self, draft: CampaignDraft, past: Past, approved: Plan | None) -> Outline:
        """The steps of a draft; as `approved`, it keeps to the starts that were shown."""
        read, shares = self._shared_out(draft, past, approved)
        audience, contacts = read.audience, read.contacts
        targetings = [
            compile_targeting(
                contacts,
                share.members,
                suppressed=suppressed_codes(contacts),
                untextable=untextable(contacts),
                most_campaigns=draft.most_campaigns,
                most_bytes=past.most_bytes,
            )
            for share in shares
        ]
        targeting = together(targetings)
        findings = self._findings(read, targeting)
        if draft.by_zone:
            findings = [*check_starts(shares, self._here.service_now()), *findings]
        requests = {arm.name: self._request(arm.draft, read) for arm in read.arms}
        steps = [
            Part(
                what=share.called(requests[share.arm].name, at, len(each.parts)),
                request=requests[share.arm].model_copy(update={"target": part.target, "start_at": share.start_at}),
                people=people(audience, part.recipients),
                untextable=part.untextable,
                is_canary=share.is_canary,
                arm=share.arm,
            )
            for share, each in zip(shares, targetings, strict=True)
            for at, part in enumerate(each.parts, 1)
        ]
        return Outline(
            steps,
            findings,
            audience,
            read.senders,
            [line for part in (targeting.parts if targeting else ()) for line in _addressing(contacts, part)],
            _previews(read),
            joined(read.wordings, audience).cost(self._here.policy, is_mms=draft.type == "MMS"),
            not_texted=_not_texted(read),
        )

    def rest(self, plan: Plan, draft: CampaignDraft, waiting: Sequence[int], past: Past) -> Rest:
        """The rest of a campaign of which some steps were sent, from the current contacts.

        Who was sent to already may have opted out since, or have other labels: that changes nothing for the others, who
        are addressed again.
        """
        read = self._as_approved(draft, past, plan)
        audience, contacts = read.audience, read.contacts
        done = {each for step in plan.steps if step.number not in waiting for each in plan.recipients_of(step.number)}
        due = audience.recipients & ~contacts.ids.isin(list(done))
        requests = {arm.name: self._request(arm.draft, read) for arm in read.arms}
        parts: dict[int, Part] = {}
        for number in waiting:
            members = due & contacts.ids.isin(list(plan.recipients_of(number)))
            if members.any():
                targeting = compile_targeting(
                    contacts,
                    members,
                    suppressed=suppressed_codes(contacts),
                    untextable=untextable(contacts),
                    most_bytes=past.most_bytes,
                )
                step = plan.steps[number - 1]
                told = {"target": targeting.parts[0].target, "start_at": step.start_at}
                parts[number] = Part(
                    what=step.what,
                    request=requests[step.arm].model_copy(update=told),
                    people=people(audience, members),
                    untextable=targeting.untextable,
                    is_canary=step.is_canary,
                    arm=step.arm,
                )
        phones = [(phone.id, phone.phone) for phone in read.senders]
        return Rest(audience, tuple(contacts.ids[due].tolist()), parts, phones, tuple(self._findings(read, None)))

    def zones(self, draft: CampaignDraft, past: Past) -> ZoneSplit:
        """Split a campaign by when its recipients can be texted."""
        read = self._read(draft, past)
        wording = joined(read.wordings, read.audience)
        return split_by_zone(self._here.outgoing(draft, read.audience, None, read.senders, wording, past))

    def _read(
        self, draft: CampaignDraft, past: Past, starts: Starts | None = None, contacts: Contacts | None = None
    ) -> _Reading:
        """A draft whose messages are sent at `starts`, else all at once; only the latter is capped by its own start."""
        channel: Channel = "whatsapp_phone" if draft.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE" else "phone"
        leaving = starts or self._here.starts(draft.start_at)
        caps = self._here.caps(past, leaving) if starts or not draft.by_zone else []
        all_of_them = self._here.audience(
            draft.segment, caps, contacts=contacts, channel=channel, exempt=draft.holdout_exempt
        )
        audience, arms, split = draw_arms(draft, all_of_them)
        is_filled = self._here.client.fills_placeholders
        wordings = [word(arm.draft.message, arm.audience, is_filled=is_filled) for arm in arms]
        return _Reading(draft, past, audience, arms, wordings, self._here.senders(draft.senders), leaving, split)

    def _as_approved(self, draft: CampaignDraft, past: Past, approved: Plan) -> _Reading:
        """A draft whose steps start at the times that were shown."""
        read = self._read(draft, past)
        if not draft.by_zone:
            return read
        ids = read.contacts.ids
        steps = [
            (step.start_at, ids.isin(list(approved.recipients_of(step.number))))
            for step in approved.steps
            if step.start_at is not None
        ]
        return self._read(draft, past, replace(read.starts, others=steps), read.contacts)

    def _shared_out(self, draft: CampaignDraft, past: Past, approved: Plan | None) -> tuple[_Reading, list[Share]]:
        """A draft and its steps. By zone, each has its start, which decides whom a cap excludes from it."""
        if draft.by_zone and approved is not None:
            read = self._as_approved(draft, past, approved)
            return read, self._shares(read, approved)
        read = self._read(draft, past)
        shares = self._shares(read, approved)
        if not draft.by_zone:
            return read, shares
        others = [(share.start_at, share.members) for share in shares if share.start_at is not None]
        starts = replace(read.starts, others=others)
        if not past.sent:
            return replace(read, starts=starts), shares
        read = self._read(draft, past, starts, read.contacts)
        return read, self._shares(read, approved)

    def _shares(self, read: _Reading, approved: Plan | None) -> list[Share]:
        """Who is sent to in which step, canaries first."""
        if not read.draft.by_zone:
            size = size_of_canary(len(read.audience), self._here.policy)
            by_arm = [shares_of(arm, size) for arm in read.arms]
        elif approved is not None:
            by_arm = [shares_as_approved(arm, approved) for arm in read.arms]
        else:
            now = self._here.service_now()
            start = {"start_at": max(read.draft.start_at or now, now + LIFETIME)}
            by_arm = [
                shares_by_zone(
                    arm.audience,
                    split_by_zone(
                        self._here.outgoing(
                            arm.draft.model_copy(update=start), arm.audience, None, read.senders, wording, read.past
                        )
                    ),
                )
                for arm, wording in zip(read.arms, read.wordings, strict=True)
            ]
        shares = [replace(share, arm=arm.name) for arm, some in zip(read.arms, by_arm, strict=True) for share in some]
        return sorted(shares, key=lambda share: not share.is_canary)

    def _findings(self, read: _Reading, targeting: Targeting | None) -> list[Finding]:
        wording = joined(read.wordings, read.audience)
        whole = self._here.outgoing(read.draft, read.audience, targeting, read.senders, wording, read.past, read.starts)
        whole = replace(whole, split=read.split)
        arms = {
            arm.name: replace(whole, draft=arm.draft, audience=arm.audience, targeting=None, wording=its)
            for arm, its in zip(read.arms, read.wordings, strict=True)
            if read.draft.experiment
        }
        found = checked(whole, arms=arms)
        return [each for each in found if not (read.draft.by_zone and each.code in ASLEEP)]

    def _request(self, draft: CampaignDraft, read: _Reading) -> CampaignRequest:
        """The campaign as it is asked for, but for its target."""
        return CampaignRequest(
            name=draft.name,
            type=draft.type,
            message=draft.message,
            sender_ids=tuple(phone.id for phone in read.senders),
            target=Target(),
            media_urls=draft.media_urls,
            start_at=draft.start_at,
            end_at=draft.end_at,
            shorten_links=draft.shorten_links,
            attach_label_ids=tuple(_label_id(read.contacts, label) for label in draft.attach_labels),
        )


def _not_texted(read: _Reading) -> dict[str, tuple[str, ...]]:
    """The contact ids of the arms that get nothing, and of who is held out."""
    if read.split is None:
        return {}
    silent = [arm for arm in read.split.experiment.arms if arm not in read.draft.arms]
    return {arm: read.split.ids(arm) for arm in silent} | {HELD_OUT: read.split.held_out}


def _previews(read: _Reading) -> list[Preview]:
    """What people read; of an experiment, arm by arm."""
    if not read.draft.experiment:
        return list(read.wordings[0].previews())
    shown = []
    for arm, wording in zip(read.arms, read.wordings, strict=True):
        if wording.is_same_for_all:
            shown += [each.model_copy(update={"kind": arm.name}) for each in wording.previews()[:_ONE_READS]]
        else:
            shown += [each.model_copy(update={"kind": f"{arm.name}, {each.kind}"}) for each in wording.previews()]
    return shown


def _label_id(contacts: Contacts, label: str) -> str:
    """The id of a label by name or id; an id that no contact has yet is taken as it is."""
    return label if _UUID.fullmatch(label) else contacts.label(label).id


def _addressing(contacts: Contacts, part: TargetPart) -> tuple[str, ...]:
    target = part.target
    parts = (("any of", target.any_of), ("all of", target.all_of), ("none of", target.none_of))
    lines = [
        f"{words}: {', '.join(contacts.label(label).name for label in labels)}" for words, labels in parts if labels
    ]
    if target.exclude_contacts:
        lines.append(f"minus {len(target.exclude_contacts):,} contacts by id")
    if part.untextable:
        lines.append(f"and {part.untextable:,} who cannot be texted: no number, or one that nobody can have")
    return tuple(lines)
