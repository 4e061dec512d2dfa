"""The alphabet of GSM-7, and replacements for characters that are not in it.

Tables: 3GPP TS 23.038, 6.2.1 and 6.2.1.1. National shift tables are omitted, as gateways do not use them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # each takes two septets: an escape and a character
ALPHABET = BASIC | EXTENSION

# What neither composition nor decomposition (Unicode NFC, NFKD) maps to the alphabet.
_WRITTEN_AS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″‶❝❞〝〞＂", '"'),
        **dict.fromkeys("‘’‚‛‹›′‵❛❜ʹʻʼˈ`´", "'"),
        **dict.fromkeys("‐‑‒–—―−⁃﹣", "-"),
        **dict.fromkeys("•·∙●▪■★☆✓✔", "*"),
        **dict.fromkeys("⁄∕÷", "/"),
        **dict.fromkeys("\t\u00a0\u2028\u2029", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0e\ufe0f", ""),
        "…": "...",
        "→": "->",
        "←": "<-",
        "×": "x",
        "≤": "<=",
        "≥": ">=",
        "₹": "Rs",
        "₽": "RUB",
        "©": "(c)",
        "®": "(R)",
        "™": "TM",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ı": "i",
        "œ": "oe",
        "Œ": "OE",
        "ħ": "h",
    }
)


@dataclass(frozen=True, slots=True)
class GsmText:
    """A text closer to GSM-7: `pairs` are the replacements made, `remaining` the characters without a replacement.

    Both use what a reader sees as one character, each once, in order.
    """

    text: str
    replaced: tuple[tuple[str, str], ...]
    remaining: tuple[str, ...]


def to_gsm(text: str) -> GsmText:
    """The text in GSM-7 as far as possible: look-alikes for symbols, letters without accents, LF for CRLF.

    A suggestion for a person to check: an accent can change the meaning, so it is never applied automatically.
    """
    written = [(cluster, _written_as(cluster)) for cluster in regex.findall(r"\X", text)]
    return GsmText(
        text="".join(cluster if gsm is None else gsm for cluster, gsm in written),
        replaced=tuple(dict.fromkeys((cluster, gsm) for cluster, gsm in written if gsm not in {None, cluster})),
        remaining=tuple(dict.fromkeys(cluster for cluster, gsm in written if gsm is None)),
    )


def _written_as(cluster: str) -> str | None:
    gsm = "\n" if cluster == "\r\n" else "".join(map(_letter, unicodedata.normalize("NFC", cluster)))
    return gsm if ALPHABET.issuperset(gsm) else None


def _letter(char: str) -> str:
    if char in ALPHABET:
        return char
    taken_apart = unicodedata.normalize("NFKD", char.translate(_WRITTEN_AS))
    return "".join(part for part in taken_apart if not unicodedata.combining(part)).translate(_WRITTEN_AS)
