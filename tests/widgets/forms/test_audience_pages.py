from __future__ import annotations

import pytest

from toolkit.audience.segment import Segment
from toolkit.widgets.forms.audience_pages import PEOPLE_A_PAGE, AudiencePages, pages_of
from toolkit.workspace import Workspace


@pytest.fixture
def people(ws: Workspace) -> AudiencePages:
    return AudiencePages(ws.audience(Segment.any_of("vip_customers", "newsletter")))


def test_every_step_of_the_waterfall_shows_its_people_with_masked_numbers(people: AudiencePages) -> None:
    frame = people.audience.frame
    for words, step in people.steps:
        rows = people.rows(step)
        assert words.startswith(f"{len(rows):,} ")
        cells = people.page(rows, 0)
        assert len(cells) == min(len(rows), PEOPLE_A_PAGE)
        assert all("•••" in phone or not phone for _, phone, *_ in cells)
    assert len(people.rows("recipient")) == len(people.audience) == len(frame)


def test_pages_hold_everybody_once(people: AudiencePages) -> None:
    rows = people.rows("recipient", sort="name")
    names = [line[0] for page in range(pages_of(rows)) for line in people.page(rows, page)]

    assert names == sorted(names)
    assert sorted(names) == sorted(people.audience.frame["name"].fillna(""))


def test_finding_narrows_and_sorting_turns_around(people: AudiencePages) -> None:
    everybody = people.rows("selected")
    found = people.rows("selected", find="an", sort="created", descending=True)

    assert 0 < len(found) < len(everybody)
    days = [line[2] for line in people.page(found, 0)]
    assert days == sorted(days, reverse=True)
    assert all("an" in " ".join([line[0], *line[3:]]).lower() for line in people.page(found, 0))
    assert people.page(people.rows("recipient", find="nobody has this"), 0) == []
