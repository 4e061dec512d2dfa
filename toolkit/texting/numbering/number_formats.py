"""One written number at a time: the characters people and programs put around its digits, and what it can stand for."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from phonenumbers import convert_alpha_characters_in_number

from toolkit.texting.numbering.dialling import FEWEST, Dialling, dialling, split_country_code
from toolkit.texting.numbering.phones import is_fictional

_MOST = 20  # digits, with every prefix
_WHOLE = 9  # digits that are a number of their own, beside others in the same text
_RUN = re.compile(r"\+?[\s(\[]*\d[\d \t()\[\].,'’·•_~*/\\-]*")
_BETWEEN = re.compile(r"\s*[,/\\]+\s*")
_EXTENSION = re.compile(r"(?:\bext(?:n|ension)?|\bx|\d\s*x|#|~)[\s.:=]*$", re.IGNORECASE)
_OTHER = re.compile(r"[^0-9]")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_POWER = re.compile(r"\+?(\d)[.,](\d+)E\+?(\d+)", re.IGNORECASE)
_DECIMAL = re.compile(r"(\+?\d{7,})[.,]0{1,2}")
_ABROAD = re.compile(r"(?:0{1,2}11|0{2,})(?=[1-9])")  # as dialled in America, Australia and nearly everywhere else

# One line, several forms: alternatives for a number, and whether they are better than what is written. Mexico dropped
# the 1 after +52 and the prefixes 01, 044 and 045 (2019-08); Argentina has a 9 before the area code of mobiles dialled
# from abroad, and a 15 after it at home; Brazil put a 9 before mobile numbers (2012 to 2016); Italy keeps the 0 of its
# landlines and has none on mobiles; Benin put 01 before every number (2024-11). Source: ITU bulletins.
_RENUMBERED = tuple(
    (re.compile(pattern), form, is_better)
    for pattern, form, is_better in (
        (r"\+52(?:1|01|044|045)(\d{10})", r"+52\1", True),
        (r"\+54([1-8]\d{9})", r"+549\1", False),
        (r"\+55([1-9]{2})([6-9]\d{7})", r"+55\g<1>9\2", True),
        (r"\+390(3\d{8,9})", r"+39\1", False),
        (r"\+39([124-9]\d{5,9})", r"+390\1", True),
        (r"\+229(\d{8})", r"+22901\1", True),
    )
)
_RENUMBERED_CODES = {"39", "52", "54", "55", "229"}


class Candidates(NamedTuple):
    """What a written number may stand for in E.164, the likeliest first; not all of them need to exist.

    `guessed` are those that assume it lost its plus.
    """

    numbers: list[str]
    guessed: list[str]


def candidates(text: str, regions: Sequence[str]) -> Iterator[Candidates]:
    """What each number in a text may stand for."""
    countries = [rules for rules in map(dialling, regions) if rules]
    for run in _runs(_plain(text)):
        if any(map(str.isalpha, run)):  # 1-800-FLOWERS
            run = convert_alpha_characters_in_number(run)
        found, guessed = [], []
        for digits in dict.fromkeys((_digits(_TRUNK.sub("", run)), _digits(run))) if "(" in run else (_digits(run),):
            if len(digits) > _MOST:
                continue
            if not run.startswith("+"):
                found += _as_dialled(digits, countries)
                guessed += _forms(digits)
            elif digits.startswith("0"):
                found += [*_as_dialled(digits, countries), *_forms(digits.lstrip("0"))]
            else:  # what is invalid in every country may be a local number
                found += _forms(digits) or [f"+{digits}", *_as_dialled(digits, countries)]
        yield Candidates(found, guessed)


def _plain(text: str) -> str:
    """The text in ASCII digits, without invisible characters and what spreadsheets and links put around numbers."""
    if "%" in text or "&" in text:
        text = html.unescape(text).replace("%2B", "+").replace("%20", " ")
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_sign, unicodedata.normalize("NFKC", text)))
    plain = text.strip(" \t\r\n'’‘`\"=")
    if power := _POWER.fullmatch(plain):
        whole, fraction, exponent = power[1], power[2], int(power[3])
        return whole + fraction if exponent == len(fraction) else ""  # with fewer digits some were lost
    decimal = _DECIMAL.fullmatch(plain)
    return decimal[1] if decimal else plain


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.digit(sign))
    if kind == "Pd" or sign == "\u2212":
        return "-"
    if kind == "Zs" or sign == "\u2800":
        return " "
    return "" if kind in {"Cf", "Mn", "Me"} or (kind == "Cc" and sign not in "\t\r\n") else sign


def _runs(text: str) -> Iterator[str]:
    """The pieces of a text that are long enough for a number, without extensions; the whole text, if it has letters."""
    runs = [run[0] for run in _RUN.finditer(text) if not _EXTENSION.search(text[: run.start()])]
    pieces = [piece for run in runs for piece in _pieces(run) if len(_digits(piece)) >= FEWEST - 1]
    if not pieces and any(sign.isdigit() for sign in text) and sum(map(str.isalnum, text)) >= FEWEST:
        pieces = [text]
    yield from pieces


def _pieces(run: str) -> list[str]:
    pieces = _BETWEEN.split(run)
    if len(pieces) == 1:
        return pieces
    if all(len(_digits(piece)) >= FEWEST for piece in pieces):
        return pieces
    return [run, *(piece for piece in pieces if len(_digits(piece)) >= _WHOLE)]


def _digits(text: str) -> str:
    return _OTHER.sub("", text)


def _as_dialled(digits: str, countries: Sequence[Dialling]) -> list[str]:
    """Digits as dialled in each country, internationally or nationally, or with the country's own calling code."""
    found: list[str] = []
    if digits.startswith("0"):
        prefix = _ABROAD.match(digits)
        prefixed = [prefix and digits[prefix.end() :], *(rules.abroad(digits) for rules in countries)]
        for rest in dict.fromkeys(filter(None, prefixed)):
            found += _forms(rest)
    elif any(digits.startswith(rules.code) for rules in countries):
        found += _forms(digits)
    for rules in countries:
        found += _forms(digits, code=rules.code, number=rules.number(digits))
    return [*found, f"+{digits}"] if is_fictional(f"+{digits}") else found


def _forms(digits: str, *, code: str = "", number: str | None = None) -> list[str]:
    """An E.164 number without its plus in all its forms, or as dialled in a country; empty if it cannot be one."""
    if not code:
        parts = split_country_code(digits)
        if parts is None:
            return []
        code, number, digits = parts[0].code, parts[0].number(parts[1]), parts[1]
    forms = [number] if number else []
    if code in _RENUMBERED_CODES:
        for written in {number, f"+{code}{digits}"}:
            for pattern, form, is_better in _RENUMBERED:
                if written and pattern.fullmatch(written):
                    forms.insert(0 if is_better else len(forms), pattern.sub(form, written))
    return [*dict.fromkeys(forms)]
