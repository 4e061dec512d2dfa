"""What phone numbers reveal, a million at once: whether they can exist, their country and type of line.

The rules are libphonenumber's, which `phonenumbers` ships as regular expressions; here each is run over a column, with
one number of each group that they treat alike (`numbers_alike`), instead of parsing number by number. A number is
checked as written: one that only becomes valid when a trunk prefix is removed (+44 0…) is not valid, as it cannot be
texted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.texting.numbering.numbers_alike import alike
from toolkit.texting.numbering.phones import E164, FICTIONAL
from toolkit.texting.places import prefix_size
from toolkit.texting.text_column import text_column

_Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
_Ints = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.intp]

KINDS = ("missing", "malformed", "fictional", "impossible", "possible", "valid")
LINES = (
    "unknown",
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "fixed_line_or_mobile",
    "mobile",
)
_TYPES = {line: getattr(phonenumbers.PhoneNumberType, line.upper()) for line in LINES}
_FEW = 100  # texts that are matched one by one faster than Arrow compiles the pattern, which it does each time
_AT_ONCE = 100_000  # numbers that are classified together: memory in use is quicker than new memory
_TENS = 10 ** np.arange(16)
_LONGEST = 16  # characters of a number; Arrow fails on a slice without an end
REGIONS = (phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY, *sorted(phonenumbers.SUPPORTED_REGIONS))


def classify(phones: Any) -> pd.DataFrame:
    """The kind of each phone in a column, in row order.

    Columns, all categorical: `kind` (one of KINDS; fictional first, then by what can be
    dialled), `region` (ISO 3166 code, 001 for numbers of no country; the main one of its calling code where nothing
    more is known; missing for malformed numbers and unassigned calling codes) and `line` (one of LINES). And
    `prefix` (int64): the calling code and the digits that locate the number, 0 where there are none, which
    `toolkit.texting.places` reads. Raises ToolkitError for a column that is not text.
    """
    written = text_column(phones)
    pieces = [_codes(written.slice(start, _AT_ONCE)) for start in range(0, max(len(written), 1), _AT_ONCE)]
    kind, region, line, prefix = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return pd.DataFrame(
        {
            "kind": pd.Categorical.from_codes(kind, pd.Index(KINDS)),
            "region": pd.Categorical.from_codes(region, pd.Index(REGIONS)),
            "line": pd.Categorical.from_codes(line, pd.Index(LINES)),
            "prefix": prefix,
        }
    )


def _codes(phones: pa.ChunkedArray) -> tuple[Codes, npt.NDArray[np.int16], Codes, npt.NDArray[np.int64]]:
    """The columns of `classify`, as codes."""
    written = phones.fill_null("").combine_chunks()
    is_formed = _matches(written, E164.pattern)
    formed_rows = np.flatnonzero(is_formed)
    formed = _taken(written, formed_rows)
    digits = _cut(formed, 1).cast(pa.int64()).to_numpy()
    length = pc.binary_length(formed).to_numpy() - 1
    calling_code = _calling_codes()[digits // _TENS[length - 3]]
    kind = np.full(len(written), KINDS.index("malformed"), dtype=np.int8)
    kind[pc.equal(written, "").to_numpy(zero_copy_only=False)] = KINDS.index("missing")
    kind[is_formed] = KINDS.index("impossible")
    region = np.full(len(written), -1, dtype=np.int16)
    line = np.zeros(len(written), dtype=np.int8)
    prefix = np.zeros(len(written), dtype=np.int64)
    for code in np.flatnonzero(np.bincount(calling_code)[1:]) + 1:
        here = np.flatnonzero(calling_code == code)
        rows = formed_rows[here]
        first, group = alike(digits[here], length[here], int(code))
        national = _cut(_taken(formed, here[first]), 1 + len(str(code)))
        region[rows], line[rows], is_possible = (found[group] for found in _by_rules(national, int(code)))
        kind[rows[is_possible]] = KINDS.index("possible")
        prefix[rows] = _prefixes(digits[here], length[here], line[rows], int(code))
    kind[line > 0] = KINDS.index("valid")
    kind[_matches(written, FICTIONAL.pattern)] = KINDS.index("fictional")
    return kind, region, line, prefix


def _by_rules(national: pa.Array, code: int) -> tuple[npt.NDArray[np.int16], Codes, _Flags]:
    """Region, line and whether it is possible, for numbers of one calling code given without it."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
    region = np.full(len(national), REGIONS.index(regions[0]), dtype=np.int16)
    line = np.zeros(len(national), dtype=np.int8)
    left = np.flatnonzero(_matches(national, _any_of(code)))
    for name in regions:
        if not len(left):
            break
        rules = _rules(code, name)
        if rules.leading_digits:
            left_here = left[_matches(_taken(national, left), f"(?:{rules.leading_digits}).*")]
        else:
            left_here = left
        lines = _lines(_taken(national, left_here), rules)
        mine = left_here if rules.leading_digits else left_here[lines > 0]
        line[left_here] = lines
        region[mine] = REGIONS.index(name)
        left = np.setdiff1d(left, mine, assume_unique=True)
    return region, line, _has_length(national, _rules(code, regions[0]).general_desc)


@cache
def _any_of(code: int) -> str:
    """A pattern of all numbers of a calling code that some region's rules say more about than that they are its own."""
    found = []
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        rules = _rules(code, region)
        found += [f"(?:{rules.leading_digits}).*"] if rules.leading_digits else _patterns(rules, LINES)
    return "|".join(dict.fromkeys(found))


def _taken(texts: pa.Array, rows: _Rows) -> pa.Array:
    """These rows of a column, which are in order and each there once."""
    return texts if len(rows) == len(texts) else texts.take(pa.array(rows))


def _cut(texts: pa.Array, start: int) -> pa.Array:
    """Numbers from a character on, quicker than where a character may take several bytes."""
    return pc.binary_slice(texts.view(pa.large_binary()), start, _LONGEST).view(pa.large_string())


def _rules(code: int, region: str) -> phonenumbers.PhoneMetadata:
    rules = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    assert rules is not None  # the library has rules for every region it names
    return rules


def _lines(national: pa.Array, rules: phonenumbers.PhoneMetadata) -> Codes:
    """The line of each number by the rules of one region, in the order in which the library asks for them."""
    found = np.zeros(len(national), dtype=np.int8)
    left = np.flatnonzero(_is(national, rules.general_desc))
    rare = _matches(_taken(national, left), "|".join(_patterns(rules, LINES[: LINES.index("fixed_line")])))
    for rows, names in ((left[rare], LINES), (left[~rare], LINES[LINES.index("fixed_line") :])):
        rest = rows
        for name in names:
            if len(rest) and _patterns(rules, [name]):
                here = _is(_taken(national, rest), getattr(rules, name))
                found[rest[here]] = LINES.index(name)
                rest = rest[~here]
    fixed = np.flatnonzero(found == LINES.index("fixed_line"))
    is_mobile = _patterns(rules, ["fixed_line"]) == _patterns(rules, ["mobile"]) or _is(
        _taken(national, fixed), rules.mobile
    )
    found[fixed[is_mobile]] = LINES.index("fixed_line_or_mobile")
    return found


def _patterns(rules: phonenumbers.PhoneMetadata, lines: Sequence[str]) -> list[str]:
    """The patterns of those of the lines that a region has."""
    described = (getattr(rules, name, None) for name in lines)
    return [f"(?:{each.national_number_pattern})" for each in described if each and each.national_number_pattern]


def _is(national: pa.Array, description: Any) -> _Flags:
    if not len(national) or description is None or not description.national_number_pattern:
        return np.zeros(len(national), dtype=bool)
    return _matches(national, description.national_number_pattern)


def _has_length(national: pa.Array, description: Any) -> _Flags:
    lengths = pc.utf8_length(national).to_numpy()
    allowed: _Flags = np.isin(lengths, description.possible_length or lengths)
    return allowed


def _matches(texts: pa.Array, pattern: str) -> _Flags:
    if len(texts) <= _FEW:
        matches_one = _compiled(pattern).fullmatch
        return np.array([matches_one(text) is not None for text in texts.to_pylist()], dtype=bool)
    matches: _Flags = pc.match_substring_regex(texts, f"^(?:{pattern})$").to_numpy(zero_copy_only=False)
    return matches


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _prefixes(digits: _Ints, length: _Ints, line: Codes, code: int) -> _Ints:
    """The calling code, followed by an area code where the line has a location of its own."""
    has_place = np.array([phonenumbers.is_number_type_geographical(_TYPES[name], code) for name in LINES])
    size = np.where(has_place[line], np.minimum(prefix_size(code), length), len(str(code)))
    return digits // _TENS[length - size]


@cache
def _calling_codes() -> npt.NDArray[np.int16]:
    """The calling code that three digits begin with; 0 where it is unassigned."""
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    begun = ((int(str(three)[:size]) for size in (1, 2, 3)) for three in range(1000))
    return np.array([next((code for code in codes if code in known), 0) for codes in begun], dtype=np.int16)
