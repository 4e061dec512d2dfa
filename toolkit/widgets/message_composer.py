"""One message to one contact, sent as a campaign is: a plan, a person's approval, once."""

from __future__ import annotations

from typing import Any

import pandas as pd
from ipywidgets import HTML, Dropdown, RadioButtons, Text, Textarea, VBox
from traitlets import Instance

from toolkit.errors import DraftError, ToolkitError
from toolkit.planning.preflight.media_findings import check_addresses
from toolkit.plans.draft import MessageDraft
from toolkit.sections import Section, as_html, as_text
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.forms.choices import sender_choices
from toolkit.widgets.forms.counter import counted
from toolkit.widgets.forms.message_form import MessageForm
from toolkit.widgets.forms.sample import only
from toolkit.widgets.plan_button import Planning
from toolkit.widgets.views.markup import banner, hint
from toolkit.widgets.views.place import titled
from toolkit.widgets.views.plan_view import finding_boxes
from toolkit.workspace import Workspace

_WIDE = {"layout": {"width": "640px", "max_width": "100%"}, "style": {"description_width": "130px"}}
_INDENTED = {"layout": {"margin": "0 0 0 138px", "max_width": "640px"}}


class MessageComposer(VBox):  # type: ignore[misc]  # ipywidgets has no types
    """An SMS or MMS to one contact: a row of `ws.contacts()`, or a contact's id.

    `value` is the `MessageDraft` on the page, None while something is missing. To send the same text to the same person
    again, change its name. Every edit removes the plan from the page. Raises DraftError for anything but a contact.
    """

    value = Instance(MessageDraft, allow_none=True, read_only=True)

    def __init__(self, workspace: Workspace, contact: pd.Series | str, draft: MessageDraft | None = None) -> None:
        self._workspace = workspace
        self._contact_id, called = _contact(contact)
        self._people = None if isinstance(contact, str) else only(contact)
        self._phones = workspace.phones()
        kind = "MMS" if draft and draft.media_urls else "SMS"
        senders = sender_choices(self._phones, [draft.sender] if draft else [], kind)
        self._to = HTML(hint(f"To {called}")).add_class("seax-to")
        self._name = Text(draft.name if draft else "message", description="Name", **_WIDE).add_class("seax-name")
        self._type = RadioButtons(
            options=["SMS", "MMS"], value=kind, description="Type", orientation="horizontal", **_INDENTED
        ).add_class("seax-type")
        self._sender = Dropdown(options=senders, description="Sent from", **_WIDE).add_class("seax-sender")
        self._sender.value = draft.sender if draft else None
        self._message = MessageField(workspace, draft.message if draft else "")
        self._media = Textarea(
            "\n".join(draft.media_urls) if draft else "",
            rows=2,
            description="Media",
            placeholder="https:// addresses, one per line",
            **_WIDE,
        ).add_class("seax-media")
        self._found = HTML(**_INDENTED).add_class("seax-found-media")
        self._planning = Planning(workspace)
        for field in (self._name, self._type, self._sender, self._message.text, self._media):
            field.observe(lambda _: self._edited(), "value")
        super().__init__(
            [
                HTML(banner(live=workspace.live)).add_class("seax-where"),
                *(self._to, self._name, self._type, self._sender),
                *(self._message, self._media, self._found),
                self._planning,
            ]
        )
        self.add_class("seax-composer")
        self._edited()

    @property
    def form(self) -> MessageForm:
        """The values typed so far."""
        return MessageForm(
            self._contact_id,
            self._name.value,
            self._type.value,
            self._sender.value,
            self._message.value,
            self._media.value,
        )

    def _edited(self) -> None:
        with self._planning.lock:
            self._offer()
            form = self.form
            self._message.show(self._people)
            self._found.value = (
                finding_boxes([*check_addresses(tuple(form.media.split()))]) if form.type == "MMS" else ""
            )
            try:
                draft, said = form.draft(), "Complete. Check the plan before anything is sent."
            except ToolkitError as error:
                draft, said = None, str(error)
            self.set_trait("value", draft)
            self._planning.offer(draft, hint(said))

    def _offer(self) -> None:
        kept = [self._sender.value] if self._sender.value else []
        offered = sender_choices(self._phones, [], self._type.value, kept=kept)
        if list(self._sender.options) != offered:
            with self._sender.hold_sync():
                self._sender.options = offered
                self._sender.value = next((name for _, name in offered if name in kept), None)
        self._media.disabled = self._type.value == "SMS"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The widget, and a plain version that is readable without a kernel."""
        form = self.form
        rows = [["to", form.contact_id], ["sent from", form.sender or ""], ["message", form.message]]
        twin = [Section(titled("Message", "write it"), [*rows, ["parts", counted(form.message)]])]
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs)
        return bundle | {"text/plain": as_text(twin), "text/html": as_html(twin)}


def _contact(contact: pd.Series | str) -> tuple[str, str]:
    """A contact's id, and the name shown for it."""
    if isinstance(contact, str):
        return contact, contact
    if "id" not in contact.index:
        raise DraftError("A message goes to one contact: pass a row of ws.contacts(), as contacts.iloc[0], or an id.")
    name = contact.get("name")
    return str(contact["id"]), str(name) if isinstance(name, str) and name else str(contact["id"])
