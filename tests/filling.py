"""Embedded workspaces for tests, filled once a run: the same size at the same time is the same file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from toolkit.sandbox import Behaviour, Sandbox


def new_sandbox(
    path: Path, *, contacts: int, now: Callable[[], datetime], behaviour: Behaviour | None = None
) -> Sandbox:
    """As `Sandbox` on a new file, which is copied from the first one made of as many contacts at that time."""
    path.write_bytes(_filled(contacts, now()))
    return Sandbox(path, now=now, behaviour=behaviour or Behaviour())


@cache
def _filled(contacts: int, at: datetime) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "workspace.sqlite3"
        Sandbox(path, contacts=contacts, now=lambda: at).close()
        return path.read_bytes()
