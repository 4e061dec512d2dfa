"""What the API that SeaX publishes lists: campaigns, jobs, labels, messages and messaging services."""

from __future__ import annotations

from datetime import UTC, datetime

from toolkit.api.decoding import as_utc, decode_reply
from toolkit.api.dialect import ApiCall, MessagingService, SentMessage, UseCase
from toolkit.api.page_decoding import read_label
from toolkit.api.published import reply_schemas
from toolkit.api.published.channels import accounts, agents, read_accounts, read_agents, read_templates, templates
from toolkit.api.published.inbox import inbox, read_inbox
from toolkit.api.published.replies import campaign_of, job_of
from toolkit.api.published.requests import page_of
from toolkit.api.reply_schemas import Label as WireLabel
from toolkit.models import Campaign, Job, Label

__all__ = [
    "accounts",
    "agents",
    "campaigns",
    "inbox",
    "jobs",
    "labels",
    "messages",
    "read_accounts",
    "read_agents",
    "read_campaigns",
    "read_inbox",
    "read_jobs",
    "read_labels",
    "read_messages",
    "read_service",
    "read_services",
    "read_templates",
    "service",
    "services",
    "templates",
]


def campaigns(offset: int, limit: int) -> ApiCall:
    """A page of all campaigns, newest first; drafts are not listed."""
    return ApiCall("campaigns", page_of(offset, limit))


def read_campaigns(body: bytes) -> tuple[list[Campaign], int]:
    """Campaigns and the total."""
    page = decode_reply(body, reply_schemas.Campaigns, "list of campaigns")
    return [campaign_of(each) for each in page.data], page.total


def jobs(offset: int, limit: int) -> ApiCall:
    """A page of the jobs that import contacts."""
    return ApiCall("jobs", page_of(offset, limit) | {"job_types": "import_contacts"})


def read_jobs(body: bytes) -> tuple[list[Job], int]:
    """Jobs and the total."""
    page = decode_reply(body, reply_schemas.Jobs, "list of jobs")
    return [job_of(each) for each in page.data], page.total


def labels(offset: int, limit: int) -> ApiCall:
    """A page of all labels, also those that no contact has."""
    return ApiCall("contact_labels", page_of(offset, limit) | {"contact_counting": "true"})


def read_labels(body: bytes) -> tuple[list[tuple[Label, int]], int]:
    """Labels, how many contacts have each, and the total."""
    page = decode_reply(body, reply_schemas.Labels, "list of labels")
    found = [
        (
            read_label(WireLabel(x.id, x.name, x.color, x.description, x.is_system)),
            x.contact_count or 0 if x.total_count is None else x.total_count,
        )
        for x in page.data
    ]
    return found, page.total


def messages(phone: str, since: datetime, offset: int, limit: int) -> ApiCall:
    """A page of the messages from and to a phone, answered with 202."""
    wanted = {"contact_phones": phone, "start_time": since.astimezone(UTC).isoformat()}
    return ApiCall("message", page_of(offset, limit) | wanted, success=frozenset({200, 202}))


def read_messages(body: bytes) -> tuple[list[SentMessage], int]:
    """Messages that were sent, and the total, which counts those received as well."""
    page = decode_reply(body, reply_schemas.Messages, "list of messages")
    found = [
        SentMessage(
            id=each.id,
            text=each.message,
            created_time=as_utc(each.created_time),
            sender=each.phone.phone if each.phone else "",
            campaign_id=each.campaign_id,
        )
        for each in page.data
        if not each.is_inbound
    ]
    return found, page.total


def services(offset: int, limit: int) -> ApiCall:
    """A page of the messaging services."""
    return ApiCall("messaging_services", page_of(offset, limit))


def read_services(body: bytes) -> tuple[list[str], int]:
    """Their ids and the total."""
    page = decode_reply(body, reply_schemas.Services, "list of messaging services")
    return [each.id for each in page.data], page.total


def service(service_id: str) -> ApiCall:
    """One messaging service with its senders."""
    return ApiCall(f"messaging_services/{service_id}")


def read_service(body: bytes) -> MessagingService:
    """One messaging service."""
    reply = decode_reply(body, reply_schemas.Service, "messaging service")
    return MessagingService(
        id=reply.id,
        name=reply.name,
        sender_ids=tuple(phone.id for phone in reply.phones),
        is_registered=reply.us_app_to_person_registered,
        use_cases=tuple(
            UseCase(
                status=each.campaign_status or "unknown",
                messages_per_second=each.rate_limits.att.mps if each.rate_limits and each.rate_limits.att else None,
            )
            for each in reply.campaign_usecases or ()
        ),
    )
