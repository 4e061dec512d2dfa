"""The usual ways to write numbers, read in whole columns: with spaces, brackets, dots and dashes, or in national form.

Only numbers with one reading, as `toolkit.texting.numbering.number_formats` would find it, are read here.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.texting.numbering.dialling import Dialling
from toolkit.texting.numbering.line_types import classify

_USUAL = r"^[ (]*\+?[ (]*\d[\d ().-]*\d$"
_UNUSUAL = r"\.0{1,2}$|\( *0 *\)"  # decimals, and a trunk prefix after the calling code


def usual_numbers(texts: pa.Array, home: Dialling | None, *, plain: str) -> pa.Array:
    """The number in E.164 of each text with one reading in a country, else null; `plain` is the pattern of those."""
    is_usual = pc.and_not(pc.match_substring_regex(texts, _USUAL), pc.match_substring_regex(texts, _UNUSUAL))
    digits = pc.if_else(is_usual, pc.replace_substring_regex(texts, r"[ ().-]", ""), None)
    found = _only(digits, plain)
    return pc.coalesce(found, _at_home(digits, home, plain)) if home else found


def _at_home(digits: pa.Array, home: Dialling, plain: str) -> pa.Array:
    if home.is_american:
        with_code = _only(_after("+", _only(digits, r"^1\d{10}$")), plain)
        local = _only(digits, r"^[2-9]\d{9}$")
        number = _only(_after("+1", local), plain)
        guess = _only(_after("+", local), plain)  # as if it had lost its plus
        is_certain = pc.and_not(_is_somebody_s(number), _is_somebody_s(guess))
        return pc.coalesce(with_code, pc.if_else(is_certain, number, None))
    if not home.has_plain_zero:
        return pa.nulls(len(digits), digits.type)
    dialled = _only(digits, r"^0[1-9]\d{6,}$")
    for other in (home.general_pattern, home.abroad_pattern, "011"):  # the zero belongs to it, or a call abroad
        dialled = pc.if_else(pc.match_substring_regex(dialled, f"^(?:{other})"), None, dialled)
    return _only(_after(f"+{home.code}", pc.utf8_slice_codeunits(dialled, 1)), plain)


def _only(texts: pa.Array, pattern: str) -> pa.Array:
    return pc.if_else(pc.match_substring_regex(texts, pattern), texts, None)


def _after(prefix: str, texts: pa.Array) -> pa.Array:
    start, between = pa.scalar(prefix, texts.type), pa.scalar("", texts.type)
    return pc.binary_join_element_wise(start, texts, between)


def _is_somebody_s(numbers: pa.Array) -> pa.Array:
    return pa.array(classify(numbers)["kind"].isin(["valid", "fictional"]).to_numpy())
