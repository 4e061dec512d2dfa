"""A text looked at before anybody is chosen."""

from __future__ import annotations

import pytest

from toolkit.workspace import Workspace


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dear {name}, sale today. Reply STOP to opt out.", "MSG005"),
        ("Sale today!", "MSG006"),
        ("Sale: https://bit.ly/x Reply STOP to opt out.", "MSG009"),
        ("Sale! " * 40 + "Reply STOP to opt out.", "MSG002"),
    ],
)
def test_a_text_is_checked_by_itself(ws: Workspace, text: str, code: str) -> None:
    assert code in {finding.code for finding in ws.check_text(text)}


def test_a_plain_text_has_nothing_to_mend(ws: Workspace) -> None:
    assert ws.check_text("25% off until Sunday with code SPRING25. Reply STOP to opt out.") == []
