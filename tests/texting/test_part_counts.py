from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.errors import ToolkitError
from toolkit.texting.graphemes import beginnings
from toolkit.texting.part_counts import PartCounts, count_column
from toolkit.texting.parts import count_parts

CASES = json.loads((Path(__file__).parent / "message_parts.json").read_text(encoding="utf-8"))["cases"]
ODD = "a é€[]{}^|~\\\f\n\r\t`’王\u0301\u200d\ufe0f👍🏽👩👧❤🇫🇷🏴क्षत्रि각ᄀ\u1161\u0600\U000e0067"  # joins, pairs, escapes


def rows(counts: PartCounts) -> list[tuple[Any, ...]]:
    encodings = ["UCS-2" if wide else "GSM-7" for wide in counts.is_wide]
    return list(zip(encodings, *(x.tolist() for x in (counts.units, counts.parts, counts.parts_max)), strict=True))


def one_by_one(texts: list[str]) -> list[tuple[Any, ...]]:
    return [(x.encoding, x.units, x.parts, x.parts_max) for x in map(count_parts, texts)]


def test_the_reference_texts_are_counted_together_as_the_carrier_bills_them() -> None:
    counts = count_column([case["text"] for case in CASES])

    names = ("encoding", "units", "segments_codeunit_rule", "segments")
    assert rows(counts) == [tuple(case[name] for name in names) for case in CASES]


@given(st.lists(st.one_of(st.text(ODD, max_size=300), st.text(max_size=90)), max_size=8))
@example(["e" + "\u0301" * 300 + "x" * 80, "", "a" * 161, "\r\n" * 100 + "’", "]" * 153, "👍" * 67, "\u0600" * 90])
def test_a_column_is_counted_as_its_texts_one_by_one(texts: list[str]) -> None:
    counts = count_column(texts)

    assert rows(counts) == one_by_one(texts)
    assert sum(counts.by_parts.values()) == len(texts)


@given(st.lists(st.text(ODD, min_size=1, max_size=40), min_size=1, max_size=6))
@example(["👩\u200d👧", "\u0301a\u0301", "\u0600a", "\u0301\r\n\u0301", "👩", "\u200d👧", "🇫", "🇷🇩🇪"])
def test_characters_begin_where_the_library_says_in_many_texts_at_once(texts: list[str]) -> None:
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4")
    first = np.cumsum([0, *map(len, texts[:-1])])

    begins = beginnings(codes, first)

    sizes = [len(char) for text in texts for char in regex.findall(r"\r|\X", text)]
    assert np.flatnonzero(begins).tolist() == np.cumsum([0, *sizes[:-1]]).tolist()


def test_a_column_longer_than_what_is_counted_at_once_keeps_its_order() -> None:
    texts = [("’" if row % 3 else "") + "x" * (row % 400) for row in range(10_000)]

    assert rows(count_column(texts)) == one_by_one(texts)


def test_a_part_of_an_arrow_column_is_counted_alone() -> None:
    column = pa.chunked_array([["’" * 200, "é", None], [], ["王" * 71, "x"]])

    assert rows(count_column(column.slice(1, 3))) == one_by_one(["é", "", "王" * 71])


@pytest.mark.parametrize(
    ("column", "refusal"),
    [
        (["fine", "\ud83d"], r"half a character \(U\+D83D\): type that character again"),
        ([3, 4], "has the type int64, not text"),
        (["text", 4], "mixes texts with other types"),
    ],
)
def test_what_is_no_column_of_texts_is_refused(column: list[Any], refusal: str) -> None:
    with pytest.raises(ToolkitError, match=refusal):
        count_column(column)


def test_a_distribution_over_an_audience_names_what_makes_it_dear() -> None:
    counts = count_column(["Hi Ann", "Hi Łukasz…", "x" * 161, "Hi Ben", "é…"])

    assert counts.by_parts == {1: 4, 2: 1}
    assert counts.offending == {"…": 2, "Ł": 1}
    assert counts.worst(most=2).tolist() == [2, 1]


def test_three_rows_tell_the_typical_the_longest_and_the_flipped() -> None:
    texts = ["Hi Al", "Hi Anna", "Hi Alexandra", "Hi Łukasz", "Hi Ł", "x" * 200]

    assert count_column(texts).telling() == {"typical": 1, "longest": 5, "flipped": 3}


def test_where_most_are_wide_the_plain_one_is_the_flipped() -> None:
    assert count_column(["Hi Łukasz", "Hi Ann", "Hi Ł"]).telling()["flipped"] == 1


def test_where_all_are_alike_nothing_is_flipped() -> None:
    assert count_column(["Hi", "Hi"]).telling() == {"typical": 1, "longest": 0}
    assert count_column(pa.array([], pa.string())).telling() == {}
