"""From drafts of single messages to their steps: one to a contact, a personal one to each of a few, and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.segment import Segment
from toolkit.models import MessageRequest
from toolkit.planning.circumstances import Circumstances, checked
from toolkit.planning.outline import Outline
from toolkit.planning.own_numbers import check_test, check_tested
from toolkit.planning.preflight import Past
from toolkit.planning.steps import Part, people
from toolkit.planning.wording import word
from toolkit.plans.draft import MessageDraft, MessagesDraft, TestDraft
from toolkit.sections import plain
from toolkit.texting.numbering.phones import mask


def outline_message(here: Circumstances, draft: MessageDraft, past: Past) -> Outline:
    """One message to one contact."""
    outline = _outline(here, draft, [draft.contact_id], past)
    return replace(outline, steps=[replace(step, what=draft.name) for step in outline.steps])


def outline_messages(here: Circumstances, draft: MessagesDraft, past: Past) -> Outline:
    """A message to each of a list, in its order; the checks are those on one, with all as its recipients."""
    like_one = MessageDraft(
        name=draft.name,
        message=draft.message,
        contact_id=draft.contact_ids[0],
        sender=draft.sender,
        media_urls=draft.media_urls,
        overrides=draft.overrides,
        holdout_exempt=draft.holdout_exempt,
    )
    return _outline(here, like_one, draft.contact_ids, past)


def outline_test(here: Circumstances, draft: TestDraft) -> Outline:
    """Each text of a campaign to each of the operator's own numbers."""
    senders = here.senders(draft.campaign.senders[:1])
    numbers = here.policy.test_numbers
    steps = [
        Part(
            what=f"your own {mask(number)}",
            request=MessageRequest(sender=senders[0].phone, to=number, text=text, media_urls=draft.media_urls),
            people=(),
            rows=1,
        )
        for number in numbers
        for text in draft.texts
    ]
    texts = check_tested(draft.texts, is_filled=here.client.fills_placeholders)
    return Outline(steps, [*check_test(numbers, live=here.live), *texts], senders=senders)


def _outline(here: Circumstances, draft: MessageDraft, contact_ids: Sequence[str], past: Past) -> Outline:
    caps = here.caps(past, here.starts())
    audience = here.audience(Segment.from_contacts(contact_ids), caps, by_label=False, exempt=draft.holdout_exempt)
    contacts = audience.contacts
    senders = here.senders([draft.sender])
    wording = word(draft.message, audience, is_filled=True)
    phones = dict(people(audience, audience.recipients))
    ids = audience.phones.index.tolist()
    names = contacts.table.filter(pa.array(audience.recipients))["name"].to_pylist()
    place = {contact_id: at for at, contact_id in enumerate(ids)}
    steps = [
        Part(
            what=f"{plain(names[place[each]] or '')} {mask(phones[each])}".strip(),
            request=MessageRequest(
                sender=senders[0].phone,
                to=phones[each],
                text=wording.text_of(place[each]),
                media_urls=draft.media_urls,
            ),
            people=[(each, phones[each])],
        )
        for each in contact_ids
        if each in phones
    ]
    return Outline(
        steps,
        checked(here.outgoing(draft, audience, None, senders, wording, past)),
        audience,
        senders,
        previews=wording.previews(),
        cost=wording.cost(here.policy, is_mms=bool(draft.media_urls)),
        suppressing=tuple(contacts.labels[code].id for code in suppressed_codes(contacts)),
    )
