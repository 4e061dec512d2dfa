from dataclasses import replace
from datetime import UTC, datetime

import pytest

from toolkit.audience.segment import Segment
from toolkit.errors import DraftError
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets.forms.campaign_form import CampaignForm

FULL = CampaignForm(
    "Spring Sale",
    senders=("Marketing Line",),
    any_of=("gold", "vip"),
    none_of=("nyc",),
    message="Hello. Reply STOP to opt out.",
)
TOMORROW = datetime(2026, 3, 4, 9, 30)


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
        ({"senders": ()}, "number it is sent from"),
        ({"any_of": (), "none_of": ()}, "at least one label or condition"),
        ({"message": "\n"}, "Write the message"),
        ({"end": TOMORROW}, "Choose when it starts"),
        ({"start": TOMORROW, "zone": "Europe/Pariss"}, "did you mean Europe/Paris"),
        ({"message": "x" * 1601}, "message has 1,601 characters, and the limit is 1,600"),
        ({"name": "x" * 201}, "name has 201 characters, and the limit is 200"),
    ],
)
def test_an_incomplete_form_says_what_to_do_next(without: dict[str, object], said: str) -> None:
    with pytest.raises(DraftError, match=said):
        replace(FULL, **without).draft()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"any_of": ()},
        {"none_of": ()},
        {"none_of": (), "conditions": (Segment.parse("field.customer_tier = gold").rule,)},
        {"any_of": (), "none_of": (), "rule": "everyone"},
        {"type": "MMS", "media": "https://example.com/a.png\nhttps://example.com/b.png"},
        {"start": TOMORROW, "end": datetime(2026, 3, 4, 17), "zone": "America/New_York"},
        {"senders": ("Marketing Line", "Support")},
        {"shorten_links": True, "attach_labels": ("gold",), "overrides": {"TIM001": "they asked"}},
        {"by_zone": True, "more": {"most_campaigns": 2}},
    ],
)
def test_a_draft_gives_back_the_form_that_made_it(more: dict[str, object]) -> None:
    form = replace(FULL, **more)  # type: ignore[arg-type]

    assert CampaignForm.from_draft(form.draft()) == form
    read_back = CampaignDraft.model_validate_json(form.draft().model_dump_json())
    assert CampaignForm.from_draft(read_back).draft() == form.draft()


@pytest.mark.parametrize(
    ("form", "field", "step"),
    [
        (CampaignForm(), "whom", "Choose who gets it"),
        (CampaignForm(any_of=("vip",)), "message", "Write the message"),
        (CampaignForm(any_of=("vip",), message="Hi"), "name", "Give it a name"),
        (CampaignForm("x", any_of=("vip",), message="Hi"), "sender", "Choose the sender"),
    ],
)
def test_an_incomplete_form_names_its_next_step(form: CampaignForm, field: str, step: str) -> None:
    assert form.missing is not None
    assert form.missing[:2] == (field, step)
    assert FULL.missing is None


def test_a_draft_of_another_kind_is_refused_with_the_way_round() -> None:
    with pytest.raises(DraftError, match="is a test draft: open the campaign it tests"):
        CampaignForm.from_draft(FULL.draft().as_test())  # type: ignore[arg-type]


def test_a_time_is_that_of_the_chosen_zone() -> None:
    draft = replace(FULL, start=TOMORROW, zone="America/New_York").draft()

    assert draft.start_at == datetime(2026, 3, 4, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "more",
    [
        {"type": "AI_AGENT"},
        {"end_at": datetime(2026, 3, 4, tzinfo=UTC)},
        {"experiment": Experiment(name="e", arms={"a": 0.5, "b": 0.5})},
    ],
)
def test_a_draft_that_the_form_cannot_show_is_refused(more: dict[str, object]) -> None:
    draft = FULL.draft().model_copy(update=more)

    with pytest.raises(DraftError, match=r"use ws\.plan"):
        CampaignForm.from_draft(draft)


def test_the_counter_names_the_characters_that_make_a_text_dearer() -> None:
    assert replace(FULL, message="Hi 🌸").counter == "UCS-2 · 5 units · 1 part, because of 🌸 (cherry blossom)"


def test_the_counter_makes_invisible_characters_visible() -> None:
    assert "(zero width space)" in replace(FULL, message="Hi\u200b").counter
    assert "(U+E000)" in replace(FULL, message="Hi\ue000").counter


def test_the_counter_says_how_many_characters_it_left_out() -> None:
    assert replace(FULL, message="你好世界再见了").counter.endswith("and 2 more")
