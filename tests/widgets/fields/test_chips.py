"""Chips that are pressed late: while the page changes under the pointer, or twice."""

from __future__ import annotations

from tests.widgets.page import Browser
from toolkit.widgets.fields.chips import Chip, Chips
from toolkit.widgets.fields.choice_field import ChoiceField


def field_with(*names: str, offered: int = 2) -> ChoiceField:
    field = ChoiceField("Labels", called="labels", offered=offered)
    field.offer([(name, name) for name in names], ())
    return field


def texts(chips: Chips) -> list[str]:
    return [button.description for button in chips.shown]


def test_a_chip_pressed_while_others_move_up_adds_what_its_text_said(browser: Browser) -> None:
    field = field_with("a", "b", "c", "d")
    first, second = field._offered.shown
    browser.edit(field._find, value="c")
    assert texts(field._offered) == ["+ c"]

    browser.click(second)

    assert field.value == ("b",)
    browser.click(first)
    assert field.value == ("a", "b")


def test_a_second_click_on_an_offered_or_a_chosen_chip_does_nothing(browser: Browser) -> None:
    field = field_with("a", "b", "c")
    offered = field._offered.shown[0]

    browser.click(offered)
    browser.click(offered)
    assert field.value == ("a",)

    chosen = field._chosen.shown[0]
    browser.click(chosen)
    browser.click(chosen)
    assert field.value == ()


def test_a_chip_lives_as_long_as_its_choice_is_offered(browser: Browser) -> None:
    field = field_with("a", "b", "c", "d")
    chip = field._offered.shown[0]

    field.offer([("a (12)", "a"), ("z", "z")], ())
    assert field._offered.shown[0] is chip
    assert chip.description == "+ a (12)"

    field.offer([("z", "z")], ())
    browser.click(chip)
    assert field.value == ()


def test_chips_that_stay_keep_their_places_when_one_is_chosen(browser: Browser) -> None:
    field = field_with("a", "b", "c", "d")
    before = field._offered.children

    browser.click(field._offered.shown[0])

    assert field._offered.children[: len(before)] == before  # a view that keeps its place is not drawn afresh
    assert texts(field._offered) == ["+ b", "+ c"]


def test_chips_that_are_disabled_can_be_pressed_when_they_are_shown_again(browser: Browser) -> None:
    chips = Chips(lambda key: None)
    chips.show([Chip("a", "A")])

    chips.disable()
    assert chips.shown[0].disabled
    chips.show([Chip("a", "A")])
    assert not chips.shown[0].disabled
