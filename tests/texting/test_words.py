from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.texting.words import STOP_WORDS, Reply, opt_out_words, read_reply


@pytest.mark.parametrize(
    "reply",
    ["STOP", " stop. ", "Opt-out", "opt out", "Unsubscribe!", "Arrêt", "ARRÊTER", "Cancelar", "baja", "StopAll"],
)
def test_a_stop_word_alone_stops_whatever_its_case_accents_and_punctuation(reply: str) -> None:
    assert read_reply(reply) == Reply("stop", is_exact=True)


@pytest.mark.parametrize(
    "reply", ["STOP PLEASE", "please unsubscribe me", "Don’t text me again", "remove me from this"]
)
def test_any_reasonable_wording_stops_but_says_that_it_was_read_into(reply: str) -> None:
    assert read_reply(reply) == Reply("stop", is_exact=False)


@pytest.mark.parametrize("reply", ["the end", "can I cancel my order?", "stopping by at 5", "", "nonstop", "1"])
def test_other_replies_stop_nothing(reply: str) -> None:
    assert read_reply(reply) is None


def test_start_and_help_are_words_of_their_own() -> None:
    assert read_reply("Yes") == read_reply("unstop") == Reply("start", is_exact=True)
    assert read_reply("help!") == read_reply("INFO") == Reply("help", is_exact=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sale! Reply STOP to opt out.", ("stop", "optout")),
        ("Txt STOP2END", ("stop",)),
        ("Reply “quit” to end", ("quit",)),
        ("Responde ALTO para cancelar", ("alto",)),
        ("Répondez ARRÊT pour arrêter", ("arret",)),
        ("Text 2 to stop", ("2",)),
        ("Reply YES to confirm", ()),
        ("We won't stop until Sunday, the end of the sale", ()),
        ("", ()),
    ],
)
def test_a_message_tells_people_how_to_stop_it(text: str, words: tuple[str, ...]) -> None:
    assert opt_out_words(text) == words


def test_a_word_no_gateway_acts_on_can_be_told_apart() -> None:
    assert "2" not in STOP_WORDS
    assert set(opt_out_words("Reply STOP to opt out")) <= STOP_WORDS


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    told = opt_out_words(text)

    assert read_reply(text) is None or text
    assert len(told) == len(set(told))
