"""One message to one contact, sent as a campaign is: a plan, a person's approval, once."""

from __future__ import annotations

from typing import Any

import pandas as pd
from ipywidgets import HTML, Dropdown, RadioButtons, Text, Textarea, VBox
from traitlets import Instance

from toolkit.display import Section, as_html, as_text
from toolkit.errors import DraftError, ToolkitError
from toolkit.planning.preflight.media_findings import check_addresses
from toolkit.plans.cost import Preview
from toolkit.plans.draft import MessageDraft
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.fields.phone_preview import PhonePreview
from toolkit.widgets.forms.choices import sender_choices
from toolkit.widgets.forms.message_form import MessageForm
from toolkit.widgets.forms.part_summary import counted
from toolkit.widgets.forms.preview_sample import only
from toolkit.widgets.plan_button import Planning
from toolkit.widgets.views.finding_view import finding_list
from toolkit.widgets.views.host_support import titled
from toolkit.widgets.views.markup import banner, heading, hint, look
from toolkit.workspace import Workspace


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
        self._to = HTML(heading(f"To {called}")).add_class("seax-to")
        self._name = Text(draft.name if draft else "message", description="Name").add_class("seax-name")
        self._type = RadioButtons(options=["SMS", "MMS"], value=kind, description="Type").add_class("seax-type")
        self._sender = Dropdown(options=senders, description="Sent from").add_class("seax-sender")
        self._sender.value = draft.sender if draft else None
        self._message = MessageField(draft.message if draft else "")
        self._media = Textarea(
            "\n".join(draft.media_urls) if draft else "",
            rows=2,
            description="Media",
            placeholder="https:// addresses, one per line",
        ).add_class("seax-media")
        self._found = HTML().add_class("seax-found-media")
        self._phone = PhonePreview()
        self._planning = Planning(workspace, shown=lambda _: self._show_form(is_shown=False), edit=self._show_form)
        for field in (self._name, self._type, self._sender, self._message.text, self._media):
            field.observe(lambda _: self._edited(), "value")
        about = VBox([self._name, self._type, self._sender]).add_class("seax-pair")
        left = VBox([self._to, about, self._message, self._media, self._found]).add_class("seax-lines")
        card = VBox(
            [
                HTML(banner(live=workspace.live)).add_class("seax-where"),
                self._phone,
                VBox([self._planning.reading]).add_class("seax-foot"),
            ]
        ).add_class("seax-card")
        self._form = VBox([left.add_class("seax-form"), card]).add_class("seax-build")
        super().__init__([look(), self._form, self._planning.place])
        self.add_class("seax").add_class("seax-composer")
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
            self._message.show()
            media = tuple(form.media.split()) if form.type == "MMS" else ()
            self._phone.show(form.message, self._previews(form.message), media)
            self._found.value = finding_list([*check_addresses(media)])
            try:
                draft, said = form.draft(), "Complete. Check the plan before anything is sent."
            except ToolkitError as error:
                draft, said = None, str(error)
            self.set_trait("value", draft)
            self._planning.offer(draft, hint(said))
            self._show_form(is_shown=self._planning.panel is None or self._form.layout.display != "none")

    def _show_form(self, *, is_shown: bool = True) -> None:
        """Show the form, or the plan where it was."""
        self._form.layout.display = None if is_shown else "none"

    def _previews(self, message: str) -> tuple[Preview, ...]:
        try:
            return self._workspace.drafts.previews(message, self._people) if self._people and message.strip() else ()
        except ToolkitError:  # half a character, which the plan will report
            return ()

    def _offer(self) -> None:
        kept = [self._sender.value] if self._sender.value else []
        offered = sender_choices(self._phones, [], self._type.value, kept=kept)
        if list(self._sender.options) != offered:
            with self._sender.hold_sync():
                self._sender.options = offered
                self._sender.value = next((name for _, name in offered if name in kept), None)
        self._media.layout.display = None if self._type.value == "MMS" else "none"

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
