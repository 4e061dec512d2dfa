"""The behaviour of a sandbox where the guide leaves it open."""

from dataclasses import dataclass

from toolkit.sandbox.faults import Faults


@dataclass(frozen=True)
class Behaviour:
    """Settings of one opened sandbox; they are not stored in the file."""

    messages_per_second: float = 100.0
    requests_per_minute: int | None = None
    faults: Faults | None = None
