"""Earlier sends as a check needs them: values read elsewhere, from the ledger and from delivery logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.audience.caps import Sent


@dataclass(frozen=True, eq=False)
class Past:
    """What is known of earlier sends, from this machine's ledger and the delivery logs that were read.

    `sent` are the messages sent in the last 24 hours, perhaps sent, or scheduled. `failed` is the failure
    class of contacts whose last message failed permanently. `tested` are texts sent to a few people before.
    `is_first` is True if no earlier campaign is known, so that all are texted for the first time. `most_bytes` is the
    limit on the size of excluded ids in a request, None unless the service has refused one as too large.
    """

    sent: Sequence[Sent] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    tested: frozenset[str] = frozenset()
    is_first: bool = False
    most_bytes: int | None = None
