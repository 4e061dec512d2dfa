"""Numbers that every rule of a country treats alike, as they differ only in last digits that no rule looks at.

A million numbers have few beginnings, so that rules need to be asked about one number of each.
"""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import phonenumbers

_Ints = npt.NDArray[np.int64]
_Rows = npt.NDArray[np.intp]

_ENDING = re.compile(r"\\d(?:\{(\d+)(?:,\d+)?\})?$")  # any digit, at least that many of them
_CLASS = re.compile(r"\[[^]]*\]")
_FEWEST_FREE = 2  # free last digits from which it is worth the while
_LONGEST = 16  # more than any number has digits


def alike(digits: _Ints, length: _Ints, code: int) -> tuple[_Rows, _Rows]:
    """One number of each group of a calling code, by its place, in order; and the group of each number.

    `digits` are numbers in E.164 as integers, `length` how many digits each has.
    """
    free, beginning = _free_digits(code), _beginning(code)
    if free < _FEWEST_FREE:
        return np.arange(len(digits)), np.arange(len(digits))
    is_long = length - len(str(code)) >= free + beginning
    kept = np.where(is_long, digits // 10**free, -digits)
    group, distinct = pd.factorize(kept * _LONGEST + length)
    first = np.empty(len(distinct), dtype=np.intp)
    first[group[::-1]] = np.arange(len(digits))[::-1]
    return first, group


@cache
def _free_digits(code: int) -> int:
    """How many last digits of a calling code's numbers may be any, whichever pattern they are compared with."""
    patterns = [
        each.national_number_pattern
        for rules in _rules(code)
        for each in vars(rules).values()
        if isinstance(each, phonenumbers.PhoneNumberDesc) and each.national_number_pattern
    ]
    endings = [_ENDING.search(choice) for pattern in patterns for choice in _choices(pattern)]
    return min((int(found[1] or 1) if found else 0 for found in endings), default=0)


@cache
def _beginning(code: int) -> int:
    """The most digits at the beginning by which a region of the calling code knows its numbers, or more."""
    leading = [rules.leading_digits for rules in _rules(code) if rules.leading_digits]
    return max((len(_CLASS.sub("0", choice)) for each in leading for choice in _choices(each)), default=0)


def _rules(code: int) -> list[phonenumbers.PhoneMetadata]:
    find = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code
    found = (find(code, region) for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code])
    return [rules for rules in found if rules is not None]


def _choices(pattern: str) -> list[str]:
    """The alternatives of a pattern that stand in no group."""
    choices, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            choices.append("")
        else:
            choices[-1] += sign
    return choices
