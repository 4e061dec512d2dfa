"""Ways in which a ledger's file fails: before a send, or while its request is at the service."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toolkit.ledger import store

Break = Callable[[Path, pytest.MonkeyPatch], None]


def _connecting(patch: pytest.MonkeyPatch, change: Callable[[str, dict[str, Any]], sqlite3.Connection]) -> None:
    class Sqlite:
        """The module, but for how it connects."""

        def __getattr__(self, name: str) -> Any:
            return getattr(sqlite3, name)

        def connect(self, address: str, **more: Any) -> sqlite3.Connection:
            return change(address, more)

    patch.setattr(store, "sqlite3", Sqlite())


class Full(sqlite3.Connection):
    """A connection to a file that cannot grow."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith(("UPDATE", "INSERT")):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error
        return super().execute(sql, *values)


def full(path: Path, patch: pytest.MonkeyPatch) -> None:
    """The disk is full."""
    _connecting(patch, lambda address, more: sqlite3.connect(address, **more, factory=Full))


def read_only(path: Path, patch: pytest.MonkeyPatch) -> None:
    """It may only be read."""
    _connecting(patch, lambda address, more: sqlite3.connect(address.replace("mode=rw", "mode=ro"), **more))


def locked(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Another program keeps it to itself."""
    patch.setattr(store, "_PATIENCE", 0.01)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("BEGIN EXCLUSIVE")
    patch.setattr(store, "_held_by_a_test", db, raising=False)  # until the test ends


def truncated(path: Path, patch: pytest.MonkeyPatch) -> None:
    """Its end is gone."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def emptied(path: Path, patch: pytest.MonkeyPatch) -> None:
    """All of it is gone, but for its name."""
    path.write_bytes(b"")


def overwritten(path: Path, patch: pytest.MonkeyPatch) -> None:
    """It is something else."""
    path.write_bytes(b"no database any more, for whatever reason")


def removed(path: Path, patch: pytest.MonkeyPatch) -> None:
    """It is not there."""
    path.unlink()


BREAKS: dict[str, Break] = {
    each.__name__: each for each in (full, read_only, locked, truncated, emptied, overwritten, removed)
}
