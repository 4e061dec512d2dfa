"""Columns of text from any kind of frame: how texting reads a million of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from toolkit.errors import ToolkitError


def text_column(values: Any) -> pa.ChunkedArray:
    """An Arrow array, pandas Series or list of texts as Arrow large_string; a missing text stays missing.

    Raises ToolkitError for anything but text, and for a lone surrogate (half a character), which no text file,
    frame or gateway can carry.
    """
    if isinstance(values, pa.ChunkedArray):
        column = values
    else:
        try:
            column = pa.chunked_array([pa.array(values, from_pandas=True)])
        except UnicodeEncodeError as error:
            raise ToolkitError(
                f"A text contains half a character (U+{ord(error.object[error.start]):04X}): type that character again."
            ) from error
        except pa.ArrowException as error:
            raise ToolkitError("A column mixes texts with other types: pass one with texts only.") from error
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        raise ToolkitError(f"A column has the type {kind}, not text: convert its values to text.")
    return column.cast(pa.large_string())
