"""Counts of segments while they are edited, on one snapshot of the contacts. Independent of widgets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from toolkit.audience.column_profile import Profile, ProfileBar, profile
from toolkit.audience.eligibility import Eligibility, read_eligibility
from toolkit.audience.holdout import Holdout
from toolkit.audience.rules.conditions import BEHAVIOUR
from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience, Step, audience_of
from toolkit.data.bitmaps import count
from toolkit.data.contacts import Contacts
from toolkit.data.fields import PREFIX
from toolkit.errors import UnknownColumn
from toolkit.widgets.forms.condition_form import LABELS, RECEIVED

_ABOUT_CONTACTS = ("name", "phone", "note", "region", "state", "created", "updated")


class Overlap(NamedTuple):
    """How two segments overlap, in contacts."""

    first: int
    both: int
    second: int


class Selection(NamedTuple):
    """A segment among all contacts: its size, and how many of each label are in it, by the label's code.

    `doubts` are likely mistakes in the segment.
    """

    selected: int
    by_label: tuple[int, ...]
    doubts: tuple[str, ...] = ()


class Counted(NamedTuple):
    """A segment among all contacts: its size, and who receives a campaign."""

    selected: int
    recipients: int
    waterfall: tuple[Step, ...]


@dataclass(frozen=True, eq=False)
class Exploration:
    """One snapshot of the contacts, evaluated once; every count after that takes milliseconds at a million.

    `names` are those of campaigns, by id, as the page distinguishes them.
    """

    contacts: Contacts
    live: bool
    holdout: Holdout | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def select(self, segment: Segment) -> Selection:
        """Who is in a segment, whatever their numbers are; SegmentError or UnknownColumn if it uses unknown names."""
        chosen = segment.rule.bitmap(self.contacts)
        labels = tuple(count(chosen & self.contacts.bitmap(code)) for code in range(len(self.contacts.labels)))
        return Selection(count(chosen), labels, tuple(segment.doubts(self.contacts)))

    def count(self, segment: Segment) -> Counted:
        """Count a segment; errors as in `select`."""
        audience = self.audience(segment)
        return Counted(audience.selected, len(audience), audience.waterfall)

    def read_numbers(self) -> None:
        """Find out who can be texted at all: at a million contacts more than a second, which the first count waits."""
        _ = self._eligibility

    @property
    def has_numbers(self) -> bool:
        """Who can be texted at all is known: `count` and `audience` answer at once."""
        return "_eligibility" in self.__dict__

    def audience(self, segment: Segment) -> Audience:
        """Who receives a campaign to a segment, and why others are excluded; errors as in `count`."""
        return audience_of(segment, self._eligibility)

    def profile(self, column: str, segment: Segment) -> Profile:
        """One column among the contacts in a segment; `labels` and `received` are offered like columns."""
        if column not in (LABELS, RECEIVED):
            return profile(self.contacts, column, segment.mask(self.contacts))
        chosen = segment.rule.bitmap(self.contacts)
        if column == LABELS:
            having = [(name, count(chosen & self.contacts.bitmap(code))) for name, code in self.labels.items()]
            return Profile(column, "values", tuple(ProfileBar(name, number, name) for name, number in having), 0)
        reached = [(each, count(chosen & self.contacts.received(each))) for each in self.campaigns]
        bars = tuple(ProfileBar(self.names.get(each, each), number, each) for each, number in reached)
        return Profile(column, "values", bars, 0)

    def with_names(self, rule: str) -> str:
        """A rule to be read: with the names of its campaigns in the place of their ids."""
        for each, name in self.names.items():
            shown = f"“{name}”".replace("\\", r"\\")
            rule = re.sub(rf'"?(?<!\w){re.escape(each)}\b"?', shown, rule)
        return rule

    def overlap(self, first: Segment, second: Segment) -> Overlap:
        """How many contacts two segments share."""
        one, other = (segment.rule.bitmap(self.contacts) for segment in (first, second))
        shared = count(one & other)
        return Overlap(count(one) - shared, shared, count(other) - shared)

    @cached_property
    def labels(self) -> dict[str, int]:
        """The labels that contacts have, the most common first: each as a rule names it, and its code.

        That is by name, or by id where several have the name.
        """
        names = Counter(label.name for label in self.contacts.labels)
        by_size = sorted(enumerate(self.contacts.labels), key=lambda each: -count(self.contacts.bitmap(each[0])))
        return {label.name if names[label.name] == 1 else label.id: code for code, label in by_size}

    @cached_property
    def columns(self) -> list[str]:
        """The columns to profile: contact fields first, then what every contact has."""
        return [*(PREFIX + name for name in self.contacts.field_names), *_ABOUT_CONTACTS]

    @property
    def behaviour(self) -> list[str]:
        """The columns from delivery logs, once they were read."""
        return [] if self.contacts.logs is None else [*BEHAVIOUR, RECEIVED]

    @property
    def campaigns(self) -> list[str]:
        """The campaigns whose logs were read."""
        if self.contacts.logs is None:
            raise UnknownColumn("No delivery logs were read: read them first.")
        return [str(campaign) for campaign in self.contacts.logs["campaign_id"].unique()]

    def with_logs(self, logs: pd.DataFrame, names: Mapping[str, str]) -> Exploration:
        """The same contacts with the outcome of their messages, and the names of campaigns by id."""
        told = Exploration(self.contacts.with_logs(logs), self.live, self.holdout, names)
        if self.has_numbers:
            told.__dict__["_eligibility"] = replace(self._eligibility, contacts=told.contacts)
        return told

    @cached_property
    def _eligibility(self) -> Eligibility:
        return read_eligibility(self.contacts, live=self.live, holdout=self.holdout)
