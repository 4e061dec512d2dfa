"""The workspace's clock: kept in the file so that every process on it agrees, at any speed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from toolkit.sandbox.store import Store
from toolkit.sandbox.times import from_us, to_us


def utc_now() -> datetime:
    """Return the real time, UTC."""
    return datetime.now(UTC)


class Clock:
    """Workspace time: the real time, shifted and sped up by the values in the file."""

    def __init__(self, store: Store, real: Callable[[], datetime]) -> None:
        self._store = store
        self._real = real

    def now(self) -> datetime:
        """Return the workspace's time, aware, UTC."""
        return from_us(self.now_us())

    def now_us(self) -> int:
        """Return the workspace's time in microseconds since 1970 UTC."""
        with self._store.read() as db:
            real_anchor, anchor, speed = db.execute("SELECT real_us, workspace_us, speed FROM clock").fetchone()
        return int(anchor + (to_us(self._real()) - real_anchor) * speed)

    @property
    def speed(self) -> float:
        """How many times faster than real time the workspace's time runs."""
        with self._store.read() as db:
            speed: float = db.execute("SELECT speed FROM clock").fetchone()[0]
        return speed

    def advance(self, by: timedelta) -> None:
        """Move the workspace's time forward; messages, replies and imports due by then happen."""
        if by < timedelta(0):
            raise ValueError("The workspace's clock only moves forward; pass a positive timedelta.")
        with self._store.write() as db:
            db.execute("UPDATE clock SET workspace_us = workspace_us + ?", (by // timedelta(microseconds=1),))

    def set_speed(self, speed: float) -> None:
        """Let workspace time run `speed` times as fast as real time from now on; 0 stops it."""
        if speed < 0:
            raise ValueError("The speed of the workspace's clock is 0 or more.")
        with self._store.write() as db:
            now = self.now_us()
            db.execute("UPDATE clock SET real_us = ?, workspace_us = ?, speed = ?", (to_us(self._real()), now, speed))
