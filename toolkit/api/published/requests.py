"""Requests of the API that SeaX publishes: the path, the query and the body of each operation.

A campaign is created as an instance, with one request: whether a draft texts nobody is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from toolkit.api.dialect import ApiCall, LabelRemoval, PersonalTexts
from toolkit.errors import NotSupported
from toolkit.models import CampaignRequest, DuplicateStrategy, ImportRequest, MessageRequest, Target

DUPLICATES: tuple[DuplicateStrategy, ...] = ("mark", "merge", "replace")
_LONGEST = 1_600  # characters of a single message
_QUEUED = ("accepted", "queued", "scheduled", "sending", "initialized")  # the service's words for our one


def phones(offset: int, limit: int, *, enabled: bool) -> ApiCall:
    """A page of senders."""
    return ApiCall("phones", page_of(offset, limit) | {"enabled": "true" if enabled else "false"})


def contacts(offset: int, limit: int, *, any_of: Sequence[str], order: str) -> ApiCall:
    """A page of contacts."""
    filters = {"any_contact_label_ids": ",".join(any_of), "order_by": order}
    return ApiCall("contacts", page_of(offset, limit) | {name: value for name, value in filters.items() if value})


def counted(target: Target) -> ApiCall:
    """The contacts of a target, by the names that they have in a list."""
    filters = {
        "any_contact_label_ids": target.any_of,
        "all_contact_label_ids": target.all_of,
        "exclude_any_contact_label_ids": target.none_of,
        "exclude_contact_ids": target.exclude_contacts,
        "addition_contact_ids": target.contacts,
    }
    return ApiCall("contacts", page_of(0, 1) | {name: ",".join(ids) for name, ids in filters.items() if ids})


def logs(campaign_id: str, offset: int, limit: int, *, statuses: Sequence[str]) -> ApiCall:
    """A page of a campaign's log."""
    words = [word for status in statuses for word in (_QUEUED if status == "queued" else (status,))]
    wanted = {"message_statuses": ",".join(words)} if words else {}
    return ApiCall(f"campaigns/{campaign_id}/logs", page_of(offset, limit) | wanted)


def campaign(campaign_id: str) -> ApiCall:
    """One campaign."""
    return ApiCall(f"campaigns/{campaign_id}")


def job(job_id: str) -> ApiCall:
    """One job, answered with 201."""
    return ApiCall(f"jobs/{job_id}", success=frozenset({200, 201}))


def campaign_request(request: CampaignRequest) -> ApiCall:
    """`POST /campaigns`. NotSupported without a messaging service, which WhatsApp alone does not need."""
    if not request.service_id and request.type != "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        raise NotSupported("This service sends a campaign through one messaging service of its senders: name others.")
    body: dict[str, Any] = {
        "name": request.name,
        "type": request.type,
        "message": request.message,
        "phone_ids": list(request.sender_ids),
        "message_service_id": request.service_id,
        "mode": "WEB",
        "stage": "INSTANCE",
        "is_schedule": request.start_at is not None,
    }
    optional: dict[str, Any] = {
        "any_contact_label_ids": list(request.target.any_of),
        "all_contact_label_ids": list(request.target.all_of),
        "exclude_any_contact_label_ids": list(request.target.none_of),
        "exclude_contact_ids": list(request.target.exclude_contacts),
        "addition_contact_ids": list(request.target.contacts),
        "media_urls": list(request.media_urls),
        "start_time": _time(request.start_at),
        "end_time": _time(request.end_at),
        "enable_link_shortening": request.shorten_links,
        "attach_contact_label_ids": list(request.attach_label_ids),
        "ai_agent_conversation_config_id": request.agent_id,
    }
    if request.template:
        account, name, language = request.template
        del body["message"]  # the template has it
        optional["whatsapp_phone_only"] = True
        optional["service_provider_campaign_data"] = {
            "service_account_id": account,
            "service_account_template_name": name,
            "service_account_template_language": language,
        }
    return ApiCall("campaigns", content={"json": body | {name: value for name, value in optional.items() if value}})


def message_request(request: MessageRequest) -> ApiCall:
    """`POST /messages/sms`, by number. NotSupported for what it cannot send as it was shown."""
    if request.media_urls:
        raise NotSupported("This service sends pictures in campaigns alone: plan a campaign of type MMS.")
    _check_single(request.text)
    body = {"sender_phone_number": request.sender, "destination": request.to, "message": request.text}
    return ApiCall("messages/sms", content={"json": body})


def personal_request(request: PersonalTexts) -> ApiCall:
    """`POST /general_campaigns/sms`: numbers, each with its text. NotSupported for what may not be sent as shown."""
    for each in request.texts:
        _check_single(each.text)
    destinations = [{"destination": each.to, "message": each.text} for each in request.texts]
    body = {
        "sender_phone_number": request.sender,
        "name": request.name,
        "sms_campaign": {"destinations": destinations},
    }
    return ApiCall("general_campaigns/sms", content={"json": body})


def _check_single(text: str) -> None:
    """NotSupported for a text that the service does not send by number as it was shown."""
    if len(text) > _LONGEST:
        raise NotSupported(
            f"This service takes at most {_LONGEST:,} characters in a single message, and this one has "
            f"{len(text):,}: shorten it, or plan a campaign."
        )
    if "{" in text or "}" in text:
        raise NotSupported("This service may fill in what stands in braces in a single message: write it without them.")


def import_request(request: ImportRequest) -> ApiCall:
    """`POST /import_contacts`; the file is the form field `file`. NotSupported for a strategy that it lacks."""
    if request.on_duplicate not in DUPLICATES:
        raise NotSupported(
            f"This service cannot {request.on_duplicate} duplicates: set on_duplicate to one of "
            f"{', '.join(DUPLICATES)}."
        )
    files = {"file": (request.filename, request.content, "text/csv")}
    return ApiCall("import_contacts", {"duplicate_strategy": request.on_duplicate}, {"files": files})


def removal_request(request: LabelRemoval) -> ApiCall:
    """`DELETE /contact_labels/{id}`, answered with 204."""
    return ApiCall(f"contact_labels/{quote(request.label_id, safe='')}", method="DELETE")


def cancel_request(campaign_id: str) -> ApiCall:
    """`PATCH /campaigns/{id}`: what was not sent yet is not sent."""
    return ApiCall(f"campaigns/{campaign_id}", content={"json": {"status": "CANCELED"}}, method="PATCH")


def delete_request(campaign_id: str) -> ApiCall:
    """`DELETE /campaigns/{id}`, answered with 204."""
    return ApiCall(f"campaigns/{campaign_id}", method="DELETE")


def page_of(offset: int, limit: int) -> dict[str, str]:
    """The query of one page of any list."""
    return {"offset": str(offset), "limit": str(limit)}


def _time(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat() if time else None
