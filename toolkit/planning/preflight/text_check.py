"""A text checked alone, while somebody writes it and before recipients are chosen."""

from __future__ import annotations

from datetime import datetime

from toolkit.api.arrow_schemas import CONTACTS
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import build_audience
from toolkit.data.contacts import Contacts
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.planning.preflight.checks import ON_TEXTS
from toolkit.planning.read import DraftReading
from toolkit.planning.wording import word
from toolkit.plans.draft import CampaignDraft
from toolkit.plans.finding import Finding
from toolkit.plans.policy import SendPolicy


def check_text(message: str, *, policy: SendPolicy, now: datetime) -> list[Finding]:
    """Findings on the text of an SMS campaign; those about people, senders and times come with a plan.

    Raises ToolkitError for half a character in the text.
    """
    contacts = Contacts(CONTACTS.empty_table(), (), now)
    nobody = build_audience(Segment.everyone(), contacts, live=False)
    draft = CampaignDraft(name="text", message=message, segment=Segment.everyone(), senders=("nobody",))
    reading = DraftReading(draft, contacts, (), now, policy=policy)
    out = Outgoing(reading, draft, nobody, word(draft.message, nobody, is_filled=False))
    return [found for look in ON_TEXTS for found in look(out)]
