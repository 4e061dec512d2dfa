from dataclasses import replace

import pytest

from toolkit.errors import DraftError
from toolkit.plans.draft import MessageDraft
from toolkit.widgets.forms.message_form import MessageForm

FULL = MessageForm("c1", sender="Line", message="Your order is on its way.")


def test_a_full_form_makes_the_draft_that_code_would_write() -> None:
    assert FULL.draft() == MessageDraft(message="Your order is on its way.", contact_id="c1", sender="Line")
    pictured = replace(FULL, type="MMS", media="https://example.com/a.png\n")
    assert pictured.draft().media_urls == ("https://example.com/a.png",)


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({"name": " "}, "Give the message a name"),
        ({"sender": None}, "number it is sent from"),
        ({"message": " "}, "Write the message"),
        ({"type": "MMS"}, "An MMS has media"),
        ({"message": "x" * 1601}, "message has 1,601 characters"),
    ],
)
def test_an_incomplete_form_says_what_to_do_next(without: dict[str, object], said: str) -> None:
    with pytest.raises(DraftError, match=said):
        replace(FULL, **without).draft()  # type: ignore[arg-type]
