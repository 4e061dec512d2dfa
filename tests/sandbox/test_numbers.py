import pytest

from toolkit.sandbox.numbers import is_fictional, to_e164


@pytest.mark.parametrize(
    "number",
    [
        "+12125550100", "+16045550199", "+18015550100",
        "+18995550199", "+15551234567", "+19991234567", "+447700900123", "+442079460999",
        "+61491570006", "+61491570159", "+33639981234", "+353209112345", "+46701740605", "+46701740699",
        "+491713920012", "+1234567890", "+12345678900", "+19876543210", "+18111222333",
    ],
)  # fmt: skip
def test_numbers_that_belong_to_nobody_are_accepted(number: str) -> None:
    assert is_fictional(number)


@pytest.mark.parametrize(
    "number",
    [
        "+10125550100", "+12120550100", "+1212555010", "+121255501000", "+1234567891", "12125550100",
        "+12125550100 ", "+1 2125550100", "+1２125550100", "+44770090012", "+4477009001234", "+614915700060",
        "+18005550142", "+18885550199", "+3363998123", "+35320911234", "+467017406050", "+49171392001", "",
    ],
)  # fmt: skip
def test_numbers_that_might_belong_to_somebody_are_not(number: str) -> None:
    assert not is_fictional(number)


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("(212) 555-0142", "US", "+12125550142"),
        ("1 212 555 0142", "CA", "+12125550142"),
        ("+1 212.555.0142", "GB", "+12125550142"),
        ("07700 900123", "GB", "+447700900123"),
        ("0044 7700 900123", "US", "+447700900123"),
        ("+1234567890", "US", "+1234567890"),
        ("555-0142", "US", None),
        ("n/a", "US", None),
        ("", "US", None),
    ],
)
def test_a_number_as_typed_is_read_with_its_country(raw: str, country: str, e164: str | None) -> None:
    assert to_e164(raw, country=country) == e164
