"""Phone numbers that cannot belong to anybody: the only ones the sandbox will ever text."""

import re

_GUIDE_EXAMPLES = r"1234567890|12345678900|19876543210|18111222333"
FICTIONAL = (
    r"\+(?:"
    + "|".join(
        (
            _GUIDE_EXAMPLES,
            # Reserved for fiction in every North American area code, except the toll-free ones.
            r"1(?:[2-79]\d{2}|8(?:0[1-9]|1\d|2[013-9]|3[0-24-9]|4[0-35-9]|5[0-46-9]|6[0-57-9]|7[0-689]|9\d))55501\d{2}",
            r"1(?:555|999)\d{7}",  # area codes that cannot exist
            r"447700900\d{3}|442079460\d{3}",
            r"61491570(?:006|156|157|158|159|110)",
            r"3363998\d{4}",
            r"3532091\d{5}",
            r"467017406(?:0[5-9]|[1-9]\d)",
            r"4917139200\d{2}",
        )
    )
    + r")"
)
_FICTIONAL = re.compile(FICTIONAL, re.ASCII)
_PUNCTUATION = re.compile(r"[\s().\-/]+")
_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_CALLING_CODES = {
    "US": "1", "CA": "1", "GB": "44", "AU": "61", "FR": "33", "IE": "353", "SE": "46", "DE": "49",
}  # fmt: skip
COUNTRIES = tuple(_CALLING_CODES)


def is_fictional(e164: str) -> bool:
    """Tell whether an E.164 number is reserved for fiction, impossible, or one of the guide's own examples."""
    return _FICTIONAL.fullmatch(e164) is not None


def to_e164(raw: str, *, country: str = "US") -> str | None:
    """Return a number typed in a file in E.164 form, or None if it is not a phone number."""
    digits = _PUNCTUATION.sub("", raw.strip())
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        code = _CALLING_CODES[country]
        if code == "1":
            digits = "+" + digits if len(digits) == 11 and digits[0] == "1" else "+1" + digits
        else:
            digits = "+" + code + digits.removeprefix("0")
    if digits.startswith("+1") and len(digits) != 12 and not is_fictional(digits):
        return None
    return digits if _E164.fullmatch(digits) else None
