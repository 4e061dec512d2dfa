"""Keywords for stop, start and help: in people's replies, and in the names of labels.

Stop words: FCC, 47 CFR 64.1200(a)(10), in force 2025-04-11; Twilio's default keywords, read 2026-11; the usual Spanish
and French ones. That rule lets people stop in any reasonable wording, so replies are matched generously.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from toolkit.suggest import nearest

Meaning = Literal["stop", "start", "help"]
LabelMeaning = Literal["opted_out", "unreachable", "doubtful"]

STOP_WORDS = frozenset(
    {
        *("stop", "quit", "end", "revoke", "opt out", "optout", "cancel", "unsubscribe", "stopall"),
        *("alto", "cancelar", "baja", "parar"),
        *("arret", "arreter"),
    }
)
START_WORDS = frozenset({"start", "unstop", "yes"})
HELP_WORDS = frozenset({"help", "info"})
_MEANINGS: dict[Meaning, frozenset[str]] = {"stop": STOP_WORDS, "start": START_WORDS, "help": HELP_WORDS}

# In a longer reply only what is hardly ever meant otherwise; "end", "cancel" or "baja" can be about anything.
_SAID = re.compile(r"\b(?:stop|stopall|unsubscribe|opt ?out|revoke|remove me|(?:do not|don t|dont) (?:text|message))\b")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply means; an inexact one contains a stop word among other words, and a person should read it."""

    meaning: Meaning
    is_exact: bool


def read_reply(text: str) -> Reply | None:
    """What a reply means, ignoring case, accents and punctuation; None for anything else."""
    plain = _plain(text)
    for meaning, words in _MEANINGS.items():
        if plain in words:
            return Reply(meaning, is_exact=True)
    return Reply("stop", is_exact=False) if _SAID.search(plain) else None


@lru_cache(maxsize=4096)
def label_meaning(name: str) -> LabelMeaning | None:
    """What a label's name means for texting whoever has it; also used for headers and words in label cells.

    "opted_out" and "unreachable" are certain; "doubtful" needs a person's decision, such as "stop list" or
    "email unsubscribed"; None is any other name, such as "nonstop_travel" or "not opted out". Case, spaces, accents,
    punctuation, underscores, width and invisible characters are ignored; the words are in `label_words.toml`.
    """
    words = _label_words()
    spoken = words.innocent.sub("~", folded_name(name))
    if words.doubtful.fullmatch(spoken):
        return "doubtful"
    if words.opted_out.fullmatch(spoken):
        return "opted_out"
    if words.unreachable.fullmatch(spoken):
        return "unreachable"
    if words.doubtful_beside.fullmatch(spoken) or nearest(spoken, _OFTEN_MISSPELT, cutoff=0.93):
        return "doubtful"
    return "doubtful" if words.held.search(spoken) and not words.denied.search(spoken) else None


def denies_opt_out(name: str) -> bool:
    """A label's name says that somebody did not opt out, such as "not DNC" or "DNC: no"."""
    words = _label_words()
    return bool(words.denied.search(words.innocent.sub("~", folded_name(name))))


@dataclass(frozen=True, slots=True)
class _LabelWords:
    opted_out: re.Pattern[str]
    unreachable: re.Pattern[str]
    doubtful: re.Pattern[str]
    doubtful_beside: re.Pattern[str]  # and neutral words
    innocent: re.Pattern[str]
    held: re.Pattern[str]  # within a longer name
    denied: re.Pattern[str]


@cache
def _label_words() -> _LabelWords:
    tables = tomllib.loads(files("toolkit.texting").joinpath("label_words.toml").read_text(encoding="utf-8"))
    spaced, unspaced = ({}, {})
    for meaning, languages in tables.items():
        entries = {
            code: [_unmarked(entry).casefold().replace(" ", " ?") for entry in said] for code, said in languages.items()
        }
        unspaced[meaning] = "|".join(x for code, said in entries.items() if code in _UNSPACED for x in said)
        spaced[meaning] = "|".join(x for code, said in entries.items() if code not in _UNSPACED for x in said)
    beside = rf"(?:{spaced['neutral']})"

    def alone(meaning: str) -> str:
        return "|".join(filter(None, (spaced[meaning], unspaced[meaning])))

    def among(meaning: str) -> re.Pattern[str]:
        again = f"|{alone(meaning)}" if meaning != "doubtful" else ""  # "DNC/unsubscribed", but not "do not delete"
        return re.compile(rf"(?:{beside} ?)*(?:{alone(meaning)})(?: ?(?:{beside}{again}))*")

    certain = rf"(?:{spaced['opted_out']})"
    return _LabelWords(
        opted_out=among("opted_out"),
        unreachable=among("unreachable"),
        doubtful=re.compile(alone("doubtful")),
        doubtful_beside=among("doubtful"),
        innocent=re.compile(rf"\b(?:{spaced['innocent']})\b"),
        held=re.compile(rf"\b{certain}\b|{unspaced['opted_out']}"),
        denied=re.compile(
            rf"\b(?:not|non|never|isnt|wasnt|hasnt|arent) (?:{beside} )*{certain}\b|\b{certain} (?:no|false)$"
        ),
    )


_OFTEN_MISSPELT = (
    "do not contact",
    "do not call",
    "do not text",
    "unsubscribed",
    "opted out",
    "blacklisted",
    "suppressed",
)
_UNSPACED = {"zh", "ja", "ko", "th"}  # written without spaces between words
_JOINTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\D)(?=\d)|(?<=\d)(?=\D)")
_LIKE = str.maketrans(
    "ıłøđŁØĐ", "ilodLOD", "'’‘ʼ`´\u115f\u1160"
)  # letters that NFKD does not decompose; apostrophes and fillers
_LOOK_ALIKE = str.maketrans("аеорсухікмтнвѕјοαενρτυχικ", "aeopcyxikmthbsjoaevptuxik")


def folded_name(name: str) -> str:
    """A label name normalized: names that differ only in case, spaces, accents or punctuation give the same text."""
    plain = _unmarked(unicodedata.normalize("NFKC", name.replace("´", "'")))
    words = [_in_one_script(word) for word in re.findall(r"[^\W_]+", _JOINTS.sub(" ", plain).casefold())]
    return ("" if all(len(word) == 1 for word in words) else " ").join(words) or plain.strip()


def _in_one_script(word: str) -> str:
    """A Latin word in which look-alike letters were typed on a Cyrillic or Greek keyboard, such as "DNС"."""
    return word.translate(_LOOK_ALIKE) if re.search(r"[a-z]", word) else word


def _unmarked(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).translate(_LIKE)
    return "".join(char for char in decomposed if unicodedata.category(char) not in {"Cf", "Mn", "Mc", "Me"})


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", without_accents(text).casefold()))


def without_accents(text: str) -> str:
    """A text without the accents on its letters."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
