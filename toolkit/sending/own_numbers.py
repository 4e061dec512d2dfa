"""The operator's own numbers, which a test is sent to: looked at before anything leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from toolkit.sending.catalogue import finding
from toolkit.sending.finding import Finding
from toolkit.texting.phones import is_e164, is_fictional, mask


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
            "Mend test_numbers in the policy.",
        )
