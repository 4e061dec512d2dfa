"""The best practices of the SeaX API guide, and how each is enforced: by findings, or automatically."""

from __future__ import annotations

from typing import NamedTuple


class Practice(NamedTuple):
    """One practice: `codes` are the findings that check it, `unasked` what is done automatically."""

    name: str
    codes: tuple[str, ...]
    unasked: str


PRACTICES = (
    Practice("Use labels effectively", ("AUD001", "AUD011"), "segments are addressed by labels, exactly"),
    Practice("Exclude DNC lists", ("AUD002", "AUD003", "AUD007"), "excluded by the request and by us"),
    Practice("Test with small groups", ("AUD005", "AUD012"), "`test_send_above` of the policy requires a test send"),
    Practice("Segment by engagement", ("AUD008", "AUD009"), "segments such as `tier = engaged`"),
    Practice("Keep it concise", ("MSG001", "MSG002"), "parts are counted for everybody"),
    Practice("Include clear CTAs", ("MSG009", "MSG010", "MSG011"), "shortened links are counted at their length"),
    Practice("Personalization", ("MSG005",), "previews show what people would read"),
    Practice("Timing", ("TIM001", "TIM002", "TIM003", "TIM004"), "`by_zone=True` starts it in local daytime"),
    Practice("Monitor delivery", (), "`ws.follow()`, `ws.logs()`"),
    Practice("Track performance", (), "`ws.engagement()`, with denominators"),
    Practice(
        "Handle failures",
        ("AUD009", "PHN001", "PHN002"),
        "each failure class has an action",
    ),
    Practice("Respect opt-outs", ("AUD007", "AUD013", "MSG006", "MSG007"), "contacts are read again before a send"),
)
