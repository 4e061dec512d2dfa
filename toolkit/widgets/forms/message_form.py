"""One message to one contact as it is typed, and its draft. Pure: independent of widgets and workspace."""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.errors import DraftError
from toolkit.plans.draft import MessageDraft
from toolkit.widgets.forms.campaign_form import Sends


@dataclass(frozen=True)
class MessageForm:
    """The fields of a message; an MMS has media, one address per line."""

    contact_id: str
    name: str = "message"
    type: Sends = "SMS"
    sender: str | None = None
    message: str = ""
    media: str = ""

    def draft(self) -> MessageDraft:
        """The draft; DraftError, in one sentence, if something is missing or wrong."""
        media = tuple(self.media.split()) if self.type == "MMS" else ()
        if not self.name.strip():
            raise DraftError("Give the message a name: the same text under another name is another message.")
        if self.sender is None:
            raise DraftError("Choose the number it is sent from.")
        if not self.message.strip() and not media:
            raise DraftError("Write the message.")
        if self.type == "MMS" and not media:
            raise DraftError("An MMS has media: type its https:// address, or make it an SMS.")
        return MessageDraft(
            name=self.name,
            message=self.message,
            contact_id=self.contact_id,
            sender=self.sender,
            media_urls=media,
        )
