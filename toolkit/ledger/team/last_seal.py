"""The last seal that a home saw of a team's ledger: one restored from an older backup has forgotten it, and is noticed.

What such a ledger has forgotten may have been sent, so nothing is sent with it before a person has looked.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from toolkit.errors import LedgerTampered, LedgerUnavailable
from toolkit.ledger import chain
from toolkit.ledger.transaction import Transaction


class LastSeal:
    """A file in `home` for the ledger that is sealed with `key`."""

    def __init__(self, home: Path, key: bytes) -> None:
        self._path = home / f"last-seal-{sha256(key).hexdigest()[:12]}.json"

    def check(self, db: Transaction) -> None:
        """Raise LedgerTampered if the ledger does not have the event that was seen last."""
        event, seal = self._read()
        if event and chain.seal_of(db, event) != seal:
            raise LedgerTampered(
                f"The ledger has forgotten event {event:,}, which was seen from here: it was restored from an older "
                "backup, or somebody changed it. What it has forgotten may have been sent: check in SeaX what was sent "
                f"since, and only then remove {self._path}. Nothing was sent now."
            )

    @contextmanager
    def renewed(self, event: int, seal: str) -> Iterator[None]:
        """Write the seal of an event down, and keep it once the block has ended, in which the ledger commits the event.

        Raises LedgerUnavailable where that is impossible: on a full disk before the block, so nothing is committed.
        """
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            self._write(fresh, json.dumps({"event": event, "seal": seal}).encode())
            yield
            if event > self._read()[0]:
                self._replace_by(fresh)
        finally:
            fresh.unlink(missing_ok=True)

    def _write(self, fresh: Path, content: bytes) -> None:
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LedgerUnavailable(
                f"{self._path} cannot be written ({error.strerror}): check the free space and your permissions."
            ) from error

    def _replace_by(self, fresh: Path) -> None:
        try:
            fresh.replace(self._path)
        except OSError as error:
            raise LedgerUnavailable(
                f"{self._path} cannot be replaced ({error.strerror}), and the plan already counts as being sent: check "
                "your permissions, and in ten minutes settle it with `seax reconcile PLAN`."
            ) from error

    def _read(self) -> tuple[int, str]:
        try:
            kept = json.loads(self._path.read_bytes())
            return int(kept["event"]), str(kept["seal"])
        except FileNotFoundError:
            return 0, ""
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise LedgerUnavailable(
                f"{self._path} cannot be read: check in SeaX what was sent last, and remove it. Nothing is sent "
                "without it."
            ) from error
