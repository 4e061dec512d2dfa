"""How many recipients other plans reached recently with fewer signatures, so that a large send cannot be split up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from toolkit.ledger.transaction import Transaction

_DAY = timedelta(hours=24)


class Reached(NamedTuple):
    """Recipients of all plans of a workspace within 24 hours: of unsigned plans, and of plans signed by fewer than two.

    On the embedded workspace, where nobody signs, a name counts as a signature.
    """

    unsigned: int = 0
    by_one: int = 0


def reached(db: Transaction, workspace: str, at: datetime, *, but: str, live: bool) -> Reached:
    """Count the recipients of every step claimed in the 24 hours before `at`, except those of the plan `but`.

    Imports and removals of labels text nobody, and tests go to the operator's own numbers: none counts. Unless the
    workspace is `live`, a name counts as a signature.
    """
    counts = db.execute(
        "SELECT coalesce(sum(recipients) FILTER (WHERE people < 1), 0), "
        "coalesce(sum(recipients) FILTER (WHERE people < 2), 0) FROM (SELECT steps.recipients AS recipients, "
        "count(DISTINCT signer) FILTER (WHERE via = 'signature' OR ? = 0) AS people "
        "FROM steps JOIN plans ON plans.id = steps.plan_id "
        "LEFT JOIN approvals ON approvals.plan_id = plans.id "
        "WHERE claimed_at > ? AND workspace = ? AND kind NOT IN ('import', 'label removal', 'test') AND plans.id <> ? "
        "AND steps.state IN ('sending', 'sent', 'unknown') "
        "GROUP BY steps.plan_id, number, steps.recipients) AS claimed",
        (int(live), (at - _DAY).astimezone(UTC).isoformat(), workspace, but),
    ).fetchone()
    return Reached(*counts)
