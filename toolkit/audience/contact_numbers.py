"""The numbers of contacts, read in whole columns: which are valid, which are fictional, which are the same.

A contact has a number for texts and one for WhatsApp. Two are the same if one of their readings is, however they
are written; see `toolkit.texting.numbering.number_readings`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.texting.numbering.dialling import calling_codes, split_country_code
from toolkit.texting.numbering.line_types import KINDS, classify
from toolkit.texting.numbering.number_readings import read_phones
from toolkit.texting.numbering.phones import E164, FICTIONAL
from toolkit.texting.text_column import text_column

Channel = Literal["phone", "whatsapp_phone"]
Keys = npt.NDArray[np.int64]  # numbers in E.164 as integers, without the plus
_OTHER: dict[Channel, Channel] = {"phone": "whatsapp_phone", "whatsapp_phone": "phone"}
_AT_ONCE = 1 << 16  # numbers
_READ_AT_ONCE = 1 << 18
_OWN_COUNTRIES = 3  # of the contacts, tried for numbers that are invalid in the senders' countries


class Read(NamedTuple):
    """A column of numbers: the best reading of each row as an integer, 0 where there is none, and further readings,
    each with its row. `odd` are the rows that are not written as a number of some country in E.164."""

    best: Keys
    rows: npt.NDArray[np.intp]
    more: Keys
    odd: npt.NDArray[np.intp]

    def any_of(self, keys: Keys) -> Mask:
        """True for the rows of which any reading is one of these numbers."""
        found = np.isin(self.best, keys[keys > 0])
        found[self.rows[np.isin(self.more, keys)]] = True
        return found

    def keys(self, rows: Mask) -> Keys:
        """All readings of some rows."""
        return np.concatenate([self.best[rows], self.more[rows[self.rows]]])

    def lines(self, rows: Mask) -> Keys:
        """One number per row, equal for rows that share a reading, however many forms it has; of these rows alone."""
        lines = self.best.copy()
        chosen = rows[self.rows]
        root: dict[int, int] = {}

        def find(key: int) -> int:
            while (above := root.get(key, key)) != key:
                key = above
            return key

        for key, other in zip(self.best[self.rows[chosen]].tolist(), self.more[chosen].tolist(), strict=True):
            one, two = sorted((find(key), find(other)))
            root[two] = one
        for at in np.flatnonzero(np.isin(lines, list(root))).tolist():
            lines[at] = find(int(lines[at]))
        return lines


class Numbers(NamedTuple):
    """The numbers of one channel, per contact in row order."""

    is_written: Mask
    read: Read
    other: Read  # of the other channel
    lines: Keys  # one integer per number, 0 where there is none; the same for all forms of a number that can be texted
    is_formed: Mask
    is_fictional: Mask

    def all_keys(self, contacts: Mask) -> Keys:
        """Every number that these contacts may have, on either channel."""
        return np.concatenate([self.read.keys(contacts), self.other.keys(contacts)])

    def shared_with(self, contacts: Mask) -> Mask:
        """Mask of the contacts that may have the number of one of these, on either channel."""
        return self.read.any_of(np.unique(self.all_keys(contacts)))


_READ: WeakKeyDictionary[Contacts, dict[Channel, Numbers]] = WeakKeyDictionary()


def read_numbers(contacts: Contacts, channel: Channel) -> Numbers:
    """Read the numbers that a channel uses, once for each snapshot of the contacts."""
    kept = _READ.setdefault(contacts, {})
    if channel not in kept:
        kept[channel] = _numbers(contacts, channel)
    return kept[channel]


def read_like(contacts: Contacts, written: Any, *, country: str | None = None) -> Read:
    """Numbers from elsewhere, read as those of the contacts, or as those of a country."""
    return read_in(written, country or contacts.countries)


def read_in(written: Any, countries: str | Sequence[str]) -> Read:
    """A column of numbers; those without a calling code are read as of these countries, ISO 3166 codes."""
    texts, reads = text_column(written).combine_chunks(), []
    for first in range(0, max(len(texts), 1), _READ_AT_ONCE):
        readings = read_phones(texts.slice(first, _READ_AT_ONCE), region=countries)
        more = readings.others
        odd = np.flatnonzero(~readings.is_plain.to_numpy(zero_copy_only=False))
        rows = pc.list_parent_indices(more).to_numpy().astype(np.intp)
        reads.append(Read(_keys(readings.e164), first + rows, _keys(more.flatten()), first + odd))
    return Read(*map(np.concatenate, zip(*reads, strict=True)))


def untextable(contacts: Contacts) -> Mask:
    """Mask of the contacts whom no service can text: on neither channel a number that somebody could have, however what
    is written there is read."""
    numbers = read_numbers(contacts, "phone")
    return _is_nobodys(numbers.read) & _is_nobodys(numbers.other)


def _is_nobodys(read: Read) -> Mask:
    is_nobodys: Mask = read.best == 0
    odd = read.odd[~is_nobodys[read.odd]]
    written = pa.array([f"+{number}" for number in read.best[odd].tolist()], pa.large_string())
    is_nobodys[odd] = classify(written)["kind"].cat.codes.to_numpy() == KINDS.index("impossible")
    is_nobodys[read.rows[read.more > 0]] = False
    return is_nobodys


def _numbers(contacts: Contacts, channel: Channel) -> Numbers:
    written, other = (contacts.table[name].combine_chunks() for name in (channel, _OTHER[channel]))
    read, other_read = (read_like(contacts, column) for column in (written, other))
    own = contacts.own_countries
    if own is None:
        own = home_countries(read.best, other_read.best)
    read, other_read = read_at_home(written, read, own), read_at_home(other, other_read, own)
    is_formed = _matches(written, E164)
    return Numbers(
        written.is_valid().to_numpy(zero_copy_only=False),
        read,
        other_read,
        read.lines(is_formed),
        is_formed,
        _matches(written, FICTIONAL),
    )


def read_at_home(written: pa.StringArray, read: Read, countries: Sequence[str]) -> Read:
    """Numbers invalid in the senders' countries, read as numbers of the contacts' own countries."""
    unread = np.flatnonzero((read.best == 0) & written.is_valid().to_numpy(zero_copy_only=False))
    if not len(unread) or not countries:
        return read
    again = read_in(written.take(pa.array(unread)), countries)
    best = read.best.copy()
    best[unread] = again.best
    rows, more = np.concatenate([read.rows, unread[again.rows]]), np.concatenate([read.more, again.more])
    return Read(best, rows, more, read.odd)


def home_countries(*columns: Keys) -> tuple[str, ...]:
    """The most frequent countries of these numbers, by their calling codes."""
    counts: Counter[int] = Counter()
    for keys in (column[at : at + _AT_ONCE] for column in columns for at in range(0, len(column), _AT_ONCE)):
        known = keys[keys >= 100]
        first = known // 10 ** (np.log10(known).astype(np.int64) - 2)
        counts.update(dict(zip(*(found.tolist() for found in np.unique(first, return_counts=True)), strict=True)))
    countries: Counter[str] = Counter()
    for digits in sorted(counts):
        if parts := split_country_code(str(digits)):
            countries[calling_codes()[parts[0].code]] += counts[digits]
    return tuple(country for country, _ in countries.most_common(_OWN_COUNTRIES))


def _keys(numbers: pa.Array) -> Keys:
    keys: Keys = pc.utf8_ltrim(numbers, "+").cast(pa.int64()).fill_null(0).to_numpy()
    return keys


def _matches(written: pa.StringArray, pattern: re.Pattern[str]) -> Mask:
    found = pc.match_substring_regex(written, f"^(?:{pattern.pattern})$").fill_null(False)
    matches: Mask = found.to_numpy(zero_copy_only=False)
    return matches
