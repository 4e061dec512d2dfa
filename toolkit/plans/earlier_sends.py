"""Earlier sends as a check needs them: values read elsewhere, from the ledger and from delivery logs."""

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


@dataclass(frozen=True)
class PlanToCome:
    """A plan that was sent and starts later by itself, the last of it at `start`; `addressing` is as the plan's."""

    name: str
    start: datetime
    addressing: Sequence[str]


@dataclass(frozen=True, eq=False)
class Past:
    """What is known of earlier sends, from this machine's ledger and the delivery logs that were read.

    `sent` are the messages sent in the last 24 hours, perhaps sent, or scheduled. `failed` is the failure
    class of contacts whose last message failed permanently. `tested` are texts sent to a few people before.
    `is_first` is True if no earlier campaign is known, so that all are texted for the first time. `most_bytes` is the
    limit on the size of excluded ids in a request, None unless the service has refused one as too large. `experiments`
    reads the experiments that were sent, when called, and `to_come` those of which the service starts something later.
    """

    sent: Sequence[Sent] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    tested: frozenset[str] = frozenset()
    is_first: bool = False
    experiments: Callable[[], Sequence[PastExperiment]] = tuple
    most_bytes: int | None = None
    to_come: Callable[[], Sequence[PlanToCome]] = tuple
