"""Which number a text stands for: the one interpretation used by suppression, duplicates, caps, imports and search.

People and programs write one number in many ways. Numbers in E.164 are accepted in whole columns; of the other texts
each distinct one is parsed by `toolkit.texting.numbering.number_formats`. A reading is for comparison only: nobody is
texted at a number that no contact has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.texting.numbering.column_parsing import usual_numbers
from toolkit.texting.numbering.dialling import (
    FEWEST,
    Dialling,
    calling_codes,
    dialling,
    dialling_to,
    split_country_code,
)
from toolkit.texting.numbering.line_types import classify
from toolkit.texting.numbering.number_formats import Candidates, candidates
from toolkit.texting.text_column import text_column

_MOST = 15  # digits of a number in E.164
_MANY = 20_000  # texts that are read faster in columns than one by one
# Calling codes whose lines are written in several forms: the forms that need no second look.
_NEWEST_FORMS = {
    "39": r"3\d{8,9}",
    "52": r"[2-9]\d{9}",
    "54": r"9[1-9]\d{9}",
    "55": r"[1-9]{2}(?:9\d{8}|[2-5]\d{7})",
    "229": r"01\d{8}",
}


class Readings(NamedTuple):
    """The numbers a column of texts stands for, in row order.

    `e164` (large_string) is the best reading, null where the text cannot be a number; `others` (list<large_string>) are
    further possible readings, without the best one, and empty where there is only one. `is_plain` (bool) is true
    for numbers in E.164 with a length their country has and only one reading, which is nearly all of them.
    """

    e164: pa.Array
    others: pa.Array
    is_plain: pa.Array


def read_phones(written: Any, *, region: str | Sequence[str]) -> Readings:
    """The number each text of a column stands for, whatever way it is written.

    `region` is the country of numbers without a calling code, an ISO 3166 code; with several, a number is read as one
    of each. Numbers that are assigned or fictional are better readings than those that are merely long
    enough. Raises ToolkitError for a column that is not text.
    """
    texts = text_column(written).combine_chunks()
    is_plain = pc.match_substring_regex(texts, _plain()).fill_null(False)
    rows = np.flatnonzero(~is_plain.to_numpy(zero_copy_only=False))
    regions = (region,) if isinstance(region, str) else tuple(region)
    others = texts.take(pa.array(rows))
    is_many = len(others) > _MANY
    usual = usual_numbers(others, _home(regions), plain=_plain()) if is_many else pa.nulls(len(others), others.type)
    rest = pc.if_else(usual.is_valid(), None, others).dictionary_encode()
    found = _read([text or "" for text in rest.dictionary.to_pylist()], regions)
    read = pa.array([numbers[0] if numbers else None for numbers in found], pa.large_string()).take(rest.indices)
    best = pc.coalesce(usual, read)
    more = pa.array([numbers[1:] for numbers in found], pa.list_(pa.large_string())).take(rest.indices).fill_null([])
    sizes = np.zeros(len(texts) + 1, np.int32)
    sizes[rows + 1] = pc.list_value_length(more).to_numpy(zero_copy_only=False)
    return Readings(
        pc.replace_with_mask(texts, pc.invert(is_plain), best),
        pa.ListArray.from_arrays(pa.array(np.cumsum(sizes, dtype=np.int32)), more.flatten()),
        is_plain,
    )


def are_nobodys(written: Any, *, region: str | Sequence[str]) -> npt.NDArray[np.bool_]:
    """Mask of the texts of a column that cannot be anybody's number in any reading; true where there is none.

    `region` is as in `read_phones`.
    """
    readings = read_phones(written, region=region)
    is_nobodys: npt.NDArray[np.bool_] = readings.e164.is_null().to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(~readings.is_plain.to_numpy(zero_copy_only=False) & ~is_nobodys)
    is_nobodys[odd] = (classify(readings.e164.take(pa.array(odd)))["kind"] == "impossible").to_numpy()
    is_nobodys &= pc.equal(pc.list_value_length(readings.others), 0).to_numpy(zero_copy_only=False)
    return is_nobodys


def _home(regions: Sequence[str]) -> Dialling | None:
    """The country, if there is only one and its numbers have one form."""
    home = dialling(regions[0]) if len(regions) == 1 else None
    return None if home and home.code in _NEWEST_FORMS else home


def _read(texts: Sequence[str], regions: Sequence[str]) -> list[list[str]]:
    """The numbers that each text may stand for, the best one first."""
    ideas = [[*candidates(text, regions)] for text in texts]
    distinct = list(dict.fromkeys(number for each in ideas for one in each for some in one for number in some))
    kinds = dict(zip(distinct, classify(pa.array(distinct, pa.large_string()))["kind"], strict=True))
    return [_ranked(text, numbers, kinds) for text, numbers in zip(texts, ideas, strict=True)]


def _ranked(text: str, ideas: Iterable[Candidates], kinds: dict[str, str]) -> list[str]:
    """The candidates that can be a number, assigned ones first.

    A number in E.164 is unchanged if no country has numbers of its length: the plus allows no other reading.
    """
    found: dict[str, None] = {}
    for numbers, guessed in ideas:
        if text in numbers and kinds[text] == "impossible":
            found[text] = None
        good = [number for number in (*numbers, *guessed) if kinds[number] in {"valid", "fictional"}]
        possible = [number for number in (numbers if good else (*numbers, *guessed)) if kinds[number] == "possible"]
        found.update(dict.fromkeys([*good, *filter(_is_long, possible)]))
    return [*found]


def _is_long(number: str) -> bool:
    parts = split_country_code(number[1:])
    return parts is not None and len(parts[1]) >= FEWEST


@cache
def _plain() -> str:
    """The pattern of numbers in E.164 that can be read in one way only."""
    countries = []
    for code in calling_codes():
        rules = dialling_to(code)
        first = "[2-9]" if rules.is_american else "[1-9]" if rules.has_trunk else r"\d"
        sizes = [size for size in sorted(rules.sizes) if FEWEST <= size + len(code) <= _MOST]
        national = "|".join(rf"{first}\d{{{size - 1}}}" for size in sizes)
        countries.append(f"{code}(?:{_NEWEST_FORMS.get(code, national)})")
    return rf"^\+(?:{'|'.join(countries)})$"
