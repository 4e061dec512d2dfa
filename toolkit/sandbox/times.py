"""Instants as whole microseconds since 1970 UTC, and the guide's two ways of writing them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = _EPOCH.replace(tzinfo=None)
_MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


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
