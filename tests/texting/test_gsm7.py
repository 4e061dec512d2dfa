from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.texting.gsm7 import ALPHABET, to_gsm
from toolkit.texting.parts import count_parts


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("“Hi” — it’s 50\u00a0% off…", '"Hi" - it\'s 50 % off...'),
        ("a\r\nb\tc\u200bd `e`", "a\nb cd 'e'"),
        ("cafe\u0301 ｆｕｌｌ ½ ﬁ", "café full 1/2 fi"),
        ("Łukasz Ayşe García œuvre", "Lukasz Ayse Garcia oeuvre"),
        ("€ [é] ñ à Ç", "€ [é] ñ à Ç"),
    ],
)
def test_a_text_is_rewritten_in_gsm(text: str, written: str) -> None:
    assert to_gsm(text).text == written
    assert to_gsm(text).remaining == ()


def test_what_was_replaced_and_what_is_left_is_named_once_as_readers_see_it() -> None:
    offered = to_gsm("ş ş ❤️ 王 👩‍👧 👩‍👧")

    assert offered.replaced == (("ş", "s"),)
    assert offered.remaining == ("❤️", "王", "👩‍👧")
    assert offered.text == "s s ❤️ 王 👩‍👧 👩‍👧"


@given(st.text(st.characters(codec=None), max_size=200))
def test_a_rewrite_is_gsm_exactly_when_nothing_is_left(text: str) -> None:
    offered = to_gsm(text)

    assert (count_parts(offered.text).encoding == "GSM-7") is (offered.remaining == ())
    assert to_gsm(offered.text).replaced == ()
    assert ALPHABET.issuperset("".join(gsm for _, gsm in offered.replaced))
