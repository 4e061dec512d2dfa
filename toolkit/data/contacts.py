"""All contacts at one moment, in columns: the frame shown to people, and label membership for rules on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, reduce
from operator import or_

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from toolkit.data.arrow_frames import to_pandas
from toolkit.data.bitmaps import Bitmap, Mask, pack
from toolkit.data.fields import PREFIX, FieldColumn, Rows, distinct_columns, distinct_texts, field_names, field_texts
from toolkit.data.label_membership import LabelMembership
from toolkit.data.label_names import AS_NAMED, LabelNames
from toolkit.data.typed_text import read_times
from toolkit.display import when
from toolkit.engagement.behaviour import BEHAVIOUR_COLUMNS as BEHAVIOUR
from toolkit.engagement.behaviour import with_behaviour
from toolkit.engagement.failures import of_causes
from toolkit.engagement.fatigue import sent_within
from toolkit.engagement.outcomes import DELIVERED
from toolkit.errors import SegmentError, UnknownColumn
from toolkit.frames import lazy
from toolkit.suggest import suggest
from toolkit.texting.numbering.line_types import classify
from toolkit.texting.opt_out_words import LabelMeaning
from toolkit.texting.places import locate

PLACES = ("region", "state", "zones")  # columns of a phone's location
FEW_VALUES = 64  # distinct values of a column that get a bitmap each


@dataclass(frozen=True, eq=False)
class Contacts(LabelMembership):
    """A snapshot of the whole contact list.

    `table` has the columns of `frame`, with label codes in `labels`: a code is an index of the tuple `labels`.
    """

    read_time: datetime
    repairs: int = 0  # gaps, late arrivals and deleted rows repaired while reading
    exact: bool = True  # the list as it was at one moment, not part of it
    logs: pd.DataFrame | None = None  # delivery logs, for rules on what became of messages
    countries: tuple[str, ...] = ()  # ISO 3166 codes for numbers without a calling code
    own_countries: tuple[str, ...] | None = None  # of part of a list: those of most numbers of the whole list
    label_names: LabelNames = AS_NAMED  # what labels mean in this workspace

    def __repr__(self) -> str:
        return f"<Contacts: {len(self):,} read at {when(self.read_time)}>"

    def select(self, columns: Sequence[str]) -> pd.DataFrame:
        """The frame with these columns alone, in this order, or additional ones: contact fields, and phone locations.

        `field.<name>` is a contact field, with a dtype as in `toolkit.data.fields.field_columns`; `region`, `state` and
        `zones` (categories) are as in `toolkit.texting.places.locate`. `attrs["unread"]` shows, by column, which
        values of contact fields are missing because they do not have the column's type. Raises UnknownColumn.
        """
        fields = self._field_columns(columns)
        extra = {name: column.typed for name, column in fields.items()}
        if not {*PLACES}.isdisjoint(columns):
            extra |= {name: self._places[name] for name in PLACES}
        frame = pd.DataFrame({name: extra[name] if name in extra else self.frame[name] for name in columns})
        unread = {name: f"{column}." for name, column in fields.items() if len(column.unread)}
        frame.attrs = self.frame.attrs | ({"unread": unread} if unread else {})
        return frame

    def _field_columns(self, columns: Sequence[str]) -> dict[str, FieldColumn]:
        """Those of the columns that are contact fields; UnknownColumn for any other column."""
        fields = {name.removeprefix(PREFIX) for name in columns if name.startswith(PREFIX)}
        known = self.field_names if fields else []
        for name in columns:
            if name not in (*self.frame.columns, *PLACES) and name.removeprefix(PREFIX) not in known:
                names = [*self.frame.columns, *PLACES, *(PREFIX + field for field in self.field_names)]
                raise UnknownColumn(f"Contacts have no column {name!r}: {suggest(name, names)}")
        if not fields:
            return {}
        texts, rows = self._field_texts
        return {name: column.of(rows) for name, column in distinct_columns(texts, rows, sorted(fields)).items()}

    @cached_property
    def _field_texts(self) -> tuple[pa.Array, Rows]:
        return distinct_texts(self.table["fields"])

    def _asked(self, name: str) -> pd.Series:
        """A contact field as rules ask it; see `column`."""
        texts, rows = self._field_texts
        found = distinct_columns(texts, rows, [name.removeprefix(PREFIX)])[name].asked
        if found.isna().all():
            self._field_columns([name])  # there may be no such field: this raises, and says which there are
        distinct = _category(found)
        if isinstance(distinct.dtype, pd.CategoricalDtype):
            return pd.Series(pd.Categorical.from_codes(distinct.cat.codes.to_numpy()[rows], dtype=distinct.dtype))
        return distinct.take(rows).reset_index(drop=True)

    @cached_property
    def _places(self) -> pd.DataFrame:
        return locate(classify(self.table["phone"]))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per contact, newest first.

        Columns: `id, name, phone, whatsapp_phone, note` (str, missing is NaN), `labels` (Arrow list of label names),
        `fields` (str, the contact's own fields as JSON), `created_time, updated_time` (datetime64[us, UTC]).
        `attrs` has `read_time` (ISO 8601), `total`, `repairs` made while reading, and `exact`: the rows are the
        list as it was at one moment.
        """
        frame = to_pandas(
            self.table.set_column(self.table.schema.get_field_index("labels"), "labels", self._label_names())
        )
        frame.attrs = {
            "read_time": self.read_time.isoformat(),
            "total": len(self),
            "repairs": self.repairs,
            "exact": self.exact,
        }
        return frame

    def _label_names(self) -> pa.Array:
        lists = self._label_lists
        names = pa.array([label.name for label in self.labels], pa.string())
        return pa.ListArray.from_arrays(lists.offsets, pa.DictionaryArray.from_arrays(lists.values, names))

    def in_countries(self, countries: tuple[str, ...]) -> Contacts:
        """The same contacts, with the countries for numbers without a calling code."""
        found = replace(self, countries=countries)
        found.__dict__.update({name: kept for name, kept in self.__dict__.items() if name not in found.__dict__})
        return found

    def with_logs(self, logs: pd.DataFrame) -> Contacts:
        """The same contacts with delivery logs read later; what was computed from the contacts is kept."""
        told = replace(self, logs=logs)
        kept = (
            "_bitmaps",
            "_field_texts",
            "_rows_by_label",
            "_label_lists",
            "ids",
            "field_names",
            "frame",
            "everyone",
            "_places",
        )
        told.__dict__.update({name: self.__dict__[name] for name in kept if name in self.__dict__})
        told._columns.update({name: column for name, column in self._columns.items() if name not in BEHAVIOUR})
        return told

    @cached_property
    def ids(self) -> pd.Index[str]:
        """Contact ids in row order."""
        ids: pd.Index[str] = pd.Index(to_pandas(self.table.select(["id"]))["id"].rename(None))
        return ids

    def column(self, name: str) -> pd.Series:
        """One column as rules read it, of `select` or of `toolkit.engagement.behaviour`; cached.

        A contact field with some values of another type is text. Text, and whatever has few distinct values, is
        a category, so that a condition is evaluated once per distinct value. Raises UnknownColumn, and SegmentError if
        logs are needed and were not read.
        """
        if name not in self._columns:
            if name.startswith(PREFIX):
                series = self._asked(name)
            elif name in PLACES:
                series = self._places[name]
            else:
                series = _category(self._behaviour[name] if name in BEHAVIOUR else self.select([name])[name])
            self._columns[name] = series
        return self._columns[name]

    def times(self, name: str) -> pd.Series:
        """The times in the categories of a column of texts, in their order; cached."""
        if name not in self._times:
            self._times[name] = read_times(pd.Series(self.column(name).cat.categories))
        return self._times[name]

    def with_values(self, name: str, wanted: Mask) -> Bitmap:
        """The set of the contacts that have a wanted value in a column that is a category; `wanted` is by category."""
        codes = self.column(name).cat.codes.to_numpy()
        if len(wanted) > FEW_VALUES:
            return pack(np.append(wanted, False).take(codes, mode="wrap"))  # a missing value has the code -1
        if name not in self._value_bitmaps:
            self._value_bitmaps[name] = [pack(codes == code) for code in range(len(wanted))]
        having = (bitmap for bitmap, is_wanted in zip(self._value_bitmaps[name], wanted, strict=True) if is_wanted)
        return reduce(or_, having, np.zeros_like(self.everyone))

    @cached_property
    def _value_bitmaps(self) -> dict[str, list[Bitmap]]:
        return {}

    @cached_property
    def doubts(self) -> dict[object, tuple[str, ...]]:
        """Warnings about conditions on these contacts; see `toolkit.audience.condition_warnings`."""
        return {}

    @cached_property
    def _times(self) -> dict[str, pd.Series]:
        return {}

    @cached_property
    def _columns(self) -> dict[str, pd.Series]:
        return {}

    @cached_property
    def _behaviour(self) -> pd.DataFrame:
        """The columns computed from logs, one row per contact."""
        opted_out = self.has_any(self.codes_meaning("opted_out"))
        people = pd.DataFrame({"id": self.ids, "created_time": self.table["created_time"].to_pandas()})
        gone = pd.DataFrame({"contact_id": self.ids[opted_out]})
        told = with_behaviour(people, self._known_logs, gone, as_of=self.read_time)
        return told.set_index("id").reindex(self.ids).reset_index()

    @property
    def _known_logs(self) -> pd.DataFrame:
        if self.logs is None:
            raise SegmentError(
                "The rule asks what became of messages, and no delivery logs were read with the contacts."
            )
        return self.logs

    def received(self, campaign_id: str) -> Bitmap:
        """The set of the contacts to whom a message of a campaign was delivered; SegmentError without its log."""
        rows = self._log_of(campaign_id)
        at = rows["delivered_time"].fillna(rows["sent_time"])  # not every service reports the first
        return self._named_in(rows[rows["status"].isin(DELIVERED) & ~(at > self.read_time)])

    def failed(self, campaign_id: str, causes: Sequence[str]) -> Bitmap:
        """The set of the contacts whose message of a campaign failed or bounced, for one of these classes or actions if
        any are given; SegmentError without its log."""
        rows = self._log_of(campaign_id)[["contact_id", "status", "error"]]
        return self._named_in(of_causes(lazy(rows), causes).collect().to_native())

    def messages(self, span: timedelta) -> npt.NDArray[np.int64]:
        """How many messages each contact got in the time before the contacts were read; cached."""
        if span not in self._messages:
            logs = sent_within(self._known_logs, {"messages": span}, as_of=self.read_time)
            counts = logs.set_index("contact_id")["messages"].reindex(self.ids).fillna(0)
            self._messages[span] = counts.to_numpy(dtype=np.int64)
        return self._messages[span]

    @cached_property
    def _messages(self) -> dict[timedelta, npt.NDArray[np.int64]]:
        return {}

    def _log_of(self, campaign_id: str) -> pd.DataFrame:
        logs = self._known_logs
        rows = logs[logs["campaign_id"] == campaign_id]
        if not len(rows):
            raise SegmentError(
                f"No log of a campaign {campaign_id!r} was read: {suggest(campaign_id, logs['campaign_id'].unique())}"
            )
        return rows

    def _named_in(self, rows: pd.DataFrame) -> Bitmap:
        places = self.ids.get_indexer(pd.Index(rows["contact_id"]))
        mask = np.zeros(len(self), dtype=bool)
        mask[places[places >= 0]] = True
        return pack(mask)

    def field_texts(self, rows: Rows, names: Sequence[str]) -> dict[str, pa.Array]:
        """Fields of some rows as people should read them; see `toolkit.data.fields.field_texts`."""
        texts, places = self._field_texts
        used, at = np.unique(places[rows], return_inverse=True)
        return field_texts(texts.take(pa.array(used)), at, names)

    @cached_property
    def field_names(self) -> list[str]:
        """The fields that any contact has, by name."""
        return field_names(*self._field_texts)

    def codes_meaning(self, *meanings: LabelMeaning) -> list[int]:
        """The codes of the labels that mean this in the workspace: opted out, unreachable, or doubtful."""
        return self.label_names.codes(self.labels, *meanings)

    @cached_property
    def _row_by_id(self) -> dict[str, int]:  # many times faster than an index for the few ids of a rule
        return {contact_id: row for row, contact_id in enumerate(self.table["id"].to_pylist())}

    def rows_of(self, contact_ids: Iterable[str]) -> npt.NDArray[np.intp]:
        """The rows of these contacts; SegmentError if one of them is not in the workspace."""
        wanted = list(contact_ids)
        rows = np.fromiter((self._row_by_id.get(one, -1) for one in wanted), np.intp, len(wanted))
        if missing := [wanted[at] for at in np.flatnonzero(rows < 0)]:
            raise SegmentError(
                f"{len(missing)} of {len(wanted)} contacts are not in this workspace, {missing[0]!r} first: "
                "read the contacts again, or remove them from the list."
            )
        return rows


def _category(column: pd.Series) -> pd.Series:
    """Text, and whatever has few distinct values, as a category."""
    is_one = isinstance(column.dtype, pd.StringDtype) or column.nunique() <= FEW_VALUES
    return column.astype("category") if is_one else column
