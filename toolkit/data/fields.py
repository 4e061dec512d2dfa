"""A contact's own fields as columns: from JSON text to typed values, for the fields somebody asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

PREFIX = "field."  # of a column made from a contact field


def field_columns(json: pa.ChunkedArray, names: Sequence[str]) -> dict[str, pd.Series]:
    """One column a field, named `field.<name>`; missing where a contact has no such field.

    A field whose values are all numbers becomes float64, all true or false boolean, all ISO 8601 dates or times
    datetime64[us, UTC]; any other becomes str, and stays str when a single value does not fit. One pass over the
    texts, reading the wanted fields alone.
    """
    wanted = [f"f{i}" for i in range(len(names))]  # a field may be named like a Python word
    kind = msgspec.defstruct(
        "Fields", [(at, Any, None) for at in wanted], rename=dict(zip(wanted, names, strict=True)), gc=False
    )
    decoder = msgspec.json.Decoder(kind | None)
    empty = kind()
    rows = [decoder.decode(text) or empty for text in json.to_pylist()]
    return {PREFIX + name: _typed([getattr(row, at) for row in rows]) for at, name in zip(wanted, names, strict=True)}


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
