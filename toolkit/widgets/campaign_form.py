"""What a person has filled in so far, and the draft it makes. Pure: knows neither widgets nor the workspace."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from pydantic import ValidationError

from toolkit.audience.rules import AndRule, LabelRule, NotRule, Rule
from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.sending.draft import CampaignDraft
from toolkit.texting.parts import count_parts

_NAMED = 5  # offending characters spelled out before "and n more"


@dataclass(frozen=True)
class CampaignForm:
    """The fields of an SMS campaign as typed; labels and the sender as a draft names them."""

    name: str = ""
    sender: str | None = None
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    message: str = ""

    @classmethod
    def from_draft(cls, draft: CampaignDraft) -> CampaignForm:
        """The form that makes this draft; DraftError if the draft says what the form has no field for."""
        any_of, none_of = _labels(draft.segment.rule)
        form = cls(draft.name, draft.senders[0], any_of, none_of, draft.message)
        try:
            remade = form.draft()
        except DraftError:
            remade = None
        if remade != draft:
            raise DraftError(
                "The builder has fields for one sender, labels that contacts have or lack, and the text of an SMS; "
                f"{draft.name!r} says something else: look at it with ws.plan(draft) instead."
            )
        return form

    def draft(self) -> CampaignDraft:
        """The draft; DraftError, in one sentence, if something is missing or wrong."""
        if not self.name.strip():
            raise DraftError("Give the campaign a name.")
        if self.sender is None:
            raise DraftError("Choose the number it is sent from.")
        if not self.any_of and not self.none_of:
            raise DraftError("Choose whom it goes to: at least one label.")
        if not self.message.strip():
            raise DraftError("Write the message.")
        try:
            return CampaignDraft(name=self.name, message=self.message, segment=self.segment, senders=(self.sender,))
        except ValidationError as error:
            first = error.errors()[0]
            raise DraftError(f"Change the {first['loc'][0]}: {first['msg'].lower()}.") from error

    @property
    def segment(self) -> Segment:
        """Whom it is for; SegmentError if no label is chosen."""
        if not self.none_of:
            return Segment.any_of(*self.any_of)
        without = ~Segment.any_of(*self.none_of)
        return Segment.any_of(*self.any_of) & without if self.any_of else without

    @property
    def counter(self) -> str:
        """How many parts the message takes, and which characters make it dearer."""
        parts = count_parts(self.message)
        named = [f"{c} ({_name(c)})" for c in parts.offending[:_NAMED]]
        if not named:
            return str(parts)
        more = f" and {len(parts.offending) - _NAMED} more" if len(parts.offending) > _NAMED else ""
        return f"{parts}, because of {', '.join(named)}{more}"


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


def _name(character: str) -> str:
    return unicodedata.name(character, "").lower() or f"U+{ord(character):04X}"
