"""Labels and how many contacts have each, as a frame."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from toolkit.models import Label

_COLUMNS = {"id": "str", "name": "str", "description": "str", "is_system": "bool", "contacts": "int64"}


def labels_frame(counted: Iterable[tuple[Label, int]]) -> pd.DataFrame:
    """One row per label, the most common first.

    Columns: `id, name, description` (str), `is_system` (bool), `contacts` (int64).
    """
    rows = [(label.id, label.name, label.description, label.is_system, count) for label, count in counted]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    return frame.sort_values(["contacts", "name"], ascending=[False, True], ignore_index=True)
