"""What number a text stands for: the one reading behind suppression, duplicates, caps, imports, history and search.

People and programs write one number in many ways. Texts that already are E.164 are taken in whole columns; of the others
each distinct one is read by `toolkit.texting.writings`. A reading is for comparing: nobody is texted at a number that
stands only here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.texting.columns import text_column
from toolkit.texting.writings import read_writing

# Calling codes where one line has several forms: those that need no second look. Each has its reason in `writings`.
_SEVERAL_FORMS = {
    39: r"3\d{8,9}",
    52: r"[2-9]\d{9}",
    54: r"9[1-9]\d{9}",
    55: r"[1-9]{2}(?:9\d{8}|[2-5]\d{7})",
    229: r"01\d{8}",
}


class Readings(NamedTuple):
    """The numbers a column of texts stands for, in row order.

    `e164` (large_string) is the best reading, null where the text can be no number; `others` (list<large_string>) are
    further possible readings, the best one left out, and empty where there is one only.
    """

    e164: pa.Array
    others: pa.Array


def read_phones(written: Any, *, region: str | Sequence[str]) -> Readings:
    """The number each text of a column stands for, whatever way it is written.

    `region` is the country of numbers without a calling code, an ISO 3166 code; with several, a number is read as one
    of each. Raises ToolkitError for a column that holds no texts.
    """
    texts = text_column(written).combine_chunks()
    regions = (region,) if isinstance(region, str) else tuple(region)
    is_plain = pc.match_substring_regex(texts, _plain()).fill_null(False)
    rest = pc.if_else(is_plain, None, texts).dictionary_encode()
    found = [read_writing(text, regions) for text in rest.dictionary.to_pylist()]
    best = pa.array([readings[0] if readings else None for readings in found], pa.large_string())
    further = pa.array([readings[1:] for readings in found], pa.list_(pa.large_string()))
    codes = rest.indices
    return Readings(pc.if_else(is_plain, texts, best.take(codes)), pc.fill_null(further.take(codes), []))


@cache
def _plain() -> str:
    """The pattern of numbers in E.164 that can be read in one way only."""
    countries = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        rules = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
        assert rules is not None  # the library has rules for every region it names
        first = "[2-9]" if code == 1 else "[1-9]" if rules.national_prefix else r"\d"
        sizes = [size for size in rules.general_desc.possible_length if size + len(str(code)) >= 7]
        national = "|".join(rf"{first}\d{{{size - 1}}}" for size in sizes) or "x"
        countries.append(f"{code}(?:{_SEVERAL_FORMS.get(code, national)})")
    return rf"^\+(?:{'|'.join(countries)})$"
