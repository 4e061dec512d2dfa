"""The rules that segments are made of: which contacts have a label, are named, or pass a condition; and, or, not.

Every rule gives its set among local contacts (`bitmap`) and as an expression for any engine (`expr`), prints as it is
typed (`text`, see `toolkit.audience.rule_text`) and describes itself in words (`phrase`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Annotated, Literal

import narwhals.stable.v2 as nw
import numpy as np
from pydantic import AfterValidator, Field, model_validator

from toolkit.audience.conditions import ColumnRule
from toolkit.audience.literals import listed, name_text
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
        """The rule on a frame with lists of names in `labels`: true or false, never missing."""
        if "labels" not in schema:
            raise UnknownColumn("The frame has no column 'labels' with lists of label names: pass ws.contacts().")
        having = (nw.col("labels").list.contains(label) for label in self.labels)
        return _certain(reduce(or_ if self.match == "any" else and_, having))

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
        """The rule on a frame with `id`: true or false, never missing."""
        if "id" not in schema:
            raise UnknownColumn("The frame has no column 'id' with contact ids: pass ws.contacts().")
        return _certain(nw.col("id").is_in(self.ids)) if self.ids else nw.lit(False)

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
        """Always true."""
        return nw.lit(True)

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
        """The rule on a frame with the columns of `toolkit.engagement.behaviour`: true or false, never missing."""
        return _certain(reduce(or_, (nw.col(received_column(campaign)) == 1 for campaign in self.campaigns)))

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        names = ", ".join(map(name_text, self.campaigns))
        return f"{'not ' if negated else ''}received {names if len(self.campaigns) == 1 else f'({names})'}"

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return f"who {'did not receive' if negated else 'received'} {listed(self.campaigns, 'or')}"


class NotRule(Frozen):
    """Contacts that do not match a rule."""

    _wrong = SegmentError

    rule: Literal["not"] = "not"
    inner: Rule

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the contacts that do not match the rule."""
        return contacts.everyone & ~self.inner.bitmap(contacts)

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """True where the rule is false."""
        return ~self.inner.expr(schema, as_of)

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        return self.inner.text(negated=not negated)

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return self.inner.phrase(negated=not negated)


class AndRule(Frozen):
    """Contacts that match all of these rules."""

    _wrong = SegmentError

    rule: Literal["and"] = "and"
    rules: tuple[Rule, ...] = Field(min_length=2)

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the contacts that match all rules."""
        return reduce(and_, (rule.bitmap(contacts) for rule in self.rules))

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """True where all rules are."""
        return reduce(and_, (rule.expr(schema, as_of) for rule in self.rules))

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        return _text("and", self.rules, negated=negated)

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return _joined("or" if negated else "and", self.rules, negated=negated)


class OrRule(Frozen):
    """Contacts that match at least one of these rules."""

    _wrong = SegmentError

    rule: Literal["or"] = "or"
    rules: tuple[Rule, ...] = Field(min_length=2)

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the contacts that match one of the rules."""
        return reduce(or_, (rule.bitmap(contacts) for rule in self.rules))

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """True where one of the rules is."""
        return reduce(or_, (rule.expr(schema, as_of) for rule in self.rules))

    def text(self, *, negated: bool = False) -> str:
        """The rule, or its opposite, as it is typed."""
        return _text("or", self.rules, negated=negated)

    def phrase(self, *, negated: bool = False) -> str:
        """A description of the contacts that follows the word "contacts"."""
        return _joined("and" if negated else "or", self.rules, negated=negated)


Rule = Annotated[
    LabelRule | ContactRule | ColumnRule | ReceivedRule | EveryoneRule | AndRule | OrRule | NotRule,
    Field(discriminator="rule"),
]


def both(*rules: Rule) -> Rule:
    """Contacts that match all of these rules; `a and (b and c)` is one list of three."""
    return _flat(AndRule, rules)


def either(*rules: Rule) -> Rule:
    """Contacts that match at least one of these rules."""
    return _flat(OrRule, rules)


def opposite(rule: Rule) -> Rule:
    """Contacts that do not match a rule; applied twice it is the rule itself."""
    return rule.inner if isinstance(rule, NotRule) else NotRule(inner=rule)


def leaves(rule: Rule) -> Iterator[Rule]:
    """The rules inside a rule that are about contacts themselves."""
    match rule:
        case AndRule() | OrRule():
            for each in rule.rules:
                yield from leaves(each)
        case NotRule():
            yield from leaves(rule.inner)
        case _:
            yield rule


def grounds(rule: Rule, contacts: Contacts, row: int) -> list[str]:
    """The parts of a rule that decide whether it matches one contact, as phrases that are true of the contact."""
    means = _means(rule, contacts, row)
    match rule:
        case NotRule():
            return grounds(rule.inner, contacts, row)
        case AndRule() | OrRule():
            deciding = (each for each in rule.rules if _means(each, contacts, row) == means)
            return [phrase for each in deciding for phrase in grounds(each, contacts, row)]
        case _:
            return [rule.phrase(negated=not means)]


def _means(rule: Rule, contacts: Contacts, row: int) -> bool:
    return bool(rule.bitmap(contacts)[row // 8] >> row % 8 & 1)


def _flat(kind: type[AndRule | OrRule], rules: Iterable[Rule]) -> Rule:
    parts = (part for rule in rules for part in (rule.rules if isinstance(rule, kind) else (rule,)))
    distinct = list(dict.fromkeys(parts))
    return kind(rules=tuple(distinct)) if len(distinct) > 1 else distinct[0]


def _text(word: str, rules: Sequence[Rule], *, negated: bool) -> str:
    parts = (f"({rule.text()})" if isinstance(rule, AndRule | OrRule) else rule.text() for rule in rules)
    text = f" {word} ".join(parts)
    return f"not ({text})" if negated else text


def _joined(word: str, rules: Sequence[Rule], *, negated: bool) -> str:
    """Phrases in one list; a nested list is in brackets, so that the grouping is unambiguous."""
    phrases = []
    for rule in rules:
        phrase = rule.phrase(negated=negated)
        inner = rule.inner if isinstance(rule, NotRule) else rule
        phrases.append(f"({phrase.removeprefix('either ')})" if isinstance(inner, AndRule | OrRule) else phrase)
    return f"{'either ' if word == 'or' else ''}{listed(phrases, word)}"


def _certain(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(True)).otherwise(nw.lit(False))
