from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.texting.opt_out_words import Reply, read_reply


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


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_reply_can_be_read(text: str) -> None:
    assert read_reply(text) is None or text
