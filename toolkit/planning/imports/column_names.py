"""The meaning of column names: phone, name, labels, and opt-out columns, in many languages."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

Role = Literal[
    "name", "first name", "middle name", "last name", "phone", "whatsapp", "labels", "opted out", "opted in", "unclear"
]

_ROLES: tuple[Role, ...] = ("name", "first name", "middle name", "last name", "phone", "whatsapp", "labels")
_STOP = re.compile(r"stops?(?: flag)?|arret|alto|стоп")
_OF_MAIL = re.compile(r"\be ?mails?\b|\bmailing\b|\bnewsletter\b|\bcalls?\b|\bvoice\b|\bpush\b|\bpost\b")
_OF_TEXTS = re.compile(r"\b(?:sms|mms|texts?|texting|mobile|phone|cell|marketing|all|tcpa|whatsapp)\b")


def clean_name(header: str) -> str:
    """The visible name of a column: without invisible characters, outer quotes, and doubled spaces."""
    seen = "".join(char for char in header if unicodedata.category(char) not in {"Cf", "Cc"} or char in "\t\r\n")
    return " ".join(seen.split()).strip("\"'“”„`").strip()


def key(header: str) -> str:
    """The words of a name for comparing: lower case, without accents and separators."""
    parted = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", re.sub(r"\(e?s\)$", "s", clean_name(header)))
    plain = unicodedata.normalize("NFKD", parted.casefold().replace("đ", "d").replace("ø", "o").replace("ł", "l"))
    plain = "".join(char for char in plain if unicodedata.category(char) != "Mn")
    plain = unicodedata.normalize("NFKC", plain).replace("ı", "i")
    words = " ".join(re.sub(r"[\W_]+", " ", plain.replace("№", " n ")).split())
    return words.replace("whats app", "whatsapp")


@cache
def column_words() -> dict[str, Any]:
    """The words of `column_words.toml`."""
    text = files("toolkit.planning.imports").joinpath("column_words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The patterns of one kind as one, matching whole words except in languages without spaces."""
    within = "".join(f"|{each}" for each in column_words().get(f"{name}_within", ()))
    return re.compile(rf"\b(?:{'|'.join(column_words()[name])})\b{within}")


@cache
def _by_name() -> dict[str, Role]:
    return {
        key(name): meant for meant in reversed(_ROLES) for name in column_words()[meant.replace(" ", "_")].split(",")
    }


@lru_cache(maxsize=4096)
def role(header: str) -> Role | None:
    """What a column is by its name; None for a contact field.

    `unclear` is one that may be about opt-outs without showing which way round.
    """
    said = key(header)
    if found := _by_name().get(said):
        return found
    out = pattern("opted_out").search(said) or _STOP.fullmatch(said)
    rest = said.replace(out[0], " ") if out else said
    if not out and not pattern("opted_in").search(rest):
        return None
    is_both = out is not None and pattern("opted_in").search(rest) is not None  # "opt in / opt out"
    is_of_mail = _OF_MAIL.search(said) and not _OF_TEXTS.search(said)
    if is_both or is_of_mail or pattern("negation").search(rest):
        return "unclear"
    return "opted out" if out else "opted in"


def may_be_opt_out(header: str) -> bool:
    """The column may be about opt-outs, if its values are those of such a column: a status, a yes or no."""
    return pattern("unclear").search(key(header)) is not None
