"""Instants as whole microseconds since 1970 UTC, and the guide's two ways of writing them."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_MILLISECONDS = np.array([f".{after:03d}Z" for after in range(1_000)], object)


def to_us(moment: datetime) -> int:
    """Return an aware datetime as microseconds since 1970 UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """Return microseconds since 1970 as an aware UTC datetime."""
    return _EPOCH + us * _MICROSECOND


def naive(us: int) -> str:
    """Write an instant as contacts and phones show it: 2025-07-07T18:13:04.845276."""
    return (_NAIVE_EPOCH + us * _MICROSECOND).isoformat(timespec="microseconds")


def from_naive(text: str) -> int:
    """Read what `naive` wrote."""
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


def zulu(us: int) -> str:
    """Write an instant as campaigns, logs and jobs show it: 2025-07-17T19:00:00.000Z."""
    return (_NAIVE_EPOCH + us * _MICROSECOND).isoformat(timespec="milliseconds") + "Z"


def zulus(us: NDArray[np.int64], *, where: NDArray[np.bool_]) -> list[str | None]:
    """Write many instants like `zulu`, None where there is none."""
    seconds, which = np.unique(us[where] // SECOND, return_inverse=True)  # few differ, and they are slow to write
    heads = np.datetime_as_string(seconds.astype("M8[s]")).astype(object)
    written = np.full(len(us), None, object)
    written[where] = heads[which] + _MILLISECONDS[us[where] // 1_000 % 1_000]
    texts: list[str | None] = written.tolist()
    return texts
