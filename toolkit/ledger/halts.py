"""Halts of a team's ledger, among its events: after one nothing is sent from any home, until somebody resumes.

The database itself claims nothing then, and takes the event that resumes from an approver's login alone.
"""

from __future__ import annotations

from datetime import datetime

from toolkit.display import when
from toolkit.errors import Halted
from toolkit.ledger import chain
from toolkit.ledger.transaction import Transaction


def halt(db: Transaction, *, at: datetime, by: str, why: str) -> None:
    """Stop everything that was not claimed yet; the caller holds the write lock."""
    chain.append(db, "", "halted", "", at=at, who=by, detail=why)


def resume(db: Transaction, *, at: datetime, by: str) -> None:
    """Resume sending; the caller holds the write lock."""
    chain.append(db, "", "resumed", "", at=at, who=by)


def reason(db: Transaction) -> str | None:
    """Who halted sending for everybody, when and why; None if nobody did."""
    row = db.execute(
        "SELECT event, at, who, detail FROM events WHERE event IN ('halted', 'resumed') ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if row is None or row["event"] == "resumed":
        return None
    why = row["detail"] and f": {row['detail']}"
    return f"{row['who']} at {when(datetime.fromisoformat(row['at']))}, for the whole team{why}"


def check(db: Transaction) -> None:
    """Raise Halted if somebody halted sending for everybody."""
    if db.is_shared and (found := reason(db)) is not None:
        raise Halted(halted_words(found))


def halted_words(reason: str) -> str:
    """The sentence for whoever wants to send."""
    return f"All sending is halted ({reason}): run `seax resume` to continue. Nothing was sent."
