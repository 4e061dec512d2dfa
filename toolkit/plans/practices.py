"""The best practices of the SeaX API guide, and what holds a plan to each: findings, or what is done unasked."""

from __future__ import annotations

from typing import NamedTuple


class Practice(NamedTuple):
    """One practice: `codes` are the findings that stand for it, `unasked` what is done without one."""

    name: str
    codes: tuple[str, ...]
    unasked: str


PRACTICES = (
    Practice("Use labels effectively", ("AUD001", "AUD011"), "segments are addressed by labels, exactly"),
    Practice("Exclude DNC lists", ("AUD002", "AUD003", "AUD007"), "left out by the request and by us"),
    Practice("Test with small groups", ("AUD005", "AUD012"), "`test_send_above` of the policy asks for a test send"),
    Practice("Segment by engagement", ("AUD008", "AUD009"), "segments such as `tier = engaged`"),
    Practice("Keep it concise", ("MSG001", "MSG002"), "parts are counted for everybody"),
    Practice("Include clear CTAs", ("MSG009", "MSG010", "MSG011"), "shortened links are counted at their length"),
    Practice("Personalization", ("MSG005",), "previews show what people would read"),
    Practice("Timing", ("TIM001", "TIM002", "TIM003", "TIM004"), "`by_zone=True` starts it where it is day"),
    Practice("Monitor delivery", (), "`ws.follow()`, `ws.logs()`"),
    Practice("Track performance", (), "`ws.engagement()`, with denominators"),
    Practice(
        "Handle failures",
        ("AUD009", "PHN001", "PHN002"),
        "failures say what to do about them",
    ),
    Practice("Respect opt-outs", ("AUD007", "AUD013", "MSG006", "MSG007"), "contacts are read anew just before a send"),
)
