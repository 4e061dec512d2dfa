"""The dialect of the API that SeaX publishes, by its OpenAPI file of 2025-11; never run against the live service."""

from toolkit.api.decoding import read_senders as read_phones
from toolkit.api.page_decoding import read_contact_page as read_contacts
from toolkit.api.published import listings
from toolkit.api.published.replies import read_campaign, read_id, read_job, read_logs, read_message
from toolkit.api.published.requests import (
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

NAME = "published"
FILLS_PLACEHOLDERS = True
LISTS = listings
MOST_PERSONAL = 500  # our own limit: nothing is published
MOST_NAMED = 5_000  # as addition_contact_ids; nothing published limits them

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
