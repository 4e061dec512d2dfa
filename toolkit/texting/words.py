"""The words by which people stop, start and ask: in what they reply, and in what they are told to reply.

Stop words: FCC, 47 CFR 64.1200(a)(10), in force 2025-04-11; Twilio's default keywords, read 2026-11; the usual Spanish
and French ones. That rule lets people stop in any reasonable wording, so replies are read generously.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Meaning = Literal["stop", "start", "help"]

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

# In a longer reply only what hardly means anything else; "end", "cancel" or "baja" may be about anything.
_SAID = re.compile(r"\b(?:stop|stopall|unsubscribe|opt ?out|revoke|remove me|(?:do not|don t|dont) (?:text|message))\b")

_VERB = r"(?:reply|respond|text|txt|send|responda|responde|envie|envia|repondez|envoyez)(?: with| con| par)?"
_STOPPING = r"(?:stop|end|quit|cancel|unsubscribe|opt ?out|cancelar|parar|darse de baja|arreter|vous desabonner)"
_TOLD = re.compile(rf"\b{_VERB} (\w+) (?:to|2|para|pour) {_STOPPING}\b")
_NAMED = re.compile(rf"\b{_VERB} ({'|'.join(sorted(STOP_WORDS))})\b|\b(unsubscribe|opt ?out)\b")
_CAPITALS = re.compile(r"(?<![A-Za-z])(STOP|ALTO|BAJA|ARRET)(?![A-Z])")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply means; one that is not exact holds a stop word among others, and somebody should read it."""

    meaning: Meaning
    is_exact: bool


def read_reply(text: str) -> Reply | None:
    """What a reply means, whatever its case, accents and punctuation; None for anything else."""
    plain = _plain(text)
    for meaning, words in _MEANINGS.items():
        if plain in words:
            return Reply(meaning, is_exact=True)
    return Reply("stop", is_exact=False) if _SAID.search(plain) else None


def opt_out_words(text: str) -> tuple[str, ...]:
    """The words that a message tells people to stop it with, each once, as in STOP_WORDS; empty if it tells none.

    A word that is not in STOP_WORDS, as in "text 2 to stop", is one that no gateway acts on.
    """
    plain = _plain(text)
    told = [found[1] for found in _TOLD.finditer(plain)]
    named = [found[1] or found[2].replace("opt out", "optout") for found in _NAMED.finditer(plain)]
    capitals = [found[1].lower() for found in _CAPITALS.finditer(_without_accents(text))]
    return tuple(dict.fromkeys([*told, *named, *capitals]))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", _without_accents(text).casefold()))


def _without_accents(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
