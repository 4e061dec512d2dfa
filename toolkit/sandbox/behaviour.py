"""How a sandbox is set to behave where the guide leaves it open."""

from dataclasses import dataclass

from toolkit.sandbox.faults import Faults


@dataclass(frozen=True)
class Behaviour:
    """Settings of one opened sandbox; none of them is kept in the file."""

    messages_per_second: float = 100.0
    requests_per_minute: int | None = None
    faults: Faults | None = None
