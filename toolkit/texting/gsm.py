"""The alphabet of GSM-7, and what to write instead of a character that is not in it.

Tables: 3GPP TS 23.038, 6.2.1 and 6.2.1.1. National shift tables are left out, as gateways do not use them.
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

# What neither composing nor taking apart (Unicode NFC, NFKD) turns into the alphabet.
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
class Rewrite:
    """A text closer to GSM-7; the pairs are what was written anew, `left` what has nothing to be written as.

    Both name what a reader sees as one character, each once, in order.
    """

    text: str
    replaced: tuple[tuple[str, str], ...]
    left: tuple[str, ...]


def rewrite(text: str) -> Rewrite:
    """The text in GSM-7 as far as it goes: look-alikes for signs, letters without their accents, LF for CRLF.

    An offer to somebody who reads it: an accent can carry meaning, so it is never applied unasked.
    """
    written = [(cluster, _written_as(cluster)) for cluster in regex.findall(r"\X", text)]
    return Rewrite(
        text="".join(cluster if gsm is None else gsm for cluster, gsm in written),
        replaced=tuple(dict.fromkeys((cluster, gsm) for cluster, gsm in written if gsm not in {None, cluster})),
        left=tuple(dict.fromkeys(cluster for cluster, gsm in written if gsm is None)),
    )


def _written_as(cluster: str) -> str | None:
    gsm = "\n" if cluster == "\r\n" else "".join(map(_letter, unicodedata.normalize("NFC", cluster)))
    return gsm if ALPHABET.issuperset(gsm) else None


def _letter(char: str) -> str:
    if char in ALPHABET:
        return char
    taken_apart = unicodedata.normalize("NFKD", char.translate(_WRITTEN_AS))
    return "".join(part for part in taken_apart if not unicodedata.combining(part)).translate(_WRITTEN_AS)
