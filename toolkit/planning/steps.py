"""The steps of a plan while it is being made: one request each, and exactly whom it reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import pyarrow as pa

from toolkit.api.dialect import PersonalTexts
from toolkit.audience.targets.targeting import Targeting
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.models import CampaignRequest
from toolkit.planning.digest import PIECE, Request, digest, said
from toolkit.plans.plan_step import PlanStep, text_fingerprint


@dataclass(frozen=True)
class RequestStep:
    """One request, and the contacts it reaches, with their phones, by id.

    `rows` counts rows of a file, or numbers without contacts, and `untextable` the contacts it also addresses who
    cannot be texted. A canary goes first, and the rest waits for it.
    `number` is its own in a plan that was sent in part; 0 if it has the one of its place.
    """

    what: str
    request: Request
    people: Sequence[tuple[str, str]] = ()
    rows: int = 0
    untextable: int = 0
    is_canary: bool = False
    arm: str = ""
    number: int = 0

    def planned(self, number: int, senders: Sequence[tuple[str, str]], zones: dict[str, int]) -> PlanStep:
        """The step as the plan shows it; its digest excludes how recipients are addressed and where they may be."""
        told = {name: value for name, value in said(self.request).items() if name != "target"}
        return PlanStep(
            number=number,
            what=self.what,
            recipients=len(self.people) + self.rows,
            digest=digest(self.people, told, senders),
            untextable=self.untextable,
            start_at=self.request.start_at if isinstance(self.request, CampaignRequest) else None,
            is_canary=self.is_canary,
            arm=self.arm,
            zones=zones,
            texts=tuple(text_fingerprint(each.to, each.text) for each in self.request.texts)
            if isinstance(self.request, PersonalTexts)
            else (),
        )


@dataclass(frozen=True, eq=False)
class Steps:
    """All steps in their order, and how their recipients are addressed; not by labels where `targeting` is None."""

    each: Sequence[RequestStep]
    targeting: Targeting | None = None


class RecipientColumns(Sequence[tuple[str, str]]):
    """The ids and phones of some contacts, by id: kept as columns, of which rows are made as they are asked for."""

    def __init__(self, ids: pa.ChunkedArray, phones: pa.ChunkedArray) -> None:
        self._ids, self._phones = ids, phones

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, at: int) -> tuple[str, str]: ...

    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, str]]: ...

    def __getitem__(self, at: int | slice) -> tuple[str, str] | list[tuple[str, str]]:
        if isinstance(at, slice):
            return list(zip(self._ids[at].to_pylist(), self._phones[at].to_pylist(), strict=True))
        return self._ids[at].as_py(), self._phones[at].as_py()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for start in range(0, len(self), PIECE):
            yield from self[start : start + PIECE]


def people(audience: Audience, which: Mask) -> RecipientColumns:
    """The ids and phones of some contacts, by id."""
    table = audience.contacts.table.select(["id", audience.channel]).filter(pa.array(which))
    table = table.combine_chunks().sort_by("id")
    return RecipientColumns(table["id"], table[audience.channel])
