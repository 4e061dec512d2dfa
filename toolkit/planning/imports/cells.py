"""Cells as exported by spreadsheets and databases: which are empty, errors or contain invisible characters."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Mask

EMPTY = (
    "null",
    "nan",
    "none",
    "n/a",
    "na",
    "#n/d",
    "-",
    "--",
    "–",
    "—",
    "nil",
    "\\n",
    "<na>",
    "nat",
    "(null)",
    "undefined",
)
# #N/A, #REF!, #DIV/0!, #NAME? and the like in the languages Excel speaks, and ##### where a column was too narrow.
_ERROR = (
    r"^#(?:N/[AD]|NV|N/V|N/B|CALC!|SPILL!|FIELD!|BLOCKED!|UNKNOWN!|CONNECT!|BUSY!|GETTING_DATA|Н/Д|"
    r"¿?¡?[\p{Lu}/0]{2,14}[!?]|#{2,})$"
)
_UNSEEN = "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


class Cells(NamedTuple):
    """A column cleaned: `texts` without surrounding or invisible characters, "" for words such as NULL.

    A row each: `is_error` where a spreadsheet could not compute a value, `is_empty_word` where a word meant
    "empty", `was_unseen` where invisible characters were removed.
    """

    texts: pa.StringArray
    is_error: Mask
    is_empty_word: Mask
    was_unseen: Mask


def clean_cells(column: Any) -> Cells:
    """Clean a column of texts."""
    texts = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    texts = texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts
    unseen = bool_mask(pc.match_substring_regex(texts, _UNSEEN))
    if unseen.any():
        texts = pc.replace_substring_regex(texts, _UNSEEN, "")
    texts = pc.utf8_trim_whitespace(texts)
    is_error = np.zeros(len(texts), bool)
    is_short = bool_mask(pc.less_equal(pc.binary_length(texts), 24))
    coded = pc.if_else(pa.array(is_short), texts, "").dictionary_encode()
    errors = bool_mask(pc.match_substring_regex(coded.dictionary, _ERROR))
    words = bool_mask(pc.is_in(pc.utf8_lower(coded.dictionary), pa.array(EMPTY)))
    is_word = is_error.copy()
    if errors.any() or words.any():
        codes = coded.indices.to_numpy()
        is_error, is_word = errors[codes], words[codes]
        texts = pc.if_else(pa.array(is_error | is_word), "", texts)
    return Cells(texts, is_error, is_word, unseen)


def bool_mask(flags: Any) -> Mask:
    """An Arrow array of booleans as numpy; missing values are False."""
    if isinstance(flags, pa.ChunkedArray):
        flags = flags.combine_chunks()
    found: Mask = flags.fill_null(False).to_numpy(zero_copy_only=False)
    return found
