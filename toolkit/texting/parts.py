"""How many parts a text message takes, which is what carriers bill.

One part holds 160 septets of GSM-7 or 70 UTF-16 units; in longer texts each part holds 153 or 67
(3GPP TS 23.040, 23.038). An escape or surrogate pair is never split over two parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import regex

from toolkit.texting.gsm7 import ALPHABET, EXTENSION

Encoding = Literal["GSM-7", "UCS-2"]

SINGLE: dict[Encoding, int] = {"GSM-7": 160, "UCS-2": 70}
MULTI: dict[Encoding, int] = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True, slots=True)
class Parts:
    """A counted text.

    `units` are septets for GSM-7 and UTF-16 code units for UCS-2. `parts` keeps escape and surrogate pairs whole;
    `parts_max` keeps whole what a reader sees as one character, as some gateways do, and is at least `parts`.
    """

    encoding: Encoding
    units: int
    parts: int
    parts_max: int
    offending: tuple[str, ...]  # the characters that force UCS-2, each once, in order

    def __str__(self) -> str:
        noun = "part" if self.parts == 1 else "parts"
        return f"{self.encoding} · {self.units} units · {self.parts} {noun}"


def count_parts(text: str) -> Parts:
    """Count a message as it would be sent, at least one part; any text is counted, lone surrogates included."""
    offending = tuple(dict.fromkeys(c for c in text if c not in ALPHABET))
    encoding: Encoding = "UCS-2" if offending else "GSM-7"
    sizes = [2 if (ord(c) > 0xFFFF if offending else c in EXTENSION) else 1 for c in text]
    units = sum(sizes)
    if units <= SINGLE[encoding]:
        return Parts(encoding, units, 1, 1, offending)
    parts = _pack(sizes, MULTI[encoding])
    return Parts(encoding, units, parts, max(parts, _pack(_clusters(text, sizes), MULTI[encoding])), offending)


def _clusters(text: str, sizes: list[int]) -> list[int]:
    clusters, at = [], 0
    for cluster in regex.findall(r"\r|\X", text):  # CR and LF stay two characters, as in sms-segments-calculator 1.3.0
        clusters.append(sum(sizes[at : at + len(cluster)]))
        at += len(cluster)
    return clusters


def _pack(sizes: list[int], room: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used and used + size > room:
            parts += 1
            used = 0
        used += size
        while used > room:  # a cluster longer than a part has to be cut anyway
            parts += 1
            used -= room
    return parts
