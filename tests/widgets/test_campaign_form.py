from dataclasses import replace
from datetime import UTC, datetime

import pytest

from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.sending.draft import CampaignDraft
from toolkit.widgets.campaign_form import CampaignForm

FULL = CampaignForm("Spring Sale", "Marketing Line", ("gold", "vip"), ("nyc",), "Hello. Reply STOP to opt out.")


def test_a_full_form_makes_the_draft_that_code_would_write() -> None:
    assert FULL.draft() == CampaignDraft(
        name="Spring Sale",
        message="Hello. Reply STOP to opt out.",
        segment=Segment.any_of("vip", "gold") & ~Segment.any_of("nyc"),
        senders=("Marketing Line",),
    )


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ({"name": " "}, "name"),
        ({"sender": None}, "number it is sent from"),
        ({"any_of": (), "none_of": ()}, "at least one label"),
        ({"message": "\n"}, "Write the message"),
        ({"message": "x" * 1601}, "Change the message: .*1600 characters"),
        ({"name": "x" * 201}, "Change the name: .*200 characters"),
    ],
)
def test_an_incomplete_form_says_what_to_do_next(without: dict[str, object], said: str) -> None:
    with pytest.raises(DraftError, match=said):
        replace(FULL, **without).draft()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "form", [FULL, replace(FULL, any_of=()), replace(FULL, none_of=())], ids=["both", "none of", "any of"]
)
def test_a_draft_gives_back_the_form_that_made_it(form: CampaignForm) -> None:
    assert CampaignForm.from_draft(form.draft()) == form


@pytest.mark.parametrize(
    "more",
    [
        {"type": "MMS", "media_urls": ("https://example.com/a.png",)},
        {"start_at": datetime(2026, 3, 4, tzinfo=UTC)},
        {"senders": ("Marketing Line", "Support")},
        {"shorten_links": True},
        {"segment": Segment.all_of("vip", "gold")},
        {"segment": Segment.everyone()},
    ],
)
def test_a_draft_that_the_form_cannot_show_is_refused(more: dict[str, object]) -> None:
    draft = FULL.draft().model_copy(update=more)

    with pytest.raises(DraftError, match=r"look at it with ws\.plan"):
        CampaignForm.from_draft(draft)


def test_the_counter_names_the_characters_that_make_a_text_dearer() -> None:
    assert replace(FULL, message="Hi 🌸").counter == "UCS-2 · 5 units · 1 part, because of 🌸 (cherry blossom)"


def test_the_counter_makes_invisible_characters_visible() -> None:
    assert "(zero width space)" in replace(FULL, message="Hi\u200b").counter
    assert "(U+E000)" in replace(FULL, message="Hi\ue000").counter


def test_the_counter_says_how_many_characters_it_left_out() -> None:
    assert replace(FULL, message="你好世界再见了").counter.endswith("and 2 more")
