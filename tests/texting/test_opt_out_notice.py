"""What tells people how to stop a message, in several languages, and what only holds such a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.texting.opt_out_notice import opt_out_words
from toolkit.texting.opt_out_words import STOP_WORDS

FIELD_CASES = json.loads((Path(__file__).parent / "text_stop_not_told.json").read_text(encoding="utf-8"))
TOLD = [
    "Reply STOP to opt out",
    "Text STOP to end",
    "STOP to end",
    "STOP=end",
    "Txt STOP 2 quit",
    "Opt out: STOP",
    "Para no recibir más: responde BAJA",
    "STOP au 36000",
    "Reply STOP",
    '"STOP" to cancel',
    "Unsubscribe: reply STOP",
    "Reply “quit” to end",
    "Responde ALTO para cancelar",
    "Répondez ARRÊT pour arrêter",
    "Text 2 to stop",
    "Txt STOP2END",
    "STOP2END",
    "reply stop",
    "Reply with STOP",
    'Reply "STOP"',
    "Text the word STOP",
    "To opt out, reply STOP",
    "To unsubscribe text STOP to 12345",
    "Msg&data rates may apply. STOP to cancel, HELP for help",
    "Envía BAJA para cancelar",
    "Responda ALTO",
    "Envoyez STOP au 36105",
    "STOP SMS au 36180",
    "Stop pub: 36180",
    "Antworten Sie mit STOP",
    "Abmelden: STOP",
    "Mit STOP antworten",
    "Rispondi STOP",
    "Per annullare: rispondi STOP",
    "Responda SAIR",
    "Antwoord STOP",
    "Afmelden? Stuur STOP",
    "Svara STOPP",
    "Wyślij STOP",
    "Отправьте СТОП",
    "Отписка: СТОП",
    "回复TD退订",
    "退订回T",
    "Unsubscribe: https://example.com/u",
    "Opt out at example.com/u",
    "STOP>end",
    "Optout=STOP",
    "Reply END to quit",
    "Reply CANCEL",
    "Text UNSUBSCRIBE",
    "To end, STOP",
    "No more texts? STOP",
    "Reply STOP to unsub",
    "Reply: STOP",
    "[Reply STOP]",
    "(STOP to opt-out)",
    "Ends today.Reply STOP",
    "수신거부 080-123-4567",
    "STOPで... 配信停止 https://example.com/x",
]
NOT_TOLD = [
    "The bus STOP has moved to High St.",
    "Don't STOP now: 50% off",
    "ALTO! Llegaron las rebajas",
    "BAJA California trips from $99",
    "We won't stop until Sunday, the end of the sale",
    "Reply YES to confirm",
    "STOP",
    "Sale! STOP",
    "Nonstop fun",
    "Stop by today",
    "Text us! STOP by",
    "Send your stop-motion film",
    "One-stop shop: end of season",
    "Last stop. End of sale",
    "Final STOP: end of season",
    "Can't STOP the party",
    "STOP AND SHOP",
    "Don't unsubscribe, there is more",
    "The END is near",
    "END of season sale",
    "QUIT smoking today",
    "Cancel anytime",
    "CANCEL your plans",
    "STOP what you are doing!",
    "Pit STOP deals",
    "STOP! Read this",
    "Bus stop 12345 moved",
    "Temporada BAJA: vuelos",
    "Precios de BAJA",
    "Llegó el ALTO verano",
    "ARRET de bus déplacé",
    "Non-stop. End.",
    "Full STOP. New line",
    "STOP SALE STOP",
    "Reply 1 to confirm",
    "Text SHOP to 12345",
    "It's time to stop, look and listen",
    "STOP wasting money",
    "Parar en la tienda",
    "Quit worrying",
    "Our message: STOP wasting money",
    "Text: stop by today",
]


@pytest.mark.parametrize("text", TOLD)
def test_an_instruction_is_read(text: str) -> None:
    assert opt_out_words(f"Acme: {text}")


@pytest.mark.parametrize("text", [*NOT_TOLD, *(case["text"] for case in FIELD_CASES)])
def test_a_stop_word_in_prose_is_no_instruction(text: str) -> None:
    assert opt_out_words(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sale! Reply STOP to opt out.", ("stop",)),
        ("Txt STOP2END", ("stop",)),
        ("Reply “quit” to end", ("quit",)),
        ("Responde ALTO para cancelar", ("alto",)),
        ("Répondez ARRÊT pour arrêter", ("arret",)),
        ("Text 2 to stop", ("2",)),
        ("Unsubscribe: https://example.com/u", ("optout",)),
        ("Reply STOP to end or text QUIT to quit", ("stop", "quit")),
        ("", ()),
    ],
)
def test_the_words_that_people_are_told_come_in_order(text: str, words: tuple[str, ...]) -> None:
    assert opt_out_words(text) == words


def test_a_word_no_gateway_acts_on_can_be_told_apart() -> None:
    assert "2" not in STOP_WORDS
    assert set(opt_out_words("Reply STOP to opt out")) <= STOP_WORDS


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert all(isinstance(word, str) for word in opt_out_words(text))
