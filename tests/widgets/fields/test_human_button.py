import pytest

from tests.widgets.page import Browser
from toolkit.errors import ApprovalRefused
from toolkit.widgets.fields.human_button import HumanButton


@pytest.fixture
def presses() -> list[object]:
    return []


@pytest.fixture
def button(browser: Browser, presses: list[object]) -> HumanButton:
    button = HumanButton(description="Send")
    button.on_click(presses.append)
    return button


def test_a_click_in_the_browser_presses_it(browser: Browser, button: HumanButton, presses: list[object]) -> None:
    browser.click(button)

    assert presses == [button]


def test_a_cell_cannot_press_it(button: HumanButton, presses: list[object]) -> None:
    with pytest.raises(ApprovalRefused, match="'Send' can only be pressed by a person in a browser"):
        button.click()

    assert presses == []


def test_a_click_that_arrives_after_it_was_disabled_does_nothing(
    browser: Browser, button: HumanButton, presses: list[object]
) -> None:
    button.disabled = True

    browser.click(button)

    assert presses == []
