import pytest
from ipywidgets import HTML

from tests.widgets.page import Browser, tags
from toolkit.errors import SendRefused
from toolkit.widgets.views.markup import escaped, hint, refusal, refusals_in, status

HOSTILE = "<script>alert(1)</script>\u202e\n\"'"


@pytest.mark.parametrize("show", [escaped, hint, status, refusal])
def test_what_comes_from_outside_stays_text(show: object) -> None:
    html = show(HOSTILE)  # type: ignore[operator]

    assert tags(html) <= {"div", "b"}
    assert "\u202e" not in html
    assert "&quot;&#x27;" in html


def test_a_refusal_is_shown_instead_of_raised(browser: Browser) -> None:
    place = HTML()

    with refusals_in(place):
        raise SendRefused("Nothing was sent.")

    assert "Nothing was sent." in place.value
    assert 'role="alert"' in place.value


def test_a_fault_is_shown_and_raised(browser: Browser) -> None:
    place = HTML()

    with pytest.raises(ZeroDivisionError), refusals_in(place):
        raise ZeroDivisionError("by <zero>")

    assert "ZeroDivisionError: by &lt;zero&gt;." in place.value
