"""One written number at a time: what it may stand for, by libphonenumber and by what programs do to numbers."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from toolkit.texting.phones import is_e164, is_fictional

_FEWEST = 7  # digits of a number; with fewer only one that a network has given out
_MOST = 18  # digits, with every prefix; with more it is no number
_RUN = re.compile(r"\+?[\s(\[]*\d[\d \t()\[\].,'’·•_~*/\\-]*")
_BETWEEN = re.compile(r"\s*[,/\\]\s*")
_EXTENSION = re.compile(r"(?:\bext(?:n|ension)?|\bx|#|~)[\s.:=]*$", re.IGNORECASE)
_TRUNK = re.compile(r"\(\s*0\s*\)")
_POWER = re.compile(r"\+?(\d)[.,](\d+)E\+?(\d+)", re.IGNORECASE)
_DECIMAL = re.compile(r"(\+?\d{7,})[.,]0{1,2}")
_ABROAD = re.compile(r"(?:0{1,2}11|0{2,})(?=[1-9])")  # as dialled in America, Australia and nearly everywhere else

# One line, several forms: what may stand for it too, and whether that is better than what is written. Mexico dropped
# the 1 after +52 and the prefixes 01, 044 and 045 (2019-08); Argentina says 9 before the area code from abroad, 15
# behind it at home; Brazil put a 9 before mobile numbers (2012 to 2016); Italy keeps the 0 of its landlines and has
# none on mobiles; Benin put 01 before every number (2024-11). Sources: libphonenumber 9.0 and the ITU's bulletins.
_RENUMBERED: tuple[tuple[re.Pattern[str], str, bool], ...] = tuple(
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


def read_writing(text: str | None, regions: Sequence[str]) -> list[str]:
    """The numbers in E.164 that a text may stand for, the best one first; none if it can be no number."""
    if text is None:
        return []
    readings: dict[str, None] = {}
    for run in _runs(_plain(text)):
        ranked: dict[str, int] = {}
        for candidate, region in _candidates(run, regions):
            for number, is_good in _numbers(candidate, region):
                ranked.setdefault(number, not is_good)
        readings.update(dict.fromkeys(sorted(ranked, key=ranked.__getitem__)))
    if not readings and is_e164(text):
        return [text]
    return [*readings]


def _plain(text: str) -> str:
    """The text in ASCII digits, without what cannot be seen and what spreadsheets and links put around numbers."""
    text = unicodedata.normalize("NFKC", html.unescape(text).replace("%2B", "+").replace("%20", " "))
    signs = []
    for sign in text:
        kind = unicodedata.category(sign)
        if kind == "Nd":
            signs.append(str(unicodedata.digit(sign)))
        elif kind == "Pd" or sign == "\u2212":
            signs.append("-")
        elif kind == "Zs" or sign == "\u2800":
            signs.append(" ")
        elif kind not in {"Cf", "Mn", "Me"}:
            signs.append(sign)
    plain = "".join(signs).strip(" \t\r\n'’‘`\"=")
    if power := _POWER.fullmatch(plain):
        whole, fraction, exponent = power[1], power[2], int(power[3])
        return whole + fraction if exponent == len(fraction) else ""  # else it lost digits
    decimal = _DECIMAL.fullmatch(plain)
    return decimal[1] if decimal else plain


def _runs(text: str) -> Iterator[str]:
    """The pieces of a text that are long enough for a number, extensions left out; all of it if it has letters in it."""
    runs = [run[0] for run in _RUN.finditer(text) if not _EXTENSION.search(text[: run.start()])]
    pieces = [piece for run in runs for piece in _pieces(run) if len(_digits(piece)) >= _FEWEST - 1]
    if pieces:
        yield from pieces
    elif sum(sign.isalnum() for sign in text) >= _FEWEST and any(sign.isdigit() for sign in text):
        yield text


def _pieces(run: str) -> list[str]:
    pieces = _BETWEEN.split(run)
    return pieces if all(len(_digits(piece)) >= _FEWEST for piece in pieces) else [run]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _candidates(run: str, regions: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """What a run may be meant as, the likelier first: a text and the country to read it in."""
    if any(sign.isalpha() for sign in run):  # 1-800-FLOWERS
        yield from ((run, region) for region in regions)
        return
    is_abroad = run.startswith("+")
    for digits in dict.fromkeys((_digits(_TRUNK.sub("", run)), _digits(run))):
        if not _FEWEST - 1 <= len(digits) <= _MOST:
            continue
        if is_abroad and not digits.startswith("0"):
            yield f"+{digits}", None
            continue
        codes = [(region, str(phonenumbers.country_code_for_region(region))) for region in regions]
        abroad = _ABROAD.match(digits)
        if abroad:
            yield f"+{digits[abroad.end() :]}", None
        if any(digits.startswith(code) for _, code in codes):
            yield f"+{digits}", None
        for region, code in codes:
            yield digits, region
            yield f"+{code}{digits}", None
        if not digits.startswith("0"):
            yield f"+{digits}", None


def _numbers(candidate: str, region: str | None) -> Iterator[tuple[str, bool]]:
    """The numbers of a candidate in every form they have, and whether somebody may have them; none if it cannot be."""
    try:
        parsed = phonenumbers.parse(candidate, region)
    except NumberParseException:
        return
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    forms = [(number, False)]
    for pattern, form, is_better in _RENUMBERED:
        if pattern.fullmatch(number):
            forms.insert(0 if is_better else 1, (pattern.sub(form, number), True))
    for form, is_guess in forms:
        known = phonenumbers.parse(form)
        is_good = phonenumbers.is_valid_number(known) or is_fictional(form)
        possible = phonenumbers.is_possible_number_with_reason(known) == ValidationResult.IS_POSSIBLE
        is_long = len(phonenumbers.national_significant_number(known)) >= _FEWEST
        if is_e164(form) and (is_good or (possible and is_long and not is_guess)):
            yield form, is_good
