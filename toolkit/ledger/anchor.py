"""The latest seal of a ledger as a line to keep elsewhere: printed, mailed, written into a book.

Whoever uses the account that owns the ledger also has its key, and could write another consistent ledger.
But it would not have the seal of an earlier day: so a line kept where that account has no access proves that everything
before it is unchanged. An approver may sign the line, which identifies its author.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from toolkit.errors import SettingsError
from toolkit.models import Frozen

_LINE = re.compile(
    r"seax-anchor 1 (?P<event>\d+) (?P<seal>[0-9a-f]{64}) (?P<at>\S+)"
    r"(?: (?P<approver>\S+) (?P<key>[0-9a-f]{16}) (?P<signature>\S+))?"
)


class Anchor(Frozen):
    """The seal of one event at a time, perhaps signed by an approver with a key."""

    event: int
    seal: str
    at: datetime
    approver: str = ""
    key: str = ""
    signature: str = ""

    def __str__(self) -> str:
        signed = f" {self.approver} {self.key} {self.signature}" if self.signature else ""
        return f"{self.statement}{signed}"

    @property
    def statement(self) -> str:
        """What is signed."""
        return f"seax-anchor 1 {self.event} {self.seal} {self.at.astimezone(UTC).isoformat()}"


def read_anchor(line: str) -> Anchor:
    """The anchor in a line; SettingsError if it is not one."""
    found = _LINE.fullmatch(" ".join(line.split()))
    if not found:
        raise SettingsError("This is not a line printed by `seax audit anchor`: give the whole line, in quotes.")
    try:
        return Anchor.model_validate({name: value for name, value in found.groupdict().items() if value})
    except ValueError as error:
        raise SettingsError("The time in that anchor cannot be read: give the line as it was printed.") from error
