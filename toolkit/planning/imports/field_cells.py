"""The contact fields of a file: columns of their own, and a column of JSON objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from toolkit.data.bitmaps import Mask
from toolkit.planning.imports.cells import Cells
from toolkit.planning.imports.contact_file import ContactFile
from toolkit.plans.file_reading import FIELDS


def read_fields(
    file: ContactFile, by_ours: Mapping[str, Sequence[str]], cells: Mapping[str, Cells], known: Iterable[str]
) -> tuple[dict[str, pa.StringArray], Mask | None]:
    """The contact fields by the workspace's names for them, and where their JSON cannot be read."""
    spelled = {name.casefold(): name for name in known}
    columns: dict[str, pa.StringArray] = {}
    for column in file.columns:
        if column.is_field and column.ours.casefold() not in {name.casefold() for name in columns}:
            columns[spelled.get(column.ours.casefold(), column.ours)] = cells[column.theirs].texts
    if FIELDS not in by_ours:
        return columns, None
    texts = cells[by_ours[FIELDS][0]].texts.to_pylist()
    objects = [_object(text) for text in texts]
    names = dict.fromkeys(name for each in objects if each for name in each)
    for name in names:
        if name not in columns:
            columns[name] = pa.array([_text(each.get(name)) if each else "" for each in objects], pa.string())
    return columns, np.array([each is None for each in objects], bool)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
