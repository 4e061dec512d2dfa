"""What a person has filled in so far, and its draft. Pure: independent of widgets and workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from toolkit.audience.rules.combined_rules import AndRule, NotRule, Rule
from toolkit.audience.rules.contact_rules import LabelRule
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets.forms.counter import counted
from toolkit.widgets.forms.schedule import in_utc

Sends = Literal["SMS", "MMS"]
_SHOWN = {  # of a draft; its other fields are kept unchanged
    *("kind", "name", "type", "message", "segment", "senders", "media_urls", "start_at", "end_at", "by_zone"),
    *("shorten_links", "attach_labels", "overrides"),
}


@dataclass(frozen=True)
class CampaignForm:
    """The fields of a campaign as typed; labels and senders as in a draft.

    With a `rule`, recipients are its contacts; with None those with any label of `any_of` and none of `none_of`.
    `start` and `end` are local times in `zone`, None for at once.
    """

    name: str = ""
    type: Sends = "SMS"
    senders: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    rule: str | None = None
    message: str = ""
    media: str = ""
    start: datetime | None = None
    end: datetime | None = None
    zone: str = "UTC"
    shorten_links: bool = False
    attach_labels: tuple[str, ...] = ()
    by_zone: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)  # the parts of a draft without a field

    @classmethod
    def from_draft(cls, draft: CampaignDraft) -> CampaignForm:
        """The form for this draft; DraftError if it is neither SMS nor MMS, has an end without a start, or is
        an experiment."""
        is_plain = draft.type in ("SMS", "MMS") and draft.experiment is None
        if not is_plain or (draft.end_at and not draft.start_at):
            raise DraftError(
                f"The builder handles SMS and MMS campaigns of one text that begin before they end; {draft.name!r} is "
                "of another kind: use ws.plan(draft) instead."
            )
        zone = draft.start_at.tzinfo if draft.start_at and isinstance(draft.start_at.tzinfo, ZoneInfo) else None
        shown = zone or ZoneInfo("UTC")
        start, end = (at and at.astimezone(shown).replace(tzinfo=None) for at in (draft.start_at, draft.end_at))
        any_of, none_of = _labels(draft.segment.rule)
        unshown = {name: each for name, each in CampaignDraft.model_fields.items() if name not in _SHOWN}
        return cls(
            name=draft.name,
            type="MMS" if draft.type == "MMS" else "SMS",
            senders=draft.senders,
            any_of=any_of,
            none_of=none_of,
            rule=None if any_of or none_of else str(draft.segment),
            message=draft.message,
            media="\n".join(draft.media_urls),
            start=start,
            end=end,
            zone=shown.key,
            shorten_links=draft.shorten_links,
            attach_labels=draft.attach_labels,
            by_zone=draft.by_zone,
            overrides=dict(draft.overrides),
            more={
                name: getattr(draft, name)
                for name, each in unshown.items()
                if getattr(draft, name) != each.get_default(call_default_factory=True)
            },
        )

    def draft(self) -> CampaignDraft:
        """The draft; DraftError or SegmentError, in one sentence, if something is missing or wrong."""
        if not self.name.strip():
            raise DraftError("Give the campaign a name.")
        if not self.senders:
            raise DraftError("Choose the number it is sent from.")
        segment = self.segment
        if not self.message.strip() and self.type == "SMS":
            raise DraftError("Write the message.")
        if self.end and not self.start:
            raise DraftError("Choose when it starts, or remove its end.")
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
            overrides={code: reason for code, reason in self.overrides.items() if reason.strip()},
            **self.more,
        )

    @property
    def segment(self) -> Segment:
        """Its segment; SegmentError for an invalid rule, DraftError if no label is chosen."""
        if self.rule is not None:
            return Segment.parse(self.rule)
        if not self.any_of and not self.none_of:
            raise DraftError("Choose the recipients: at least one label.")
        if not self.none_of:
            return Segment.any_of(*self.any_of)
        without = ~Segment.any_of(*self.none_of)
        return Segment.any_of(*self.any_of) & without if self.any_of else without

    @property
    def counter(self) -> str:
        """How many parts the message takes, and which characters make it more expensive."""
        return counted(self.message)


def _labels(rule: Rule) -> tuple[tuple[str, ...], tuple[str, ...]]:
    match rule:
        case LabelRule(match="any", labels=any_of):
            return any_of, ()
        case NotRule(inner=LabelRule(match="any", labels=none_of)):
            return (), none_of
        case AndRule(
            rules=(LabelRule(match="any", labels=any_of), NotRule(inner=LabelRule(match="any", labels=none_of)))
        ):
            return any_of, none_of
    return (), ()
