"""Contacts grouped by signature: the set of labels a contact has.

For addressing by labels, contacts of one signature are identical; there are far fewer signatures than contacts.
Sets of labels are bits of 64-bit words: an array of shape (words,) is one set, (words, n) are n of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts

BitWords = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
_SIZE = 64  # labels per word


class Signatures(NamedTuple):
    """The distinct signatures of a workspace, and who has them."""

    of: npt.NDArray[np.intp]  # per contact: its signature
    sets: BitWords  # per signature: its labels, (words, signatures)
    everybody: Counts  # per signature: all contacts who can be texted
    outsiders: Counts  # per signature: those who are not recipients


def group(contacts: Contacts, recipients: Mask, *, but: Mask | None = None) -> Signatures:
    """Group all contacts by signature, one pass over them for each label; those of the mask `but` are not counted."""
    sets = np.zeros((-(-len(contacts.labels) // _SIZE), len(contacts)), np.uint64)
    for code in range(len(contacts.labels)):
        sets[code // _SIZE] |= contacts.has_any([code]).astype(np.uint64) << np.uint64(code % _SIZE)
    of, sets = distinct(sets)
    count = sets.shape[1]
    outsiders = ~recipients if but is None else ~recipients & ~but
    everybody = np.bincount(of if but is None else of[~but], minlength=count)
    return Signatures(of, sets, everybody, np.bincount(of[outsiders], minlength=count))


def bit_words(codes: Iterable[int], size: int) -> BitWords:
    """The set of these label codes, in this number of words."""
    one = np.zeros(size, np.uint64)
    for code in codes:
        one[code // _SIZE] |= np.uint64(1) << np.uint64(code % _SIZE)
    return one


def codes(one: BitWords) -> list[int]:
    """The label codes of a set, in order."""
    bits = np.unpackbits(one.view(np.uint8), bitorder="little")
    return [int(code) for code in np.flatnonzero(bits)]


def has(sets: BitWords, code: int) -> Mask:
    """A mask over sets: contains this label."""
    found: Mask = (sets[code // _SIZE] >> np.uint64(code % _SIZE) & np.uint64(1)).astype(bool)
    return found


def meets(sets: BitWords, one: BitWords) -> Mask:
    """A mask over sets: shares a label with this one."""
    found: Mask = np.any(sets & one[:, None], axis=0)
    return found


def contains(sets: BitWords, one: BitWords) -> Mask:
    """A mask over sets: contains every label of this one."""
    return ~meets(~sets, one)


def distinct(sets: BitWords) -> tuple[npt.NDArray[np.intp], BitWords]:
    """For each set its index among the distinct ones, and those, in order of appearance."""
    of = np.zeros(sets.shape[1], np.intp)
    for word in sets:
        values, uniques = pd.factorize(word)
        of, _ = pd.factorize(of * len(uniques) + values)
    found = np.zeros((len(sets), int(of.max(initial=-1)) + 1), np.uint64)
    found[:, of] = sets
    return of, found


def smallest(sets: BitWords) -> BitWords:
    """The sets that contain no other, small ones first: whatever intersects those intersects all."""
    _, rest = distinct(sets)
    sizes = np.bitwise_count(rest).sum(axis=0)
    kept = [rest[:, :0]]
    while rest.shape[1]:
        least = sizes == sizes.min()  # sets of one size do not contain each other
        kept.append(rest[:, least])
        rest, sizes = rest[:, ~least], sizes[~least]
        for some in np.array_split(kept[-1], -(-kept[-1].shape[1] // 64), axis=1):
            is_free = (some[:, :, None] & ~rest[:, None, :]).any(axis=0).all(axis=0)
            rest, sizes = rest[:, is_free], sizes[is_free]
    return np.concatenate(kept, axis=1)
