"""Which phone numbers can be texted, and which belong to nobody.

The separation between the embedded workspace and real people depends on `is_fictional`: a live workspace refuses
exactly the numbers for which it is true.
"""

from __future__ import annotations

import re

E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)

# Ranges set aside for fiction by their regulators (NANPA 555-01XX; Ofcom; ACMA; ARCEP; ComReg; PTS; BNetzA), area
# codes that cannot exist (+1 555, +1 999), and the four numbers the API guide uses as examples.
FICTIONAL = re.compile(
    r"\+1\d{3}55501\d{2}"
    r"|\+1(?:555|999)\d{7}"
    r"|\+447700900\d{3}"
    r"|\+442079460\d{3}"
    r"|\+61491570(?:006|156|157|158|159|110)"
    r"|\+3363998\d{4}"
    r"|\+3532091\d{5}"
    r"|\+46701740(?:60[5-9]|6[1-9]\d)"
    r"|\+4917139200\d{2}"
    r"|\+1234567890|\+12345678900|\+19876543210|\+18111222333",
    re.ASCII,
)


def is_e164(phone: str) -> bool:
    """True for `+`, a country code and 7 to 15 digits in total, without spaces."""
    return E164.fullmatch(phone) is not None


def is_fictional(phone: str) -> bool:
    """True if the E.164 number cannot belong to anybody."""
    return FICTIONAL.fullmatch(phone) is not None


def mask(phone: str) -> str:
    """The number masked for display: first and last digits only, `+1202•••0147`."""
    first, last = (5, 4) if len(phone) >= 12 else (2, 2)
    return f"{phone[:first]}•••{phone[-last:]}"
