"""Experiments: who gets which message, drawn from the contact's id, before anything is sent.

The draw is `SHA-256("experiment:contact id")`, so that anybody can verify it, and splitting again gives the same arms.
The holdout has a salt of its own: the same contacts are held out of every experiment that uses it. So has a layer,
whose experiments divide its people among them. People who share a number are drawn as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import isclose
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, field_validator, model_validator

from toolkit.audience.contact_numbers import untextable
from toolkit.audience.eligibility import suppressed_codes
from toolkit.audience.holdout import BUCKETS, buckets, drawn_as
from toolkit.audience.random_draws import Draws, draws
from toolkit.audience.segment import Segment
from toolkit.audience.targets.targeting import Targeting, compile_targeting
from toolkit.audience.waterfall import Audience
from toolkit.data.bitmaps import Mask
from toolkit.display import n_recipients
from toolkit.engagement.outcomes import DELIVERED
from toolkit.errors import DraftError, ToolkitError
from toolkit.experiments.read_out import HELD_OUT, ArmResult, ReadOut, Uplift, read_out, uplift
from toolkit.experiments.registration import Registration
from toolkit.experiments.sample_size import least_lift
from toolkit.experiments.significance import SRM_ALARM, counts_differ
from toolkit.models import Frozen
from toolkit.suggest import suggest

_RESERVED, _ELSEWHERE, _HELD_OUT = -3, -2, -1  # instead of the index of an arm


class Experiment(Frozen):
    """Arms and their shares of the contacts that are not held out, which add up to 1.

    `holdout` is the share of all contacts, to a ten-thousandth, that no experiment with this `holdout_salt` texts.
    `wait` is how long after the last message arms are compared, fixed before anything is sent.

    Experiments of one `layer` never have a person in common if their `slots` do not overlap: `(0, 0.5)` takes the first
    half of the layer's people, and the others are sent nothing. `strata` is a contact column, such as
    `field.customer_tier`, within whose values arms are exact to one contact. `registration` is what it is judged by.
    """

    _wrong = DraftError

    name: str = Field(min_length=1)
    arms: dict[str, float]
    holdout: float = Field(default=0.0, ge=0, lt=1)
    holdout_salt: str = "holdout"
    wait: timedelta = Field(default=timedelta(hours=48), ge=timedelta(0))  # within which most clicks happen
    strata: str = ""
    layer: str = ""
    slots: tuple[float, float] = (0.0, 1.0)
    registration: Registration | None = None

    @field_validator("arms")
    @classmethod
    def _whole(cls, arms: dict[str, float]) -> dict[str, float]:
        if len(arms) < 2 or min(arms.values()) <= 0 or not isclose(sum(arms.values()), 1):
            raise ValueError("an experiment has at least two arms, with shares above 0 that add up to 1")
        if HELD_OUT in arms:
            raise ValueError(f"{HELD_OUT!r} is the name for people outside all arms: give the arm another name")
        return arms

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if not 0 <= self.slots[0] < self.slots[1] <= 1:
            raise ValueError("slots are two shares of the layer in order, such as (0, 0.5)")
        if self.slots != (0, 1) and not self.layer:
            raise ValueError("slots are of a layer: name the layer that experiments share")
        control = self.registration.control if self.registration else ""
        if control and control not in self.arms:
            raise ValueError(f"the control {control!r} is not an arm: {suggest(control, self.arms)}")
        return self

    def registered(self) -> list[list[str]]:
        """What was registered, a line each, as the approver reads it."""
        if self.registration is None:
            return []
        layer = f"{self.layer}, {self.slots[0]:.0%} to {self.slots[1]:.0%} of its people" if self.layer else ""
        return [*self.registration.rows(wait=self.wait), *([["layer", layer]] if layer else [])]

    def split(self, audience: Audience, *, strata: pd.Series | None = None) -> Split:
        """Draw an arm for each recipient of an audience.

        Without strata each draw is independent: a contact keeps its arm whoever else comes or goes, and arms have about
        their shares. `strata`, a value for each contact id, makes arms exact to one contact within every value; a
        new contact can then move another. Raises DraftError if a recipient has no stratum.
        """
        if self.registration and self.registration.segments:
            audience.contacts.select(self.registration.segments)  # a column that is not there is refused before sending
        rows = np.flatnonzero(audience.recipients)
        ids = drawn_as(audience.contacts, audience.channel)[rows]
        places = np.full(len(audience.contacts), _ELSEWHERE, np.int8)
        if self.layer:
            first, end = (round(share * BUCKETS) for share in self.slots)
            slot = buckets(f"layer {self.layer}", ids)
            is_reserved = (slot < first) | (slot >= end)
            places[rows[is_reserved]] = _RESERVED
            rows, ids = rows[~is_reserved], ids[~is_reserved]
        is_held = buckets(self.holdout_salt, ids) < round(self.holdout * BUCKETS)
        places[rows[is_held]] = _HELD_OUT
        rows, drawn = rows[~is_held], draws(self.name, ids[~is_held])
        if self.strata and strata is None:
            strata = audience.contacts.select(["id", self.strata]).set_index("id")[self.strata]
        places[rows] = (
            self._exactly(audience.contacts.ids[rows], drawn, strata) if strata is not None else self._freely(drawn)
        )
        return Split(self, audience, places)

    @property
    def _cuts(self) -> npt.NDArray[np.float64]:
        return np.cumsum(list(self.arms.values()))[:-1]

    def _freely(self, drawn: Draws) -> npt.NDArray[np.intp]:
        return np.searchsorted(self._cuts, drawn / 2.0**64, side="right")

    def _exactly(self, ids: pd.Index[str], drawn: Draws, strata: pd.Series) -> npt.NDArray[np.intp]:
        """Each stratum in the order of the draws, divided by the shares; a division between two contacts is drawn."""
        if not strata.index.is_unique:
            raise DraftError("The strata name a contact twice: give each contact id one value.")
        if missing := ids.difference(strata.index).tolist():
            who = n_recipients(len(missing), "has", "have")
            raise DraftError(f"{who} no stratum, {missing[0]!r} first: give each a value.")
        of, values = pd.factorize(strata.loc[ids], use_na_sentinel=False)
        sizes = np.bincount(of, minlength=len(values))
        order = np.lexsort((drawn, of))
        rank = np.empty(len(ids), np.intp)
        rank[order] = np.arange(len(ids)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        begin = draws(f"{self.name} stratum", map(str, values)) / 2.0**64
        cuts = np.floor(sizes[:, None] * self._cuts + begin[:, None])
        arms: npt.NDArray[np.intp] = (rank[:, None] >= cuts[of]).sum(axis=1)
        return arms


@dataclass(frozen=True, eq=False)
class Split:
    """An experiment's arms among the recipients of an audience; `places` is, per contact, the index of its arm."""

    experiment: Experiment
    audience: Audience
    places: npt.NDArray[np.int8]

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many contacts are in each arm."""
        return {arm: int(np.count_nonzero(self.places == at)) for at, arm in enumerate(self.experiment.arms)}

    @property
    def held_out(self) -> tuple[str, ...]:
        """The ids of the recipients who get no message."""
        return self._ids(_HELD_OUT)

    @property
    def reserved(self) -> Mask:
        """Mask of the recipients whom the layer keeps for other experiments; they get nothing here."""
        reserved: Mask = self.places == _RESERVED
        return reserved

    def ids(self, arm: str) -> tuple[str, ...]:
        """The contact ids of an arm; DraftError for an unknown arm."""
        return self._ids(self._place(arm))

    def members(self, arm: str) -> Mask:
        """A mask over contacts: is in an arm. DraftError for an unknown arm."""
        members: Mask = self.places == self._place(arm)
        return members

    def segment(self, arm: str) -> Segment:
        """The contacts of an arm, for planning a campaign."""
        return Segment.from_contacts(self.ids(arm))

    def targeting(self, arm: str, *, most_bytes: int | None = None) -> Targeting:
        """The exact target of an arm; as draws are unrelated to labels, all other arms may be excluded by id.

        Raises as `compile_targeting` does.
        """
        contacts = self.audience.contacts
        return compile_targeting(
            contacts,
            self.members(arm),
            suppressed=suppressed_codes(contacts),
            untextable=untextable(contacts),
            most_bytes=most_bytes,
        )

    def read_out(self, logs: pd.DataFrame, successes: Iterable[str] | Mapping[str, int], *, now: datetime) -> ReadOut:
        """The result of the arms; nothing is compared before the experiment's `wait` is over.

        Args:
            logs: delivery logs of the arms' campaigns, `ws.logs([…])`.
            successes: the ids of contacts who did what was hoped for, such as a column of your own orders; or a count
                for each arm, such as `campaign.statistics.clicked` where clicks are reported for a campaign as a whole.
            now: the time, with a time zone.

        Raises:
            DraftError: counts are not of these arms.
            ToolkitError: nothing was sent, or an arm is empty.
        """
        left = self._left(logs)
        sent, delivered = (self._count(rows["contact_id"]) for rows in (left, left[left["status"].isin(DELIVERED)]))
        if isinstance(successes, Mapping):
            did = {arm: successes[arm] for arm in self.experiment.arms if arm in successes}
            if did.keys() != self.experiment.arms.keys() or len(did) < len(successes):
                raise DraftError(f"Give a count for each arm and nothing else: {', '.join(self.experiment.arms)}.")
        else:
            did = self._count(successes)
        if empty := [arm for arm, count in self.counts.items() if not count]:
            raise ToolkitError(f"Nobody is in the arm {empty[0]!r}, so there is nothing to compare.")
        results = [
            ArmResult(arm=arm, assigned=count, sent=sent[arm], delivered=delivered[arm], successes=did[arm])
            for arm, count in self.counts.items()
        ]
        return read_out(results, fixed_time=self._fixed_time(left), now=now)

    def uplift(self, logs: pd.DataFrame, successes: Iterable[str], *, now: datetime) -> Uplift:
        """The effect of texting at all: everybody in an arm against the holdout, by an outcome in your own data.

        `logs`, `now` and errors are as in `read_out`; `successes` are contact ids, of people held out too, who have
        nothing to click on: clicks would measure the message, not its effect.
        """
        left = self._left(logs)
        did = self._count(successes)
        return uplift(
            texted=(sum(did[arm] for arm in self.counts), sum(self.counts.values())),
            held_out=(did[HELD_OUT], len(self.held_out)),
            texted_anyway=self._count(left["contact_id"])[HELD_OUT],
            fixed_time=self._fixed_time(left),
            now=now,
        )

    def _left(self, logs: pd.DataFrame) -> pd.DataFrame:
        left = logs[logs["sent_time"].notna()]
        if left.empty:
            raise ToolkitError("The logs contain no sent message: pass ws.logs([…]) of the arms' campaigns.")
        return left

    def _fixed_time(self, left: pd.DataFrame) -> datetime:
        last: datetime = left["sent_time"].max().to_pydatetime()
        return last + self.experiment.wait

    def _count(self, contact_ids: Iterable[str]) -> dict[str, int]:
        """How many of these contacts are in each arm and in the holdout, each counted once."""
        rows = self.audience.contacts.ids.get_indexer(pd.Index(list(contact_ids), dtype="str").dropna().unique())
        places = self.places[rows[rows >= 0]]
        counts = {arm: int(np.count_nonzero(places == at)) for at, arm in enumerate(self.experiment.arms)}
        return counts | {HELD_OUT: int(np.count_nonzero(places == _HELD_OUT))}

    @property
    def ratio_p(self) -> float:
        """The probability of arms at least this far from their shares; below SRM_ALARM the split is faulty."""
        return counts_differ(list(self.counts.values()), list(self.experiment.arms.values()))

    def promise(self, base: float) -> str:
        """What the test can show if `base` is the rate of an arm, as a sentence to read before sending."""
        smallest = min(self.counts.values())
        lift = least_lift(smallest, base)
        if lift is None:
            return f"{smallest:,} contacts in the smallest arm are too few to show any change of {base:.3g}."
        return (
            f"With {smallest:,} contacts in the smallest arm, a rise from {base:.1%} to {lift:.1%} is detected in four "
            "tests of five, and a smaller one less often."
        )

    def __str__(self) -> str:
        arms = ", ".join(f"{arm} {count:,}" for arm, count in self.counts.items())
        alarm = " WARNING: the arms do not match their shares." if self.ratio_p < SRM_ALARM else ""
        return f"{self.experiment.name}: {arms}, held out {len(self.held_out):,}.{alarm}"

    def __repr__(self) -> str:
        return f"<Split {self}>"

    def _place(self, arm: str) -> int:
        if arm not in self.experiment.arms:
            raise DraftError(f"The experiment has no arm {arm!r}: {suggest(arm, self.experiment.arms)}")
        return list(self.experiment.arms).index(arm)

    def _ids(self, place: int) -> tuple[str, ...]:
        return tuple(self.audience.contacts.ids[self.places == place].tolist())
