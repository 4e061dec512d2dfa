"""A campaign as the vendor publishes its request, read as what the service is asked for."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from toolkit.sandbox.contacts import Filter
from toolkit.sandbox.delivery.launches import CampaignRequest
from toolkit.sandbox.errors import Refused
from toolkit.sandbox.published import channels, lists
from toolkit.sandbox.published.schemas import NewCampaign
from toolkit.sandbox.service import Service

_ECHOED = (
    "media_urls", "draft_name", "header_message", "ai_agent_conversation_config_id", "timezone", "attach_files",
    "header_format", "service_provider_campaign_data",
)  # fmt: skip


def request_of(service: Service, db: sqlite3.Connection, new: NewCampaign) -> CampaignRequest:
    """Return what the service is asked for; refuses what it cannot do."""
    behaviour = service.behaviour.published
    for field in ("contact_file_url", "relative_time_config", "overwrite_phone_recipient"):
        if getattr(new, field):
            raise Refused(422, f"The embedded service knows no {field}", field=field)
    if new.mode != "WEB" or new.is_timezone_aware:
        field = "mode" if new.mode != "WEB" else "is_timezone_aware"
        raise Refused(422, "The embedded service takes mode WEB, and one time for everybody", field=field)
    if new.type in ("SMS", "MMS") and not (new.message or "").strip():
        raise Refused(422, "A campaign of texts needs a message", field="message")
    if not new.phone_ids:
        raise Refused(422, "A campaign needs a phone to be sent from", field="phone_ids")
    for phone_id in new.phone_ids:
        if db.execute("SELECT 1 FROM phones WHERE id = ?", (phone_id,)).fetchone() is None:
            raise Refused(422, f"No phone of this workspace has the id {phone_id!r}", field="phone_ids")
    if new.type != "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        _check_service(db, new, are_senders_checked=behaviour.checks_service)
    audience = Filter(
        keyword=new.keyword or "",
        any_labels=tuple(new.any_contact_label_ids or ()),
        all_labels=tuple(new.all_contact_label_ids or ()),
        additional_ids=tuple(new.addition_contact_ids or ()),
        exclude_ids=tuple(new.exclude_contact_ids or ()),
        exclude_labels=tuple(new.exclude_any_contact_label_ids or ()),
        exclude_all_labels=tuple(new.exclude_all_contact_label_ids or ()),
        has_whatsapp=new.whatsapp_phone_only,
        do_additions_win=behaviour.do_additions_win,
    )
    selects = audience.keyword or audience.any_labels or audience.all_labels
    excludes = audience.exclude_ids or audience.exclude_labels or audience.exclude_all_labels
    if audience.additional_ids:
        is_filtered = bool(selects) or behaviour.are_additions_a_filter
    else:
        is_filtered = bool(selects or excludes)
    if not is_filtered:
        message = "At least one filter of contacts must be given"
        raise Refused(422, message, field="any_contact_label_ids")
    lists.check_labels(db, audience)
    message = channels.message_of(db, new)
    return CampaignRequest(
        name=new.name,
        type=new.type,
        message=message,
        phone_ids=new.phone_ids,
        audience=audience,
        start_time=new.start_time,
        end_time=new.end_time,
        is_schedule=new.is_schedule,
        enable_link_shortening=new.enable_link_shortening,
        attach_labels=new.attach_contact_label_ids or (),
        echo={**_echoed(new), "messaging_service_id": new.message_service_id},
    )


def _echoed(new: NewCampaign) -> Mapping[str, Any]:
    given: dict[str, Any] = new.model_dump(mode="json", include=set(_ECHOED), exclude_none=True)
    return given


def _check_service(db: sqlite3.Connection, new: NewCampaign, *, are_senders_checked: bool) -> None:
    for detail in lists.service_details(db):
        if detail["id"] == new.message_service_id:
            having = {phone["id"] for phone in detail["phones"]}
            if are_senders_checked and not set(new.phone_ids) <= having:
                message = f"The messaging service {new.message_service_id} does not have all of these phones"
                raise Refused(422, message, field="phone_ids")
            return
    message = f"No messaging service has the id {new.message_service_id!r}"
    raise Refused(422, message, field="message_service_id")
