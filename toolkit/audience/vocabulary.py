"""The labels and fields that contacts have, for completion with the tab key, in Python and in typed rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import pandas as pd

from toolkit.audience.rules.conditions import CONDITION_COLUMNS, MOST_OFFERED
from toolkit.audience.rules.literals import name_text, value_text
from toolkit.audience.segment import Column, Segment
from toolkit.data.contacts import Contacts
from toolkit.data.fields import PREFIX
from toolkit.errors import SegmentError
from toolkit.suggest import suggest

_Item = TypeVar("_Item")
_LAST_WORD = re.compile(r'(?:labels:|field\.)?(?:"[^"]*|[^\s"(),=<>!]*)$')
_COMPARED = re.compile(r'(?:^|[\s(])(field\.(?:"[^"]*"|[^\s"(),=<>!]+)|\w+)\s*(?:=|!=|(?:not )?in\s*\([^()]*)\s*$')
_WORDS = (
    "and",
    "or",
    "not",
    "everyone",
    "labels:",
    "labels any of (",
    "labels all of (",
    "labels none of (",
    "received",
    "failed in",
    "messages in",
)


class _Names(Mapping[str, _Item], Generic[_Item]):
    """Named items; the tab key completes the names after the opening bracket."""

    def __init__(self, names: Iterable[str], make: Callable[[str], _Item]) -> None:
        self._names = sorted(names)
        self._make = make

    def __getitem__(self, name: str) -> _Item:
        if name not in self._names:
            raise SegmentError(f"Unknown name {name!r}: {suggest(name, self._names)}")
        return self._make(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<{', '.join(self._names)}>"

    def _ipython_key_completions_(self) -> list[str]:
        return self._names


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """The words available for rules on a snapshot of contacts.

    `words.labels["vip_customers"]` is a Segment and `words.fields["points"] > 100` another; both brackets complete.
    `complete` suggests what could follow in a typed rule.
    """

    contacts: Contacts

    @cached_property  # not a property: IPython does not complete through one
    def labels(self) -> Mapping[str, Segment]:
        """A segment for each label, by name."""
        return _Names({label.name for label in self.contacts.labels}, lambda name: Segment.any_of(name))

    @cached_property
    def fields(self) -> Mapping[str, Column]:
        """A column to compare for each contact field, by name."""
        return _Names(self.contacts.field_names, lambda name: Column(PREFIX + name))

    def complete(self, text: str) -> list[str]:
        """The texts that the beginning of a rule could become, one word further: labels, fields, values and words."""
        found = _LAST_WORD.search(text)
        begun, word = text[: found.start()] if found else text, found[0] if found else ""
        offered = self._values(begun) or self._words()
        return [begun + each for each in offered if _bare(each).startswith(_bare(word)) and each != word]

    def _words(self) -> Sequence[str]:
        labels = sorted({label.name for label in self.contacts.labels})
        return [
            *(f"labels:{name_text(name)}" for name in labels),
            *(PREFIX + name_text(name) for name in self.contacts.field_names),
            *CONDITION_COLUMNS,
            *_WORDS,
        ]

    def _values(self, begun: str) -> Sequence[str]:
        """The values of the column being compared, the most frequent first; empty if there are too many."""
        compared = _COMPARED.search(begun)
        if not compared:
            return []
        column = compared[1].replace('"', "")
        if CONDITION_COLUMNS.get(column, column) not in (
            *self.contacts.frame.columns,
            *(PREFIX + f for f in self.contacts.field_names),
        ):
            return []
        series = self.contacts.column(CONDITION_COLUMNS.get(column, column))
        if not isinstance(series.dtype, pd.CategoricalDtype) or len(series.cat.categories) > MOST_OFFERED:
            return []
        return [value_text(str(value)) for value in series.value_counts().index]

    def __repr__(self) -> str:
        return f"<Vocabulary: {len(self.contacts.labels)} labels, {len(self.contacts.field_names)} fields>"


def _bare(word: str) -> str:
    return word.replace('"', "").lower()
