"""Requests of the API guide: the path, the query and the body of each operation.

Optional fields without a value are omitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from toolkit.api.dialect import ApiCall, LabelRemoval, PersonalTexts
from toolkit.errors import NotSupported
from toolkit.models import CampaignRequest, DuplicateStrategy, ImportRequest, MessageRequest, Target

DUPLICATES: tuple[DuplicateStrategy, ...] = ("mark", "skip", "update")


def phones(offset: int, limit: int, *, enabled: bool) -> ApiCall:
    """A page of senders."""
    return ApiCall("phones", _page(offset, limit) | {"enabled": "true" if enabled else "false"})


def contacts(offset: int, limit: int, *, any_of: Sequence[str], order: str) -> ApiCall:
    """A page of contacts."""
    filters = {"any_contact_label_ids": ",".join(any_of), "order_by": order}
    return ApiCall("contacts", _page(offset, limit) | {name: value for name, value in filters.items() if value})


def counted(target: Target) -> ApiCall:
    """The contacts of a target, by the names that they have in a list."""
    filters = {
        "any_contact_label_ids": target.any_of,
        "all_contact_label_ids": target.all_of,
        "exclude_labels": target.none_of,
        "exclude_contact_ids": target.exclude_contacts,
    }
    return ApiCall("contacts", _page(0, 1) | {name: ",".join(ids) for name, ids in filters.items() if ids})


def logs(campaign_id: str, offset: int, limit: int, *, statuses: Sequence[str]) -> ApiCall:
    """A page of a campaign's log."""
    wanted = {"message_statuses": ",".join(statuses)} if statuses else {}
    return ApiCall(f"campaigns/{campaign_id}/logs", _page(offset, limit) | wanted)


def campaign(campaign_id: str) -> ApiCall:
    """One campaign."""
    return ApiCall(f"campaigns/{campaign_id}")


def job(job_id: str) -> ApiCall:
    """One job: the guide gives job ids but no path, the vendor's published API gives this one, and answers 201."""
    return ApiCall(f"jobs/{job_id}", success=frozenset({200, 201}))


def campaign_request(request: CampaignRequest) -> ApiCall:
    """`POST /campaigns`. NotSupported for contacts by id."""
    if request.target.contacts:
        raise NotSupported("This service takes no contacts by id: give them a label, and plan for it.")
    body: dict[str, Any] = {
        "name": request.name,
        "type": request.type,
        "message": request.message,
        "phone_ids": list(request.sender_ids),
        "is_schedule": request.start_at is not None,
    }
    optional = {
        "any_contact_label_ids": list(request.target.any_of),
        "all_contact_label_ids": list(request.target.all_of),
        "exclude_any_contact_label_ids": list(request.target.none_of),
        "exclude_contact_ids": list(request.target.exclude_contacts),
        "media_urls": list(request.media_urls),
        "start_time": request.start_at.astimezone(UTC).isoformat() if request.start_at else None,
        "end_time": request.end_at.astimezone(UTC).isoformat() if request.end_at else None,
        "enable_link_shortening": request.shorten_links,
        "attach_contact_label_ids": list(request.attach_label_ids),
    }
    return ApiCall("campaigns", content={"json": body | {name: value for name, value in optional.items() if value}})


def message_request(request: MessageRequest) -> ApiCall:
    """`POST /send_message`."""
    body: dict[str, Any] = {
        "phone_number": request.sender,
        "to_phone_number": request.to,
        "content": request.text,
    }
    return ApiCall(
        "send_message",
        content={"json": body | ({"media_urls": list(request.media_urls)} if request.media_urls else {})},
    )


def personal_request(request: PersonalTexts) -> ApiCall:
    """NotSupported: the guide sends one message at a time."""
    raise NotSupported("This service sends personal messages one at a time: plan fewer, or a campaign.")


def import_request(request: ImportRequest) -> ApiCall:
    """`POST /import_contacts`; the file is the form field `file`. NotSupported for a strategy that the guide lacks."""
    if request.on_duplicate not in DUPLICATES:
        raise NotSupported(
            f"This service cannot {request.on_duplicate} duplicates: set on_duplicate to one of "
            f"{', '.join(DUPLICATES)}."
        )
    params: dict[str, str] = {"duplicate_strategy": request.on_duplicate}
    params |= {"phone_country": request.phone_country} if request.phone_country else {}
    return ApiCall("import_contacts", params, {"files": {"file": (request.filename, request.content, "text/csv")}})


def removal_request(request: LabelRemoval) -> ApiCall:
    """NotSupported: the guide documents nothing that removes a label."""
    raise NotSupported(
        f"This service cannot remove a label: open {request.label_name} in SeaX under Contacts, Labels, and delete it "
        "there."
    )


def cancel_request(campaign_id: str) -> ApiCall:
    """NotSupported: the guide documents nothing that stops a campaign."""
    raise NotSupported(
        f"This service cannot cancel a campaign: open {campaign_id} in SeaX under Campaigns, and cancel it there."
    )


delete_request = cancel_request


def _page(offset: int, limit: int) -> dict[str, str]:
    return {"offset": str(offset), "limit": str(limit)}
