"""Finding contacts by label, and the words for label lists that planning uses too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

import toolkit
from mcp_server.connection import Call, workspace
from mcp_server.rows import Limit, Offset, Page, cut

if TYPE_CHECKING:
    from toolkit.audience.segment import Segment

_COLUMNS = ["id", "name", "phone", "labels", "created_time"]

LabelName = Annotated[str, Field(min_length=1, max_length=200)]
AnyOf = Annotated[list[LabelName], Field(max_length=50, description="Labels (name or id) of which one is enough.")]
AllOf = Annotated[list[LabelName], Field(max_length=50, description="Labels that must all be there.")]
NoneOf = Annotated[list[LabelName], Field(max_length=50, description="Labels that must not be there.")]


def find_contacts(
    call: Call,
    any_of: AnyOf = [],  # noqa: B006 — pydantic copies it, and the schema shows a list
    all_of: AllOf = [],  # noqa: B006
    none_of: NoneOf = [],  # noqa: B006
    limit: Limit = 20,
    offset: Offset = 0,
) -> Page:
    """Count the contacts that have these labels, and list some of them, newest first; without labels, all."""
    frame = workspace(call).contacts(segment(any_of, all_of, none_of))
    return cut(frame[_COLUMNS], offset=offset, limit=limit)


def segment(any_of: list[str], all_of: list[str], none_of: list[str]) -> Segment:
    """Contacts with one of `any_of`, all of `all_of` and none of `none_of`; empty lists ask for nothing."""
    meant = toolkit.Segment.any_of(*any_of) if any_of else toolkit.Segment.everyone()
    if all_of:
        meant &= toolkit.Segment.all_of(*all_of)
    if none_of:
        meant &= ~toolkit.Segment.any_of(*none_of)
    return meant
