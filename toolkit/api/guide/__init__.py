"""The dialect of the API guide, the contract of the embedded workspace."""

from toolkit.api.decoding import read_senders as read_phones
from toolkit.api.guide.replies import read_campaign, read_id, read_job, read_logs, read_message
from toolkit.api.guide.requests import (
    DUPLICATES,
    campaign,
    campaign_request,
    cancel_request,
    contacts,
    counted,
    delete_request,
    import_request,
    job,
    logs,
    message_request,
    personal_request,
    phones,
    removal_request,
)
from toolkit.api.page_decoding import read_contact_page as read_contacts

NAME = "guide"
FILLS_PLACEHOLDERS = False  # the guide documents none, so braces are sent as they are
LISTS: None = None
MOST_NAMED = 0
MOST_PERSONAL = 0

__all__ = [
    "DUPLICATES",
    "FILLS_PLACEHOLDERS",
    "LISTS",
    "MOST_NAMED",
    "MOST_PERSONAL",
    "NAME",
    "campaign",
    "campaign_request",
    "cancel_request",
    "contacts",
    "counted",
    "delete_request",
    "import_request",
    "job",
    "logs",
    "message_request",
    "personal_request",
    "phones",
    "read_campaign",
    "read_contacts",
    "read_id",
    "read_job",
    "read_logs",
    "read_message",
    "read_phones",
    "removal_request",
]
