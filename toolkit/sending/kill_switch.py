"""The kill switch: while its file exists, nothing is sent, from any interface or process on this machine.

It is checked right before every claim, so what was not posted yet is not sent. What was posted cannot be recalled.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from toolkit.display import plain, when
from toolkit.errors import Halted, SettingsError


class KillSwitch:
    """A file in SEAX_HOME that stops all sending."""

    def __init__(self, home: Path) -> None:
        self.path = home / "halted"

    def halt(self, *, by: str, why: str = "") -> None:
        """Stop everything that was not posted yet; safe to repeat."""
        try:
            self.path.write_text(f"{by} at {when(datetime.now(UTC))}{why and f': {why}'}\n", encoding="utf-8")
        except OSError as error:
            raise SettingsError(
                f"{self.path} cannot be written ({error.strerror}): create a file of that name by hand to stop sending."
            ) from error

    def resume(self) -> None:
        """Resume sending."""
        self.path.unlink(missing_ok=True)

    @property
    def reason(self) -> str | None:
        """Who halted sending, when and why; None if nobody did. If this cannot be read, it counts as halted."""
        try:
            words = self.path.read_text(encoding="utf-8", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            words = f"the switch cannot be read ({error.strerror})"
        return plain(words) or "no reason given"

    def check(self) -> None:
        """Raise Halted if somebody stopped sending."""
        if (reason := self.reason) is not None:
            raise Halted(f"All sending is halted ({reason}): run `seax resume` to continue. Nothing was sent.")
