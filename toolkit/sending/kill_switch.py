"""The kill switch: while it is on, nothing is sent, from any interface or process on this machine, nor from any home of
a team whose ledger it is in.

It is checked right before every claim, so what was not posted yet is not sent. What was posted cannot be recalled.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.display import plain, when
from toolkit.errors import Halted, SettingsError
from toolkit.ledger.halts import halted_words

if TYPE_CHECKING:
    from toolkit.ledger.journal import Journal


class KillSwitch:
    """A file in SEAX_HOME that stops all sending from there; and, of a team's ledger, an event that stops it all."""

    def __init__(self, home: Path, ledger: Journal | None = None) -> None:
        self.path = home / "halted"
        self._shared = ledger if ledger and ledger.is_shared else None

    @property
    def is_shared(self) -> bool:
        """It stops a whole team."""
        return self._shared is not None

    def halt(self, *, by: str, why: str = "") -> None:
        """Stop everything that was not posted yet; safe to repeat.

        Raises LedgerUnavailable if a team's ledger cannot be reached: then this home alone is halted.
        """
        try:
            self.path.write_text(f"{by} at {when(datetime.now(UTC))}{why and f': {why}'}\n", encoding="utf-8")
        except OSError as error:
            raise SettingsError(
                f"{self.path} cannot be written ({error.strerror}): create a file of that name by hand to stop sending."
            ) from error
        if self._shared:
            self._shared.halt(by=by, why=why)

    def resume(self, *, by: str = "") -> None:
        """Resume sending from this home, and with a team's ledger from every home that was not halted in itself.

        Raises LedgerUnavailable if a team's ledger does not let this login do so.
        """
        if self._shared and self._shared.halted() is not None:
            self._shared.resume(by=by)
        self.path.unlink(missing_ok=True)

    @property
    def reason(self) -> str | None:
        """Who halted sending, when and why; None if nobody did. If this cannot be read, it counts as halted."""
        try:
            words = self.path.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            shared = self._shared.halted() if self._shared else None
            return None if shared is None else plain(shared)
        except OSError as error:
            words = f"the switch cannot be read ({error.strerror})"
        return plain(words) or "no reason given"

    def check(self) -> None:
        """Raise Halted if somebody stopped sending."""
        if (reason := self.reason) is not None:
            raise Halted(halted_words(reason))
