"""Segments: rules that say which contacts are meant, whatever the contacts are today.

A segment is a frozen value made of rules over labels and contact ids, combined with `&`, `|` and `~`. It holds no
contacts; `mask` asks a reading of the contact list who fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from toolkit.data.contacts import Contacts, Mask
from toolkit.errors import SegmentError
from toolkit.models import Frozen


class LabelRule(Frozen):
    """Contacts with any, or all, of these labels; each by name or id."""

    rule: Literal["labels"] = "labels"
    match: Literal["any", "all"]
    labels: tuple[str, ...]

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact."""
        codes = [contacts.label_code(label) for label in self.labels]
        return contacts.has_any(codes) if self.match == "any" else contacts.has_all(codes)

    def __str__(self) -> str:
        return f"{self.match} of {', '.join(self.labels)}"


class ContactRule(Frozen):
    """Exactly these contacts, by id."""

    rule: Literal["contacts"] = "contacts"
    ids: tuple[str, ...]

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact."""
        chosen = np.zeros(len(contacts), dtype=bool)
        chosen[contacts.rows_of(self.ids)] = True
        return chosen

    def __str__(self) -> str:
        return f"{len(self.ids):,} named contacts"


class EveryoneRule(Frozen):
    """Every contact."""

    rule: Literal["everyone"] = "everyone"

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact."""
        return np.ones(len(contacts), dtype=bool)

    def __str__(self) -> str:
        return "everyone"


class BothRule(Frozen):
    """Contacts that two rules both mean."""

    rule: Literal["and"] = "and"
    left: Rule
    right: Rule

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact."""
        return self.left.mask(contacts) & self.right.mask(contacts)

    def __str__(self) -> str:
        return f"({self.left} and {self.right})"


class EitherRule(Frozen):
    """Contacts that at least one of two rules means."""

    rule: Literal["or"] = "or"
    left: Rule
    right: Rule

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact."""
        return self.left.mask(contacts) | self.right.mask(contacts)

    def __str__(self) -> str:
        return f"({self.left} or {self.right})"


class NotRule(Frozen):
    """Contacts that a rule does not mean."""

    rule: Literal["not"] = "not"
    inner: Rule

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact."""
        return ~self.inner.mask(contacts)

    def __str__(self) -> str:
        return f"not {self.inner}"


Rule = Annotated[LabelRule | ContactRule | EveryoneRule | BothRule | EitherRule | NotRule, Field(discriminator="rule")]


class Segment(Frozen):
    """Which contacts are meant. Build one with the class methods and combine with `&`, `|`, `~`.

    `Segment.any_of("vip_customers") & ~Segment.any_of("location_nyc")`. Prints as a sentence, compares by content,
    and `model_dump_json` / `model_validate_json` carry it to a file and back.
    """

    rule: Rule

    @classmethod
    def any_of(cls, *labels: str) -> Segment:
        """Contacts with at least one of these labels, by name or id."""
        return cls(rule=LabelRule(match="any", labels=_names(labels)))

    @classmethod
    def all_of(cls, *labels: str) -> Segment:
        """Contacts with every one of these labels, by name or id."""
        return cls(rule=LabelRule(match="all", labels=_names(labels)))

    @classmethod
    def from_contacts(cls, contacts: pd.DataFrame | Iterable[str]) -> Segment:
        """Exactly these contacts: a frame with a column `id`, or ids."""
        if isinstance(contacts, str):
            raise SegmentError(f"{contacts!r} is one text: pass a list of ids, or rows of ws.contacts().")
        if isinstance(contacts, pd.DataFrame) and "id" not in contacts.columns:
            raise SegmentError("The frame has no column 'id': pass rows of ws.contacts(), or contact ids.")
        ids: Iterable[str] = contacts["id"] if isinstance(contacts, pd.DataFrame) else contacts
        return cls(rule=ContactRule(ids=tuple(sorted(set(ids)))))

    @classmethod
    def everyone(cls) -> Segment:
        """Every contact of the workspace; a starting point for `&` and `~`."""
        return cls(rule=EveryoneRule())

    def mask(self, contacts: Contacts) -> Mask:
        """One truth per contact; SegmentError if a label or contact is not there."""
        return self.rule.mask(contacts)

    def __and__(self, other: Segment) -> Segment:
        return Segment(rule=BothRule(left=self.rule, right=_rule(other)))

    def __or__(self, other: Segment) -> Segment:
        return Segment(rule=EitherRule(left=self.rule, right=_rule(other)))

    def __invert__(self) -> Segment:
        return Segment(rule=NotRule(inner=self.rule))

    def __str__(self) -> str:
        text = str(self.rule)
        return text[1:-1] if text.startswith("(") else text

    def __repr__(self) -> str:
        return f"<Segment: {self}>"

    def __bool__(self) -> bool:
        raise SegmentError("Combine segments with &, | and ~: `and`, `or` and `not` do not work on them.")


def _rule(other: object) -> Rule:
    if not isinstance(other, Segment):
        raise SegmentError(f"{other!r} is no segment: combine with another one, as in Segment.any_of('gold').")
    return other.rule


def _names(labels: tuple[str, ...]) -> tuple[str, ...]:
    if not labels:
        raise SegmentError("Name at least one label, as in Segment.any_of('vip_customers').")
    if not all(labels):
        raise SegmentError("A label has no name: write it as in Segment.any_of('vip_customers', 'gold').")
    return tuple(sorted(set(labels)))  # one order, so that the same rule is the same value
