"""A person's yes to one plan, and what it takes."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from toolkit.models import Frozen

Via = Literal["code", "form", "panel", "terminal", "signature"]
Asked = Literal["code", "form", "panel", "terminal"]


class Approval(Frozen):
    """One yes: by whom, how, to which digest. Worth something only if the ledger recorded it."""

    id: str
    plan_id: str
    digest: str
    by: str
    via: Via
    approved_at: datetime
    expires_at: datetime
    key: str = ""  # the fingerprint of the key it is signed with
    signature: str = ""

    @property
    def is_signed(self) -> bool:
        """It carries a signature, which the one who sends verifies."""
        return self.via == "signature"


class Needed(Frozen):
    """What it takes to send a plan: how many people's yes, and whether they have to sign."""

    people: int = 1
    signed: bool = False

    def __str__(self) -> str:
        who = "one person" if self.people == 1 else f"{self.people} people"
        return f"the {'signature' if self.signed else 'yes'} of {who}"
