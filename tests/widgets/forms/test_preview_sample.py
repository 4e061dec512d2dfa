"""A few people to show a message to: real recipients, few of them, and a single one of a row."""

from __future__ import annotations

from toolkit.audience.segment import Segment
from toolkit.widgets.forms.preview_sample import few, only
from toolkit.workspace import Workspace


def test_a_few_are_the_first_who_receive_it(ws: Workspace) -> None:
    audience = ws.audience(Segment.any_of("vip_customers"))

    assert len(audience) > 3
    assert list(few(audience).phones.index) == list(audience.phones.index[:3])


def test_a_row_is_the_one_person_and_a_part_of_a_row_is_nobody(ws: Workspace) -> None:
    row = ws.contacts().iloc[0]

    (preview,) = ws.drafts.previews("Hi {name}", only(row))

    assert preview.name == row["name"]
    assert len(only(row[["id", "name"]])) == 0
