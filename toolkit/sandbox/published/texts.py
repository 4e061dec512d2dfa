"""What each recipient reads, and in how many parts it is sent."""

import re
from collections.abc import Mapping
from typing import Any, Literal

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("\f^{}\\[~]|€")  # each takes two septets
_GSM_ALL = _GSM | _GSM_ESCAPED


def fill(message: str, values: Mapping[str, Any], *, missing: Literal["literal", "empty"]) -> str:
    """Put a contact's values, by lower-case names, in the place of {name}, {phone} and {field}, in any case."""

    def value_of(found: re.Match[str]) -> str:
        value = values.get(found[1].strip().lower())
        if value not in (None, ""):
            return str(value)
        return found[0] if missing == "literal" else ""

    return PLACEHOLDER.sub(value_of, message)


def parts(text: str) -> int:
    """Count a text's parts: 160 septets of GSM-7 or 153 a part, else 70 UTF-16 units or 67 a part."""
    is_gsm = _GSM_ALL.issuperset(text)
    alone, joined = (160, 153) if is_gsm else (70, 67)
    if len(text) <= alone // 2:
        return 1
    if is_gsm:
        sizes = [2 if character in _GSM_ESCAPED else 1 for character in text]
    else:
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
    if sum(sizes) <= alone:
        return 1
    count, room = 1, joined
    for size in sizes:  # neither an escape nor a surrogate pair is split
        if size > room:
            count, room = count + 1, joined
        room -= size
    return count
