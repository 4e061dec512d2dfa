"""The fourth step from a draft to a plan: one request a step, which reaches exactly the recipients it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from toolkit.api.dialect import PersonalText, PersonalTexts
from toolkit.audience.contact_numbers import untextable
from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.targets.targeting import Targeting, compile_targeting
from toolkit.data.contacts import Contacts
from toolkit.display import plain
from toolkit.errors import DraftError
from toolkit.models import CampaignRequest, ImportRequest, MessageRequest, Target
from toolkit.planning.batches import Recipients, SendBatch
from toolkit.planning.imports.file_findings import SERVICE_COUNTRIES
from toolkit.planning.label_removal import removal_steps
from toolkit.planning.read import DraftReading
from toolkit.planning.steps import RequestStep, Steps, people
from toolkit.planning.texts import Texts
from toolkit.plans.draft import (
    LONGEST_NAME,
    MOST_MESSAGES,
    CampaignDraft,
    ImportDraft,
    LabelRemovalDraft,
    MessageDraft,
    MessagesDraft,
    TestDraft,
)
from toolkit.texting.numbering.phones import mask

_FEW = 20  # messages that are sent one by one where many could go in one request
_MOST_TRIED = 1_000  # personal texts on a live service, while nobody has seen more
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def address(reading: DraftReading, recipients: Recipients, texts: Texts) -> Steps:
    """Address each batch, by labels, a number or a file.

    Raises DraftError, NotAddressable among them, if exactly these cannot be reached or a sender is not there.
    """
    match reading.draft:
        case CampaignDraft():
            return _campaigns(reading, reading.draft, recipients)
        case MessageDraft():
            return Steps(_messages(reading, reading.draft, [reading.draft.contact_id], recipients, texts))
        case MessagesDraft():
            each = _messages(reading, reading.draft, reading.draft.contact_ids, recipients, texts)
            return Steps(_in_bulk(reading, reading.draft, each))
        case TestDraft():
            return Steps(_tests(reading, reading.draft, recipients))
        case ImportDraft():
            return Steps(_uploads(reading.draft, texts))
        case LabelRemovalDraft():
            return Steps(removal_steps(reading, reading.draft))


def _campaigns(reading: DraftReading, draft: CampaignDraft, recipients: Recipients) -> Steps:
    audience = recipients.audience
    assert audience is not None
    contacts = audience.contacts
    targetings = [
        compile_targeting(
            contacts,
            batch.members,
            suppressed=suppressed_codes(contacts),
            untextable=untextable(contacts),
            most_campaigns=1 if batch.number else draft.most_campaigns,
            most_bytes=reading.past.most_bytes,
            most_named=reading.most_named,
        )
        for batch in recipients.batches
    ]
    requests = {arm: _request(reading, draft.for_arm(arm)) for arm in draft.arms}
    steps = [
        RequestStep(
            what=_called(requests[batch.arm].name, batch, at, len(each.parts)),
            request=requests[batch.arm].model_copy(update={"target": part.target, "start_at": batch.start_at}),
            people=people(audience, part.recipients),
            untextable=part.untextable,
            is_canary=batch.is_canary,
            arm=batch.arm,
            number=batch.number,
        )
        for batch, each in zip(recipients.batches, targetings, strict=True)
        for at, part in enumerate(each.parts, 1)
    ]
    return Steps(steps, _together(targetings))


def _request(reading: DraftReading, draft: CampaignDraft) -> CampaignRequest:
    """The campaign as it is asked for, but for its target."""
    template = reading.template
    return CampaignRequest(
        name=draft.name,
        type=draft.type,
        message=draft.message,
        sender_ids=tuple(phone.id for phone in reading.senders),
        target=Target(),
        media_urls=draft.media_urls,
        start_at=draft.start_at,
        end_at=draft.end_at,
        shorten_links=draft.shorten_links,
        attach_label_ids=tuple(_label_id(reading.contacts, label) for label in draft.attach_labels),
        service_id=reading.service.id if reading.service else "",
        template=(template.account_id, template.name, template.language) if template else (),
        agent_id=reading.agent.id if reading.agent else "",
    )


def _called(name: str, batch: SendBatch, part: int, parts: int) -> str:
    return ", ".join(filter(None, [name, batch.what, f"part {part} of {parts}" if parts > 1 else ""]))


def _together(targetings: Sequence[Targeting]) -> Targeting | None:
    """Several targetings as one; None of none."""
    if len(targetings) < 2:
        return targetings[0] if targetings else None
    return Targeting(
        tuple(part for each in targetings for part in each.parts),
        sum(each.unavoidable for each in targetings),
        sum(each.at_least for each in targetings),
    )


def _messages(
    reading: DraftReading,
    draft: MessageDraft | MessagesDraft,
    wanted: Sequence[str],
    recipients: Recipients,
    texts: Texts,
) -> list[RequestStep]:
    """A message to each of those wanted who can be texted, in their order."""
    audience, wording = recipients.audience, texts.whole
    assert audience is not None
    assert wording is not None
    (sender,) = reading.senders
    phones = dict(people(audience, audience.recipients))
    names = audience.contacts.table.filter(pa.array(audience.recipients))["name"].to_pylist()
    place = {contact_id: at for at, contact_id in enumerate(audience.phones.index.tolist())}

    def called(contact_id: str) -> str:
        if isinstance(draft, MessageDraft):
            return draft.name
        return f"{plain(names[place[contact_id]] or '')} {mask(phones[contact_id])}".strip()

    return [
        RequestStep(
            what=called(each),
            request=MessageRequest(
                sender=sender.phone,
                to=phones[each],
                text=wording.text_of(place[each]),
                media_urls=draft.media_urls,
            ),
            people=[(each, phones[each])],
        )
        for each in wanted
        if each in phones
    ]


def _in_bulk(reading: DraftReading, draft: MessagesDraft, singles: Sequence[RequestStep]) -> Sequence[RequestStep]:
    """The messages, many in one request where the service takes that and there are more than a few.

    A plan that was approved keeps its division. DraftError if there are too many for this service.
    """
    most, wanted = reading.most_personal, len(draft.contact_ids)
    if wanted <= (_FEW if most and not draft.media_urls else MOST_MESSAGES):
        return singles
    if not most or draft.media_urls:
        what = "personal messages with media" if most else "personal messages"
        raise DraftError(
            f"This service takes {what} one at a time, so a list has {MOST_MESSAGES} people at most, and this one has "
            f"{wanted:,}: plan several lists, or a campaign."
        )
    if reading.live and wanted > _MOST_TRIED:
        raise DraftError(
            f"How many personal messages the live service takes is not known, so a list has {_MOST_TRIED:,} people at "
            f"most, and this one has {wanted:,}: plan several lists, or a campaign."
        )
    by_id = {step.people[0][0]: step for step in singles}
    if reading.approved:
        approved = reading.approved
        parts = [(step.number, step.what, approved.recipients_of(step.number)) for step in approved.steps]
    else:
        ids = list(by_id)
        starts = range(0, len(ids), most)
        parts = [
            (number, _part_name(draft.name, at + 1, min(at + most, len(ids))), tuple(ids[at : at + most]))
            for number, at in enumerate(starts, 1)
        ]
    made = [(number, what, [by_id[each] for each in ids if each in by_id]) for number, what, ids in parts]
    return [
        _one_request(number, what, theirs)
        for number, what, theirs in made
        if theirs and (not reading.waiting or number in reading.waiting)
    ]


def _part_name(name: str, first: int, last: int) -> str:
    what = f", messages {first:,} to {last:,}"
    return f"{name[: LONGEST_NAME - len(what)]}{what}"


def _one_request(number: int, what: str, singles: Sequence[RequestStep]) -> RequestStep:
    requests = [step.request for step in singles if isinstance(step.request, MessageRequest)]
    texts = tuple(PersonalText(to=each.to, text=each.text) for each in requests)
    return RequestStep(
        what=what,
        request=PersonalTexts(name=what, sender=requests[0].sender, texts=texts),
        people=[person for step in singles for person in step.people],
        number=number,
    )


def _tests(reading: DraftReading, draft: TestDraft, recipients: Recipients) -> list[RequestStep]:
    """Each text to each of the operator's own numbers."""
    sender = reading.senders[0]
    return [
        RequestStep(
            what=f"your own {mask(number)}",
            request=MessageRequest(sender=sender.phone, to=number, text=batch.text, media_urls=draft.media_urls),
            rows=1,
        )
        for number in reading.policy.test_numbers
        for batch in recipients.batches
    ]


def _uploads(draft: ImportDraft, texts: Texts) -> list[RequestStep]:
    """The file, rewritten as the service requires it."""
    assert texts.file is not None
    request = ImportRequest(
        filename=draft.path.name,
        content=texts.file.content,
        on_duplicate=draft.on_duplicate,
        phone_country=draft.phone_country if draft.phone_country in SERVICE_COUNTRIES else None,
    )
    return [RequestStep(what=draft.name, request=request, rows=texts.file.reading.rows)]


def _label_id(contacts: Contacts, label: str) -> str:
    """The id of a label by name or id; an id that no contact has yet is taken as it is."""
    return label if _UUID.fullmatch(label) else contacts.label(label).id
