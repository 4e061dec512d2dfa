"""What an experiment is judged by: one number a person, from a frame of your own or from what became of messages.

Everything that decides the number is named here, before sending: which column, joined how, and what is good.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from toolkit.errors import DraftError
from toolkit.models import Frozen

MetricKind = Literal["share", "mean", "ratio"]
Source = Literal["orders", "opt_outs", "failures", "clicks", "complaints"]


class Metric(Frozen):
    """A number for each person, and what an arm's people come to.

    `kind`: the `share` of people with an order, the `mean` of `value` for everybody (0 for who has none), or the
    `ratio` of the sums of `value` and `per`, such as amount for each order.

    `source` is where it is seen: `orders`, any frame of orders or events of your own, one row each; `opt_outs` and
    `failures`, which every workspace reports person by person; or `clicks` and `complaints`, known by person where the
    service lists messages. A complaint is a reply that calls the message spam, a scam or harassment, or threatens with
    a report or a lawyer. Of orders, `by` is the column that says whose it is, a `contact_id` or a `phone` written in
    any way; `time` when it was, with a zone; `order` an id by which the same order is recognised.
    """

    _wrong = DraftError

    name: str = Field(min_length=1, max_length=80)
    kind: MetricKind = "share"
    source: Source = "orders"
    value: str = ""
    per: str = ""
    by: Literal["contact_id", "phone"] = "contact_id"
    time: str = "time"
    order: str = ""
    better: Literal["higher", "lower"] = "higher"

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.source != "orders" and self.kind != "share":
            raise ValueError(f"{self.source} are counted as a share of people: leave kind out")
        if self.kind != "share" and not self.value:
            raise ValueError(f"a {self.kind} is of a column: name it as value, such as 'amount'")
        if (self.kind == "ratio") != bool(self.per):
            raise ValueError("a ratio, and nothing else, divides by a second column: name it as per")
        return self

    @property
    def sign(self) -> int:
        """1 where higher is better, else -1."""
        return 1 if self.better == "higher" else -1

    @property
    def words(self) -> str:
        """What it is, in one phrase."""
        return {
            "share": f"share of those assigned with {self.name}",
            "mean": f"mean of {self.value} for each person assigned",
            "ratio": f"{self.value} divided by {self.per}, over all assigned",
        }[self.kind]

    def said(self, value: float) -> str:
        """A level of it: 6.0 % of a share, else a number."""
        return f"{value:.1%}".replace("%", " %") if self.kind == "share" else f"{value:,.2f}"

    def gain(self, value: float) -> str:
        """A difference of it: +1.8 points of a share, else a number with its sign."""
        points = f"{value * 100:+.1f}" if self.kind == "share" else f"{value:+,.2f}"
        signed = points if points.strip("+-0.") else points[1:]  # nothing has no sign
        return f"{signed} points" if self.kind == "share" else signed


OPT_OUTS = Metric(name="an opt-out", source="opt_outs", better="lower")
FAILURES = Metric(name="a failed message", source="failures", better="lower")
COMPLAINTS = Metric(name="a complaint", source="complaints", better="lower")
