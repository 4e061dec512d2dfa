"""Rules as people type them: `labels:vip and field.customer_tier in (gold, platinum) and not delivered in 7d`.

    everyone
    labels:vip                    labels any of (vip, "two words")    labels all of (…)    labels none of (…)
    name contains smith           phone starts with +1202             field."first order" > 100
    region = US                   state in (NY, NJ)               zone = America/Chicago
    created in 30d                updated < 2026-03-01                field.last_purchase older than 90d
    tier = engaged                not delivered in 7d                 received campaign_1
    messages in 30d >= 3          failed in campaign_1                failed in campaign_1 for (queue, unreachable)
    field.points between 10 and 100                                   field.customer_tier is missing
    contacts (id, id)             segment:"kept under a name"     not …      … and …      … or …      ( … )

`not` binds tighter than `and`, and `and` tighter than `or`. Anything may be quoted, as "New York" or 'New York'; `\\"`
is a quote inside quotes, and an apostrophe inside a word is one.
`a != b` and `a not in (…)` are `not a = b`, so they also match contacts without a value; `before` and `after` are `<`
and `>`. An invalid rule raises SegmentError with the position of the error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from toolkit.audience.rules.combined_rules import Rule, both, either, opposite
from toolkit.audience.rules.conditions import CONDITION_COLUMNS, ColumnRule, Test
from toolkit.audience.rules.contact_rules import ContactRule, EveryoneRule, LabelRule, ReceivedRule
from toolkit.audience.rules.literals import Value, is_span, read_value
from toolkit.audience.rules.log_rules import MOST_COUNTED, FailedRule, MessagesRule
from toolkit.audience.rules.rule_tokens import HALF_CHARACTER, QUOTES, Token, tokens_of, unquoted
from toolkit.data.fields import PREFIX
from toolkit.errors import SegmentError
from toolkit.suggest import suggest

_Item = TypeVar("_Item")
_DEPTH = 50
_ORDER: Mapping[str, Test] = {"<=": "<=", ">=": ">=", "<": "<", ">": ">", "before": "<", "after": ">"}


def read_rule(text: str, *, named: Callable[[str], Rule] | None = None) -> Rule:
    """The rule that a text stands for; SegmentError with the position if it is invalid.

    `named` gives the rule of a kept segment, for `segment:NAME`.
    """
    if not isinstance(text, str):
        raise SegmentError(f"{text!r} is not a text: write a rule such as 'labels:vip'.")
    return _Reader(text, named).whole()


class _Reader:
    """Reads a text from left to right; every method reads what it is named after or refuses with the position."""

    def __init__(self, text: str, named: Callable[[str], Rule] | None) -> None:
        self._text = text
        self._named = named
        self._depth = 0
        self._tokens = tokens_of(text)
        self._next = 0

    def whole(self) -> Rule:
        if half := HALF_CHARACTER.search(self._text):
            self._refuse("half a character is not valid text", Token("other", half[0], half.start()))
        if not self._text.strip():
            raise SegmentError('The rule is empty: write one such as "labels:vip", or "everyone".')
        rule = self._either()
        if self._token.kind != "end":
            before = self._tokens[self._next - 1]
            several = f"{before.text} {self._token.text}" if before.kind == self._token.kind == "word" else ""
            quotes = f'; several words stand in quotes, as "{several}"' if several else ""
            self._refuse(f"expected and, or, or the end{quotes}")
        return rule

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _refuse(self, expected: str, token: Token | None = None) -> NoReturn:
        token = token or self._token
        if token.text in list(QUOTES):
            expected = "this quotation mark is not closed"
        here = f"before {token.text[:30]!r}" if token.text else "at the end"
        stop = "" if expected.endswith("?") else "."
        raise SegmentError(f"The rule cannot be read at character {token.at + 1}, {here}: {expected}{stop}")

    def _take(self, *words: str) -> str:
        """Read one of these words or operators if it comes next; otherwise read and return nothing."""
        token = self._token
        if token.kind in ("word", "sign") and token.text.lower() in words:
            self._next += 1
            return token.text.lower()
        return ""

    def _need(self, *words: str) -> str:
        return self._take(*words) or self._refuse(f"expected {' or '.join(words)}")

    def _either(self) -> Rule:
        rules = [self._both()]
        while self._take("or"):
            rules.append(self._both())
        return either(*rules)

    def _both(self) -> Rule:
        rules = [self._single()]
        while self._take("and"):
            rules.append(self._single())
        return both(*rules)

    def _single(self) -> Rule:
        self._depth += 1
        if self._depth > _DEPTH:
            self._refuse(f"the rule is nested more than {_DEPTH} deep")
        if self._take("not"):
            rule = opposite(self._single())
        elif self._take("("):
            rule = self._either()
            self._need(")")
        else:
            rule = self._leaf()
        self._depth -= 1
        return rule

    def _leaf(self) -> Rule:
        token = self._token
        if token.kind != "word":
            self._refuse('expected a condition, such as labels:vip or field.city = "New York"')
        self._next += 1
        word = token.text.lower()
        if word == "everyone":
            return EveryoneRule()
        if word.startswith("labels:"):
            return LabelRule(match="any", labels=(self._rest(token, "labels:", "a label"),))
        if word.startswith("segment:"):
            return self._kept(token)
        if word == "labels":
            match = self._need("any", "all", "none")
            self._take("of")
            labels = self._names()
            rule = LabelRule(match="all" if match == "all" else "any", labels=labels)
            return opposite(rule) if match == "none" else rule
        if word == "contacts":
            return ContactRule(ids=self._names(least=0))
        if word == "received":
            return ReceivedRule(campaigns=self._one_or_more())
        if word in ("failed", "messages") and self._take("in"):
            return self._at(token, self._failed if word == "failed" else self._messages)
        if word.startswith(PREFIX):
            return self._column(PREFIX + self._rest(token, PREFIX, "the name of a field"), token)
        return self._column(word, token)

    def _failed(self) -> Rule:
        campaigns = self._one_or_more()
        return FailedRule(campaigns=campaigns, causes=self._one_or_more() if self._take("for") else ())

    def _messages(self) -> Rule:
        if not self._is_span:
            self._refuse("expected a span such as 12h, 7d or 2w")
        within, test = self._name().lower(), self._need("=", "<", "<=", ">", ">=")
        at, number = self._token, self._value()
        if not (isinstance(number, float) and number.is_integer() and 0 <= number <= MOST_COUNTED):
            self._refuse("expected a whole number of messages", at)
        return MessagesRule(within=within, test=test, count=int(number))

    def _kept(self, token: Token) -> Rule:
        name = self._rest(token, "segment:", "the name of a kept segment")
        if self._named is None:
            self._refuse("a kept segment is read with ws.segments.parse(…)", token)
        named = self._named
        return self._at(token, lambda: named(name))

    def _rest(self, token: Token, prefix: str, wanted: str) -> str:
        """What follows a prefix: the rest of its word, or a text in quotes right behind it."""
        rest = token.text[len(prefix) :]
        if not rest and self._token.at == token.at + len(prefix) and self._token.kind in ("text", "other"):
            return self._name()
        return rest or self._refuse(f"expected {wanted} right behind {prefix}")

    def _column(self, column: str, at: Token) -> Rule:
        try:
            ColumnRule(column=column, test="is present")
        except SegmentError:
            if column == "label" or (self._token.kind != "sign" and self._token.text.lower() in ("and", "or", "")):
                self._refuse(f"{at.text!r} alone is not a condition; for a label write labels:{at.text}", at)
            names = [
                *CONDITION_COLUMNS,
                PREFIX + column.rpartition(".")[2],
                "labels",
                "everyone",
                "contacts",
                "received",
                "failed in",
                "messages in",
            ]
            self._refuse(f"contacts have no column {column!r}; {suggest(column, names).rstrip('.')}", at)
        return self._at(at, lambda: self._test(column))

    def _at(self, token: Token, read: Callable[[], Rule]) -> Rule:
        """The result of a reading; an invalid condition is refused with its position."""
        try:
            return read()
        except SegmentError as error:
            if str(error).startswith("The rule cannot be read"):
                raise
            raise SegmentError(
                f"The rule cannot be read at character {token.at + 1}, before {token.text[:30]!r}: {error}"
            ) from error

    def _test(self, column: str) -> Rule:
        if self._take("is"):
            is_not = self._take("not")
            is_missing = self._need("missing", "present") == "missing"
            present = ColumnRule(column=column, test="is present")
            return opposite(present) if is_missing != bool(is_not) else present
        if self._take("not"):
            self._need("in")
            return opposite(self._in(column))
        if self._take("in"):
            return self._in(column)
        if self._take("contains"):
            return ColumnRule(column=column, test="contains", values=(self._name(),))
        if self._take("starts"):
            self._need("with")
            return ColumnRule(column=column, test="starts with", values=(self._name(),))
        if self._take("!="):
            return opposite(ColumnRule(column=column, test="=", values=(self._value(),)))
        if self._take("="):
            return ColumnRule(column=column, test="=", values=(self._value(),))
        if self._take("older"):
            self._need("than")
            return self._looking_back(column, "older than")
        if self._take("between"):
            least = self._ordered(column, ">=")
            self._need("and")
            return both(least, self._ordered(column, "<="))
        for word, test in _ORDER.items():
            if self._take(word):
                return self._ordered(column, test)
        return self._refuse(
            "expected =, !=, <, <=, >, >=, in, not in, between, before, after, older than, contains, starts with, "
            "is present or is missing"
        )

    def _ordered(self, column: str, test: Test) -> Rule:
        if self._is_span:
            span = self._token.text
            self._refuse(f"a span looks back: write {column} in {span}, or {column} older than {span}")
        return ColumnRule(column=column, test=test, values=(self._value(),))

    @property
    def _is_span(self) -> bool:
        return self._token.kind == "word" and is_span(self._token.text.lower())

    def _looking_back(self, column: str, test: Test) -> Rule:
        if not self._is_span:
            self._refuse("expected a span such as 12h, 7d or 2w")
        return ColumnRule(column=column, test=test, values=(self._name().lower(),))

    def _in(self, column: str) -> Rule:
        if self._is_span:
            return self._looking_back(column, "within")
        if self._token.text != "(":
            self._refuse("expected a list such as (gold, platinum), or a span such as 7d")
        return ColumnRule(column=column, test="=", values=tuple(self._list(self._value)))

    def _one_or_more(self) -> tuple[str, ...]:
        return self._names() if self._token.text == "(" else (self._name(),)

    def _names(self, *, least: int = 1) -> tuple[str, ...]:
        return tuple(self._list(self._name, least=least))

    def _list(self, read: Callable[[], _Item], *, least: int = 1) -> list[_Item]:
        self._need("(")
        if not least and self._take(")"):
            return []
        items = [read()]
        while self._need(",", ")") == ",":
            items.append(read())
        return items

    def _name(self) -> str:
        token = self._token
        if token.kind not in ("text", "word"):
            self._refuse("expected a name or a text in quotes")
        self._next += 1
        if token.kind == "word":
            return token.text
        try:
            name = unquoted(token.text)
        except ValueError:
            self._refuse("the text in quotes has an invalid escape; write \\\\ for a backslash", token)
        if HALF_CHARACTER.search(name):
            self._refuse("half a character is not valid text", token)
        return name

    def _value(self) -> Value:
        token = self._token
        return self._name() if token.kind == "text" else read_value(self._name())
