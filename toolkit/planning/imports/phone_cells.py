"""The phones of a file as the service requires them: in E.164 where they have one reading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.data.bitmaps import Mask
from toolkit.planning.imports.cells import bool_mask
from toolkit.texting.numbering.line_types import classify
from toolkit.texting.numbering.number_readings import read_phones
from toolkit.texting.numbering.phones import is_fictional

_SCIENTIFIC = r"^['\"=]*\+?\d(?:[.,]\d+)?[eE]\+?\d{1,2}\"?$"
_DECIMAL = r"^['\"=]*\+?\d{6,}[.,]0+\"?$"
_FORMULA = r"^(?:=|')"
_PLAIN = r"[\s().\-/\x{a0}\x{2010}-\x{2015}\x{202f}']"


class PhoneCells(NamedTuple):
    """The phones of a column: `e164` with "" where there is none or it cannot be read, and masks.

    `is_lost` are those that a spreadsheet has cut to powers of ten, so that they cannot be recovered.
    """

    e164: pa.StringArray
    is_unread: Mask
    is_doubtful: Mask
    is_lost: Mask
    is_decimal: Mask
    is_formula: Mask
    is_changed: Mask


def read_column(texts: pa.StringArray, regions: Sequence[str]) -> PhoneCells:
    """Read a column of cleaned cells; phones without a country code are of one of the regions."""
    is_blank = bool_mask(pc.equal(pc.binary_length(texts), 0))
    quick = _quick(texts, regions)
    is_rest = bool_mask(pc.is_null(quick)) & ~is_blank
    rest = texts.filter(pa.array(is_rest))
    best, is_doubtful = _one_reading(rest, regions)
    e164 = pc.replace_with_mask(quick, pa.array(is_rest), best)
    doubtful = np.zeros(len(texts), bool)
    doubtful[is_rest] = is_doubtful
    e164 = pc.fill_null(pc.if_else(pa.array(doubtful), "", e164), "")
    lost, decimal, formula = (
        bool_mask(pc.match_substring_regex(texts, pattern)) for pattern in (_SCIENTIFIC, _DECIMAL, _FORMULA)
    )
    has = bool_mask(pc.greater(pc.binary_length(e164), 0))
    return PhoneCells(
        e164,
        ~has & ~is_blank & ~doubtful,
        doubtful,
        lost & ~has,
        decimal & has,
        formula & has,
        bool_mask(pc.not_equal(texts, e164)) & has,
    )


def _quick(texts: pa.StringArray, regions: Sequence[str]) -> pa.StringArray:
    """Unambiguous phones, in whole columns: +1 (202) 555-0147, and ten digits if all regions are in America."""
    digits = pc.replace_substring_regex(texts, _PLAIN, "")
    codes = {_calling_code(region) for region in regions}
    written = pc.match_substring_regex(texts, r"^\+[\d\s().\-/\x{a0}]+$")
    american = pc.match_substring_regex(digits, r"^\+1[2-9]\d{2}[2-9]\d{6}$")
    found = pc.if_else(pc.and_(written, american), digits, None)
    if codes == {"1"}:
        local = pc.match_substring_regex(digits, r"^[2-9]\d{2}[2-9]\d{6}$")
        long = pc.match_substring_regex(digits, r"^1[2-9]\d{2}[2-9]\d{6}$")
        found = pc.if_else(local, pc.binary_join_element_wise("+1", digits, ""), found)
        found = pc.if_else(long, pc.binary_join_element_wise("+", digits, ""), found)
    is_good = bool_mask(pc.is_valid(found))
    if is_good.any():
        kinds = classify(found)["kind"].isin(["valid", "fictional"]).to_numpy()
        found = pc.if_else(pa.array(kinds), found, None)
    return found.cast(pa.string())


def _calling_code(region: str) -> str:
    return str(phonenumbers.country_code_for_region(region))


def _one_reading(texts: pa.StringArray, regions: Sequence[str]) -> tuple[pa.StringArray, Mask]:
    """The reading of each text that is the only valid one in the regions, and which texts have several."""
    if not len(texts):
        return texts, np.zeros(0, bool)
    coded = texts.dictionary_encode()
    readings = read_phones(coded.dictionary, region=list(regions) or "ZZ")
    best, others = readings.e164.cast(pa.string()), readings.others
    kinds = classify(best)["kind"]
    good, possible = (kinds.isin(those).to_numpy() for those in (["valid", "fictional"], ["possible"]))
    flat = others.flatten().cast(pa.string())
    further = classify(flat)["kind"].isin(["valid", "fictional"]).to_numpy() if len(flat) else np.zeros(0, bool)
    parent = pc.list_parent_indices(others).to_numpy()
    every = pa.concat_arrays([best, flat])
    lines = dict(zip(every.to_pylist(), classify(every)["line"].eq("mobile").tolist(), strict=True))
    codes = tuple(f"+{_calling_code(region)}" for region in regions)
    written = coded.dictionary.to_pylist()
    chosen: list[str | None] = []
    doubtful = np.zeros(len(written), bool)
    rivals: dict[int, list[str]] = {}
    for at, (number, is_good) in enumerate(zip(flat.to_pylist(), further, strict=True)):
        if is_good:
            rivals.setdefault(int(parent[at]), []).append(number)
    for at, (text, number) in enumerate(zip(written, best.to_pylist(), strict=True)):
        is_whole = text.lstrip("'\"= \u202a(").startswith(("+", "00", "tel:+", "011"))
        all_good = [*([number] if number and good[at] else []), *rivals.get(at, [])]
        if is_whole and not all_good and possible[at] and re.sub(r"\D", "", text) == str(number)[1:]:
            all_good = [str(number)]  # written in full; it may be newer than libphonenumber's data
        here = all_good if is_whole else [each for each in all_good if each.startswith(codes)]
        if len(here) > 1:
            mobile = [each for each in here if lines.get(each) or is_fictional(each)]
            here = mobile if len(mobile) == 1 else here
        if len(here) == 1:
            chosen.append(here[0])
        else:
            doubtful[at] = len(here) > 1 or (len(all_good) > 0 and not is_whole and not here and bool(number))
            chosen.append(None)
    indices = coded.indices
    return pa.array(chosen, pa.string()).take(indices), doubtful[indices.to_numpy()]
