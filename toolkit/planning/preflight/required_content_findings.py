"""Findings on what a marketing text must contain: how to opt out, and who it is from."""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.planning.preflight.check_input import Outgoing
from toolkit.plans.finding import Finding
from toolkit.plans.finding_catalogue import finding
from toolkit.texting.opt_out_notice import opt_out_words
from toolkit.texting.opt_out_words import STOP_WORDS


def check(out: Outgoing) -> Iterator[Finding]:
    """Findings on opt-out words and brand; a single message may be an answer to somebody."""
    if not out.is_to_many:
        return
    told = opt_out_words(out.text)
    if out.type == "WHATSAPP_BUSINESS_PLATFORM_MESSAGE":
        pass  # it has a button of Meta's for this, and the rule is for texts
    elif not told:
        yield finding(
            "MSG006",
            "The text does not explain how to opt out"
            + (", and no earlier campaign is known here that did." if out.past.is_first else "."),
            "Add: Reply STOP to opt out.",
            severity="block" if out.past.is_first else "warn",
        )
    elif STOP_WORDS.isdisjoint(word.replace("optout", "opt out") for word in told) and STOP_WORDS.isdisjoint(told):
        yield finding(
            "MSG007",
            f"Gateways do not recognise {', '.join(told)}.",
            "Tell people to reply STOP.",
        )
    brand = out.policy.brand
    if brand and brand.casefold() not in out.text.casefold():
        yield finding("MSG008", f"The text does not name the brand {brand} early.", "Begin with the name.")
