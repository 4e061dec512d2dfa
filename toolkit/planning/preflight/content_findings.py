"""Findings on the content of a text: word lists, which misfire and so only warn, and secrets, which block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow.compute as pc

from toolkit.display import n_recipients
from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding

# Subjects that carriers refuse or require to be registered and age-gated: CTIA 5.3; carriers' codes, read 2026-11.
_SUBJECTS: Mapping[str, str] = {
    "sex": "sexy|porn|xxx|escorts?|adult content|nudes?",
    "alcohol": "alcohol|beers?|wines?|vodka|whisk(?:e)?y|tequila|liquor|cocktails?",
    "firearms": "firearms?|guns?|rifles?|pistols?|ammo|ammunition",
    "tobacco": "tobacco|cigar(?:ette)?s?|vapes?|vaping|e-cig(?:arette)?s?|nicotine",
    "cannabis": "cannabis|marijuana|cbd|thc|weed|hemp|kratom",
    "gambling": "casinos?|gambl(?:e|ing)|bets?|betting|jackpot|slots?|poker|lottery|sweepstakes",
    "lending": "payday|loans?|cash advance|debt (?:relief|consolidation|forgiveness)|credit repair",
    "investment": "crypto(?:currency)?|bitcoin|forex|stock tips?|nfts?",
    "work from home": "work[- ]from[- ]home|make money (?:fast|online)|be your own boss|earn \\$?\\d+ ?/?(?:a|per) day",
    "prescription drugs": "viagra|cialis|xanax|adderall|oxycodone|ozempic|no prescription",
}
_RESTRICTED = {subject: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for subject, words in _SUBJECTS.items()}
_URGENT = re.compile(
    r"\b(?:free|act now|risk[- ]free|winner|you(?:'ve| have) won|urgent|verify your account|limited time|click here|"
    r"guaranteed|cash prize|no obligation|100% (?:free|off))\b",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"!{3,}|\${3,}|\?{3,}")
_LETTERS = 20  # fewer capitals may be a name or a code

_CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])")
_CARD_RE2 = r"\d(?:[ -]?\d){12,18}"
_SECRETS: Mapping[str, re.Pattern[str]] = {
    "a password or key": re.compile(
        r"(?i)\b(?:password|passwd|passcode|secret|api[_ -]?key|token)\s*(?:[:=]|is)\s*\S{4,}"
    ),
    "a key": re.compile(r"\b(?:[0-9a-f]{32,}|(?:sk|pk|rk)_(?:live|test)_\w{8,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+)\b"),
    "a social security number": re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"),
}


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on the content."""
    matches = {subject: pattern.findall(out.text) for subject, pattern in _RESTRICTED.items()}
    if found := {subject: words for subject, words in matches.items() if words}:
        yield finding(
            "MSG012",
            f"The text may be about {', '.join(found)}, which carriers refuse or restrict.",
            "If it is, register the campaign for it and age-gate it; if it is not, ignore this warning.",
            evidence=[f"{subject}: {', '.join(dict.fromkeys(words))}" for subject, words in found.items()],
        )
    yield from _shape(out.text)
    yield from _secrets(out)


def _shape(text: str) -> Iterator[Finding]:
    letters = [char for char in text if char.isalpha() and char.upper() != char.lower()]
    shouted = _SHOUTED.findall(text)
    loud = ["mostly capitals"] if len(letters) >= _LETTERS and sum(map(str.isupper, letters)) > len(letters) / 2 else []
    if loud or shouted:
        yield finding(
            "MSG013",
            "The text looks like spam to filters.",
            "Use few capitals, and one exclamation mark at a time.",
            evidence=[*loud, *dict.fromkeys(shouted)],
        )
    elif words := list(dict.fromkeys(word.lower() for word in _URGENT.findall(text))):
        yield finding(
            "MSG013",
            f"Spam filters check for {', '.join(words)}.",
            "Use other words, if you can.",
            severity="info",
            evidence=words,
        )


def _secrets(out: Outgoing) -> Iterator[Finding]:
    kinds = [kind for kind, pattern in _SECRETS.items() if pattern.search(out.text)]
    kinds += ["a card number"] if _has_card(out.text) else []
    if kinds:
        yield finding(
            "MSG014",
            f"The text seems to contain {' and '.join(kinds)}.",
            "Remove it: text messages are read and stored by many systems.",
        )
    elif not out.wording.is_same_for_all and out.wording.rendered is not None:
        texts = out.wording.rendered.texts
        maybe = np.flatnonzero(pc.match_substring_regex(texts, _CARD_RE2).to_numpy())
        rows = np.array([row for row in maybe if _has_card(texts[int(row)].as_py())], dtype=np.intp)
        if len(rows):
            yield finding(
                "MSG014",
                f"The texts of {n_recipients(len(rows))} seem to contain a card number.",
                "Remove that field.",
                contacts=len(rows),
                contact_ids=out.ids(rows),
            )


def _has_card(text: str) -> bool:
    return any(_is_card(re.sub(r"\D", "", found)) for found in _CARD.findall(text))


def _is_card(digits: str) -> bool:
    """The check digit fits (ISO/IEC 7812), and not all digits are the same."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0 and len(set(digits)) > 1
