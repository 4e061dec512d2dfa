"""Segments: rules on which contacts to include, whatever the contacts are today.

A segment is a frozen value without contacts. `mask` and `count` apply it to a snapshot of the contact list, and
`filter` to a frame of any engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT
from pydantic import ValidationError

from toolkit.audience.condition_warnings import doubts
from toolkit.audience.id_inputs import ids_in
from toolkit.audience.rules.combined_rules import Rule, both, either, grounds, leaves, opposite
from toolkit.audience.rules.conditions import BEHAVIOUR, ColumnRule, Test
from toolkit.audience.rules.contact_rules import ContactRule, EveryoneRule, LabelRule, ReceivedRule
from toolkit.audience.rules.literals import Value, listed, span
from toolkit.audience.rules.log_rules import FailedRule, MessagesRule
from toolkit.audience.rules.rule_text import read_rule
from toolkit.data.bitmaps import Mask, count, unpack
from toolkit.data.contacts import Contacts
from toolkit.data.fields import PREFIX, with_fields
from toolkit.engagement.behaviour import AskedOfLogs, with_behaviour
from toolkit.errors import SegmentError
from toolkit.frames import lazy, like, spelled
from toolkit.invalid_values import in_words
from toolkit.models import Frozen


class Segment(Frozen):
    """Which contacts to include. Create one with the class methods and combine with `&`, `|`, `~`.

    `Segment.any_of("vip_customers") & Segment.where("field.points") > 100` is the same as
    `Segment.parse("labels:vip_customers and field.points > 100")`, which is also how it prints. Compares by content;
    `model_dump_json` and `model_validate_json` save and load it; `explain` describes it in a sentence.
    """

    _wrong = SegmentError

    rule: Rule

    @classmethod
    def parse(cls, text: str) -> Segment:
        """The segment a text describes, as in `toolkit.audience.rules.rule_text`; SegmentError with the position."""
        return cls(rule=read_rule(text))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **given: Any) -> Segment:
        """The segment that `model_dump_json` wrote; SegmentError for any other text."""
        try:
            return super().model_validate_json(json_data, **given)
        except ValidationError as error:
            raise SegmentError(f"The text is not a segment: {in_words(error, cls.model_fields, of='it')}") from None

    @classmethod
    def any_of(cls, *labels: str) -> Segment:
        """Contacts with at least one of these labels, by name or id."""
        return cls(rule=LabelRule(match="any", labels=_names(labels)))

    @classmethod
    def all_of(cls, *labels: str) -> Segment:
        """Contacts with every one of these labels, by name or id."""
        return cls(rule=LabelRule(match="all", labels=_names(labels)))

    @classmethod
    def where(cls, column: str) -> Column:
        """A column to compare: `Segment.where("field.customer_tier").is_in("gold", "platinum")`."""
        return Column(column)

    @classmethod
    def received(cls, *campaign_ids: str) -> Segment:
        """Contacts to whom a message of one of these campaigns was delivered."""
        if not campaign_ids or not all(isinstance(each, str) for each in campaign_ids):
            raise SegmentError("Name at least one campaign by its id: see ws.campaign_ids().")
        return cls(rule=ReceivedRule(campaigns=campaign_ids))

    @classmethod
    def from_contacts(cls, contacts: IntoFrame | Iterable[str]) -> Segment:
        """Exactly these contacts: ids, or a frame of any engine with a column `contact_id` or `id`."""
        return cls(rule=ContactRule(ids=tuple(ids_in(contacts))))

    @classmethod
    def everyone(cls) -> Segment:
        """Every contact of the workspace; a starting point for `&` and `~`."""
        return cls(rule=EveryoneRule())

    def mask(self, contacts: Contacts) -> Mask:
        """A mask over contacts; SegmentError for an unknown label, contact or column."""
        return unpack(self.rule.bitmap(contacts), len(contacts))

    def count(self, contacts: Contacts) -> int:
        """How many contacts match; SegmentError as `mask`."""
        return count(self.rule.bitmap(contacts))

    def filter(
        self,
        contacts: IntoFrameT,
        *,
        logs: IntoFrame | None = None,
        opted_out_labels: Sequence[str] = ("DNC", "unsubscribed"),
        as_of: datetime | None = None,
    ) -> IntoFrameT:
        """The matching rows of a contact frame, in no order, on pandas, Polars, DuckDB or PySpark.

        Args:
            contacts: a frame with the columns the segment uses, as `ws.contacts()` or a mirror has them: `labels`
                as lists of label names, contact fields as `field.<name>` or all in `fields` as JSON.
            logs: delivery logs in the same kind of frame, for a segment that uses the outcome of messages.
            opted_out_labels: for the tier `opted_out`: labels of people who asked not to be texted.
            as_of: the time that spans such as `7d` look back from, with a time zone; now unless given.

        Raises:
            UnknownColumn: a frame lacks a column.
            SegmentError: a condition does not suit its column, or logs are needed.
        """
        as_of = as_of or datetime.now(UTC)
        columns = lazy(contacts).collect_schema().names()
        frame = with_fields(contacts, [] if "fields" not in columns else self._fields_beside(columns))
        if self.campaigns or self.needs_behaviour:
            if logs is None:
                raise SegmentError(f"{self} uses the outcome of messages: pass their delivery logs, logs=ws.logs(…).")
            gone = lazy(Segment.any_of(*opted_out_labels).filter(contacts, as_of=as_of), "id")
            opted_out = like(gone.select(nw.col("id").alias("contact_id")), contacts)
            frame = with_behaviour(frame, logs, opted_out, asked=self._asked_of_logs, as_of=as_of)
        rows = lazy(frame)
        chosen = rows.filter(self.rule.expr(rows.collect_schema(), as_of))
        return like(chosen.select(columns), contacts)

    def _fields_beside(self, columns: Sequence[str]) -> list[str]:
        """The contact fields it uses that have no column yet."""
        asked = {rule.column for rule in leaves(self.rule) if isinstance(rule, ColumnRule)}
        return [c.removeprefix(PREFIX) for c in sorted(asked) if c.startswith(PREFIX) and not spelled(c, columns)]

    @property
    def campaigns(self) -> tuple[str, ...]:
        """The campaigns it uses by id, whose logs it needs."""
        about = (rule for rule in leaves(self.rule) if isinstance(rule, ReceivedRule | FailedRule))
        return tuple(dict.fromkeys(campaign for rule in about for campaign in rule.campaigns))

    @property
    def needs_behaviour(self) -> bool:
        """Whether it uses the outcome of messages of any campaign, and so needs the logs of all."""
        return any(
            isinstance(rule, MessagesRule) or (isinstance(rule, ColumnRule) and rule.column in BEHAVIOUR)
            for rule in leaves(self.rule)
        )

    @property
    def _asked_of_logs(self) -> AskedOfLogs:
        """What it uses of delivery logs, beside the tier and the columns that go with it."""
        rules = list(leaves(self.rule))
        return AskedOfLogs(
            received=tuple(x for rule in rules if isinstance(rule, ReceivedRule) for x in rule.campaigns),
            failed=tuple((x, rule.causes) for rule in rules if isinstance(rule, FailedRule) for x in rule.campaigns),
            messages=tuple((rule.within, span(rule.within)) for rule in rules if isinstance(rule, MessagesRule)),
        )

    def explain(self) -> str:
        """The segment as a sentence."""
        if isinstance(self.rule, EveryoneRule):
            return "Every contact."
        return f"Contacts {self.rule.phrase()}."

    def doubts(self, contacts: Contacts, *, least: int = 1) -> list[str]:
        """Likely mistakes: values that cannot be read or that no contact has, each with a suggestion.

        Values that fewer than `least` contacts have are not quoted. Raises as `mask`.
        """
        columns = (rule for rule in leaves(self.rule) if isinstance(rule, ColumnRule))
        return list(dict.fromkeys(doubt for rule in columns for doubt in doubts(rule, contacts, least=least)))

    def grounds(self, contacts: Contacts, row: int) -> str:
        """The conditions that decide about one contact, as phrases that follow "contacts" and are true of it."""
        phrases = list(dict.fromkeys(grounds(self.rule, contacts, row)))
        return listed(phrases, "and")

    def __and__(self, other: Segment) -> Segment:
        return Segment(rule=both(self.rule, _rule(other)))

    def __or__(self, other: Segment) -> Segment:
        return Segment(rule=either(self.rule, _rule(other)))

    def __invert__(self) -> Segment:
        return Segment(rule=opposite(self.rule))

    def __str__(self) -> str:
        return self.rule.text()

    def __repr__(self) -> str:
        return f"<Segment: {self.explain()}>"

    def __bool__(self) -> bool:
        raise SegmentError("Combine segments with &, | and ~: `and`, `or` and `not` do not work on them.")


class Column:
    """A column of contacts ready to be compared; every comparison gives a Segment.

    A contact without a value matches none of them; `~` inverts a segment.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def _passes(self, test: Test, *values: object) -> Segment:
        plain = [value.item() if isinstance(value, np.generic) else value for value in values]
        for value in plain:
            if not isinstance(value, bool | int | float | str | date):
                raise SegmentError(f"{self._name} takes a number, text, date, True or False, not {value!r}.")
        said = tuple(value.isoformat() if isinstance(value, date) else value for value in plain)
        return Segment(rule=ColumnRule(column=self._name, test=test, values=said))

    def __eq__(self, value: Value | date) -> Segment:  # type: ignore[override]  # a comparison, as in pandas
        return self._passes("=", value)

    def __ne__(self, value: Value | date) -> Segment:  # type: ignore[override]  # a comparison, as in pandas
        return ~self._passes("=", value)

    __hash__ = None  # type: ignore[assignment]  # what compares to a segment has no place in a set

    def __lt__(self, value: Value | date) -> Segment:
        return self._passes("<", value)

    def __le__(self, value: Value | date) -> Segment:
        return self._passes("<=", value)

    def __gt__(self, value: Value | date) -> Segment:
        return self._passes(">", value)

    def __ge__(self, value: Value | date) -> Segment:
        return self._passes(">=", value)

    def is_in(self, *values: Value | date | Collection[Value | date]) -> Segment:
        """Contacts that have one of these values, given one by one or as a list."""
        listed = values[0] if len(values) == 1 and isinstance(values[0], list | tuple | set | frozenset) else values
        return self._passes("=", *listed)

    def contains(self, text: str) -> Segment:
        """Contacts whose value contains this text; case is ignored."""
        return self._passes("contains", text)

    def starts_with(self, text: str) -> Segment:
        """Contacts whose value begins with this text; case is ignored."""
        return self._passes("starts with", text)

    def within(self, span: str) -> Segment:
        """Contacts whose time is in the last `12h`, `7d` or `2w`."""
        return self._passes("within", span)

    def older_than(self, span: str) -> Segment:
        """Contacts whose time is at least `12h`, `7d` or `2w` ago."""
        return self._passes("older than", span)

    def between(self, least: Value | date, most: Value | date) -> Segment:
        """Contacts whose value is between two, both included."""
        return self._passes(">=", least) & self._passes("<=", most)

    def is_present(self) -> Segment:
        """Contacts that have a value."""
        return self._passes("is present")

    def is_missing(self) -> Segment:
        """Contacts that have no value."""
        return ~self.is_present()


def _rule(other: object) -> Rule:
    if not isinstance(other, Segment):
        raise SegmentError(f"{other!r} is not a segment: combine with a segment, as in Segment.any_of('gold').")
    return other.rule


def _names(labels: tuple[object, ...]) -> tuple[str, ...]:
    names = tuple(label for label in labels if isinstance(label, str) and label)
    if not labels:
        raise SegmentError("Name at least one label, as in Segment.any_of('vip_customers').")
    if len(names) < len(labels):
        raise SegmentError("Give label names as texts, as in Segment.any_of('vip_customers', 'gold').")
    return names
