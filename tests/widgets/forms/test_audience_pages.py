from __future__ import annotations

import pytest

from toolkit.audience.segment import Segment
from toolkit.experiments.split import Experiment
from toolkit.plans.draft import CampaignDraft
from toolkit.widgets import FrameTable
from toolkit.widgets.forms.audience_pages import AudienceSource
from toolkit.widgets.forms.table_pages import ROWS_A_PAGE, TablePages, TableView
from toolkit.workspace import Workspace


@pytest.fixture
def people(ws: Workspace) -> AudienceSource:
    return AudienceSource(ws.audience(Segment.any_of("vip_customers", "newsletter")))


def test_every_step_of_the_waterfall_shows_its_people_with_masked_numbers(people: AudienceSource) -> None:
    pages = TablePages(people)
    for words, step in people.steps:
        view = TableView(step=step)
        assert words.startswith(f"{len(pages.rows(view)):,} ")
        cells = pages.page(view)
        assert len(cells) == min(len(pages.rows(view)), ROWS_A_PAGE)
        assert all("•••" in phone or not phone for _, phone, *_ in cells)
    assert len(pages.rows(TableView(step="recipient"))) == len(people.audience)


def test_pages_hold_everybody_once(people: AudienceSource) -> None:
    pages, view = TablePages(people), TableView(step="recipient", sort="name")
    names = [
        line[0]
        for page in range(pages.last_page(view) + 1)
        for line in pages.page(view.model_copy(update={"page": page}))
    ]

    assert [name for name in names if name] == sorted(name for name in names if name)
    assert sorted(names) == sorted(people.audience.frame["name"].fillna(""))


def test_labels_and_fields_of_the_people_are_columns_to_filter(people: AudienceSource) -> None:
    pages = TablePages(people)
    at = people.columns.index("field.customer_tier")

    found = pages.page(TableView(step="selected", filters=(("field.customer_tier", "GOLD"), ("labels", "vip"))))

    assert found
    assert {line[at] for line in found} == {"gold"}
    assert all("vip_customers" in line[people.columns.index("labels")] for line in found)
    assert pages.page(TableView(step="recipient", find="nobody has this")) == []


def test_the_arms_of_a_plan_show_their_people(ws: Workspace) -> None:
    experiment = Experiment(name="Gold", arms={"A": 0.5, "B": 0.5}, holdout=0.1)
    draft = CampaignDraft(
        name="Gold",
        message="Gold is here. Reply STOP to opt out.",
        messages={"B": "Gold, now. Reply STOP to opt out."},
        segment=Segment.any_of("vip_customers"),
        senders=("Marketing Line",),
        experiment=experiment,
    )
    plan = ws.plan(draft)

    arms = {arm: plan.assigned[arm] for arm in ("A", "B")}
    pages = TablePages(AudienceSource(plan.audience, arms))

    shown = {step.removeprefix("arm "): pages.rows(TableView(step=step)) for _, step in pages.source.steps}
    for arm, assigned in arms.items():
        assert {*plan.audience.contacts.ids[shown[arm]]} == {*assigned}
        assert (f"{len(assigned):,} in {arm}", f"arm {arm}") in pages.source.steps
    assert [step for _, step in FrameTable(plan).shown["steps"] if "held" in step] == ["held_out"]
