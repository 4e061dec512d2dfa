"""What the service has scheduled and starts by itself: closing a plan here, or halting, does not stop that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from toolkit.display import n_recipients, when
from toolkit.plans.receipt import StepReceipt

_NAMED = 5


def scheduled(receipts: Iterable[StepReceipt], *, now: datetime) -> list[StepReceipt]:
    """The campaigns that were sent, or may have been, and start after `now`, by the service's clock; not those that
    were canceled from here."""
    held = [
        each
        for each in receipts
        if each.state in {"sent", "unknown"} and each.start_at and each.start_at > now and not each.canceled_at
    ]
    return sorted(held, key=lambda each: (each.start_at, each.number))


def held_words(held: list[StepReceipt], *, with_names: bool = True, cancel: str = "") -> str:
    """That these will start, when, and how to stop them; empty if there are none.

    `cancel` is how one is canceled from here by its id, in the words of the interface; empty where only SeaX can.
    """
    if not held:
        return ""
    named = [
        f"{repr(each.what) if with_names else 'one'} to {n_recipients(each.recipients)} at "
        f"{_start(each)} ({each.reference or 'if it arrived, which is not known'})"
        for each in held[:_NAMED]
    ]
    more = [f"{len(held) - _NAMED:,} more, the last at {_start(held[-1])}"][: len(held) > _NAMED]
    count = (
        "a campaign that starts later and goes"
        if len(held) == 1
        else f"{len(held):,} campaigns that start later and go"
    )
    in_seax = "open it in SeaX under Campaigns before it starts, and cancel it there."
    has_id = [bool(cancel and each.campaign_id) for each in held]
    by_id = [cancel][: any(has_id)]
    other = [f"To stop one{' without an id' if by_id else ''}, {in_seax}"][: not all(has_id)]
    stop = " ".join([*by_id, *other])
    return f"The service has already scheduled {count} out anyway: {'; '.join([*named, *more])}. {stop}"


def _start(receipt: StepReceipt) -> str:
    return when(receipt.start_at or receipt.at)
