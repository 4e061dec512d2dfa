"""Keys of this account on this machine: one file of random bytes each, created whole at first use, never shown."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from toolkit.errors import SettingsError

_SIZE = 32  # bytes


def read_key(path: Path) -> bytes:
    """The key in a file, which is created at first use; SettingsError if it cannot be."""
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"The key {path} cannot be used ({error.strerror}): check SEAX_HOME.") from error
    if len(key) < _SIZE:
        raise SettingsError(f"The key {path} is too short, so it is damaged: restore the file from a backup.")
    return key


def _make(path: Path) -> None:
    """Write it whole before it gets its name, so that no other process reads half of it; the first one is kept."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_SIZE))
        with suppress(FileExistsError):  # another process was first
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
