"""Columns of text, from whatever frame they come: the one door through which texting reads a million of them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from toolkit.errors import ToolkitError


def text_column(values: Any) -> pa.ChunkedArray:
    """An Arrow array, pandas Series or list of texts as Arrow large_string; a missing text stays missing.

    Raises ToolkitError for anything but text, and for half a character (a lone surrogate), which no text file,
    frame or gateway can carry.
    """
    if isinstance(values, pa.ChunkedArray):
        column = values
    else:
        try:
            column = pa.chunked_array([pa.array(values, from_pandas=True)])
        except UnicodeEncodeError as error:
            raise ToolkitError(
                f"A text holds half a character (U+{ord(error.object[error.start]):04X}): write that character anew."
            ) from error
        except pa.ArrowException as error:
            raise ToolkitError("A column mixes texts with something else: pass one that holds texts alone.") from error
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        raise ToolkitError(f"A column holds {kind}, not texts: write its values as people should read them.")
    return column.cast(pa.large_string())
