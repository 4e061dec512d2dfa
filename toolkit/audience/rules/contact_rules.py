"""The rules about contacts themselves: which have a label, are named by id, or received a campaign, and everyone.

Every rule gives its set among local contacts (`bitmap`) and as an expression for any engine (`expr`), prints as it is
typed (`text`, see `toolkit.audience.rules.rule_text`) and describes itself in words (`phrase`). Expressions stay plain
predicates, which engines push down to the files they read: a missing value does not match, which only `not` has to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Annotated, Literal

import narwhals.stable.v2 as nw
import numpy as np
from pydantic import AfterValidator, Field, model_validator

from toolkit.audience.rules.literals import listed, name_text
from toolkit.data.bitmaps import Bitmap, pack
from toolkit.data.contacts import Contacts
from toolkit.engagement.behaviour import received_column
from toolkit.errors import SegmentError, UnknownColumn
from toolkit.models import Frozen

Schema = Mapping[str, nw.dtypes.DType]
Names = Annotated[tuple[str, ...], AfterValidator(lambda names: tuple(sorted(set(names))))]  # one order, one value


class LabelRule(Frozen):
    """Contacts with any, or all, of these labels; each by name or id. On other engines by name only."""

    _wrong = SegmentError

    rule: Literal["labels"] = "labels"
    match: Literal["any", "all"]
    labels: Names = Field(min_length=1)

    @model_validator(mode="after")
    def _canonical(self) -> LabelRule:
        if len(self.labels) == 1:
            object.__setattr__(self, "match", "any")  # any of one is all of one: equal rules compare equal
        return self

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the matching contacts; SegmentError if no contact has such a label."""
        codes = [contacts.label_code(label) for label in self.labels]
        return contacts.any_of(codes) if self.match == "any" else contacts.all_of(codes)

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """The rule on a frame with lists of names in `labels`: true where it is met, else false or missing."""
        if "labels" not in schema:
            raise UnknownColumn("The frame has no column 'labels' with lists of label names: pass ws.contacts().")
        having = (nw.col("labels").list.contains(label) for label in self.labels)
        return reduce(or_ if self.match == "any" else and_, having)

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        names = [name_text(label) for label in self.labels]
        if len(names) == 1:
            return f"{'not ' if negated else ''}labels:{names[0]}"
        if self.match == "any":
            return f"labels {'none' if negated else 'any'} of ({', '.join(names)})"
        return f"{'not ' if negated else ''}labels all of ({', '.join(names)})"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        if len(self.labels) == 1:
            return f"{'without' if negated else 'with'} the label {self.labels[0]}"
        if self.match == "any":
            return f"with {'none' if negated else 'one'} of the labels {listed(self.labels, 'or')}"
        return f"{'without all' if negated else 'with all'} of the labels {listed(self.labels, 'and')}"


class ContactRule(Frozen):
    """Exactly these contacts, by id."""

    _wrong = SegmentError

    rule: Literal["contacts"] = "contacts"
    ids: Names

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of these contacts; SegmentError if one of them is not in the workspace."""
        chosen = np.zeros(len(contacts), dtype=bool)
        chosen[contacts.rows_of(self.ids)] = True
        return pack(chosen)

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """The rule on a frame with `id`: true where it is met, else false or missing."""
        if "id" not in schema:
            raise UnknownColumn("The frame has no column 'id' with contact ids: pass ws.contacts().")
        return nw.col("id").is_in(self.ids) if self.ids else nw.col("id").is_null() & nw.lit(False)

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        return f"{'not ' if negated else ''}contacts ({', '.join(map(name_text, self.ids))})"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return f"{'not ' if negated else ''}among {len(self.ids):,} listed by id"


class EveryoneRule(Frozen):
    """Every contact."""

    _wrong = SegmentError

    rule: Literal["everyone"] = "everyone"

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of all contacts."""
        return contacts.everyone

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """Always true, with a value for each row."""
        return nw.col(next(iter(schema))).is_null() | nw.lit(True)

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        return "not everyone" if negated else "everyone"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return "that do not exist" if negated else "of any kind"


class ReceivedRule(Frozen):
    """Contacts to whom a message of any of these campaigns was delivered, by campaign id."""

    _wrong = SegmentError

    rule: Literal["received"] = "received"
    campaigns: Names = Field(min_length=1)

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the matching contacts; SegmentError if a campaign's log was not read."""
        return reduce(or_, (contacts.received(campaign) for campaign in self.campaigns))

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """The rule on a frame with the columns of `toolkit.engagement.behaviour`: true where it is met, else false."""
        return reduce(or_, (nw.col(received_column(campaign)) == 1 for campaign in self.campaigns))

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        names = ", ".join(map(name_text, self.campaigns))
        return f"{'not ' if negated else ''}received {names if len(self.campaigns) == 1 else f'({names})'}"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return f"who {'did not receive' if negated else 'received'} {listed(self.campaigns, 'or')}"
