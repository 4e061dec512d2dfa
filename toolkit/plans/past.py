"""What earlier sends tell a check: values that somebody else has read from the ledger and from delivery logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.audience.caps import Sent
from toolkit.experiments.split import Experiment


@dataclass(frozen=True, eq=False)
class PastExperiment:
    """An experiment that was sent: the contact ids of its arms, and when the time that it waits for is over."""

    experiment: Experiment
    arms: Mapping[str, Sequence[str]]
    sent_at: datetime
    until: datetime


@dataclass(frozen=True, eq=False)
class Past:
    """What is known of earlier sends, from this machine's ledger and the delivery logs that were read.

    `sent` are the messages that left in the last 24 hours, may have, or are scheduled. `failed` names the class of
    failure of contacts whose last message failed for good. `tested` are texts that went to a few people before.
    `experiments` reads those that were sent, when somebody asks.
    `is_first` is True if no earlier campaign is known, so that all are texted for the first time.
    """

    sent: Sequence[Sent] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    tested: frozenset[str] = frozenset()
    is_first: bool = False
    experiments: Callable[[], Sequence[PastExperiment]] = tuple
