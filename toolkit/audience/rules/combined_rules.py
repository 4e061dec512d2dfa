"""Rules combined with and, or and not, as a segment holds them, and what decides about one contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Annotated, Literal

import narwhals.stable.v2 as nw
from pydantic import Field

from toolkit.audience.rules.conditions import ColumnRule
from toolkit.audience.rules.contact_rules import ContactRule, EveryoneRule, LabelRule, ReceivedRule, Schema
from toolkit.audience.rules.literals import listed
from toolkit.audience.rules.log_rules import FailedRule, MessagesRule
from toolkit.data.bitmaps import Bitmap
from toolkit.data.contacts import Contacts
from toolkit.errors import SegmentError
from toolkit.models import Frozen


class NotRule(Frozen):
    """Contacts that do not match a rule."""

    _wrong = SegmentError

    rule: Literal["not"] = "not"
    inner: Rule

    def bitmap(self, contacts: Contacts) -> Bitmap:
        """The set of the contacts that do not match the rule."""
        return contacts.everyone & ~self.inner.bitmap(contacts)

    def expr(self, schema: Schema, as_of: datetime) -> nw.Expr:
        """True where the rule is not met, and where it is missing."""
        return ~nw.when(self.inner.expr(schema, as_of)).then(nw.lit(True)).otherwise(nw.lit(False))

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
    LabelRule
    | ContactRule
    | ColumnRule
    | ReceivedRule
    | FailedRule
    | MessagesRule
    | EveryoneRule
    | AndRule
    | OrRule
    | NotRule,
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
