"""What a person has filled in so far, and its draft. Pure: independent of widgets and workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from toolkit.audience.rules.combined_rules import Rule
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.plans.draft import MOST_PERSONAL, CampaignDraft, MessagesDraft
from toolkit.widgets.forms.arms import ArmsForm
from toolkit.widgets.forms.part_summary import counted
from toolkit.widgets.forms.schedule import in_utc
from toolkit.widgets.forms.segment_form import SegmentForm

Sends = Literal["SMS", "MMS"]
_SHOWN = {  # of a draft; its other fields are kept unchanged
    *("kind", "name", "type", "message", "segment", "senders", "media_urls", "start_at", "end_at", "by_zone"),
    *("local_time", "shorten_links", "attach_labels", "overrides", "experiment", "messages"),
}


class Missing(NamedTuple):
    """What is still to be done: the field to go to, what to do as a button says it, and in a sentence."""

    field: str
    step: str
    words: str


@dataclass(frozen=True)
class CampaignForm:
    """The fields of a campaign as typed; labels and senders as in a draft.

    With a `rule`, recipients are its contacts; with None those with any label of `any_of` and none of `none_of`, to
    whom all `conditions` apply. `start` and `end` are local times in `zone`, None for at once; `local_time` is one on
    each recipient's clock.
    A `personal` one is sent as single messages, whose fields are filled for each person.
    """

    name: str = ""
    type: Sends = "SMS"
    senders: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    conditions: tuple[Rule, ...] = ()
    rule: str | None = None
    message: str = ""
    arms: ArmsForm = field(default_factory=ArmsForm)
    media: str = ""
    start: datetime | None = None
    end: datetime | None = None
    zone: str = "UTC"
    shorten_links: bool = False
    attach_labels: tuple[str, ...] = ()
    by_zone: bool = False
    local_time: time | None = None
    personal: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)  # the parts of a draft without a field

    @classmethod
    def from_draft(cls, draft: CampaignDraft) -> CampaignForm:
        """The form for this draft; DraftError if it is not an SMS or MMS campaign, has an end without a start, or is
        an experiment with more to it than `ArmsForm` has."""
        if not isinstance(draft, CampaignDraft):
            way = (
                "open the campaign it tests, which is its `campaign`" if draft.kind == "test" else "use ws.plan(draft)"
            )
            raise DraftError(f"The builder handles campaigns, and {draft.name!r} is a {draft.kind} draft: {way}.")
        if draft.type not in ("SMS", "MMS") or (draft.end_at and not draft.start_at):
            raise DraftError(
                f"The builder handles SMS and MMS campaigns that begin before they end; {draft.name!r} is of another "
                "kind: use ws.plan(draft) instead."
            )
        zone = draft.start_at.tzinfo if draft.start_at and isinstance(draft.start_at.tzinfo, ZoneInfo) else None
        shown = zone or ZoneInfo("UTC")
        start, end = (at and at.astimezone(shown).replace(tzinfo=None) for at in (draft.start_at, draft.end_at))
        who = SegmentForm.from_segment(draft.segment)
        is_clickable = bool(who.parts) and not who.all_of and who.segment == draft.segment
        unshown = {name: each for name, each in CampaignDraft.model_fields.items() if name not in _SHOWN}
        return cls(
            name=draft.name,
            type="MMS" if draft.type == "MMS" else "SMS",
            senders=draft.senders,
            any_of=who.any_of if is_clickable else (),
            none_of=who.none_of if is_clickable else (),
            conditions=who.conditions if is_clickable else (),
            rule=None if is_clickable else str(draft.segment),
            message=draft.message,
            arms=ArmsForm.from_draft(draft),
            media="\n".join(draft.media_urls),
            start=start,
            end=end,
            zone=shown.key,
            shorten_links=draft.shorten_links,
            attach_labels=draft.attach_labels,
            by_zone=draft.by_zone,
            local_time=draft.local_time,
            overrides=dict(draft.overrides),
            more={
                name: getattr(draft, name)
                for name, each in unshown.items()
                if getattr(draft, name) != each.get_default(call_default_factory=True)
            },
        )

    def draft(self) -> CampaignDraft:
        """The draft; DraftError or SegmentError, in one sentence, if something is missing or wrong."""
        if self.missing:
            raise DraftError(self.missing.words)
        segment = self.segment
        return CampaignDraft(
            name=self.name,
            type=self.type,
            message=self.message,
            segment=segment,
            senders=self.senders,
            media_urls=tuple(self.media.split()) if self.type == "MMS" else (),
            start_at=in_utc(self.start, self.zone) if self.start else None,
            end_at=in_utc(self.end, self.zone) if self.end else None,
            shorten_links=self.shorten_links,
            attach_labels=self.attach_labels,
            by_zone=self.by_zone,
            local_time=self.local_time if self.by_zone else None,
            overrides={code: reason for code, reason in self.overrides.items() if reason.strip()},
            **self.arms.fields(self.name),
            **self.more,
        )

    def personal_draft(self, contact_ids: Sequence[str]) -> MessagesDraft:
        """The draft of a personal message to each of these people; DraftError if there are too many, or for a start."""
        if self.missing:
            raise DraftError(self.missing.words)
        if not contact_ids:
            raise DraftError("Nobody of these people can be texted: choose others.")
        if len(contact_ids) > MOST_PERSONAL:
            raise DraftError(
                f"Personal messages go to {MOST_PERSONAL:,} people at most, and these are {len(contact_ids):,}: choose "
                "fewer people, or send the same text to all."
            )
        if self.arms.texts:
            raise DraftError("Personal messages have one text: remove the other arms, or send the same text to all.")
        if self.start or self.by_zone:
            raise DraftError("Personal messages are sent at once: choose Now, or send the same text to all.")
        return MessagesDraft(
            name=self.name,
            message=self.message,
            contact_ids=tuple(contact_ids),
            sender=self.senders[0],
            media_urls=tuple(self.media.split()) if self.type == "MMS" else (),
            overrides={code: reason for code, reason in self.overrides.items() if reason.strip()},
        )

    @property
    def missing(self) -> Missing | None:
        """The first thing that is still to be done; None if nothing is."""
        if self.rule is None and not (self.any_of or self.none_of or self.conditions):
            return Missing("whom", "Choose who gets it", "Choose the recipients: at least one label or condition.")
        if not self.message.strip() and self.type == "SMS":
            return Missing("message", "Write the message", "Write the message.")
        if self.type == "SMS" and (arm := self.arms.blank):
            return Missing("message", f"Write the message of arm {arm}", f"Write the message of arm {arm}.")
        if not self.name.strip():
            return Missing("name", "Give it a name", "Give the campaign a name.")
        if not self.senders:
            return Missing("sender", "Choose the sender", "Choose the number it is sent from.")
        if self.end and not self.start:
            return Missing("start", "Choose when it starts", "Choose when it starts, or remove its end.")
        return None

    @property
    def segment(self) -> Segment:
        """Its segment; SegmentError for an invalid rule, DraftError if nobody is chosen."""
        if self.rule is not None:
            return Segment.parse(self.rule)
        if not (self.any_of or self.none_of or self.conditions):
            raise DraftError("Choose the recipients: at least one label or condition.")
        return SegmentForm(self.any_of, (), self.none_of, self.conditions).segment

    @property
    def counter(self) -> str:
        """How many parts the message takes, and which characters make it more expensive."""
        return counted(self.message)
