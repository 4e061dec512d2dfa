"""What a person has typed under a plan, and what is still missing before it may be sent. Knows no widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.sending.plan import Plan


@dataclass(frozen=True)
class SendForm:
    """A plan, the number of recipients as typed, and who types."""

    plan: Plan
    typed: str = ""
    by: str = ""

    @property
    def missing(self) -> str:
        """What keeps it from being sent, in one sentence; empty if nothing does."""
        if self.plan.is_blocked:
            return "This plan is blocked: see its findings, change the campaign and look at the plan again."
        if not self.typed.strip():
            return "To send it, type the exact number of recipients."
        if self.recipients != self.plan.recipients:
            return f"{self.typed.strip()} is not the number of recipients in the plan above."
        if not self.by.strip():
            return "Type your name: it is kept with the approval."
        return ""

    @property
    def recipients(self) -> int | None:
        """The typed number, written as 1250 or 1,250; None if it is none."""
        typed = self.typed.strip()
        return int(typed.replace(",", "")) if re.fullmatch(r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+", typed) else None
