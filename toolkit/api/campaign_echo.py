"""What a service repeats of a campaign that it was asked for, which is compared before the campaign is launched."""

from __future__ import annotations

from datetime import datetime

from toolkit.models import Frozen


class CampaignEcho(Frozen):
    """A campaign with all that the service was asked for, as it repeats it; what it does not repeat is empty.

    `is_draft` until it is launched. `other_mode` is how it is sent, where that is not as asked for. `template` is the
    account's id, the template's name and its language.
    """

    id: str
    is_draft: bool
    created_time: datetime
    draft_name: str = ""
    name: str = ""
    type: str = ""
    message: str = ""
    sender_ids: tuple[str, ...] = ()
    service_id: str = ""
    media_urls: tuple[str, ...] = ()
    is_scheduled: bool = False
    start_at: datetime | None = None
    end_at: datetime | None = None
    shorten_links: bool = False
    any_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    none_of_all: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    exclude_contacts: tuple[str, ...] = ()
    is_whatsapp_only: bool = False
    template: tuple[str, ...] = ()
    agent_id: str = ""
    header: str = ""
    files: tuple[str, ...] = ()
    is_by_zone: bool = False
    other_mode: str = ""
    status: str = ""
