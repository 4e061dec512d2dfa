"""A week beside the eight before it: what was sent, what became of it, and what is worse than usual.

Weeks begin on Mondays at 00:00 UTC and hold the messages that were sent, or failed, in them. Click and
opt-out rates are shown beside dated bands that others have published, which are not targets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isnan

import numpy as np
import pandas as pd
from pydantic import AwareDatetime

from toolkit.display import Described, Section, when
from toolkit.engagement.failures import classified
from toolkit.engagement.outcomes import tally, tally_all
from toolkit.engagement.weekly.cohorts import WEEK, list_growth, monday
from toolkit.engagement.weekly.shifts import Shift, shifts
from toolkit.errors import ToolkitError
from toolkit.frames import lazy, status_counts
from toolkit.models import Campaign, Frozen

PAST = 8  # weeks
NOT_SENT, BOUNCED = "not sent, of attempted", "came back, of delivered and bounced"
CLICKED, OPTED_OUT = "clicked, of delivered", "opted out, of delivered"
_CLICKING = timedelta(hours=48)  # within which most clicks happen: younger campaigns say nothing yet


class Benchmark(Frozen):
    """A band that somebody has published: from which share on a result is called good, and from where a worry."""

    measure: str
    good: str
    worry: str
    source: str
    as_of: str


BENCHMARKS = (
    Benchmark(measure="delivered, of sent", good="above 95 %", worry="–", source="Infobip", as_of="2026-11"),
    Benchmark(
        measure="clicked, of delivered",
        good="8.9 % or more",
        worry="below 5.9 %",
        source="Klaviyo, US",
        as_of="2026-11",
    ),
    Benchmark(
        measure="opted out, of delivered",
        good="below 1.5 %",
        worry="2 % or more",
        source="Klaviyo, US",
        as_of="2026-11",
    ),
)


class CampaignWeek(Frozen):
    """A campaign's messages of one week; `clicked` counts the whole campaign, None if that cannot be believed."""

    id: str
    name: str
    first: datetime
    attempted: int
    delivered: int
    clicked: int | None


class ListWeek(Frozen):
    """Who joined in a week, and who opted out: certainly, and at most; None without a mirror."""

    begins: datetime
    gained: int
    opted_out_low: int | None
    opted_out_high: int | None


class WeeklyReport(Described, Frozen):
    """One week against those before; `attempted` counts each week's messages, oldest first, this one last.

    `waiting` are messages of the week without a report yet. `notes` say what is absent and why.
    """

    week: str
    begins: AwareDatetime
    read_at: AwareDatetime
    attempted: tuple[int, ...]
    delivered: int
    waiting: int
    shifts: tuple[Shift, ...]
    blame: Mapping[str, str]
    campaigns: tuple[CampaignWeek, ...]
    people: tuple[ListWeek, ...]
    contacts: int
    notes: tuple[str, ...] = ()

    @property
    def alerts(self) -> tuple[Shift, ...]:
        """What is worse than usual by more than chance."""
        return tuple(shift for shift in self.shifts if shift.is_alarm)

    @property
    def title(self) -> str:
        """The week and how many things there are to look at."""
        things = {0: "nothing unusual" if self.attempted[-1] else "nothing was sent", 1: "one thing to look at"}.get(
            len(self.alerts), f"{len(self.alerts)} things to look at"
        )
        last = self.begins + WEEK - timedelta(days=1)
        return f"Week {self.week}, {self.begins.day} {self.begins:%B} to {last.day} {last:%B %Y}: {things}"

    def describe(self) -> list[Section]:
        """What to look at first, then measures, campaigns and the list."""
        calm = "All measures are within what weeks differ by." if self.attempted[-1] else "Nothing was sent in it."
        alerts = [[str(shift), self.blame.get(shift.measure, "")] for shift in self.alerts]
        measures = [[str(shift)] for shift in self.shifts if not shift.is_alarm and not isnan(shift.rate)]
        campaigns = [
            [
                x.name,
                f"{x.attempted:,} attempted",
                f"{x.delivered:,} delivered",
                "" if x.clicked is None else f"{x.clicked:,} clicked",
            ]
            for x in self.campaigns
        ]
        people = self.people[-1]
        gone = "unknown" if people.opted_out_high is None else f"{people.opted_out_low:,} to {people.opted_out_high:,}"
        return [
            Section(self.title, alerts or [[calm]]),
            Section("Measures", measures or [["nothing was sent"]]),
            Section("Campaigns", campaigns or [["none"]]),
            Section("The list", [[f"{self.contacts:,} contacts", f"{people.gained:,} joined", f"opted out: {gone}"]]),
            Section("Mind", [[note] for note in (*self.notes, f"Read {when(self.read_at)}.")]),
        ]


def week_of(named: str | None, now: datetime) -> datetime:
    """The Monday of a week named as 2026-48 (ISO 8601), or of the last one that is over; ToolkitError if it is none."""
    if named is None:
        return monday(now) - WEEK
    try:
        year, number = (int(part) for part in named.upper().replace("W", "").split("-"))
        begins = monday(datetime.fromisocalendar(year, number, 1).replace(tzinfo=now.tzinfo))
    except ValueError:
        raise ToolkitError(f"{named!r} is not a week: write its year and number, such as 2026-48.") from None
    if begins > now:
        raise ToolkitError(f"Week {named} has not begun: name one that is over.")
    return begins


def weekly_report(
    logs: pd.DataFrame,
    campaigns: Sequence[Campaign],
    contacts: pd.DataFrame,
    opted_out: pd.DataFrame | None,
    *,
    begins: datetime,
    read_at: datetime,
    known_since: datetime | None = None,
) -> WeeklyReport:
    """The week that begins then, from delivery logs of all campaigns, the contact frame, and a mirror's opt-outs since
    it began."""
    first = begins - PAST * WEEK
    rows = _in_weeks(logs, first)
    counts = _by_week(rows)
    measures = _measures(rows, counts)
    clicked = _clicked(rows, campaigns, read_at)
    if any(delivered for _, delivered in clicked):
        measures[CLICKED] = clicked
    growth = list_growth(contacts, opted_out, until=begins + WEEK, weeks=PAST + 1, known_since=known_since)
    people = tuple(
        ListWeek(
            begins=row["week_time"].to_pydatetime(),
            gained=row["gained"],
            opted_out_low=row["opted_out_low"],
            opted_out_high=row["opted_out_high"],
        )
        for row in growth.to_dict("records")
    )
    notes = []
    if opted_out is None:
        notes.append(
            "The service does not report when people opt out: a mirror that is refreshed every day knows it "
            "(ws.mirror)."
        )
    else:
        measures[OPTED_OUT] = [
            (0, 0) if week.opted_out_high is None else (min(week.opted_out_high, int(delivered)), int(delivered))
            for week, delivered in zip(people, counts["delivered"], strict=True)
        ]
    this = {name: weeks[-1] for name, weeks in measures.items()}
    found = shifts(this, {name: weeks[:-1] for name, weeks in measures.items()}, worse={CLICKED: -1})
    last = rows[rows["week"] == PAST]
    return WeeklyReport(
        week="{}-{:02}".format(*begins.isocalendar()[:2]),
        begins=begins,
        read_at=read_at,
        attempted=tuple(int(x) for x in counts["attempted"]),
        delivered=int(counts["delivered"].iloc[-1]),
        waiting=int(counts["waiting"].iloc[-1] + counts["pending"].iloc[-1]),
        shifts=found,
        blame=_blamed(last, campaigns, [shift.measure for shift in found if shift.is_alarm]),
        campaigns=_campaigns(last, campaigns),
        people=people,
        contacts=len(contacts),
        notes=tuple(notes),
    )


def _in_weeks(logs: pd.DataFrame, first: datetime) -> pd.DataFrame:
    """The messages of the nine weeks, each with when it was sent or failed, its week's number and failure class."""
    at = logs["sent_time"].fillna(logs["failed_time"]) if "failed_time" in logs else logs["sent_time"]
    starts = at.groupby(logs["campaign_id"], observed=True).transform("min")
    week = (at.fillna(starts) - pd.Timestamp(first)) // pd.Timedelta(WEEK)  # never sent: when others were
    rows = logs.assign(at=at.fillna(starts), week=week)[week.between(0, PAST)].reset_index(drop=True)
    rows = rows.assign(row=np.arange(len(rows)), week=rows["week"].astype("int64"))
    lost = classified(lazy(rows, "row", "status", "error")).collect().to_native().set_index("row")["failure_class"]
    return rows.assign(failure=lost.reindex(range(len(rows))).to_numpy())


def _by_week(rows: pd.DataFrame) -> pd.DataFrame:
    counts: pd.DataFrame = tally(lazy(rows, "week", "status"), "week").collect().to_native()
    return counts.set_index("week").reindex(range(PAST + 1)).fillna(0)


def _clicked(rows: pd.DataFrame, campaigns: Sequence[Campaign], read_at: datetime) -> list[tuple[int, int]]:
    """Clicks and deliveries of the campaigns that began in each week, where they are known by now and plausible."""
    found = [(0, 0)] * (PAST + 1)
    began = rows.groupby(rows["campaign_id"].astype("str")).agg(week=("week", "min"), at=("sent_time", "min"))
    settled = began[began["at"] <= read_at - _CLICKING]
    weeks = dict(zip(settled.index.astype("str"), settled["week"].astype("int64").tolist(), strict=True))
    for campaign in campaigns:
        if (week := weeks.get(campaign.id)) is not None and (clicks := _clicks(campaign)):
            found[week] = (found[week][0] + clicks[0], found[week][1] + clicks[1])
    return found


def _clicks(campaign: Campaign) -> tuple[int, int] | None:
    """Clicked and delivered; None without links, or with more clicks than deliveries, which programs make."""
    counted = campaign.statistics
    return (counted.clicked, counted.delivered) if counted and 0 < counted.clicked <= counted.delivered else None


def _measures(rows: pd.DataFrame, counts: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """Every measure's count and whole in each week."""

    def pairs(part: Iterable[float], whole: Iterable[float]) -> list[tuple[int, int]]:
        return [(int(x), int(n)) for x, n in zip(part, whole, strict=True)]

    measures = {
        NOT_SENT: pairs(counts["failed"], counts["attempted"]),
        BOUNCED: pairs(counts["bounced"], counts["bounced"] + counts["delivered"]),
    }
    for name, some in rows.dropna(subset=["failure"]).groupby("failure"):
        by_week = some["week"].value_counts().reindex(range(PAST + 1), fill_value=0)
        measures[str(name).replace("_", " ")] = pairs(by_week.sort_index(), counts["attempted"])
    return measures


def _blamed(last: pd.DataFrame, campaigns: Sequence[Campaign], alarmed: Sequence[str]) -> dict[str, str]:
    """For each alarm the campaign that most of it comes from."""
    names = {campaign.id: campaign.name for campaign in campaigns}
    said = {}
    for measure in alarmed:
        status = {NOT_SENT: ["failed"], BOUNCED: ["undelivered", "bounced"]}.get(measure)
        bad = last[last["status"].isin(status)] if status else last[last["failure"] == measure.replace(" ", "_")]
        if len(bad):
            by = bad["campaign_id"].astype("str").value_counts()
            said[measure] = f"{by.iloc[0]:,} of {len(bad):,} are of “{names.get(by.index[0], by.index[0])}”."
    return said


def _campaigns(last: pd.DataFrame, campaigns: Sequence[Campaign]) -> tuple[CampaignWeek, ...]:
    known = {campaign.id: campaign for campaign in campaigns}
    found = []
    for campaign_id, rows in last.groupby(last["campaign_id"].astype("str")):
        counts = tally_all(status_counts(rows)).collect().to_native().iloc[0]
        campaign = known.get(str(campaign_id))
        clicks = _clicks(campaign) if campaign else None
        found.append(
            CampaignWeek(
                id=str(campaign_id),
                name=campaign.name if campaign else str(campaign_id),
                first=rows["at"].min().to_pydatetime(),
                attempted=int(counts["attempted"]),
                delivered=int(counts["delivered"]),
                clicked=clicks[0] if clicks else None,
            )
        )
    return tuple(sorted(found, key=lambda each: -each.attempted))
