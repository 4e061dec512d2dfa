"""A contact's own fields as columns: from JSON text to typed values, for the fields somebody asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from narwhals.stable.v2.typing import IntoFrame, IntoFrameT

from toolkit.errors import UnknownColumn

_IN_PATHS = frozenset("'\"[]`\\")
PREFIX = "field."  # of a column made from a contact field


def field_columns(json: pa.ChunkedArray, names: Sequence[str]) -> dict[str, pd.Series]:
    """One column a field, named `field.<name>`; missing where a contact has no such field.

    A field whose values are all numbers becomes float64, all true or false boolean, all ISO 8601 dates or times
    datetime64[us, UTC]; any other becomes str, and stays str when a single value does not fit. One pass over the
    texts, reading the wanted fields alone.
    """
    return {PREFIX + name: _typed(values) for name, values in _values(json, names).items()}


def field_texts(json: pa.ChunkedArray, names: Sequence[str]) -> dict[str, pa.Array]:
    """One column of texts a field, by the field's name, as people should read its values; missing where there is none.

    Texts stand as they are, anything else as JSON writes it: `3`, `true`. One pass, as `field_columns`.
    """
    return {
        name: pa.array([value if value is None else _text(value) for value in values], pa.large_string())
        for name, values in _values(json, names).items()
    }


def _values(json: pa.ChunkedArray, names: Sequence[str]) -> dict[str, list[Any]]:
    wanted = [f"f{i}" for i in range(len(names))]  # a field may be named like a Python word
    kind = msgspec.defstruct(
        "Fields", [(at, Any, None) for at in wanted], rename=dict(zip(wanted, names, strict=True)), gc=False
    )
    decoder = msgspec.json.Decoder(kind | None)
    empty = kind()
    rows = [decoder.decode(text) or empty for text in json.to_pylist()]
    return {name: [getattr(row, at) for row in rows] for at, name in zip(wanted, names, strict=True)}


def with_fields(contacts: IntoFrameT, names: Sequence[str]) -> IntoFrameT:
    """A contact frame with columns `field.<name>` added, taken out of the JSON texts in `fields`.

    pandas has them as `field_columns` does; Polars, DuckDB and PySpark take them out themselves, as text. Raises
    UnknownColumn for a name with quotes or brackets, which not every engine can take out.
    """
    if any(_IN_PATHS.intersection(name) for name in names):
        raise UnknownColumn(
            f"Not every engine can take {sorted(names)} out of JSON: pass a frame that has the columns."
        )
    if not names:
        return contacts
    given: IntoFrame = contacts
    added: IntoFrameT = _TAKING_OUT[nw.from_native(given).implementation](contacts, names)
    return added


def _in_pandas(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    columns = field_columns(pa.chunked_array([pa.array(frame["fields"], pa.string(), from_pandas=True)]), names)
    return frame.assign(**{name: values.set_axis(frame.index) for name, values in columns.items()})


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


def field_names(json: pa.ChunkedArray) -> list[str]:
    """The fields that any contact has, by name."""
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
    distinct = {tuple(decoder.decode(text) or ()) for text in pc.unique(json).to_pylist()}
    return sorted({name for names in distinct for name in names})


def _typed(values: list[Any]) -> pd.Series:
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, bool) for value in given):
        return pd.Series(values, dtype="boolean")
    if given and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in given):
        return pd.Series(values, dtype="float64")
    texts = pd.Series([value if value is None else _text(value) for value in values], dtype="str")
    if given and texts.str.match(r"\d{4}-\d\d-\d\d", na=True).all():
        times = pd.to_datetime(texts, utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
        if np.array_equal(times.isna(), texts.isna()):
            return times
    return texts


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
