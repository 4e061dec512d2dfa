"""What one decides of a campaign: its controls, filled from a form and read back as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
from ipywidgets import Button, Checkbox, RadioButtons, Text, Textarea

from toolkit.groups.saved_segments import SavedSegments
from toolkit.widgets.campaign.arms_field import ArmsField
from toolkit.widgets.fields.audience_field import AudienceField
from toolkit.widgets.fields.choice_field import ChoiceField
from toolkit.widgets.fields.message_field import MessageField
from toolkit.widgets.fields.schedule_field import ScheduleField
from toolkit.widgets.forms.campaign_form import CampaignForm
from toolkit.widgets.forms.choices import label_choices, sender_choices
from toolkit.widgets.forms.exploration import Exploration
from toolkit.widgets.forms.utm import lacks_utm, with_utm


class CampaignFields:
    """The controls of a campaign; `value` is the form in them, and `changed` is called whenever one changes.

    While `is_filling`, it is code that changes them. `phones` are `ws.phones()`. Raises DraftError if a sender of the
    form is not among them.
    """

    def __init__(
        self,
        form: CampaignForm,
        phones: pd.DataFrame,
        segments: SavedSegments,
        *,
        changed: Callable[[], None],
        is_bound: bool,
    ) -> None:
        self._phones = phones
        self.is_filling = False
        self.name = Text(description="Campaign name", placeholder="Only you see it").add_class("seax-name")
        self.type = RadioButtons(options=["SMS", "MMS"], description="Type").add_class("seax-type")
        self.sender = ChoiceField("Sent from", called="sender")
        self.whom = AudienceField(form, segments, changed=changed, is_bound=is_bound)
        self.message = MessageField(form.message)
        self.arms = ArmsField(self.message, form.arms, changed=changed)
        self.personal = Checkbox(description="Personal messages: fill {fields} for each person", indent=False)
        self.personal.add_class("seax-personal")
        self.media = Textarea(rows=2, description="Media", placeholder="https:// addresses, one per line")
        self.media.add_class("seax-media")
        self.schedule = ScheduleField()
        self.shorten = Checkbox(description="Shorten links, and count clicks", indent=False).add_class("seax-shorten")
        self.utm = Button(description="Add UTM parameters to links").add_class("seax-btn--link").add_class("seax-utm")
        self.utm.on_click(lambda _: self._tag_links(changed))
        self.attach = ChoiceField("Labels put on afterwards", called="attach", offered=0)
        self.sender.offer(sender_choices(phones, form.senders, form.type), form.senders)
        self.fill(form)
        texts = (self.name, self.message.text, self.media)
        choices = (self.type, self.sender, self.shorten, self.personal, self.attach)
        for field in (*texts, *choices, *self.schedule.controls.values()):
            field.observe(lambda _: changed(), "value")
        for name, field in self.schedule.controls.items():
            field.add_class(f"seax-{name}")

    @property
    def value(self) -> CampaignForm:
        """The form as typed so far."""
        return replace(
            self._kept,
            **self.whom.choices,
            name=self.name.value,
            type=self.type.value,
            senders=self.sender.value,
            message=self.message.value,
            arms=self.arms.value,
            media=self.media.value,
            start=self.schedule.start,
            end=self.schedule.end,
            zone=self.schedule.zone,
            shorten_links=self.shorten.value,
            attach_labels=self.attach.value,
            by_zone=self.schedule.by_zone,
            local_time=self.schedule.local_time,
            personal=self.personal.value,
            overrides=dict(self.reasons),
        )

    def fill(self, form: CampaignForm) -> None:
        """Put a form's values on the page."""
        self.is_filling = True
        self._kept, self.reasons = form, dict(form.overrides)  # what has no control, and why blocks do not hold
        self.name.value, self.type.value, self.media.value = form.name, form.type, form.media
        self.message.text.value = form.message
        self.arms.fill(form.arms)
        self.whom.fill(form)
        self.schedule.fill(form)
        self.shorten.value, self.personal.value = form.shorten_links, form.personal
        self.sender.choose(form.senders)
        if not self.whom.is_explored:
            self.attach.offer([(name, name) for name in form.attach_labels], form.attach_labels)
        else:
            self.attach.choose(form.attach_labels)
        self.is_filling = False

    def explore(self, exploration: Exploration, labels: pd.DataFrame, *, is_filled: bool) -> None:
        """Offer the labels and fields of the contacts; what is chosen stays. `is_filled` if the service fills them."""
        self.is_filling = True  # selecting the same choices again is not an edit
        self.whom.explore(exploration, labels)
        self.attach.offer(label_choices(labels, self.attach.value), self.attach.value)
        self.arms.offer(["name", *exploration.contacts.field_names], is_filled=is_filled)
        self.is_filling = False

    def show_fitting(self, form: CampaignForm) -> None:
        """Show what fits the choices: senders by capability, media for MMS, the parts of the message."""
        offered = sender_choices(self._phones, [], form.type, kept=form.senders)
        if list(self.sender.options) != offered:
            self.sender.offer(offered, form.senders)
        self.media.layout.display = None if form.type == "MMS" else "none"
        self.utm.layout.display = None if lacks_utm(form) else "none"
        self.message.show()

    def _tag_links(self, changed: Callable[[], None]) -> None:
        self.fill(with_utm(self.value))
        changed()

    def focus(self, field: str) -> None:
        """Put the page's focus on the control of a field, as findings and `CampaignForm.missing` call it."""
        controls: dict[str, Any] = {
            "name": self.name,
            "whom": self.whom,
            "message": self.arms,
            "media": self.media,
            "when": self.schedule,
            "start": self.schedule,
            "sender": self.sender,
        }
        controls.get(field, self.shorten).focus()
