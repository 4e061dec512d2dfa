"""The service's calls that change something outside, each asked once and never tried again.

Only `toolkit.sending.posting` names those that send (`create_campaign`, `send_message`, `send_personal_texts`), that
keep and launch a draft (`create_draft`, `launch_campaign`, `delete_draft`) or change contacts (`import_contacts`,
`remove_label`), only `toolkit.sending.cancel` those that stop a campaign.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from toolkit.api.caller import Caller
from toolkit.api.campaign_echo import CampaignEcho
from toolkit.api.dialect import AnyRequest, ApiCall, Dialect, LabelRemoval, PersonalTexts, Stages
from toolkit.api.error_replies import one_line
from toolkit.errors import NotSupported, UnexpectedReply
from toolkit.models import Campaign, CampaignRequest, ImportRequest, Job, Message, MessageRequest

_T = TypeVar("_T")


class ClientWrites:
    """What changes something at the service, over a caller's requests."""

    def __init__(self, caller: Caller) -> None:
        self.workspace_id = caller.workspace_id
        self._caller = caller

    @property
    def dialect(self) -> Dialect:
        """How the service is spoken to; a service that was never asked is asked now."""
        return self._caller.speak().dialect

    def check(self, request: AnyRequest) -> None:
        """Raise NotSupported, with another way, if the service cannot be asked for this; sends nothing."""
        self._call(request)

    def create_campaign(self, request: CampaignRequest) -> Campaign:
        """Send a campaign. It starts at once, or is scheduled; it cannot be recalled. Never retried."""
        return self._read_sent(self.dialect.read_campaign, self._caller.once(self._call(request)))

    def send_message(self, request: MessageRequest) -> Message:
        """Send one message. Never retried."""
        body = self._caller.once(self._call(request))
        return self._read_sent(lambda body: self.dialect.read_message(body, request), body)

    def send_personal_texts(self, request: PersonalTexts) -> str:
        """Send each phone its text; the id of the campaign that they became. Never retried."""
        known_id = self.dialect.read_id(self._caller.once(self._call(request)))
        if known_id is None:
            raise UnexpectedReply("The service accepted the texts and gave them no id.")
        return known_id

    def import_contacts(self, request: ImportRequest) -> Job:
        """Upload a CSV of contacts. Never retried."""
        return self._read_sent(self.dialect.read_job, self._caller.once(self._call(request)))

    def remove_label(self, request: LabelRemoval) -> None:
        """Delete a label, which takes it from whoever has it. Never retried."""
        self._caller.once(self._call(request))

    def check_cancel(self, campaign_id: str) -> None:
        """Raise NotSupported, with another way, if the service cannot cancel a campaign; changes nothing."""
        self.dialect.cancel_request(path_part(campaign_id))

    def cancel_campaign(self, campaign_id: str) -> None:
        """Ask the service to cancel a campaign; what was sent is not recalled. Never retried."""
        self._caller.once(self.dialect.cancel_request(path_part(campaign_id)))

    def delete_campaign(self, campaign_id: str) -> None:
        """Ask the service to delete a campaign that has not begun. Never retried."""
        self._caller.once(self.dialect.delete_request(path_part(campaign_id)))

    def create_draft(self, request: CampaignRequest, draft_name: str) -> str:
        """Keep a campaign at the service as a draft, by a name of its own; its id. Never retried."""
        body = self._caller.once(self._stages.draft_request(request, draft_name))
        return self._read_sent(self._stages.read_echo, body).id

    def launch_campaign(self, campaign_id: str) -> CampaignEcho:
        """Send what was kept as a draft. It starts at once, or is scheduled; it cannot be recalled. Never retried."""
        body = self._caller.once(self._stages.launch_request(path_part(campaign_id)))
        return self._read_sent(self._stages.read_echo, body)

    def delete_draft(self, campaign_id: str) -> None:
        """Delete what was kept as a draft. Never retried."""
        self._caller.once(self.dialect.delete_request(path_part(campaign_id)))

    @property
    def _stages(self) -> Stages:
        if self.dialect.STAGES is None:
            raise NotSupported("This service keeps no drafts: a campaign is sent in one request.")
        return self.dialect.STAGES

    def _call(self, request: AnyRequest) -> ApiCall:
        return _call_for(self.dialect, request)

    def _read_sent(self, read: Callable[[bytes], _T], body: bytes) -> _T:
        """The reply to an accepted request; if it cannot be read, the error has at least the id in it."""
        try:
            return read(body)
        except UnexpectedReply as error:
            known_id = self.dialect.read_id(body)
            if known_id is None:
                raise error from None
            named = UnexpectedReply(f"{error} The service gave it the id {one_line(known_id)}.")
            named.known_id = known_id
            raise named from error


def path_part(identifier: str) -> str:
    """An id as one part of a path."""
    return quote(identifier, safe="").replace(".", "%2E")  # ".." must not lead out of the workspace


def _call_for(dialect: Dialect, request: AnyRequest) -> ApiCall:
    """How a dialect asks for what sends or changes contacts; NotSupported where it cannot."""
    match request:
        case CampaignRequest():
            return dialect.campaign_request(request)
        case MessageRequest():
            return dialect.message_request(request)
        case PersonalTexts():
            return dialect.personal_request(request)
        case ImportRequest():
            return dialect.import_request(request)
        case LabelRemoval():
            return dialect.removal_request(request)
