"""Placeholders in any sender's syntax are found, and ordinary punctuation is not one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texting.placeholder_cases import INNOCENT, TAGS
from toolkit.texting.placeholders import placeholders


@pytest.mark.parametrize("tag", TAGS)
def test_a_placeholder_is_found_in_any_syntax(tag: str) -> None:
    assert placeholders(f"Hi {tag}, sale today. Reply STOP to opt out.")


@pytest.mark.parametrize("text", INNOCENT)
def test_ordinary_punctuation_is_no_placeholder(text: str) -> None:
    assert placeholders(f"{text} Reply STOP to opt out.") == ()


def test_placeholders_come_as_written_in_order_each_once() -> None:
    assert placeholders("[name] {name} {{ x }} %NAME% {name}") == ("[name]", "{name}", "{{ x }}", "%NAME%")


def test_the_fields_of_a_workspace_are_placeholders_within_brackets() -> None:
    assert placeholders("Hi [shoe size]") == ()
    assert placeholders("Hi [Shoe Size]", ["shoe size"]) == ("[Shoe Size]",)


def test_a_price_and_a_number_that_are_filled_in_keep_their_sign() -> None:
    assert placeholders("You owe ${amount} for #{order_id}") == ("{amount}", "{order_id}")
    assert placeholders("Hi ${first_name}") == ("${first_name}",)


def test_invisible_characters_hide_no_placeholder() -> None:
    assert placeholders("Hi {na\u200bme} and [na\u00adme]") == ("{na\u200bme}", "[na\u00adme]")


@given(st.text(st.sampled_from("{}[]<>%$#@|~-_!.: aN1\u200b\uff5b") | st.characters(codec=None), max_size=80))
def test_placeholders_of_any_text_stand_in_it(text: str) -> None:
    assert all(tag in text for tag in placeholders(text))
