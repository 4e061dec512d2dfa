"""A contact's own fields as columns: from JSON text to typed values, for the fields that are requested.

People's fields are rarely clean: a column of dates contains a "never". A column has the type of at least half of its
values; a value of another type is unread: counted and shown, missing in the column, never guessed. A rule
reads the texts themselves, so that it means the same people whatever else the column contains, on every engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import msgspec
import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.data.typed_text import DATE_LIKE, TIME, read_decimals, read_times, read_truths
from toolkit.errors import ToolkitError, UnknownColumn

_Fields = TypeVar("_Fields")
Rows = npt.NDArray[np.integer[Any]]
_Counts = npt.NDArray[np.int64]
_IN_PATHS = frozenset("'\"[]`\\")
PREFIX = "field."  # of a column made from a contact field
_NAMES = {"M": "dates", "f": "numbers", "b": "true or false"}
_ONE = {"dates": "a date", "numbers": "a number", "true or false": "true or false"}
_SAMPLES = 2  # examples of values that are not read
_LONGEST = 40  # characters of an example
_AT_ONCE = 4_000  # texts decoded together


class FieldColumn(NamedTuple):
    """One field of all contacts: float64, boolean, datetime64[us, UTC] or str; missing where a contact has none.

    `unread` are the values not of the column's type and so are missing in `typed`, as texts by row. `asked` is
    what rules read: `typed`, or all values as texts if some are unread.
    """

    typed: pd.Series
    asked: pd.Series
    unread: pd.Series

    def of(self, rows: Rows) -> FieldColumn:
        """The column with a value for each of these places of this one."""
        unread = self.unread.reindex(self.typed.index)
        is_unread = np.zeros(len(self.typed), dtype=bool)
        is_unread[self.unread.index] = True
        typed = self.typed.take(rows).reset_index(drop=True)
        asked = typed if self.asked is self.typed else self.asked.take(rows).reset_index(drop=True)
        unread_rows = np.flatnonzero(is_unread[rows])
        return FieldColumn(typed, asked, unread.take(rows[unread_rows]).set_axis(unread_rows))

    def __str__(self) -> str:
        given = int(self.typed.notna().sum()) + len(self.unread)
        samples = self.unread.value_counts().index[:_SAMPLES].tolist()
        return not_read(len(self.unread), given, _NAMES[self.typed.dtype.kind], samples)


def field_columns(json: pa.ChunkedArray, names: Sequence[str]) -> dict[str, FieldColumn]:
    """One column per field, named `field.<name>`. One pass over the texts, reading the requested fields alone.

    A column has the type number, boolean, or time (ISO 8601, see `toolkit.data.typed_text`) if at least half of
    its values have it, and fewer have another; dates in other forms count as dates, and are unread. Any
    other column is text. Raises ToolkitError where a text is not a JSON object.
    """
    texts, rows = distinct_texts(json)
    return {name: column.of(rows) for name, column in distinct_columns(texts, rows, names).items()}


def distinct_texts(json: pa.ChunkedArray) -> tuple[pa.Array, Rows]:
    """The distinct texts of a column, and for each row which of them it has: contact fields repeat a lot."""
    chunks = json.dictionary_encode(null_encoding="encode").chunks  # of one dictionary
    if not chunks:
        return pa.array([], json.type), np.empty(0, dtype=np.int32)
    return chunks[-1].dictionary, np.concatenate([chunk.indices.to_numpy() for chunk in chunks])


def distinct_columns(texts: pa.Array, rows: Rows, names: Sequence[str]) -> dict[str, FieldColumn]:
    """As `field_columns`, with one value for each distinct text: `column.of(rows)` has one for each row."""
    counts = np.bincount(rows, minlength=len(texts))
    return {PREFIX + name: _column(values, counts) for name, values in _values(texts, names, rows).items()}


def field_texts(texts: pa.Array, rows: Rows, names: Sequence[str]) -> dict[str, pa.Array]:
    """One column of texts per field, by name, as people should read its values; missing where there is none.

    Texts are unchanged, anything else is written as JSON: `3`, `true`. There is a value for each of `rows`, the places
    among the distinct texts. One pass, as `field_columns`.
    """
    values = _values(texts, names, rows)
    return {name: pa.array(map(_text, values.pop(name)), pa.large_string()).take(pa.array(rows)) for name in names}


def _values(texts: pa.Array, names: Sequence[str], rows: Rows) -> dict[str, list[Any]]:
    """What each distinct text has in these fields; `rows` is where one cannot be read."""
    wanted = [f"f{i}" for i in range(len(names))]  # a field may be named like a Python word
    kind = msgspec.defstruct(
        "Fields", [(at, Any, None) for at in wanted], rename=dict(zip(wanted, names, strict=True)), gc=False
    )
    values: dict[str, list[Any]] = {name: [] for name in names}
    for found in _decoded(texts, msgspec.json.Decoder(kind | None), kind(), rows):
        for at, name in zip(wanted, names, strict=True):
            values[name].extend(map(attrgetter(at), found))
    return values


def _decoded(
    texts: pa.Array, decoder: msgspec.json.Decoder[Any], empty: _Fields, rows: Rows
) -> Iterator[list[_Fields]]:
    """Each text decoded, some thousands at once, as all of them would take much memory.

    `empty` stands for missing ones, and for the empty list that some services send for no fields.
    """
    decode = decoder.decode
    for start in range(0, len(texts), _AT_ONCE):
        some = texts.slice(start, _AT_ONCE).to_pylist()
        try:
            yield [decode("null" if text is None else text) or empty for text in some]
        except msgspec.MsgspecError:
            yield _decoded_one_by_one(some, decoder, empty, rows, start)


def _decoded_one_by_one(
    texts: list[str | None], decoder: msgspec.json.Decoder[Any], empty: _Fields, rows: Rows, start: int
) -> list[_Fields]:
    decode = decoder.decode
    found = []
    for place, text in enumerate(texts, start):
        try:
            found.append(empty if (text or "").strip() == "[]" else decode("null" if text is None else text) or empty)
        except msgspec.MsgspecError as error:
            row = int(np.argmax(rows == place))
            raise ToolkitError(
                f"The fields of the contact in row {row + 1:,} are {(text or '')[:40]!r}, not a JSON object: write "
                'them as {"tier": "gold"} in SeaX, and read the contacts again.'
            ) from error
    return found


def with_fields(contacts: IntoFrameT, names: Sequence[str]) -> IntoFrameT:
    """A contact frame with columns `field.<name>` added, extracted from the JSON texts in `fields`.

    In pandas they are as in `field_columns`; Polars, DuckDB and PySpark extract them themselves, as
    text. Raises UnknownColumn for a name with quotes or brackets, which not every engine can extract.
    """
    if any(_IN_PATHS.intersection(name) for name in names):
        raise UnknownColumn(
            f"Not every engine can extract {sorted(names)} from JSON: pass a frame that has the columns."
        )
    if not names:
        return contacts
    given: IntoFrame = contacts
    added: IntoFrameT = _TAKING_OUT[nw.from_native(given).implementation](contacts, names)
    return added


def _in_pandas(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    columns = field_columns(pa.chunked_array([pa.array(frame["fields"], pa.string(), from_pandas=True)]), names)
    return frame.assign(**{name: column.asked.set_axis(frame.index) for name, column in columns.items()})


def _in_polars(frame: Any, names: Sequence[str]) -> Any:
    import polars as pl

    return frame.with_columns(
        pl.col("fields").str.json_path_match(f"$['{name}']").alias(PREFIX + name) for name in names
    )


def _in_duckdb(relation: Any, names: Sequence[str]) -> Any:
    columns = [f"""json_extract_string(fields, '$."{name}"') AS "{PREFIX}{name}\"""" for name in names]
    return relation.project(", ".join(["*", *columns]))


def _in_spark(frame: Any, names: Sequence[str]) -> Any:
    from pyspark.sql.functions import get_json_object

    return frame.withColumns({PREFIX + name: get_json_object("fields", f"$['{name}']") for name in names})


_TAKING_OUT = {
    nw.Implementation.PANDAS: _in_pandas,
    nw.Implementation.POLARS: _in_polars,
    nw.Implementation.DUCKDB: _in_duckdb,
    nw.Implementation.PYSPARK: _in_spark,
}


def field_names(texts: pa.Array, rows: Rows) -> list[str]:
    """The fields that any contact has, by name, from `distinct_texts`; ToolkitError where one is not a JSON object."""
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
    empty: dict[str, msgspec.Raw] = {}
    distinct = {tuple(names) for found in _decoded(texts, decoder, empty, rows) for names in found}
    return sorted({name for names in distinct for name in names})


def not_read(unread: int, given: int, kind: str, samples: Sequence[str]) -> str:
    """How many of the given values do not have a type, in words: `1 of 4 values is not a date, such as 'never'`."""
    shown = [repr(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") for text in samples]
    are = f"is not {_ONE[kind]}" if unread == 1 else f"are not {kind}"
    return f"{unread:,} of {given:,} values {are}{', such as ' if shown else ''}{' and '.join(shown)}"


def _column(values: list[Any], counts: _Counts) -> FieldColumn:
    """The column of distinct values, with its count."""
    if (column := _all_texts(values)) is not None:
        coded = column.dictionary_encode(null_encoding="encode")
        return _text_column(coded.dictionary.to_pandas(), coded.indices.to_numpy(), counts)
    given_as: Counter[type] = Counter()
    for value, count in zip(values, counts.tolist(), strict=True):
        given_as[type(value)] += count
    given = given_as.total() - given_as[type(None)]
    numbers = given_as[int] + given_as[float]
    if given and given in (numbers, given_as[bool]):
        with suppress(OverflowError):  # a whole number of hundreds of digits, possible only as text
            return _clean(pd.Series(values, dtype="float64" if numbers else "boolean"))
    texts = pd.Series([*map(_text, values)], dtype="str")
    places, words = pd.factorize(texts, use_na_sentinel=False)
    return _text_column(pd.Series(words), places, counts, numbers, given_as[bool])


def _all_texts(values: list[Any]) -> pa.Array | None:
    """The values, if they are all texts or missing."""
    try:
        return pa.array(values, pa.string())
    except (ValueError, TypeError):
        return None


def _text_column(words: pd.Series, places: Rows, counts: _Counts, numbers: int = 0, truths: int = 0) -> FieldColumn:
    """The column of distinct words, the place of each value among them, and how often each value is there."""
    of_words = np.bincount(places, weights=counts, minlength=len(words)).astype(np.int64)
    return _typed(words.astype("str"), of_words, numbers, truths).of(places)


def _typed(texts: pd.Series, counts: _Counts, numbers: int, truths: int) -> FieldColumn:
    """The column of distinct texts; how many of their values were given as numbers, and as true or false."""
    is_given = texts.str.strip().fillna("") != ""
    dates = texts.str.contains(TIME).fillna(False).astype(bool)
    if dates.any():
        dates |= texts.str.contains(DATE_LIKE).fillna(False).astype(bool)
    votes = {read_times: int(counts[dates].sum()), read_decimals: numbers, read_truths: truths}
    leading = [read for read, count in votes.items() if count and 2 * count >= counts[is_given].sum()]
    if len(leading) != 1:
        return _clean(texts)
    typed = leading[0](texts)
    asked = typed if np.array_equal(typed.isna(), texts.isna()) else texts
    return FieldColumn(typed, asked, texts[is_given & typed.isna()])


def _clean(column: pd.Series) -> FieldColumn:
    return FieldColumn(column, column, column[:0])


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()
