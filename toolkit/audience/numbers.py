"""The numbers of contacts, read in whole columns: which are well formed, which are fictional, which are the same.

A contact has a number for texts and one for WhatsApp. Two numbers are the same if their digits are, however they are
written.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Mask
from toolkit.data.contacts import Contacts
from toolkit.texting.phones import E164, FICTIONAL

Channel = Literal["phone", "whatsapp_phone"]
_OTHER: dict[Channel, Channel] = {"phone": "whatsapp_phone", "whatsapp_phone": "phone"}
_MOST_DIGITS = 18  # that fit an integer; a number has 15 at most


class Numbers(NamedTuple):
    """The numbers of one channel, per contact in row order."""

    written: pa.StringArray
    digits: npt.NDArray[np.int64]  # as one integer, so that zeros before them do not count; 0 where there are none
    other_digits: npt.NDArray[np.int64]  # of the other channel
    is_formed: Mask
    is_fictional: Mask

    def shared_with(self, contacts: Mask) -> Mask:
        """One truth per contact: has the number of one of these, whichever channel they have it for."""
        theirs = np.concatenate([self.digits[contacts], self.other_digits[contacts]])
        return np.isin(self.digits, np.unique(theirs[theirs > 0]))


def read_numbers(contacts: Contacts, channel: Channel) -> Numbers:
    """Read the numbers that a channel goes to."""
    written, other = (contacts.table[name].combine_chunks() for name in (channel, _OTHER[channel]))
    is_formed = _matches(written, E164)
    digits, other_digits = _digits(written, is_formed), _digits(other, _matches(other, E164))
    return Numbers(written, digits, other_digits, is_formed, _matches(written, FICTIONAL))


def digits_of(phones: pd.Index[str]) -> npt.NDArray[np.int64]:
    """The digits of each text as one integer, where it is a phone in E.164, else 0."""
    is_formed = phones.str.fullmatch(E164)
    return phones.where(is_formed, "0").astype(np.int64).to_numpy()


def _digits(written: pa.StringArray, is_formed: Mask) -> npt.NDArray[np.int64]:
    digits, is_other = pc.ascii_ltrim(written, "+"), pa.array(~is_formed)
    others = pc.replace_substring_regex(written.filter(is_other), r"\D", "")
    size = pc.binary_length(others)
    is_number = pc.and_(pc.greater(size, 0), pc.less_equal(size, _MOST_DIGITS))
    digits = pc.replace_with_mask(digits, is_other, pc.if_else(is_number, others, None))
    found: npt.NDArray[np.int64] = digits.cast(pa.int64()).fill_null(0).to_numpy()
    return found


def _matches(written: pa.StringArray, pattern: re.Pattern[str]) -> Mask:
    found = pc.match_substring_regex(written, f"^(?:{pattern.pattern})$").fill_null(False)
    matches: Mask = found.to_numpy(zero_copy_only=False)
    return matches
