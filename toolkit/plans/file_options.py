"""How a contact file is written, as a person says it: its separator, its encoding, the country of its phones."""

from __future__ import annotations

import codecs
from typing import Annotated

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_COUNTRIES = {"UK": "GB", "USA": "US"}  # common spellings


def _country(written: str) -> str:
    code = written.strip().upper()
    code = _COUNTRIES.get(code, code)
    if code not in SUPPORTED_REGIONS:
        raise ValueError(f"phone_country {written!r} is not a country: give its two-letter code, such as US or GB")
    return code


def _separator(written: str) -> str:
    by_name = {name: char for char, name in SEPARATORS.items()} | {"pipe": "|", "\\t": "\t"}
    char = by_name.get(written.strip().lower() if len(written) > 1 else written, written)
    if len(char) != 1 or char.isalnum() or char in "\"'\r\n ":
        raise ValueError(f"separator {written!r} is not one character such as , or ; or | or 'tab'")
    return char


def _encoding(written: str) -> str:
    try:
        info = codecs.lookup(written.strip())
        "".encode(info.name)  # a codec of bytes to bytes is not a text encoding
    except LookupError:
        raise ValueError(f"encoding {written!r} is not known: give one such as utf-8, cp1252 or mac_roman") from None
    return info.name


CountryCode = Annotated[str, AfterValidator(_country)]
FileSeparator = Annotated[str, AfterValidator(_separator)]
FileEncoding = Annotated[str, AfterValidator(_encoding)]
