"""Placeholders filled in message texts: `{name}`, `{phone}` and `{any contact field}`, in any case.

The vendor's API description fills such braces and leaves them as written where a value is missing; the guide documents
no placeholders. This module only shows what each recipient would read and where braces remain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from toolkit.errors import ToolkitError
from toolkit.texting.placeholders import placeholders
from toolkit.texting.text_column import text_column

_FIELD = re.compile(r"((?<!\{)\{[^{}]+\}(?!\}))")
_NOTHING = pa.scalar("", pa.large_string())
_OWN = ("name", "phone")  # always the contact's own, even if a field has that name


@dataclass(frozen=True, eq=False)
class Rendered:
    """What every recipient would read, in row order.

    `texts` is an Arrow column of large_string. `unresolved` are the placeholders as written that no field fills; they
    remain in every text. `empty` has a mask for each placeholder, one value per row: the contact's value is missing, so
    that the braces remain, or blank.
    """

    texts: pa.ChunkedArray
    unresolved: tuple[str, ...]
    empty: Mapping[str, npt.NDArray[np.bool_]]


def resolve(text: str, fields: Iterable[str]) -> dict[str, str]:
    """Each placeholder, as written, that a field fills, and that field.

    `{{field}}` and `#[field]` are never filled, nor is a name shared by two fields that differ only in case.
    """
    names = set(fields)
    sharing = Counter(name.casefold() for name in names)
    by_key = {name.casefold(): name for name in names if sharing[name.casefold()] == 1 or name in _OWN}
    written = dict.fromkeys(_FIELD.findall(text))
    return {brace: by_key[brace[1:-1].casefold()] for brace in written if brace[1:-1].casefold() in by_key}


def render(text: str, columns: Mapping[str, Any]) -> Rendered:
    """The text as each recipient would read it, all rows at once.

    `columns` has one column of texts per field, at least one, all of one length: values as people should read them.
    Raises ToolkitError for other columns, or for half a character (a lone surrogate) in the text.
    """
    fields = resolve(text, columns)
    values = {brace: text_column(columns[field]) for brace, field in fields.items()}
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1:
        raise ToolkitError(
            f"A text is rendered from columns of equal length, not {sorted(lengths)}: pass columns of equal length."
        )
    pieces = [pa.repeat(_NOTHING, lengths.pop())]  # makes it a column even when no field is used
    for piece in text_column(_FIELD.split(text)):
        written = piece.as_py()
        pieces.append(pc.coalesce(values[written], piece) if written in values else piece)
    joined = pc.binary_join_element_wise(*pieces, _NOTHING)
    return Rendered(
        texts=joined if isinstance(joined, pa.ChunkedArray) else pa.chunked_array([joined]),
        unresolved=tuple(brace for brace in placeholders(text, columns) if brace not in fields),
        empty={brace: _is_empty(column) for brace, column in values.items()},
    )


def _is_empty(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    blank: npt.NDArray[np.bool_] = pc.equal(pc.utf8_trim_whitespace(column.fill_null("")), "").to_numpy()
    return blank
