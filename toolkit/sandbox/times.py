"""Instants as whole microseconds since 1970 UTC, and the guide's two ways of writing them."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_ZULU = np.dtype([("open", "S1"), ("day", "S10"), ("clock", "S9"), ("millisecond", "S5"), ("close", "S1")])
_MILLISECONDS = np.array([b".%03dZ" % after for after in range(1_000)])


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


def zulus(us: NDArray[np.int64], *, where: NDArray[np.bool_]) -> NDArray[np.bytes_]:
    """Write instants like `zulu`, as JSON: in quotes, null where there is none."""
    if not where.any():
        return np.full(us.shape, b"null")
    milliseconds = np.where(where, us, us[where][0]) // 1_000
    seconds = milliseconds // 1_000
    days = seconds // 86_400
    calendar = np.arange(days.min(), days.max() + 1)
    text = np.empty(us.shape, _ZULU)
    text["day"] = np.datetime_as_string(calendar.astype("M8[D]")).astype("S10")[days - calendar[0]]
    text["clock"] = _clock()[seconds - days * 86_400]
    text["millisecond"] = _MILLISECONDS[milliseconds - seconds * 1_000]
    text["open"] = text["close"] = b'"'
    written = text.view("S26")
    written[~where] = b"null"
    return written


@cache
def _clock() -> NDArray[np.bytes_]:
    """Write every second of a day."""
    return np.array(
        [f"T{second // 3_600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(86_400)], "S9"
    )
