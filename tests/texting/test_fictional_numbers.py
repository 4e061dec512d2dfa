from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.sandbox import numbers
from toolkit.texting.numbering.phones import is_e164, is_fictional, mask


@pytest.mark.parametrize(
    "phone",
    [
        "+12025550100",
        "+12125550199",
        "+15551234567",
        "+19991234567",
        "+447700900000",
        "+442079460123",
        "+61491570156",
        "+33639981234",
        "+353209112345",
        "+46701740605",
        "+46701740699",
        "+491713920012",
        "+1234567890",
    ],
)
def test_numbers_set_aside_for_fiction_are_fictional(phone: str) -> None:
    assert is_fictional(phone)


@pytest.mark.parametrize("phone", ["+120255501000", "+1202555010", "+155512345678", "+999123456789", "+1555123456", ""])
def test_other_numbers_are_not_fictional(phone: str) -> None:
    assert not is_fictional(phone)


@given(st.from_regex(r"\+(1\d{3}555\d{4}|4477009\d{5}|4670174\d{4}|615\d{7,8}|336399\d{5})", fullmatch=True))
def test_client_and_service_agree_on_what_is_fictional(phone: str) -> None:
    assert is_fictional(phone) is numbers.is_fictional(phone)


@pytest.mark.parametrize("phone", ["12025550147", "+1 202 555 0147", "+02025550147", "+1", "+12025550147\n", "n/a"])
def test_a_number_in_another_form_is_not_e164(phone: str) -> None:
    assert not is_e164(phone)


def test_a_masked_phone_hides_its_middle() -> None:
    assert mask("+12025550147") == "+1202•••0147"
