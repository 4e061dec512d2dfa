"""Files of orders, as a shop exports them: read into a frame, and nothing about them guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from toolkit.errors import SettingsError

READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".feather": "read_feather"}


def read_orders(path: Path, *, times: str) -> pd.DataFrame:
    """A file of orders as a frame; the column of times of a CSV file has to name its zone.

    Raises SettingsError if the file cannot be read.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise SettingsError(f"{path} is none of {', '.join(READERS)}: save it as one of them.")
    try:
        frame: pd.DataFrame = getattr(pd, reader)(path)
        if (
            reader == "read_csv"
            and times in frame
            and frame[times].astype("str").str.contains(r"(?:Z|[+-]\d\d:?\d\d)$").all()
        ):
            frame = frame.assign(**{times: pd.to_datetime(frame[times], utc=True)})
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read ({error}): check the file.") from error
    return frame
