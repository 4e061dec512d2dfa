"""The rules on delivery logs that count or explain: how many messages a contact got lately, and whose message failed.

They give sets and expressions as those of `toolkit.audience.rules.contact_rules`, by logs alone.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import eq, ge, gt, le, lt, or_
from typing import Literal

import narwhals.stable.v2 as nw
from pydantic import Field, field_validator

from toolkit.audience.rules.contact_rules import Names, Schema
from toolkit.audience.rules.literals import listed, name_text, span, span_words
from toolkit.data.bitmaps import Bitmap, pack
from toolkit.data.contacts import Contacts
from toolkit.engagement.behaviour import failed_column, messages_column
from toolkit.errors import SegmentError
from toolkit.models import Frozen
from toolkit.suggest import suggest
from toolkit.texting.failure_classes import ACTIONS, FAILURE_CLASSES

MOST_COUNTED = 1_000_000  # in a rule
CAUSES = (*(known.name for known in FAILURE_CLASSES), *ACTIONS)
_COMPARED = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!="}
_HOW = {"=": "exactly", "!=": "not exactly", "<": "fewer than", "<=": "at most", ">": "more than", ">=": "at least"}


class MessagesRule(Frozen):
    """Contacts by how many messages they got in a span such as `30d` before the time of reading; others got none.

    Counted are messages that were delivered, or were sent and have no report yet, as in `toolkit.engagement.fatigue`.
    """

    _wrong = SegmentError

    rule: Literal["messages"] = "messages"
    within: str
    test: Literal["=", "<", "<=", ">", ">="]
    count: int = Field(ge=0, le=MOST_COUNTED)

    @field_validator("within")
    @classmethod
    def _is_span(cls, within: str) -> str:
        span(within)
        return within

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the matching contacts; SegmentError if no logs were read."""
        return pack(_COMPARED[self.test](contacts.messages(span(self.within)), self.count))

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """The rule on a frame with the columns of `toolkit.engagement.behaviour`: true where it is met, else false."""
        passed: nw.Expr = _COMPARED[self.test](nw.col(messages_column(self.within)), self.count)
        return passed

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        return f"{'not ' if negated else ''}messages in {self.within} {self.test} {self.count}"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        test = _OPPOSITE[self.test] if negated else self.test
        messages = "message" if self.count == 1 else "messages"
        return f"with {_HOW[test]} {self.count:,} {messages} in the last {span_words(self.within)}"


class FailedRule(Frozen):
    """Contacts whose message of any of these campaigns failed or bounced; with `causes`, for one of these.

    A cause is a class of `toolkit.texting.failure_classes`, as reports list them, or what to do about it: `retry`,
    `suppress`, `reword`, `wait`.
    """

    _wrong = SegmentError

    rule: Literal["failed"] = "failed"
    campaigns: Names = Field(min_length=1)
    causes: Names = ()

    @field_validator("causes")
    @classmethod
    def _known(cls, causes: Names) -> Names:
        if unknown := [cause for cause in causes if cause not in CAUSES]:
            raise SegmentError(f"There is no cause {unknown[0]!r}: {suggest(unknown[0], CAUSES)}")
        return causes

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the matching contacts; SegmentError if a campaign's log was not read."""
        return reduce(or_, (contacts.failed(campaign, self.causes) for campaign in self.campaigns))

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """The rule on a frame with the columns of `toolkit.engagement.behaviour`: true where it is met, else false."""
        return reduce(or_, (nw.col(failed_column(campaign, self.causes)) == 1 for campaign in self.campaigns))

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        why = f" for {_one_or_list(self.causes)}" if self.causes else ""
        return f"{'not ' if negated else ''}failed in {_one_or_list(self.campaigns)}{why}"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        why = f" for {listed(self.causes, 'or')}" if self.causes else ""
        return f"whose message {'did not fail' if negated else 'failed'} in {listed(self.campaigns, 'or')}{why}"


def _one_or_list(names: Names) -> str:
    texts = ", ".join(map(name_text, names))
    return texts if len(names) == 1 else f"({texts})"
