"""A finding of preflight about a draft: a value that every interface shows the same way."""

from __future__ import annotations

from typing import Literal

from toolkit.models import Frozen

Severity = Literal["block", "warn", "info"]
SHOWN = 20  # contact ids listed in a finding


class Finding(Frozen):
    """A finding of preflight: `message` is what was found, in one sentence, `fix` what to do about it.

    A `block` stops the send unless the draft overrides it by `code`: `override` is the reason given. A block that
    `is_final` cannot be overridden. `contacts` counts the people concerned, 0 where it is about the message;
    `contact_ids` are some of them, and `evidence` is what was found, a line each. `source` and `as_of` (month) are
    where a rule comes from and when it was read.
    """

    code: str
    severity: Severity
    message: str
    fix: str
    evidence: tuple[str, ...] = ()
    contacts: int = 0
    contact_ids: tuple[str, ...] = ()
    source: str = ""
    as_of: str = ""
    is_final: bool = False
    override: str = ""

    @property
    def is_blocking(self) -> bool:
        """It stops the send."""
        return self.severity == "block" and not self.override

    @property
    def title(self) -> str:
        """The severity in a word, for display."""
        return "overridden" if self.override else self.severity

    def __str__(self) -> str:
        because = f" Overridden: {self.override}" if self.override else ""
        return f"{self.title.upper()} {self.code}: {self.message} {self.fix}{because}"
