"""What a campaign costs, in parts and as an estimate, and what some of its recipients read."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from toolkit.models import Frozen


class Preview(Frozen):
    """The message as one recipient reads it, and why it is shown: typical, longest or flipped; the phone is masked."""

    name: str
    phone: str
    text: str
    kind: str = "typical"
    encoding: str = ""
    parts: int = 1


class Price(Frozen):
    """An estimate: `low` if carriers count as most do, `high` if they keep joined characters whole."""

    low: Decimal
    high: Decimal
    currency: str

    def __str__(self) -> str:
        span = f"{self.low:,.2f}" if self.low == self.high else f"{self.low:,.2f} to {self.high:,.2f}"
        return f"{span} {self.currency}"


class Cost(Frozen):
    """What carriers bill. `by_parts` is how many messages take one part, two and so on.

    `encoding` and `parts` are those of most messages, `total_parts` is over all recipients, `total_parts_max` with
    joined characters kept whole, `wide` counts messages in UCS-2. `price` is an estimate, if the policy gives one.
    """

    encoding: str
    parts: int
    total_parts: int
    total_parts_max: int = 0
    wide: int = 0
    by_parts: dict[int, int] = Field(default_factory=dict)
    price: Price | None = None

    def estimate(self, price_per_part: Decimal, *, currency: str) -> Price:
        """What it would cost at a price, without carriers' fees."""
        most = max(self.total_parts, self.total_parts_max)
        return Price(low=price_per_part * self.total_parts, high=price_per_part * most, currency=currency)

    def __str__(self) -> str:
        if len(self.by_parts) < 2:
            return f"{self.total_parts:,} in total, {self.parts} each ({self.encoding})"
        spread = ", ".join(f"{messages:,} of {size}" for size, messages in self.by_parts.items())
        return f"{self.total_parts:,} in total, messages {spread} ({self.wide:,} in UCS-2)"
