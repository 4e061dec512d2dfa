"""The encoding of a file: detected where its bytes leave no doubt, requested where they do.

A byte order mark decides, then UTF-8, which other encodings are not by chance. Of the single-byte
encodings, one is chosen if the words of the file are words only in it: `Zo\\xeb` is "Zoë" in Windows-1252, and "ZoÎ"
on an old Macintosh.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from typing import NamedTuple

from toolkit.errors import DraftError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NAMES = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "mac-roman": "Mac Roman",
    "cp850": "DOS (code page 850)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "koi8-r": "KOI8-R (Cyrillic)",
    "cp866": "DOS Cyrillic (code page 866)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "shift_jis": "Shift JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "euc_kr": "EUC-KR (Korean)",
}
_WESTERN = ("cp1252", "mac_roman", "cp850")
_OTHERS = ("cp1250", "cp1251", "koi8-r", "cp866", "cp1253", "cp1255", "cp1256")
_WIDE = ("shift_jis", "gb18030", "big5", "euc_kr")
_TURKISH = frozenset("ðÐþÞýÝ")  # in Windows-1252; ğ Ğ ş Ş ı İ in Windows-1254, otherwise nearly the same
_SAMPLE = 8192  # bytes in which zeros are counted
_MOST_WORDS = 5_000
_WORD = re.compile(rb"[A-Za-z'\x80-\xff]*[\x80-\xff][A-Za-z'\x80-\xff]*")
_ALONE = frozenset("€£¥§°ºª©®™²³½¼¾·•…–—‘’“”„«»¿¡´`¨\u00a0\u202f")  # may stand beside words


class Decoded(NamedTuple):
    """The bytes of a text without its byte order mark, and its encoding by Python's name."""

    content: bytes
    encoding: str
    is_given: bool = False
    has_mark: bool = False

    @property
    def name(self) -> str:
        """The common name of the encoding."""
        return NAMES.get(self.encoding, self.encoding.upper()) + (" with a byte order mark" if self.has_mark else "")

    def lines(self) -> io.TextIOWrapper:
        """The lines of the text with their ends, whether CR, LF or both."""
        return io.TextIOWrapper(io.BytesIO(self.content), self.encoding, newline="")


def decode(filename: str, content: bytes, wanted: str | None = None) -> Decoded:
    """Detect the encoding of a file; `wanted` is used as given.

    Raises DraftError if the bytes are not valid in `wanted`, or could be of several encodings, with a line in each.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark) and (wanted is None or _is_same(encoding, wanted)):
            return _strict(filename, Decoded(content[len(mark) :], encoding, wanted is not None, True))
    if wanted is not None:
        return _strict(filename, Decoded(content, wanted, True))
    if wide := _wide(content):
        return _strict(filename, Decoded(content, wide))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = error
    else:
        return Decoded(content, "utf-8")
    _refuse_mixture(filename, content, fault)
    words = _words(content)
    plausible = {encoding: text for encoding in _WESTERN if (text := _plausible(words, encoding)) is not None}
    if "cp1252" in plausible and _TURKISH & set(plausible["cp1252"]):
        plausible["cp1254"] = b"\n".join(words).decode("cp1254", "replace")
    if not plausible:
        others = {encoding: _plausible(words, encoding) for encoding in _OTHERS}
        plausible = {encoding: text for encoding, text in others.items() if text is not None}
        if len(plausible) != 1:
            plausible |= {encoding: "" for encoding in _WIDE if _is_wide(words, encoding)}
    if len(set(plausible.values())) == 1:
        return Decoded(content, next(iter(plausible)))
    raise _undecided(filename, content, list(plausible) or [*_WESTERN, *_OTHERS])


def _is_same(encoding: str, wanted: str) -> bool:
    """The byte order mark agrees with the requested encoding: utf-16 may be either."""
    plain = wanted.replace("_", "-").removesuffix("-sig")
    return encoding == plain or encoding.rpartition("-")[0] == plain


def _strict(filename: str, decoded: Decoded) -> Decoded:
    try:
        decoded.content.decode(decoded.encoding)
    except (UnicodeDecodeError, UnicodeError) as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = decoded.content.count(b"\n", 0, at) + 1
        raise DraftError(
            f"{filename} is not {decoded.name} text: line {line} has bytes that cannot be read. Remove encoding= to "
            "detect it, or save the file as CSV UTF-8."
        ) from error
    return decoded


def _wide(content: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark, by where the zeros are; empty if it is neither."""
    head = content[: _SAMPLE - _SAMPLE % 4]
    if b"\x00" not in head:
        return ""
    zeros = [head[at::4].count(0) / max(1, len(head[at::4])) for at in range(4)]
    if min(zeros[1:]) > 0.9 and zeros[0] < 0.1:
        return "utf-32-le"
    if min(zeros[:3]) > 0.9 and zeros[3] < 0.1:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    for name, here, there in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if here > 0.2 and there < 0.02 and len(content) % 2 == 0:
            return name
    return ""


def _refuse_mixture(filename: str, content: bytes, fault: UnicodeDecodeError) -> None:
    """Raise DraftError for a file that is UTF-8 except a few bytes, written by two programs."""
    text = content.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(not char.isascii() for char in text[:1_000_000]) - wrong
    if right > 0 and right >= wrong:
        line = content.count(b"\n", 0, fault.start) + 1
        raise DraftError(
            f"{filename} is UTF-8 except {wrong:,} characters, the first in line {line}: two programs have "
            "written to it. Correct these lines, or set the encoding with encoding=."
        )


def _words(content: bytes) -> list[bytes]:
    words: dict[bytes, None] = {}
    for found in _WORD.finditer(content):
        words[found[0]] = None
        if len(words) == _MOST_WORDS:
            break
    return [*words]


def _plausible(words: list[bytes], encoding: str) -> str | None:
    """The words, if they are words in this encoding."""
    try:
        text = b"\n".join(words).decode(encoding)
    except UnicodeDecodeError:
        return None
    return text if all(map(_is_word, text.split("\n"))) else None


def _is_word(word: str) -> bool:
    """Letters of one script, capitals only where words have them, and symbols only beside it."""
    letters = [char for char in word if char.isalpha() and char not in "ºª"]
    signs = [char for char in word if not char.isalpha() and not char.isascii()]
    inner = word.strip("".join(_ALONE) + "'")
    if any(char not in _ALONE for char in signs) or any(char in inner for char in signs if char not in "’´`"):
        return False
    if any(unicodedata.category(char) not in {"Ll", "Lu", "Lo", "Lm"} for char in letters):
        return False
    foreign = [char for char in letters if not char.isascii()]
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in letters}
    if len(scripts) > 1:
        return False
    if scripts == {"LATIN"} and len(foreign) > 2 and len(foreign) * 2 > len(letters):
        return False
    return all(_is_cased(part) for part in re.split(r"['’´`]", inner))


def _is_cased(word: str) -> bool:
    letters = "".join(char for char in word if char.isalpha())
    return (
        letters[1:].islower() or letters.isupper() or len(letters) < 2 or _is_camel(letters) or not _has_case(letters)
    )


def _is_camel(letters: str) -> bool:
    """McCafé: capitals inside are ASCII, and non-ASCII letters are lower case or first."""
    return all(char.isascii() or char.islower() for char in letters[1:])


def _has_case(letters: str) -> bool:
    return letters.lower() != letters.upper()


def _is_wide(words: list[bytes], encoding: str) -> bool:
    try:
        text = b"\n".join(words).decode(encoding)
    except UnicodeDecodeError:
        return False
    return all(unicodedata.category(char) in {"Lo", "Lm", "Ps", "Pe", "Po", "Ll", "Lu", "Cc"} for char in text)


def _undecided(filename: str, content: bytes, candidates: list[str]) -> DraftError:
    found = _WORD.search(content)
    at = found.start() if found else 0
    line = content[content.rfind(b"\n", 0, at) + 1 :].split(b"\n")[0].split(b"\r")[0][:80]
    read = "; ".join(f"{encoding} reads {line.decode(encoding, 'replace')!r}" for encoding in candidates[:6])
    return DraftError(
        f"{filename} is not UTF-8, and its encoding is uncertain. One line of it: {read}. Set the right one with "
        f"encoding={candidates[0]!r}, or save the file as CSV UTF-8."
    )
