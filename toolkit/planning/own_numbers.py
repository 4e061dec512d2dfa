"""The operator's own numbers, which a test is sent to: checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.numbering.phones import is_e164, is_fictional, mask
from toolkit.texting.placeholders import placeholders

_FILLED = re.compile(r"\{[^{}|]+\}")


def check_test(numbers: Sequence[str], *, live: bool) -> Iterator[Finding]:
    """Findings on a test."""
    if not numbers:
        yield finding(
            "TST001",
            "The policy lists no number of yours, so a test would reach nobody.",
            "List your own numbers as test_numbers in the policy.",
        )
    wrong = [mask(number) for number in numbers if not is_e164(number) or is_fictional(number) is live]
    if wrong:
        kind = "a fictional one" if live else "no fictional one, and the embedded workspace texts no others"
        yield finding(
            "TST002",
            f"{', '.join(wrong)} in test_numbers is not written as +12025550147, or is {kind}.",
            "Correct test_numbers in the policy.",
        )


def check_tested(texts: Iterable[str], *, is_filled: bool) -> Iterator[Finding]:
    """Findings on the texts of a test; `is_filled` if the service fills `{field}` once it is sent as a campaign."""
    tags = dict.fromkeys(tag for text in texts for tag in placeholders(text))
    standing = [tag for tag in tags if not (is_filled and _FILLED.fullmatch(tag))]
    if standing:
        yield finding(
            "MSG005",
            f"The service sends {', '.join(standing)} unfilled, in a test and in the campaign.",
            "Write the text without placeholders.",
        )
