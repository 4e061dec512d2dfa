from __future__ import annotations

from dataclasses import replace

import pytest

from tests.widgets.forms.test_campaign_form import FULL
from toolkit.widgets.forms.arms import ArmsForm
from toolkit.widgets.forms.utm import lacks_utm, with_utm

TAGS = "utm_source=sms&utm_medium=sms&utm_campaign=spring-sale"


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("See https://example.com/a. Bye", f"See https://example.com/a?{TAGS}. Bye"),
        ("https://example.com/?x=1#top", f"https://example.com/?x=1&{TAGS}#top"),
        ("https://example.com https://example.com", f"https://example.com?{TAGS} https://example.com?{TAGS}"),
        ("https://example.com/?utm_source=mail", "https://example.com/?utm_source=mail"),
        ("example.com and ana@example.com", "example.com and ana@example.com"),
        ("No link", "No link"),
    ],
)
def test_each_web_address_gets_the_campaign_once(text: str, tagged: str) -> None:
    form = replace(FULL, name="Spring Sale!", message=text)

    assert with_utm(form).message == tagged
    assert with_utm(with_utm(form)) == with_utm(form)
    assert lacks_utm(form) == (tagged != text)
    assert not lacks_utm(with_utm(form))


def test_arms_are_told_apart_by_their_links() -> None:
    form = replace(FULL, message="https://example.com", arms=ArmsForm(("https://example.com", "Hi")))

    tagged = with_utm(form)

    assert tagged.message == f"https://example.com?{TAGS}&utm_content=a"
    assert tagged.arms.texts == (f"https://example.com?{TAGS}&utm_content=b", "Hi")


def test_a_campaign_without_a_name_has_nothing_to_put_on_links() -> None:
    assert not lacks_utm(replace(FULL, name=" ", message="https://example.com"))
