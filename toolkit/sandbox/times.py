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
_ZULU = np.dtype(
    [
        ("open", "S1"), ("day", "S10"), ("hour", "S3"), ("minute", "S3"), ("second", "S3"), ("millisecond", "S5"),
        ("close", "S1"),
    ]
)  # fmt: skip
_HOURS = np.array([b"T%02d" % hour for hour in range(24)])
_SIXTIETHS = np.array([b":%02d" % part for part in range(60)])
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
    written = np.full(us.shape, b"null", "S26")
    if where.any():
        milliseconds = us[where] // 1_000
        seconds = milliseconds // 1_000
        days = seconds // 86_400
        calendar = np.arange(days.min(), days.max() + 1)
        text = np.empty(len(days), _ZULU)
        text["day"] = np.datetime_as_string(calendar.astype("M8[D]")).astype("S10")[days - calendar[0]]
        text["hour"] = _HOURS[seconds // 3_600 % 24]
        text["minute"] = _SIXTIETHS[seconds // 60 % 60]
        text["second"] = _SIXTIETHS[seconds % 60]
        text["millisecond"] = _MILLISECONDS[milliseconds % 1_000]
        text["open"] = text["close"] = b'"'
        written[where] = text.view("S26")
    return written
