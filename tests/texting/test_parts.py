from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.texting.parts import count_parts

CASES = json.loads((Path(__file__).parent / "message_parts.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reference_texts_are_counted_as_the_carrier_bills_them(case: dict[str, object]) -> None:
    counted = count_parts(str(case["text"]))

    assert (counted.encoding, counted.units) == (case["encoding"], case["units"])
    assert (counted.parts, counted.parts_max) == (case["segments_codeunit_rule"], case["segments"])


@given(st.text(st.characters(codec=None, categories=("L", "S", "P", "Cs", "M", "Zs")), max_size=400))
def test_any_text_is_counted(text: str) -> None:
    counted = count_parts(text)

    assert 1 <= counted.parts <= counted.parts_max
    assert counted.units <= counted.parts * (160 if counted.encoding == "GSM-7" else 70)


def test_line_ends_are_two_characters_and_a_character_longer_than_a_part_is_cut() -> None:
    assert count_parts("’" + "x" * 65 + "\r\n" + "x" * 10).parts_max == 2
    assert count_parts("e" + "\u0301" * 200).parts_max == 3
    assert count_parts("xe" + "\u0301" * 199).parts_max == 4


def test_the_characters_that_force_the_wide_encoding_are_named_once() -> None:
    assert count_parts("“Hi” “you”").offending == ("“", "”")
