"""A campaign that cannot reach everybody at a decent hour, split into ones that start in local daytime."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from toolkit.audience.segment import Segment
from toolkit.audience.waterfall import Audience
from toolkit.display import when
from toolkit.planning.recipient_locations import Whereabouts
from toolkit.plans.draft import CampaignDraft
from toolkit.texting.places import Place
from toolkit.texting.quiet_hours import check_hours
from toolkit.texting.quiet_hours_rules import HoursTable

_SOON = timedelta(minutes=5)  # between planning and a start that a person still has to approve


@dataclass(frozen=True)
class ZoneBatch:
    """Recipients who may be texted together from `start_at` (UTC) to the projected `end_at`, by contact id."""

    start_at: datetime
    end_at: datetime
    places: tuple[Place, ...]
    contact_ids: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {len(self.places) - 2} more places" if len(self.places) > 2 else ""
        where = ", ".join(map(str, self.places[:2]))
        return f"{len(self.contact_ids):,} from {when(self.start_at, '%a %Y-%m-%d %H:%M')}: {where}{more}"


@dataclass(frozen=True)
class ZoneSplit:
    """The batches, soonest first, and the ids of whom none of them reaches: nobody's clock is known, or there is no
    time within a week that is long enough."""

    batches: tuple[ZoneBatch, ...]
    never: tuple[str, ...]

    def drafts(self, draft: CampaignDraft) -> tuple[CampaignDraft, ...]:
        """A scheduled campaign per batch, to be planned and approved one by one."""
        whole = len(self.batches)
        return tuple(
            draft.model_copy(
                update={
                    "name": f"{draft.name}, {number} of {whole}",
                    "segment": Segment.from_contacts(batch.contact_ids),
                    "start_at": batch.start_at,
                    "end_at": None,
                }
            )
            for number, batch in enumerate(self.batches, start=1)
        )


def split_by_zone(
    audience: Audience,
    *,
    start: datetime,
    now: datetime,
    duration: timedelta,
    table: HoursTable,
    local: time | None = None,
) -> ZoneSplit:
    """Split the recipients of a campaign by when all of a batch can be texted, from `start` or five minutes from `now`,
    at a `local` time of theirs if one is given.

    A batch takes its share of the `duration` of all, and ends by then before the first of its places closes.
    """
    where, ids = Whereabouts(audience), audience.contacts.ids
    start = max(start, now + _SOON)
    held = check_hours(where.places, start=start, end=start, table=table, local=local)
    batches, never = [], list(held.never)
    for group in held.batches:
        length = duration * (group.people / max(len(where.rows), 1))
        whole = check_hours(group.places, start=start, end=start + length, table=table, local=local)
        if local is None:
            starts = [(whole.next_start, group.places)]
        else:
            starts = [*((each.start, each.places) for each in whole.batches), (None, whole.never)]
        for at, places in starts:
            if at is None:
                never += places
                continue
            rows = where.rows[where.in_places(places)]
            batches.append(ZoneBatch(at, at + length, places, tuple(ids[rows].tolist())))
    unplaced = where.rows[where.unplaced]
    if len(unplaced) and batches:
        first = batches[0]
        batches[0] = replace(first, contact_ids=(*first.contact_ids, *ids[unplaced].tolist()))
    elif len(unplaced):
        batches.append(ZoneBatch(start, start + duration, (), tuple(ids[unplaced].tolist())))
    left = ids[where.rows[where.in_places(never)]].tolist()
    return ZoneSplit(tuple(sorted(batches, key=lambda batch: batch.start_at)), tuple(left))
