from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import phonenumbers
import pytest
from phonenumbers import PhoneNumberType
from phonenumbers.timezone import time_zones_for_number

from toolkit.texting.numbering import line_types
from toolkit.texting.numbering.line_types import LINES, classify
from toolkit.texting.numbering.phones import is_fictional
from toolkit.texting.places import locate


def seen(phone: str | None) -> tuple[Any, ...]:
    kind, region, line, _ = classify([phone]).iloc[0]
    return kind, None if pd.isna(region) else region, line


@pytest.mark.parametrize(
    ("phone", "found"),
    [
        (None, ("missing", None, "unknown")),
        ("", ("missing", None, "unknown")),
        ("12025550147", ("malformed", None, "unknown")),
        ("+1 202 555 0147", ("malformed", None, "unknown")),
        ("+12025550147\n", ("malformed", None, "unknown")),
        ("+12025550147", ("fictional", "US", "fixed_line_or_mobile")),
        ("+14165550147", ("fictional", "CA", "fixed_line_or_mobile")),
        ("+12465550147", ("fictional", "BB", "unknown")),
        ("+15552345678", ("fictional", "US", "unknown")),
        ("+447700900123", ("fictional", "GB", "unknown")),
        ("+61491570156", ("fictional", "AU", "mobile")),
        ("+1202555014", ("impossible", "US", "unknown")),
        ("+44770090012", ("possible", "GB", "unknown")),
        ("+99955501471", ("impossible", None, "unknown")),
    ],
)
def test_a_number_is_fictional_before_it_is_anything_else(phone: str | None, found: tuple[Any, ...]) -> None:
    assert seen(phone) == found


def drawn(calling_codes: Sequence[int], *, count: int) -> list[str]:
    """Numbers near the library's own examples, of which few are anybody's; none is kept."""
    draw = random.Random(7)
    numbers = []
    for _ in range(count):
        code = draw.choice(calling_codes)
        region = draw.choice(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code])
        rules = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        lines = [getattr(rules, line, None) for line in LINES]
        digits = list(draw.choice([line.example_number for line in lines if line and line.example_number]))
        for _ in range(draw.randrange(6)):
            digits[draw.randrange(len(digits))] = draw.choice("0123456789")
        numbers.append(f"+{code}{''.join(digits)}")
    return numbers


def test_a_few_numbers_are_classified_as_in_a_long_column() -> None:
    phones = [*drawn([1, 44], count=600), *["+1202555014\n", "+1٢٠٢٥٥٥٠١٤٧", ""] * 50]
    whole = classify(phones)

    for start in range(0, len(phones), 50):
        few = whole.iloc[start : start + 50].reset_index(drop=True)
        pd.testing.assert_frame_equal(classify(phones[start : start + 50]), few)


def test_a_column_is_classified_as_the_library_does_number_by_number() -> None:
    calling_codes = [*phonenumbers.COUNTRY_CODE_TO_REGION_CODE, *[1] * 60, *[7, 39, 44, 49, 52, 54, 55, 61, 62] * 5]
    phones = [phone for phone in drawn(calling_codes, count=4000) if not is_fictional(phone) and len(phone) > 7]

    numbers = classify(phones)
    located = locate(numbers)

    kinds = set()
    for row, phone in enumerate(phones):
        number = phonenumbers.parse(phone)
        if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != phone:
            continue  # the library left a trunk prefix out, so it looked at another number
        kind, region, line, _ = numbers.iloc[row]
        kinds.add(kind)
        assert (kind == "valid") == phonenumbers.is_valid_number(number), phone
        if kind == "valid":
            assert region == phonenumbers.region_code_for_number(number), phone
            assert line == PhoneNumberType.to_string(phonenumbers.number_type(number)).lower(), phone
        else:
            reason = phonenumbers.is_possible_number_with_reason(number)
            assert (kind == "possible") == (reason == phonenumbers.ValidationResult.IS_POSSIBLE), phone
        if kind == "valid" and number.country_code != 1:
            zones = sorted(set(time_zones_for_number(number)) - {"Etc/Unknown"})
            assert (zones or None) == (
                None if pd.isna(located["zones"].iloc[row]) else located["zones"].iloc[row].split()
            )
    assert kinds == {"valid", "possible", "impossible"}


def test_a_frame_has_the_same_columns_when_it_is_empty() -> None:
    some, none = classify(["+12025550147"]), classify([])

    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_numbers_are_classified_by_one_of_those_alike_as_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every calling code, near its examples and near what its regions begin with, of all lengths."""
    codes = [*phonenumbers.COUNTRY_CODE_TO_REGION_CODE]
    draw = random.Random(11)
    phones = drawn([*codes, *[1] * 200], count=30_000)
    phones += [phone[: draw.randrange(7, 17)].ljust(draw.randrange(8, 17), "0") for phone in phones]
    phones += [phone[:-3] + f"{draw.randrange(1_000):03d}" for phone in phones]
    phones += [f"+1{area}5550{draw.randrange(100, 200)}" for area in range(200, 1_000)]
    together = classify(phones)

    def apart(digits: Any, length: Any, code: int) -> tuple[Any, Any]:
        return np.arange(len(digits)), np.arange(len(digits))

    monkeypatch.setattr("toolkit.texting.numbering.line_types.alike", apart)

    pd.testing.assert_frame_equal(together, classify(phones))


def test_numbers_classified_some_at_a_time_are_those_classified_together(monkeypatch: pytest.MonkeyPatch) -> None:
    phones = [None, "", "+12025550147", "+447700900123", "+61491570156", "12025550147", "+44770090012"]
    together = classify(phones)

    monkeypatch.setattr(line_types, "_AT_ONCE", 3)

    pd.testing.assert_frame_equal(classify(phones), together)
    assert len(classify([])) == 0
