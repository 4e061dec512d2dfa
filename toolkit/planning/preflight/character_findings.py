"""Findings on characters that are invisible, disguise others, or were corrupted before they came here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html.entities import html5

import pyarrow.compute as pc

from toolkit.display import n_recipients
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding

_DIRECTING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE = frozenset(
    "\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028\u2029\u202f\u205f\u2060\u2061"
    "\u2062\u2063\u2064\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9\ufffa\ufffb\ufffc"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")  # of a part of a country, such as Scotland
_TAGS = re.compile("[\U000e0000-\U000e007f]")
# Where the previous character has no variant, or the surrounding letters are not joined.
_STRAY = re.compile(
    "(?<=[^0-9#*\\W])(?<=[\x00-\x7f])[\ufe00-\ufe0f]|(?<=[ \ufe00-\ufe0f])[\ufe00-\ufe0f]|^[\ufe00-\ufe0f]"
    "|(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"
    "|(?<=[\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\x7f])"
)
_LATE = (
    "\u0080-\u009f\u00a0-\u00bf\u20acƒ‚„…†‡ˆ‰Š‹ŒŽ•–—˜™š›œžŸ"  # the second byte of a letter, as Windows-1252 shows it
)
_MISREAD = re.compile(
    f"Ã[{_LATE}]|Â[\u00a0-\u00bf]|â[€„‚˜œ†žš\u0080-\u009f].|ðŸ.|ð\u009f|ï»¿|ï¿½|(?:[ÐÑ][{_LATE}‘’“”]){{2,}}"
    "|(?:[РС][ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџЎўЈ¤Ґ¦§Ё©Є«¬®Ї°±Ііґµ¶·ё№є»јЅѕї]){3,}|‚Ä.|√[©®†±≥≠°]"
    "|[\ufffd\ufffe\uffff\ufdd0-\ufdef]"
)
_ESCAPED = re.compile(r"(?<![:\\])\\(?:[nrt]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})")
_HTML = re.compile(
    r"</?(?:a|b|br|i|u|p|em|strong|div|span|font|center|h[1-6]|ul|ol|li|img|hr|table|tr|td|html|body|script|style)"
    r"(?:\s[^<>]*)?/?>|&(?:[A-Za-z]{2,8}|#\d{2,6}|#[xX][0-9a-fA-F]{2,6});",
    re.IGNORECASE,
)


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the characters."""
    yield from _directing(out)
    yield from _tags(out.text)
    found = {char for char in out.text if char in _INVISIBLE or _is_control(char)} | {*_STRAY.findall(out.text)}
    if found:
        yield finding(
            "MSG003",
            f"The text contains {len(found)} kind{'s' if len(found) > 1 else ''} of invisible characters.",
            "Replace them with ordinary spaces, or remove them.",
            evidence=[f"{_point(char)} {name_of(char)}, {out.text.count(char)} times" for char in sorted(found)],
        )
    yield from _foreign(out.text)


def _foreign(text: str) -> Iterator[Finding]:
    """Characters corrupted earlier: by another encoding, a program, or a web page."""
    private = [char for char in text if unicodedata.category(char) == "Co"]
    html = [each for each in _HTML.findall(text) if each[0] == "<" or each[1] == "#" or each[1:] in html5]
    kinds = (
        (_MISREAD.findall(text), "as when a file is read in the wrong encoding",
         "Type them again, or save the file as UTF-8 and copy the text from there."),
        (private, "which most phones show as an empty box", "Remove them."),
        (_ESCAPED.findall(text), "which people would read literally, instead of a line break or a character",
         "Type the line break or the character itself."),
        (html, "which is HTML: phones show it as written", "Write plain text."),
    )  # fmt: skip
    for found, what, fix in kinds:
        if found:
            first, *others = dict.fromkeys(found)
            shown = first if first.isprintable() else _point(first)
            yield finding("MSG003", f"The text contains {shown}, {what}.", fix, evidence=others)


def _tags(text: str) -> Iterator[Finding]:
    """Tag characters outside flags: a hidden text that programs read and people do not see."""
    if hidden := _TAGS.findall(_FLAG.sub("", text)):
        letters = "".join(chr(ord(char) - 0xE0000) for char in hidden if 0xE0020 <= ord(char) <= 0xE007E)
        yield finding(
            "MSG003",
            f"The text contains {len(hidden)} tag characters, which hide another text in it.",
            "Remove them.",
            severity="block",
            evidence=[f"they spell: {letters}"] if letters else [],
        )


def _directing(out: Outgoing) -> Iterator[Finding]:
    """Characters that change the direction of what follows, and so can display a different text."""
    if any(char in _DIRECTING for char in out.text):
        yield finding(
            "MSG003",
            "The text contains characters that change the direction of reading and can disguise a link.",
            "Remove them.",
            severity="block",
            evidence=[f"{_point(char)} {name_of(char)}" for char in sorted(set(out.text) & set(_DIRECTING))],
        )
    elif not out.wording.is_same_for_all and out.wording.rendered is not None:
        theirs = pc.match_substring_regex(out.wording.rendered.texts, f"[{_DIRECTING}]").to_numpy()
        if theirs.any():
            yield finding(
                "MSG003",
                f"The values of {n_recipients(theirs.sum())} contain characters that change the direction of reading.",
                "Correct those contacts.",
                severity="block",
                contacts=int(theirs.sum()),
                contact_ids=out.ids(theirs),
            )


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and char not in "\n\r"


def _point(char: str) -> str:
    return f"U+{ord(char[0]):04X}"


def name_of(char: str) -> str:
    """The Unicode name of a character, in lower case."""
    return unicodedata.name(char, "a control character").lower()
