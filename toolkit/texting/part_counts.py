"""The parts of very many texts at once: what a campaign would be billed, text by text.

Gives the same result per text as `toolkit.texting.parts.count_parts`, without Python code per text: special bytes of
the UTF-8 are found with a table, and only long texts with pairs or joined characters are packed into parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.texting.graphemes import CODES, beginnings, joining
from toolkit.texting.gsm7 import ALPHABET, EXTENSION
from toolkit.texting.parts import MULTI, SINGLE, Encoding
from toolkit.texting.text_column import text_column

_Ints = npt.NDArray[np.integer[Any]]
_Flags = npt.NDArray[np.bool_]

_AT_ONCE = 1 << 12  # texts: their working memory should fit the processor's cache
_PLAIN, _ESCAPED, _FOREIGN, _PAIR = range(4)  # kinds of code points: GSM-7 in one septet, in two; UCS-2 in one, in two


@dataclass(frozen=True, eq=False)
class PartCounts:
    """Counted texts, one entry per text: see `toolkit.texting.parts.Parts` for what is counted.

    `is_wide` (bool) is True for UCS-2; `units`, `parts` and `parts_max` are int64. `offending` is how often each
    character that forces UCS-2 occurs in all texts, the most frequent first.
    """

    is_wide: _Flags
    units: _Ints
    parts: _Ints
    parts_max: _Ints
    offending: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.parts)

    def __repr__(self) -> str:
        return f"<PartCounts: {len(self):,} texts, {int(self.parts.sum()):,} parts>"

    @cached_property
    def by_parts(self) -> dict[int, int]:
        """How many texts take one part, two parts and so on."""
        sizes, texts = np.unique(self.parts, return_counts=True)
        return dict(zip(sizes.tolist(), texts.tolist(), strict=True))

    def worst(self, *, most: int = 5) -> _Ints:
        """The rows of the texts with the most parts, those with the most units first."""
        return np.lexsort((-self.units, -self.parts_max, -self.parts))[:most]

    def telling(self) -> dict[str, int]:
        """Up to three example rows to show, not always different; empty if there are no texts.

        `typical`: the most common encoding and part count, of medium length. `longest`: the most parts. `flipped`: the
        longest of the texts in the less common encoding.
        """
        if not len(self):
            return {}
        kinds = self.parts * 2 + self.is_wide
        common = np.flatnonzero(kinds == np.bincount(kinds).argmax())
        middle = common[np.argsort(self.units[common], kind="stable")[len(common) // 2]]
        rows = {"typical": int(middle), "longest": int(self.worst(most=1)[0])}
        flipped = np.flatnonzero(self.is_wide != (self.is_wide.mean() > 0.5))
        if len(flipped):
            rows["flipped"] = int(flipped[np.argmax(self.units[flipped])])
        return rows


def count_column(texts: Any) -> PartCounts:
    """Count a column of texts; a missing text counts as empty. Raises ToolkitError as `text_column` does."""
    occurrences: Counter[str] = Counter()
    nothing = np.empty((4, 0), dtype=np.int64)
    slices = [_count(some, occurrences) for some in _slices(text_column(texts))]
    is_wide, units, parts, parts_max = np.concatenate([nothing, *slices], axis=1)
    return PartCounts(is_wide.astype(bool), units, parts, parts_max, dict(occurrences.most_common()))


def _slices(column: pa.ChunkedArray) -> Iterator[pa.Array]:
    for chunk in column.fill_null("").chunks:
        for start in range(0, len(chunk), _AT_ONCE):
            yield chunk.slice(start, _AT_ONCE)


def _count(texts: pa.Array, occurrences: Counter[str]) -> _Ints:
    """Four rows, one column per text: is wide, units, parts and parts_max; adds to `occurrences`."""
    rows, codes = _special(texts)
    kinds = _kinds()[codes]
    chars, found = np.unique(codes[kinds >= _FOREIGN], return_counts=True)
    occurrences.update(dict(zip(map(chr, chars.tolist()), found.tolist(), strict=True)))
    escaped, foreign, pairs, joined = (
        np.bincount(rows[chosen], minlength=len(texts))
        for chosen in (kinds == _ESCAPED, kinds >= _FOREIGN, kinds == _PAIR, joining()[codes])
    )
    is_wide = foreign > 0
    units = pc.utf8_length(texts).to_numpy() + np.where(is_wide, pairs, escaped)
    parts = np.ones(len(texts), dtype=np.int64)
    parts_max = parts.copy()
    by_encoding: tuple[tuple[Encoding, _Flags, _Flags], ...] = (
        ("GSM-7", ~is_wide, escaped > 0),
        ("UCS-2", is_wide, pairs + joined > 0),
    )
    for encoding, chosen, mixed in by_encoding:
        is_long = chosen & (units > SINGLE[encoding])
        parts[is_long] = parts_max[is_long] = -(-units[is_long] // MULTI[encoding])
        rows = np.flatnonzero(is_long & mixed)
        if len(rows):
            parts[rows], parts_max[rows] = _packed(texts.take(pa.array(rows)), encoding)
    return np.stack([is_wide.astype(np.int64), units, parts, parts_max])


def _special(texts: pa.Array) -> tuple[_Ints, _Ints]:
    """Row and code point of every character that is not a plain ASCII septet."""
    offsets, data = _utf8(texts)
    at = np.flatnonzero(_special_bytes()[data])
    lead = data[at].astype(np.int64)
    width = 1 + (lead >= 0xC0).astype(int) + (lead >= 0xE0) + (lead >= 0xF0)
    codes = lead & np.array([0, 0x7F, 0x1F, 0x0F, 0x07])[width]
    for more in range(1, 4):
        goes_on = np.flatnonzero(width > more)
        codes[goes_on] = codes[goes_on] << 6 | data[at[goes_on] + more] & 0x3F
    return np.searchsorted(offsets, at, side="right") - 1, codes


def _utf8(texts: pa.Array) -> tuple[_Ints, npt.NDArray[np.uint8]]:
    """Where each text begins, and the bytes of all of them."""
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    return offsets - offsets[0], data[offsets[0] : offsets[-1]]


def _packed(texts: pa.Array, encoding: Encoding) -> tuple[_Ints, _Ints]:
    """Parts of these texts, with pairs kept whole and with characters kept whole."""
    codes = np.frombuffer(_utf8(texts)[1].tobytes().decode().encode("utf-32-le"), "<u4")
    is_two = codes > 0xFFFF if encoding == "UCS-2" else _kinds()[codes] == _ESCAPED
    places = np.arange(len(codes), dtype=np.int32) + np.cumsum(is_two, dtype=np.int32) - is_two
    lengths = pc.utf8_length(texts).to_numpy()
    first = np.cumsum(lengths) - lengths
    starts, stops = places[first], np.append(places[first[1:]], places[-1] + 1 + is_two[-1])
    parts = _pack(places, starts, stops, MULTI[encoding])
    if encoding == "GSM-7":
        return parts, parts  # no combining characters in it
    return parts, np.maximum(parts, _pack(places[beginnings(codes, first)], starts, stops, MULTI[encoding]))


def _pack(places: _Ints, starts: _Ints, stops: _Ints, room: int) -> _Ints:
    """How many parts each text takes, if a part can only begin at one of these ascending positions."""
    at, parts = starts.copy(), np.ones(len(starts), dtype=np.int64)
    rows = np.flatnonzero(stops - at > room)
    while len(rows):
        limit = at[rows] + room
        cut = places[np.searchsorted(places, limit, side="right") - 1]
        at[rows] = np.where(cut > at[rows], cut, limit)  # a character longer than a part has to be cut anyway
        parts[rows] += 1
        rows = rows[stops[rows] - at[rows] > room]
    return parts


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """The kind of each code point."""
    table = np.full(CODES, _FOREIGN, dtype=np.uint8)
    table[0x10000:] = _PAIR
    table[[ord(char) for char in ALPHABET]] = _PLAIN
    table[[ord(char) for char in EXTENSION]] = _ESCAPED
    return table


@cache
def _special_bytes() -> _Flags:
    """A mask over the bytes of UTF-8: a character that is not a plain ASCII septet begins here."""
    kinds: _Flags = _kinds()[:0x100] != _PLAIN
    kinds[0x80:] = np.arange(0x80, 0x100) >= 0xC0
    return kinds
