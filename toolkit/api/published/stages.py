"""Two stages of a campaign: at stage DRAFT it is kept, at stage INSTANCE sent; what is kept is repeated in full.

The labels that a campaign attaches to contacts are not in the reply.
"""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.api.campaign_echo import CampaignEcho
from toolkit.api.decoding import as_utc, decode_reply
from toolkit.api.dialect import ApiCall
from toolkit.api.published import reply_schemas
from toolkit.api.published.requests import campaign_request, page_of
from toolkit.api.reply_schemas import Phone
from toolkit.models import CampaignRequest

_MODE = "WEB"  # as it is asked for


def draft_request(request: CampaignRequest, draft_name: str) -> ApiCall:
    """`POST /campaigns` at stage DRAFT, by a name by which it is found again."""
    call = campaign_request(request)
    return ApiCall(call.path, content={"json": call.content["json"] | {"stage": "DRAFT", "draft_name": draft_name}})


def launch_request(campaign_id: str) -> ApiCall:
    """`PATCH /campaigns/{id}`: what was kept is sent, at once or when it is scheduled."""
    return ApiCall(f"campaigns/{campaign_id}", content={"json": {"stage": "INSTANCE"}}, method="PATCH")


def drafts(offset: int, limit: int) -> ApiCall:
    """A page of all drafts."""
    return ApiCall("campaigns", page_of(offset, limit) | {"stage": "DRAFT"})


def read_drafts(body: bytes) -> tuple[list[CampaignEcho], int]:
    """Drafts and the total."""
    page = decode_reply(body, reply_schemas.Echoes, "list of campaigns")
    return [_echo(each) for each in page.data], page.total


def read_echo(body: bytes) -> CampaignEcho:
    """A campaign or a draft, with all that the service was asked for."""
    return _echo(decode_reply(body, reply_schemas.Echo, "campaign"))


def _echo(reply: reply_schemas.Echo) -> CampaignEcho:
    whom, used = reply.campaign_metadata or reply_schemas.Metadata(), reply.service_provider_campaign_data
    named = (used.service_account_id, used.service_account_template_name) if used else ()
    template = (*named, used.service_account_template_language) if used else ()
    files = [each.url for each in reply.attach_files or ()] + [reply.contact_file_url or ""]
    return CampaignEcho(
        id=reply.id,
        is_draft=reply.stage == "DRAFT",
        created_time=as_utc(reply.created_time),
        draft_name=reply.draft_name or "",
        name=reply.name,
        type=reply.type,
        message=reply.message or "",
        sender_ids=_ids(reply.phones),
        service_id=reply.messaging_service_id or "",
        media_urls=tuple(reply.media_urls or ()),
        is_scheduled=bool(reply.is_schedule),
        start_at=as_utc(reply.start_time) if reply.start_time else None,
        end_at=as_utc(reply.end_time) if reply.end_time else None,
        shorten_links=bool(reply.enable_link_shortening),
        any_of=_ids(whom.any_contact_labels),
        all_of=_ids(whom.all_contact_labels),
        none_of=_ids(whom.exclude_any_contact_labels),
        none_of_all=_ids(whom.exclude_all_contact_labels),
        contacts=_ids(whom.addition_contacts),
        exclude_contacts=_ids(whom.exclude_contacts),
        is_whatsapp_only=bool(whom.whatsapp_phone_only),
        template=tuple(each or "" for each in template),
        agent_id=reply.ai_agent_conversation_config_id or "",
        header=reply.header_message or "",
        files=tuple(filter(None, files)),
        is_by_zone=bool(reply.is_timezone_aware),
        other_mode="" if reply.mode == _MODE else reply.mode or "none",
        status=(reply.status or "").lower(),
    )


def _ids(found: Iterable[reply_schemas.NamedId | Phone] | None) -> tuple[str, ...]:
    return tuple(each.id for each in found or ())
