"""Whether a reply asks for no more messages, in several languages: certainly, likely, or not.

The rule: a reply is `certain` if it is nothing but one of the carriers' stop words, or one of the sentences listed as
certain in `reply_words.toml`. It is `likely` if it is one of the short ones listed as likely, or if a stop word or such
a sentence stands in it beside other words, unless they are listed as innocent. Anything else is not an opt-out.
Stop words: FCC, 47 CFR 64.1200(a)(10), in force 2025-04-11, by which any reasonable wording counts: a person should
read what is likely.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from toolkit.texting.opt_out_words import STOP_WORDS, without_accents

Certainty = Literal["certain", "likely"]
_UNSPACED = "zh"
_WITHIN = frozenset({"stop", "unsubscribe", "stopall", "opt out", "optout", "revoke"})  # others can be about anything


@lru_cache(maxsize=65_536)
def opt_out_in(reply: str) -> Certainty | None:
    """How surely a reply asks for no more messages; None if it does not."""
    words, text = _reply_words(), _plain(reply)
    if text in STOP_WORDS or words.certain.fullmatch(text):
        return "certain"
    rest = " ".join(words.innocent.sub(" ", text).split())
    bare = " ".join(words.polite.sub(" ", rest).split())
    short = words.likely.fullmatch(rest) or words.likely.fullmatch(bare)
    beside = bare in STOP_WORDS or words.certain.fullmatch(bare) or words.within.search(rest)
    return "likely" if short or beside else None


def is_complaint(reply: str) -> bool:
    """Whether a reply calls a message spam, a scam or harassment, or threatens with a report or a lawyer."""
    return bool(_reply_words().complaint.search(_plain(reply)))


@dataclass(frozen=True, slots=True)
class _ReplyWords:
    certain: re.Pattern[str]
    likely: re.Pattern[str]
    polite: re.Pattern[str]
    innocent: re.Pattern[str]
    complaint: re.Pattern[str]
    within: re.Pattern[str]


@cache
def _reply_words() -> _ReplyWords:
    tables = tomllib.loads(files("toolkit.texting").joinpath("reply_words.toml").read_text(encoding="utf-8"))

    def any_of(name: str) -> str:
        return "|".join(entry for entries in tables[name].values() for entry in entries)

    spaced = [entry for language, entries in tables["certain"].items() if language != _UNSPACED for entry in entries]
    unspaced = "|".join(tables["certain"][_UNSPACED])
    return _ReplyWords(
        certain=re.compile(any_of("certain")),
        likely=re.compile(any_of("likely")),
        polite=re.compile(rf"\b(?:{any_of('polite')})\b"),
        innocent=re.compile(rf"\b(?:{any_of('innocent')})\b"),
        complaint=re.compile(rf"\b(?:{any_of('complaint')})\b|{'|'.join(tables['complaint'][_UNSPACED])}"),
        within=re.compile(rf"\b(?:{'|'.join([*sorted(_WITHIN), *spaced])})\b|{unspaced}"),
    )


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", without_accents(text).casefold()))
