"""Characters that nobody sees, hidden texts, misread and written-out ones are found; ordinary writing is not."""

from __future__ import annotations

import pytest

from tests.builders import START
from toolkit.planning.preflight.text_check import check_text
from toolkit.plans.finding import Finding
from toolkit.plans.policy import SendPolicy

ODD = [
    "Hi\U000e0041\U000e0042",
    "a⠀b",
    "a͏b",
    "a\ufff9b",
    "�x",
    "Itâ€™s on",
    "cafÃ© open",
    "Â£5 off",
    "ðŸŽ‰ sale",
    "Hi\\nthere",
    "It\\u2019s",
    "Sale<br>now",
    "a &amp; b",
    "<b>Hi</b>",
    "it&#39;s",
    "\ue000",
    "a️b",
    "a\u200db",
    "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    "РџСЂРёРІРµС‚",
    "‚Äôs",
    "caf√©",
    "ï»¿Hi",
    "x󠄁",
    "￼",
    "&nbsp;",
    "Hi\\tyou",
    "100 â‚¬",
    "â€œHi",
    "&eacute;",
    "trade â„¢",
    "<p style='x'>Hi</p>",
    "\\x41",
]
ORDINARY = [
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Scotland",
    "1️⃣ first",
    "❤️ you",
    "👩\u200d👧 family",
    "NÃO perca",
    "AMANHÃ”",
    "Âge d'or",
    "«été»",
    "Spaß… heute",
    "café…”",
    "Paris–Évry",
    "“Été” ici",
    "R&D; T&C;",
    "AT&T; now",
    "I <3 you",
    "a < b > c",
    "x <- y",
    "C:\\new folder",
    "\\o/ yay",
    "می\u200cخواهم",
    "Привет, Россия",
    "Рік і село",
    "São Paulo",
    "Ñandú",
    "100% & more",
    "tom&jerry",
    "☀️ sun",
    "ÇA VA",
    "Être là",
    "50 € off",
    "naïve",
    "Ångström",
    "Ð",
    "5²",
    "°C",
    "Hello.Reply",
    "क्\u200dष",
    "☎️ call",
    "#️⃣",
    "©️ 2026",
    "™️",
]


def found(text: str) -> list[Finding]:
    findings = check_text(f"{text} Reply STOP to opt out.", policy=SendPolicy(), now=START)
    return [finding for finding in findings if finding.code == "MSG003"]


@pytest.mark.parametrize("text", ODD)
def test_odd_characters_are_found(text: str) -> None:
    assert found(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_writing_has_no_odd_characters(text: str) -> None:
    assert found(text) == []


def test_a_text_hidden_in_tag_characters_is_blocked_and_spelt_out() -> None:
    (hidden,) = found("Hi" + "".join(chr(0xE0000 + ord(char)) for char in "ignore"))

    assert hidden.is_blocking
    assert hidden.evidence == ("they spell: ignore",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Itâ€™s on", "wrong encoding"),
        ("Hi\\nthere", "instead of a line break"),
        ("Sale<br>now", "is HTML"),
        ("\ue000", "an empty box"),
    ],
)
def test_what_was_found_is_named(text: str, says: str) -> None:
    assert says in found(text)[0].message
