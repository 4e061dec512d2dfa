"""Where the recipients of an audience may be: by what they say of themselves, else by their number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.texting.numbering.line_types import KINDS, classify
from toolkit.texting.places import Place, locate, places

_OWN_ZONE = ("timezone", "time_zone", "time zone", "tz")  # contact fields with a person's time zone
_OWN_STATE = ("state", "province", "state/province")


@dataclass(frozen=True, eq=False)
class Whereabouts:
    """Where each recipient of an audience may be, each worked out once."""

    audience: Audience

    @cached_property
    def rows(self) -> npt.NDArray[np.intp]:
        """The recipients' rows among the contacts."""
        return np.flatnonzero(self.audience.recipients)

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """The kind of each recipient's number; see `toolkit.texting.numbering.line_types.classify`."""
        phones = self.audience.contacts.table[self.audience.channel]
        return classify(phones.filter(pa.array(self.audience.recipients)))

    @cached_property
    def nowhere(self) -> Mask:
        """A mask over recipients: a fictional number in no existing area code, so without a time zone."""
        fictional = self.numbers["kind"].cat.codes.to_numpy() == KINDS.index("fictional")
        is_nowhere: Mask = fictional & (self.numbers["line"] == "unknown").to_numpy()
        is_nowhere &= self.numbers["prefix"].to_numpy() == 1
        return is_nowhere

    @cached_property
    def unplaced(self) -> Mask:
        """A mask over recipients: `nowhere`, and no field of their own says more."""
        rows = np.flatnonzero(self.nowhere)
        is_unplaced = self.nowhere.copy()
        if len(rows) and self.said:
            known, by_number = self.located["zones"].iloc[rows].cat, locate(self.numbers.iloc[rows])["zones"].cat
            same = by_number.categories.get_indexer(known.categories)  # by the few different ones, as they are long
            codes = np.append(np.where(same < 0, -2, same), -1)[known.codes]
            is_unplaced[rows] = codes == by_number.codes.to_numpy()
        return is_unplaced

    @cached_property
    def located(self) -> pd.DataFrame:
        """Where each recipient may be, by their own fields, else by number; see `places.locate`."""
        zone, state = self._own_places
        return locate(self.numbers, zones=self.said.get(zone), states=self.said.get(state))

    @cached_property
    def said(self) -> dict[str, pa.Array]:
        """Each recipient's own time zone and state, by contact field, dictionaries of texts; only existing fields."""
        names = [name for name in self._own_places if name]
        if not names:
            return {}
        texts = self.audience.contacts.field_texts(self.rows, names)
        return {name: column.dictionary_encode() for name, column in texts.items()}

    @cached_property
    def _own_places(self) -> tuple[str, str]:
        """The fields with time zones and states; empty where there are none."""
        names = {name.casefold(): name for name in self.audience.contacts.field_names}
        zone, state = (next((names[x] for x in own if x in names), "") for own in (_OWN_ZONE, _OWN_STATE))
        return zone, state

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The different places where recipients may be, most people first."""
        return places(self.located[~self.unplaced])

    def in_places(self, some: Iterable[Place]) -> npt.NDArray[np.intp]:
        """The places, among the recipients, of those who may be in these places."""
        wanted = {(place.region, place.state, " ".join(place.zones)) for place in some}
        kinds, distinct = self._where
        is_wanted = np.array([where in wanted for where in distinct], dtype=bool)
        return np.flatnonzero(is_wanted[kinds] & ~self.unplaced) if len(kinds) else np.empty(0, dtype=np.intp)

    @cached_property
    def _where(self) -> tuple[npt.NDArray[np.intp], list[tuple[str, ...]]]:
        """Per recipient the number of a distinct place, and these as region, state and zones."""
        columns = [self.located[name].cat for name in ("region", "state", "zones")]
        names = [["", *column.categories] for column in columns]
        codes = tuple(column.codes.to_numpy().astype(np.int64) + 1 for column in columns)
        shape = tuple(map(len, names))
        kinds, distinct = pd.factorize(np.ravel_multi_index(codes, shape))
        at = zip(*np.unravel_index(distinct, shape), strict=True)
        return kinds, [tuple(known[i] for known, i in zip(names, where, strict=True)) for where in at]
