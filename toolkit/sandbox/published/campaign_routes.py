"""The published calls on senders, campaigns and messages; every operation is in the modules beside."""

from typing import Annotated

from fastapi import Query, Response

from toolkit.sandbox.published import bulk, campaigns, drafts, inbox, lists, messages, schemas
from toolkit.sandbox.published.campaigns import Wanted
from toolkit.sandbox.published.lists import Page, split
from toolkit.sandbox.published.parameters import AllPaged, Offset, Opened, Paged, When, json_reply


async def get_phones(
    service: Opened, page: Paged, is_owned: bool = False, enabled: bool = True, voice_available: bool | None = None
) -> Response:
    """List the phone numbers that campaigns can be sent from."""
    return json_reply(lists.phones(service, page, is_owned=is_owned, enabled=enabled, voice_available=voice_available))


async def list_campaigns(
    service: Opened,
    page: Paged,
    types: str | None = None,
    phone_numbers: str | None = None,
    ai_agent_conversation_config_id: str | None = None,
    statuses: str | None = None,
    mode: schemas.Mode | None = None,
    stage: schemas.Stage = "INSTANCE",
    start_time_from: When = None,
    start_time_to: When = None,
    end_time_from: When = None,
    end_time_to: When = None,
    order_by: str = "created_time:desc",
) -> Response:
    """List campaigns with their statistics."""
    wanted = Wanted(
        types=split(types),
        phone_numbers=split(phone_numbers),
        statuses=split(statuses),
        mode=mode,
        stage=stage,
        start_from=start_time_from,
        start_to=start_time_to,
        end_from=end_time_from,
        end_to=end_time_to,
    )
    return json_reply(campaigns.listed(service, page, wanted, order_by=order_by))


async def create_campaign(service: Opened, new: schemas.NewCampaign) -> Response:
    """Create a campaign. At stage INSTANCE it is sent at once to all selected contacts, unless it is scheduled."""
    return json_reply(drafts.create(service, new))


async def get_campaign(service: Opened, campaign_id: str) -> Response:
    """Get a campaign with its statistics."""
    return json_reply(campaigns.shown(service, campaign_id))


async def update_campaign(service: Opened, campaign_id: str, changes: schemas.UpdateCampaign) -> Response:
    """Change or launch a draft, or cancel a campaign."""
    return json_reply(drafts.update(service, campaign_id, changes))


async def delete_campaign(service: Opened, campaign_id: str) -> Response:
    """Delete a draft, or cancel what has not begun."""
    drafts.delete(service, campaign_id)
    return Response(status_code=204)


async def list_campaign_logs(
    service: Opened,
    page: Paged,
    campaign_id: str,
    message_statuses: str | None = None,
    whatsapp_message_statuses: str | None = None,
) -> Response:
    """List a campaign's messages, in sending order, and the campaign."""
    return json_reply(campaigns.logs(service, campaign_id, page, statuses=split(message_statuses)))


async def send_sms_message(service: Opened, new: schemas.SMSMessage) -> Response:
    """Send one message to one number."""
    return json_reply(messages.send(service, new))


async def create_sms_campaign(service: Opened, new: schemas.CreateCampaignSMS) -> Response:
    """Send a text to each of some numbers."""
    return json_reply(bulk.create(service, new))


async def get_messages(
    service: Opened,
    page: AllPaged,
    contact_phones: str = "",
    start_time: When = None,
    end_time: When = None,
    order_by: str = "created_time:desc",
) -> Response:
    """List messages that were sent or received, by the time they were created."""
    wanted = inbox.Wanted(split(contact_phones), start_time, end_time)
    return json_reply(inbox.listed(service, page, wanted, order_by=order_by), status=202)


async def get_messaging_services(
    service: Opened,
    offset: Offset = 0,
    limit: Annotated[int, Query(ge=0, le=1000)] = 0,
    tags: str = "Verified",
) -> Response:
    """List the messaging services that campaigns are sent through."""
    return json_reply(lists.services(service, Page(offset, limit), tags=tags))


async def get_messaging_service(service: Opened, messaging_service_id: str) -> Response:
    """Get a messaging service with its senders and what it is registered for."""
    return json_reply(lists.service_detail(service, messaging_service_id))
