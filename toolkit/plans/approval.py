"""A person's approval of one plan, and what is required."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from toolkit.models import Frozen

Via = Literal["code", "form", "page", "panel", "terminal", "signature"]
Asked = Literal["code", "form", "page", "panel", "terminal"]


class Approval(Frozen):
    """One approval: by whom, how, of which digest. Valid only if the ledger recorded it."""

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
        """It has a signature, which is verified before sending."""
        return self.via == "signature"


class Needed(Frozen):
    """What is required to send a plan: how many people's approval, and whether they have to sign."""

    people: int = 1
    signed: bool = False

    def __str__(self) -> str:
        who = "one person" if self.people == 1 else f"{self.people} people"
        return f"the {'signature' if self.signed else 'yes'} of {who}"
