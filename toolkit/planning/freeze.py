"""The last step from a draft to a plan: all of it frozen, with the digests that a person's approval is bound to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pandas as pd

from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.targets.targeting import TargetPart
from toolkit.audience.waterfall import Audience
from toolkit.data.contacts import Contacts
from toolkit.experiments.read_out import HELD_OUT
from toolkit.experiments.split import Split
from toolkit.models import CampaignRequest, CampaignSender
from toolkit.planning.batches import Recipients
from toolkit.planning.digest import Request, digest, said
from toolkit.planning.read import DraftReading
from toolkit.planning.recipient_locations import Whereabouts
from toolkit.planning.steps import RequestStep, Steps
from toolkit.planning.texts import Texts
from toolkit.plans.draft import CampaignDraft, Draft
from toolkit.plans.finding import Finding
from toolkit.plans.plan import LIFETIME, Plan


@dataclass(frozen=True)
class Prepared:
    """A plan, and the requests that would carry out its steps, by their numbers; none if there are no recipients.

    `suppressing` are the ids of the labels that keep people from being texted.
    """

    plan: Plan
    requests: Mapping[int, Request]
    suppressing: tuple[str, ...] = ()
    audience: Audience | None = None


def freeze(
    reading: DraftReading,
    recipients: Recipients,
    texts: Texts,
    steps: Steps,
    findings: Sequence[Finding],
    *,
    plan_id: str,
    at: datetime,
) -> Prepared:
    """Freeze what was worked out as a plan of this id, made `at` this time by our clock."""
    draft, audience = reading.draft, recipients.audience
    phones = [(phone.id, phone.phone) for phone in reading.senders]
    by_number = {step.number or place: step for place, step in enumerate(steps.each, 1)}
    audience_digest = digest(*(step.people for step in steps.each))
    file = texts.file.reading if texts.file else None
    read = file.model_dump(mode="json", exclude={"path"}) if file else None
    asked = [said(step.request) for step in steps.each]
    experiment = draft.experiment if isinstance(draft, CampaignDraft) else None
    rule = experiment.model_dump(mode="json") if experiment else None
    service, channel = (reading.host, reading.workspace_id, reading.dialect), _channel(reading)
    request_digest = digest(*service, asked, phones, draft.overrides, read, rule, channel)
    zones_of = _zone_counts(audience)
    at = at.astimezone(UTC)
    plan = Plan(
        id=plan_id,
        digest=digest(audience_digest, request_digest),
        audience_digest=audience_digest,
        request_digest=request_digest,
        intent=reading.intent,
        host=reading.host,
        workspace_id=reading.workspace_id,
        dialect=reading.dialect,
        channel=channel,
        live=reading.live,
        draft=draft,
        recipients=sum(len(step.people) + step.rows for step in steps.each),
        selected=audience.selected
        if audience is not None
        else sum(len(step.people) + step.rows for step in steps.each),
        waterfall=audience.waterfall if audience is not None else (),
        senders=tuple(CampaignSender(id=p.id, phone=p.phone, name=p.name) for p in reading.senders),
        addressing=tuple(_addressing(reading.contacts, steps)),
        cost=texts.cost,
        previews=tuple(texts.previews),
        findings=tuple(findings),
        file=file,
        created_at=at,
        expires_at=at + LIFETIME,
        recipient_ids=tuple(contact_id for step in steps.each for contact_id, _ in step.people),
        steps=tuple(step.planned(number, phones, zones_of(step)) for number, step in by_number.items()),
        not_texted=_not_texted(draft, recipients.drawn),
    )
    plan._audience = audience
    requests = {number: step.request for number, step in by_number.items()}
    suppressing = tuple(reading.contacts.labels[code].id for code in suppressed_codes(reading.contacts))
    return Prepared(plan, requests, suppressing, audience)


def _channel(reading: DraftReading) -> str:
    if agent := reading.agent:
        return f"the AI agent {agent.name} ({agent.id}), which answers whoever replies"
    if template := reading.template:
        about = f"{template.language} ({template.category.lower()}, {template.status.lower()})"
        return f"the WhatsApp template {template.name}, {about}, of account {template.account_id}"
    return ""


def _zone_counts(audience: Audience | None) -> Callable[[RequestStep], dict[str, int]]:
    """A function that counts where the recipients of a scheduled step may be, most people first."""
    if audience is None:
        return lambda step: {}
    where = Whereabouts(audience)
    places = cache(lambda: (pd.Index(audience.contacts.ids[where.rows]), where.located["zones"]))

    def count(step: RequestStep) -> dict[str, int]:
        if not isinstance(step.request, CampaignRequest) or step.request.start_at is None:
            return {}
        ids, zones = places()
        found = zones.iloc[ids.get_indexer(pd.Index([contact_id for contact_id, _ in step.people]))]
        return {str(zone): int(people) for zone, people in found.astype("str").fillna("").value_counts().items()}

    return count


def _not_texted(draft: Draft, drawn: Split | None) -> dict[str, tuple[str, ...]]:
    """The contact ids of the arms that get nothing, and of who is held out."""
    if drawn is None or not isinstance(draft, CampaignDraft):
        return {}
    silent = [arm for arm in drawn.experiment.arms if arm not in draft.arms]
    return {arm: drawn.ids(arm) for arm in silent} | {HELD_OUT: drawn.held_out}


def _addressing(contacts: Contacts, steps: Steps) -> list[str]:
    parts = steps.targeting.parts if steps.targeting else ()
    return [line for part in parts for line in _lines(contacts, part)]


def _lines(contacts: Contacts, part: TargetPart) -> list[str]:
    target = part.target
    parts = (("any of", target.any_of), ("all of", target.all_of), ("none of", target.none_of))
    lines = [
        f"{words}: {', '.join(contacts.label(label).name for label in labels)}" for words, labels in parts if labels
    ]
    if target.contacts:
        lines.insert(0, f"{len(target.contacts):,} contacts by id and nobody else, because {part.why}")
    if target.exclude_contacts:
        lines.append(f"minus {len(target.exclude_contacts):,} contacts by id")
    if part.untextable:
        lines.append(f"and {part.untextable:,} who cannot be texted: no number, or one that nobody can have")
    return lines
