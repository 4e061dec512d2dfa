"""How numbers are dialled in each country: their prefixes and lengths.

The rules are libphonenumber's, which `phonenumbers` ships; they are applied here to digits alone, as its parser is
too slow for a million rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers

FEWEST = 7  # digits of a number; shorter ones only if a network has assigned them


@dataclass(frozen=True)
class Dialling:
    """The rules of a country: calling code, lengths of its numbers, and what is dialled before them."""

    code: str
    sizes: frozenset[int]
    is_american: bool
    has_trunk: bool
    _general: re.Pattern[str]
    _trunk: re.Pattern[str] | None
    _transformed: str | None
    _abroad: re.Pattern[str] | None

    @property
    def has_plain_zero(self) -> bool:
        """Within the country a 0 is dialled first, and nothing else about the number changes."""
        return bool(self._trunk and "0" in self._trunk.pattern.split("|") and not self._transformed)

    @property
    def general_pattern(self) -> str:
        """The pattern of the country's numbers."""
        return self._general.pattern

    @property
    def abroad_pattern(self) -> str:
        """The pattern of what is dialled before calls to other countries."""
        return self._abroad.pattern if self._abroad else "00"

    def number(self, digits: str) -> str | None:
        """The E.164 form of digits dialled within the country; None if the length is wrong."""
        national = self._without_trunk(digits)
        if self.is_american and national[:1] in {"0", "1"}:
            return None
        return f"+{self.code}{national}" if len(national) in self.sizes else None

    def abroad(self, digits: str) -> str | None:
        """What follows the prefix for calls to other countries; None if the digits do not begin with it."""
        prefix = self._abroad.match(digits) if self._abroad else None
        return digits[prefix.end() :] if prefix else None

    def _without_trunk(self, digits: str) -> str:
        """Removes the trunk prefix as libphonenumber does: not if the digits are only valid with it."""
        prefix = self._trunk.match(digits) if self._trunk else None
        if not prefix or not prefix.end():
            return digits
        rest = digits[prefix.end() :]
        if self._transformed and prefix.lastindex == prefix.re.groups:
            rest = prefix.expand(self._transformed) + rest
        is_needed = self._general.fullmatch(digits) and not self._general.fullmatch(rest)
        return digits if is_needed else rest


@cache
def dialling(region: str) -> Dialling | None:
    """The rules of a country by its ISO 3166 code; None if libphonenumber does not know it."""
    code = phonenumbers.country_code_for_region(region)
    return _rules(str(code), region) if code else None


@cache
def dialling_to(code: str) -> Dialling:
    """The rules of the main country of a calling code."""
    return _rules(code, phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)][0])


@cache
def calling_codes() -> dict[str, str]:
    """All calling codes, each with the main country that has it."""
    return {str(code): regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


def split_country_code(digits: str) -> tuple[Dialling, str] | None:
    """The rules of the calling code that digits begin with, and the rest; None for an unassigned code."""
    code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in calling_codes()), None)
    return (dialling_to(code), digits[len(code) :]) if code else None


def country_of(phone: str, *, said: str = "") -> str:
    """The ISO 3166 code of a number's country: the stated one, if it is valid, else by calling code; or empty."""
    if dialling(said.strip().upper()):
        return said.strip().upper()
    parts = split_country_code(phone[1:]) if phone.startswith("+") else None
    return calling_codes()[parts[0].code] if parts else ""


def _rules(code: str, region: str) -> Dialling:
    known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    main = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), calling_codes()[code])
    assert known is not None  # the library has rules for every region it names
    assert known.general_desc is not None
    assert main is not None
    assert main.general_desc is not None
    return Dialling(
        code=code,
        sizes=frozenset(main.general_desc.possible_length),
        is_american=code == "1",
        has_trunk=bool(known.national_prefix),
        _general=re.compile(known.general_desc.national_number_pattern or ""),
        _trunk=re.compile(known.national_prefix_for_parsing) if known.national_prefix_for_parsing else None,
        _transformed=known.national_prefix_transform_rule,
        _abroad=re.compile(known.international_prefix) if known.international_prefix else None,
    )
