"""A text as each recipient of an audience reads it, counted as carriers bill it.

Where the service fills placeholders, or we do, every recipient has a text of their own; where nobody does, the braces
are sent as written, and their values are computed anyway, to report them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from toolkit.audience.waterfall import Audience
from toolkit.plans.cost import Cost, Preview
from toolkit.plans.policy import SendPolicy
from toolkit.texting.numbering.phones import mask
from toolkit.texting.part_counts import PartCounts, count_column
from toolkit.texting.placeholders import placeholders
from toolkit.texting.rendering import Rendered, render, resolve

_PREVIEWS = 3
_OWN = ("name", "phone")
_MAY_HOLD_FIELDS = re.compile(r"[\[<%#$|~^{«‹]")  # the names of a million contacts' fields take a second to read


@dataclass(frozen=True, eq=False)
class Wording:
    """A text and what becomes of it. `rendered` is what filling would give, None of a text without placeholders.

    `is_filled` is whether it is sent like that. `rows` are the recipients' rows among the contacts.
    """

    text: str
    audience: Audience
    rendered: Rendered | None
    fields: tuple[str, ...]  # what placeholders may name
    is_filled: bool
    rows: npt.NDArray[np.intp]

    @cached_property
    def is_same_for_all(self) -> bool:
        """Everybody reads the same."""
        return self.rendered is None or not self.is_filled

    @cached_property
    def counts(self) -> PartCounts:
        """What is sent, counted: an entry per recipient, or a single one if all read the same."""
        if self.rendered is None or not self.is_filled:
            return count_column([self.text])
        return count_column(self.rendered.texts)

    @cached_property
    def filled(self) -> PartCounts | None:
        """What filling would give, counted: an entry per recipient; None for a text without placeholders."""
        if self.rendered is None:
            return None
        return self.counts if self.is_filled else count_column(self.rendered.texts)

    def text_of(self, place: int) -> str:
        """What the recipient at a place among the recipients reads."""
        if self.rendered is None or not self.is_filled:
            return self.text
        text: str = self.rendered.texts[place].as_py()
        return text

    def cost(self, policy: SendPolicy, *, is_mms: bool = False) -> Cost:
        """Parts over all recipients and, if the policy names a price, an estimate; an MMS is one part."""
        recipients, counts = len(self.rows), self.counts
        times = recipients if self.is_same_for_all else 1
        parts = {size: texts * times for size, texts in counts.by_parts.items()} if recipients else {}
        most = max(parts, key=lambda size: parts[size]) if parts else int(counts.parts.max(initial=1))
        total, at_most = int(counts.parts.sum()) * times, int(counts.parts_max.sum()) * times
        if is_mms:
            most, total, at_most, parts = 1, recipients, recipients, {1: recipients}
        wide = int(counts.is_wide.sum()) * times
        is_wide = wide * 2 > recipients if recipients else bool(counts.is_wide.any())
        price = policy.price_per_mms if is_mms else policy.price_per_part
        cost = Cost(
            encoding="UCS-2" if is_wide else "GSM-7",
            parts=most,
            total_parts=total,
            total_parts_max=at_most,
            wide=wide,
            by_parts=parts,
        )
        if price is None:
            return cost
        return cost.model_copy(update={"price": cost.estimate(price, currency=policy.currency)})

    def duration(self, policy: SendPolicy, *, parts_per_second: float, is_mms: bool = False) -> timedelta:
        """How long sending it takes at that pace."""
        return timedelta(seconds=self.cost(policy, is_mms=is_mms).total_parts / parts_per_second)

    def previews(self) -> tuple[Preview, ...]:
        """The first few recipients if all read the same, else those whose texts tell most."""
        if self.is_same_for_all:
            places = [("typical", place) for place in range(min(_PREVIEWS, len(self.rows)))]
        else:
            kinds: dict[int, str] = {}
            for kind, place in self.counts.telling().items():
                kinds.setdefault(place, kind)  # one that is typical is not shown again as the longest
            places = [(kind, place) for place, kind in kinds.items()]
        if not places:
            return ()
        return tuple(self._preview(kind, place) for kind, place in places)

    def _preview(self, kind: str, place: int) -> Preview:
        at = 0 if self.is_same_for_all else place
        contacts, row = self.audience.contacts.table, int(self.rows[place])
        return Preview(
            name=contacts["name"][row].as_py() or "",
            phone=mask(contacts[self.audience.channel][row].as_py()),
            text=self.text_of(place),
            kind=kind,
            encoding="UCS-2" if self.counts.is_wide[at] else "GSM-7",
            parts=int(self.counts.parts[at]),
        )


def joined(wordings: Sequence[Wording], audience: Audience) -> Wording:
    """What the recipients of an audience read of whom some read this and others that: to be counted and billed."""
    if len(wordings) == 1:
        return wordings[0]
    texts = [
        pa.chunked_array([pa.repeat(pa.scalar(one.text, pa.large_string()), len(one.rows))])
        if one.rendered is None or not one.is_filled
        else one.rendered.texts
        for one in wordings
    ]
    rows = np.concatenate([one.rows for one in wordings])
    column = pa.chunked_array([chunk for some in texts for chunk in some.chunks], type=pa.large_string())
    order = np.argsort(rows)
    rendered = Rendered(column.take(pa.array(order)), (), {})
    return Wording("", audience, rendered, wordings[0].fields, True, rows[order])


def word(text: str, audience: Audience, *, is_filled: bool) -> Wording:
    """What the recipients of an audience read of a text; `is_filled` if placeholders are filled on the way.

    Raises ToolkitError for half a character in the text.
    """
    contacts, rows = audience.contacts, np.flatnonzero(audience.recipients)
    own = contacts.field_names if _MAY_HOLD_FIELDS.search(text) else ()
    if not placeholders(text, own):
        return Wording(text, audience, None, (), is_filled, rows)
    fields = tuple(dict.fromkeys([*_OWN, *contacts.field_names]))
    people = contacts.table.select(["name", audience.channel]).take(pa.array(rows))
    used = [field for field in resolve(text, fields).values() if field not in _OWN]
    columns = {"name": people["name"], "phone": people[audience.channel]}
    columns |= {name: pa.nulls(len(rows), pa.large_string()) for name in fields if name not in columns}
    columns |= contacts.field_texts(rows, used)
    return Wording(text, audience, render(text, columns), fields, is_filled, rows)
