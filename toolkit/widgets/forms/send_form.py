"""What a person has typed under a plan, and what is missing before it may be sent. Independent of widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.plans.approval import Needed
from toolkit.plans.plan import Plan

_ANYBODY = Needed()


@dataclass(frozen=True)
class SendForm:
    """A plan, what is required to send it, the typed number of recipients, who types, and whether a passphrase is."""

    plan: Plan
    typed: str = ""
    by: str = ""
    needed: Needed = _ANYBODY
    has_passphrase: bool = False

    @property
    def missing(self) -> str:
        """What prevents sending, in one sentence; empty if nothing does."""
        if self.plan.is_blocked:
            return "This plan is blocked: see its findings, change the draft and see the plan again."
        if not self.typed.strip():
            return f"To send it, type the exact number of {self.counted}."
        if self.recipients != self.plan.recipients:
            return f"{self.typed.strip()} is not the number of {self.counted} in the plan above."
        if not self.by.strip():
            return "Choose who signs." if self.needed.signed else "Type your name: it is recorded with the approval."
        if self.needed.signed and not self.has_passphrase:
            return "Type the passphrase of your key: it is used once and not stored."
        return ""

    @property
    def counted(self) -> str:
        """The unit of the number to type."""
        return {"import": "rows", "label removal": "contacts"}.get(self.plan.draft.kind, "recipients")

    @property
    def recipients(self) -> int | None:
        """The typed number, written as 1250 or 1,250; None if it is invalid."""
        typed = self.typed.strip()
        return int(typed.replace(",", "")) if re.fullmatch(r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+", typed) else None
