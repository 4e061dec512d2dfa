"""How much of a campaign has happened, as one bar that adds up to the plan: only what is known, the rest as waiting."""

from __future__ import annotations

from typing import NamedTuple

from toolkit.models import Statistics


class Progressed(NamedTuple):
    """Messages by what became of them; they add up to all."""

    delivered: int
    failed: int
    pending: int
    waiting: int

    @classmethod
    def of(cls, x: Statistics) -> Progressed:
        """From the service's counters; what bounced has failed."""
        failed = x.failed + x.bounced
        return cls(x.delivered, failed, max(x.sent - x.delivered - x.bounced, 0), max(x.total - x.sent - x.failed, 0))

    def __add__(self, other: tuple[int, ...]) -> Progressed:  # type: ignore[override]
        return Progressed(*(one + two for one, two in zip(self, other, strict=True)))


NONE_YET = Progressed(0, 0, 0, 0)


def progress_bar(done: Progressed) -> str:
    """The bar, and its numbers under it."""
    whole = max(sum(done), 1)
    named = [
        (number, name, words)
        for number, (name, words) in zip(done, _KINDS, strict=True)
        if number or name == "delivered"
    ]
    bar = "".join(f'<i class="k-{name}" style="--n:{number / whole:.4f}"></i>' for number, name, _ in named if number)
    keys = "".join(f'<span class="seax-key k-{name}"><b>{number:,}</b> {words}</span>' for number, name, words in named)
    said = ", ".join(f"{number:,} {words}" for number, _, words in named)
    return f'<div class="seax-stack" role="img" aria-label="{said}">{bar}</div><div class="seax-keys">{keys}</div>'


_KINDS = (
    ("delivered", "delivered"),
    ("failed", "failed"),
    ("pending", "sent, no report yet"),
    ("waiting", "not sent yet"),
)
